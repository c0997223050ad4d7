//! What the file and the disk may do to the embedded backend, and what it does then.

mod beside;
mod power_loss;
mod sums;

use super::beside::DAMAGED;
use super::file::FILE;
use super::*;
use bytes::Bytes;
use redb::backends::InMemoryBackend;
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

async fn put(backend: &Embedded, key: &str, value: &[u8]) -> Result<Version, StoreError> {
    backend.commit(vec![], vec![Write::Put(key.into(), Bytes::copy_from_slice(value))]).await
}

async fn value(backend: &Embedded, key: &str) -> Option<Bytes> {
    backend.get(&[key.into()]).await.unwrap().pop().unwrap().map(|found| found.value)
}

/// A disk that outlives its opening and refuses on demand.
#[derive(Debug, Default)]
struct Faulty {
    memory: InMemoryBackend,
    /// Writes that still succeed.
    room: AtomicI64,
    full: AtomicBool,
    sync_fails: AtomicBool,
}

#[derive(Debug)]
struct Handle(Arc<Faulty>);

impl StorageBackend for Handle {
    fn len(&self) -> io::Result<u64> {
        self.0.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.memory.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.room().and_then(|()| self.0.memory.set_len(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.0.sync_fails.swap(false, Ordering::SeqCst) { Err(io::Error::other("EIO")) } else { Ok(()) }
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.room().and_then(|()| self.0.memory.write(offset, bytes))
    }
}

impl Handle {
    fn room(&self) -> io::Result<()> {
        let full = self.0.full.load(Ordering::SeqCst) && self.0.room.fetch_sub(1, Ordering::SeqCst) <= 0;
        if full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn on(disk: &Arc<Faulty>) -> Embedded {
    let disk = Arc::clone(disk);
    let source: Source = Box::new(move || Ok(Box::new(Handle(Arc::clone(&disk)))));
    Embedded::start(DatabaseFile::open(source, Beside::default()).unwrap()).unwrap()
}

#[tokio::test]
async fn flt_05_a_failed_sync_ends_all_acknowledging_but_not_reading() {
    let disk = Arc::new(Faulty::default());
    let backend = on(&disk);
    put(&backend, "a", b"1").await.unwrap();
    disk.sync_fails.store(true, Ordering::SeqCst);
    assert!(matches!(put(&backend, "b", b"2").await, Err(StoreError::Backend(_))));
    for _ in 0..2 {
        // The disk works again, but what it lost is unknown.
        assert!(matches!(put(&backend, "c", b"3").await, Err(StoreError::Backend(_))));
        assert_eq!(value(&backend, "a").await.as_deref(), Some(&b"1"[..]));
        assert_eq!(value(&backend, "c").await, None);
    }
    drop(backend);
    let again = on(&disk);
    assert_eq!(value(&again, "a").await.as_deref(), Some(&b"1"[..]));
    put(&again, "c", b"3").await.unwrap();
}

#[tokio::test]
async fn a_disk_full_at_any_write_refuses_keeps_reading_and_recovers() {
    let mut refused = 0;
    for room in 0..40 {
        let disk = Arc::new(Faulty::default());
        let backend = on(&disk);
        put(&backend, "a", &[1; 5000]).await.unwrap();
        disk.room.store(room, Ordering::SeqCst);
        disk.full.store(true, Ordering::SeqCst);
        let mut acknowledged = Vec::new();
        for at in 0..5 {
            let key = format!("k{at}");
            if put(&backend, &key, &[at; 20_000]).await.is_ok() {
                acknowledged.push(key);
            } else {
                refused += 1;
            }
            assert_eq!(value(&backend, "a").await.unwrap(), vec![1; 5000], "room {room}");
            for key in &acknowledged {
                assert!(value(&backend, key).await.is_some(), "room {room}: {key}");
            }
        }
        disk.full.store(false, Ordering::SeqCst);
        put(&backend, "b", b"2").await.unwrap();
        drop(backend);
        let again = on(&disk);
        assert_eq!(value(&again, "b").await.as_deref(), Some(&b"2"[..]), "room {room}");
        for key in &acknowledged {
            assert!(value(&again, key).await.is_some(), "room {room}: {key}");
        }
    }
    assert!(refused > 20, "{refused}");
}

#[tokio::test]
async fn a_second_opening_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let first = Embedded::open(directory.path()).unwrap();
    let error = Embedded::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains("in use"), "{error}");
    put(&first, "a", b"1").await.unwrap();
    drop(first);
    let again = Embedded::open(directory.path()).unwrap();
    let file = directory.path().join(file::FILE).metadata().unwrap();
    assert_eq!(again.size(), Some(file.len()));
    assert_eq!(value(&again, "a").await.as_deref(), Some(&b"1"[..]));
}

#[tokio::test]
async fn the_file_is_the_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("a/b");
    drop(Embedded::open(&inner).unwrap());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&inner), mode(&inner.join("rolecall.redb"))), (0o700, 0o600));
}

/// A file that was cut opens as an earlier state or not at all; it never panics out of a call and never invents
/// a value.
#[tokio::test]
async fn a_file_that_was_cut_gives_an_error_or_an_earlier_state() {
    let directory = twenty_records().await;
    let path = directory.path().join("rolecall.redb");
    let whole = std::fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 40) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let Ok(backend) = Embedded::open(directory.path()) else { continue };
        for at in 0..20 {
            let found = backend.get(&[format!("k{at}").into()]).await;
            let found = found.ok().and_then(|mut found| found.pop().unwrap());
            assert!(found.is_none_or(|found| found.value == vec![at; 900]), "cut at {cut}: k{at}");
        }
    }
}

