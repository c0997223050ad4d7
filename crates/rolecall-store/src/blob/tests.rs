//! What blobs promise: the bytes written, or an error; and nothing left of what was not finished.

use super::*;
use bytes::Bytes;
use std::os::unix::fs::{FileExt, PermissionsExt};

fn bytes(length: usize) -> Bytes {
    (0..=250).cycle().step_by(31).take(length).collect()
}

fn fresh() -> (Blobs, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Blobs::open(&directory.path().join("blobs")).unwrap(), directory)
}

async fn store(blobs: &Blobs, bytes: &Bytes, piece: usize) -> BlobId {
    let mut writer = blobs.create().await.unwrap();
    for start in (0..bytes.len()).step_by(piece) {
        writer.write(bytes.slice(start..(start + piece).min(bytes.len()))).await.unwrap();
    }
    assert_eq!(writer.length(), bytes.len() as u64);
    writer.finish().await.unwrap()
}

async fn load(blobs: &Blobs, id: &BlobId, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut reader = blobs.open_range(id, offset, length).await?;
    let mut all = Vec::new();
    while let Some(bytes) = reader.next().await? {
        assert!(!bytes.is_empty() && bytes.len() <= 65_536);
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

#[tokio::test]
async fn what_was_written_is_read_at_every_size() {
    let (blobs, _guard) = fresh();
    for size in [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_000_000] {
        for piece in [1_000_000, 70_001] {
            let written = bytes(size);
            let id = store(&blobs, &written, piece).await;
            assert_eq!(load(&blobs, &id, 0, size as u64).await.unwrap(), written, "{size} by {piece}");
        }
    }
}

#[tokio::test]
async fn ranges_give_exactly_their_bytes() {
    let (blobs, _guard) = fresh();
    let written = bytes(600_000);
    let id = store(&blobs, &written, 65_536).await;
    let edges = [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 599_999, 600_000];
    for start in edges {
        for end in edges.into_iter().filter(|end| *end >= start) {
            let read = load(&blobs, &id, start as u64, (end - start) as u64).await.unwrap();
            assert!(read == written[start..end], "{start}..{end}");
        }
    }
    for (offset, length) in [(0, 600_001), (600_000, 1), (600_001, 0), (u64::MAX, 2)] {
        let error = load(&blobs, &id, offset, length).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
}

#[tokio::test]
async fn a_flipped_bit_is_an_error_and_other_blocks_still_read() {
    let (blobs, _guard) = fresh();
    let written = bytes(200_000);
    let id = store(&blobs, &written, 65_536).await;
    let file = File::options().read(true).write(true).open(blobs.path(&id)).unwrap();
    let total = file.metadata().unwrap().len();
    for at in [0, 40_000, 65_535, 65_536, 65_539, 65_540, 131_080, total - 5, total - 4, total - 1] {
        flip(&file, at);
        let error = load(&blobs, &id, 0, 200_000).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "byte {at}");
        assert!(error.to_string().contains(id.as_str()));
        let other = if at < 65_540 { 70_000 } else { 0 };
        assert!(load(&blobs, &id, other, 10).await.is_ok());
        flip(&file, at);
        assert!(load(&blobs, &id, 0, 200_000).await.is_ok());
    }
}

fn flip(file: &File, at: u64) {
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

#[tokio::test]
async fn a_truncated_blob_is_an_error() {
    let (blobs, _guard) = fresh();
    for keep in [0, 1, 4, 5, 65_539, 65_540, 65_544, 100_000] {
        let id = store(&blobs, &bytes(100_000), 65_536).await;
        File::options().write(true).open(blobs.path(&id)).unwrap().set_len(keep).unwrap();
        assert!(load(&blobs, &id, 0, 100_000).await.is_err(), "{keep}");
    }
}

#[tokio::test]
async fn a_blob_swapped_for_another_is_an_error() {
    let (blobs, _guard) = fresh();
    let one = store(&blobs, &bytes(1000), 1000).await;
    let other = store(&blobs, &bytes(1000), 1000).await;
    std::fs::copy(blobs.path(&one), blobs.path(&other)).unwrap();
    assert!(load(&blobs, &one, 0, 1000).await.is_ok());
    assert_eq!(load(&blobs, &other, 0, 1000).await.unwrap_err().kind(), ErrorKind::InvalidData);
}

#[tokio::test]
async fn an_unfinished_writer_leaves_nothing() {
    let (blobs, _guard) = fresh();
    let left = || blobs.temporary().read_dir().unwrap().count();
    let mut writer = blobs.create().await.unwrap();
    writer.write(bytes(300_000)).await.unwrap();
    assert_eq!(left(), 1);
    drop(writer);
    // The write that was running holds the file until it is done.
    for _ in 0..1000 {
        if left() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!((left(), blobs.ids().count()), (0, 0));
}

#[tokio::test]
async fn opening_removes_leftovers_and_keeps_blobs() {
    let (blobs, guard) = fresh();
    let id = store(&blobs, &bytes(10), 10).await;
    std::fs::write(blobs.temporary().join("left"), b"x").unwrap();
    let again = Blobs::open(&guard.path().join("blobs")).unwrap();
    assert_eq!(again.temporary().read_dir().unwrap().count(), 0);
    assert_eq!(load(&again, &id, 0, 10).await.unwrap(), bytes(10));
}

#[tokio::test]
async fn removed_blobs_are_gone_and_removing_twice_is_fine() {
    let (blobs, _guard) = fresh();
    let id = store(&blobs, &bytes(10), 10).await;
    blobs.remove(&id).await.unwrap();
    blobs.remove(&id).await.unwrap();
    assert_eq!(load(&blobs, &id, 0, 10).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_sweep_removes_exactly_the_orphans() {
    let (blobs, _guard) = fresh();
    let mut ids = Vec::new();
    for size in 0..6 {
        ids.push(store(&blobs, &bytes(size), 10).await);
    }
    let blobs = Blobs::open(&blobs.directory).unwrap();
    let fresh = store(&blobs, &bytes(10), 10).await;
    let kept = &ids[..2];
    assert_eq!(
        blobs.sweep(|id| kept.contains(id)).unwrap(),
        4,
        "those of before, and none that is not recorded yet"
    );
    assert_eq!(blobs.sweep(|_| false).unwrap(), 0, "once");
    let mut expected = [kept, &[fresh]].concat();
    expected.sort();
    assert_eq!(blobs.ids().collect::<io::Result<Vec<_>>>().unwrap(), expected);
}

#[tokio::test]
async fn files_and_folders_are_the_owners_alone() {
    let (blobs, _guard) = fresh();
    let id = store(&blobs, &bytes(10), 10).await;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&blobs.path(&id)), 0o600);
    for folder in [&*blobs.directory, &blobs.temporary(), &blobs.directory.join(id.folder())] {
        assert_eq!(mode(folder), 0o700);
    }
}

#[tokio::test]
async fn aud_01_blobs_leave_a_margin_of_the_disk() {
    let (blobs, _guard) = fresh();
    assert!(blobs.create().await.is_ok());
    let full = blobs.clone().with_margin(u64::MAX / 2);
    assert_eq!(full.create().await.unwrap_err().kind(), ErrorKind::StorageFull);
    assert!(full.check_room(0).is_err() && blobs.check_room(0).is_ok());
}

#[test]
fn ids_are_32_lowercase_hexadecimal_digits() {
    let good = "0123456789abcdef0123456789abcdef";
    assert_eq!(good.parse::<BlobId>().unwrap().to_string(), good);
    for bad in ["", "0123", &good.to_uppercase(), &good[1..], &format!("{good}0"), &good.replace('0', "/")] {
        assert_eq!(bad.parse::<BlobId>(), Err(id::BadBlobId), "{bad}");
    }
    assert_ne!(BlobId::random().unwrap(), BlobId::random().unwrap());
}

/// Whoever can write to the folder must not have another file read through it, nor a reader wait for ever.
#[tokio::test]
async fn a_blob_that_is_no_ordinary_file_is_neither_followed_nor_waited_for() {
    let (blobs, guard) = fresh();
    let (link, pipe) = (store(&blobs, &bytes(10), 10).await, store(&blobs, &bytes(10), 10).await);
    let target = guard.path().join("elsewhere");
    std::fs::rename(blobs.path(&link), &target).unwrap();
    std::os::unix::fs::symlink(&target, blobs.path(&link)).unwrap();
    assert!(load(&blobs, &link, 0, 10).await.is_err());
    std::fs::remove_file(blobs.path(&link)).unwrap();
    std::fs::rename(&target, blobs.path(&link)).unwrap();
    assert_eq!(load(&blobs, &link, 0, 10).await.unwrap(), bytes(10));
    std::fs::remove_file(blobs.path(&pipe)).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, blobs.path(&pipe), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), load(&blobs, &pipe, 0, 10)).await;
    assert!(read.unwrap().is_err());
}