/// A record that looks absent could be a policy that denies.
#[tokio::test]
async fn flt_04_after_a_flipped_bit_a_store_is_refused_or_has_everything() {
    let directory = twenty_records().await;
    let path = directory.path().join("rolecall.redb");
    let whole = std::fs::read(&path).unwrap();
    let (mut refused, mut harmless) = (0, 0);
    let header = (0..320).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    for (at, bit) in header.chain((320..whole.len()).step_by(251).map(|at| (at, at % 8))) {
        std::fs::write(&path, &whole).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(&[whole[at] ^ (1 << bit)], at as u64).unwrap();
        drop(file);
        match Embedded::open(directory.path()) {
            Err(_) => refused += 1,
            Ok(backend) => {
                harmless += 1;
                for n in 0..20 {
                    let found = value(&backend, &format!("k{n}")).await;
                    assert_eq!(found.as_deref(), Some(&[n; 900][..]), "bit {bit} of byte {at}: k{n}");
                }
            }
        }
    }

    assert!(refused > 200 && harmless > 200, "{refused} refused, {harmless} harmless");
}

/// As above, with the sums of the clean close beside the file: then not everything is checked at the start.
#[tokio::test]
async fn flt_04_a_flipped_bit_under_kept_sums_is_refused_at_the_start_or_when_it_is_read() {
    let directory = twenty_records().await;
    let path = |name: &str| directory.path().join(name);
    let (whole, sums) = (std::fs::read(path(FILE)).unwrap(), std::fs::read(path("rolecall.sums")).unwrap());
    let (mut refused, mut opened) = (0, 0);
    let header = (0..320).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    for (at, bit) in header.chain((320..whole.len()).step_by(251).map(|at| (at, at % 8))) {
        std::fs::write(path(FILE), &whole).unwrap();
        std::fs::write(path("rolecall.sums"), &sums).unwrap();
        let file = std::fs::File::options().write(true).open(path(FILE)).unwrap();
        file.write_all_at(&[whole[at] ^ (1 << bit)], at as u64).unwrap();
        drop(file);
        let Ok(backend) = Embedded::open(directory.path()) else {
            refused += 1;
            let _ = std::fs::remove_file(path(DAMAGED));
            continue;
        };
        opened += 1;
        for n in 0..20 {
            if let Ok(mut found) = backend.get(&[format!("k{n}").into()]).await {
                let found = found.pop().unwrap().map(|found| found.value);
                assert_eq!(found.as_deref(), Some(&[n; 900][..]), "bit {bit} of byte {at}: k{n}");
            }
        }
        drop(backend);
        let _ = std::fs::remove_file(path(DAMAGED));
    }
    assert!(refused > 200 && opened > 200, "{refused} refused, {opened} opened");
}

/// More than the engine keeps in memory, so that pages are read again.
#[tokio::test]
async fn a_page_that_goes_bad_while_open_ends_all_reading_and_writing_and_the_next_opening() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let backend = Embedded::open(directory.path()).unwrap();
    for at in 0..50 {
        put(&backend, &format!("k{at}"), &vec![at; 1 << 20]).await.unwrap();
    }
    drop(backend);
    let backend = Embedded::open(directory.path()).unwrap();
    assert_eq!(value(&backend, "k0").await.unwrap(), vec![0; 1 << 20]);
    let file = std::fs::File::options().write(true).open(path(FILE)).unwrap();
    for at in (0x8_0000..file.metadata().unwrap().len()).step_by(1 << 20) {
        file.write_all_at(&[0xff], at).unwrap();
    }
    let mut refused = 0;
    for at in 0..50 {
        match backend.get(&[format!("k{at}").into()]).await {
            Ok(mut found) => assert_eq!(found.pop().unwrap().unwrap().value, vec![at; 1 << 20]),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
    put(&backend, "new", b"1").await.unwrap_err();
    backend.get(&["k49".into()]).await.unwrap_err();
    drop(backend);
    assert!(!path("rolecall.sums").exists(), "a damaged file has sums");
    // Opened as after a crash it could go back by a commit.
    let error = Embedded::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains(DAMAGED), "{error}");
}

/// What is older or newer than the file does not speak for it.
#[tokio::test]
async fn sums_of_another_state_of_the_file_are_not_believed() {
    let directory = twenty_records().await;
    let path = |name: &str| directory.path().join(name);
    let sums = std::fs::read(path("rolecall.sums")).unwrap();
    let backend = Embedded::open(directory.path()).unwrap();
    assert!(!path("rolecall.sums").exists(), "sums lie beside a file that is open");
    put(&backend, "k0", b"newer").await.unwrap();
    drop(backend);
    assert_ne!(std::fs::read(path("rolecall.sums")).unwrap(), sums);
    std::fs::write(path("rolecall.sums"), &sums).unwrap();
    let backend = Embedded::open(directory.path()).unwrap();
    assert_eq!(value(&backend, "k0").await.as_deref(), Some(&b"newer"[..]));
    assert_eq!(value(&backend, "k19").await.as_deref(), Some(&[19; 900][..]));
    drop(backend);
    let mut cut = std::fs::read(path("rolecall.sums")).unwrap();
    cut.truncate(cut.len() / 2);
    std::fs::write(path("rolecall.sums"), &cut).unwrap();
    let backend = Embedded::open(directory.path()).unwrap();
    assert_eq!(value(&backend, "k0").await.as_deref(), Some(&b"newer"[..]));
}

async fn twenty_records() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let backend = Embedded::open(directory.path()).unwrap();
    for at in 0..20 {
        put(&backend, &format!("k{at}"), &[at; 900]).await.unwrap();
    }
    directory
}
