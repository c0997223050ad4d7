use super::*;
use std::future::Future;
use std::io::IoSlice;
use std::sync::Condvar;
use std::task::Poll;
use std::time::{Duration, Instant};

#[tokio::test]
async fn records_are_whole_lines_in_the_file_of_their_day() {
    let dir = tempfile::tempdir().unwrap();
    let audit = Audit::open(&dir.path().join("audit")).unwrap();
    audit.append(b"{\"a\":1}", 20_000, audit.no_room()).await.unwrap();
    audit.append(b"{\"a\":2}", 20_000, audit.no_room()).await.unwrap();
    let text = std::fs::read_to_string(dir.path().join("audit/audit-2024-10-04.jsonl")).unwrap();
    assert_eq!(text, "{\"a\":1}\n{\"a\":2}\n");
    let mode = dir.path().join("audit").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_directory_that_others_could_look_into_is_closed_to_them() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(Audit::open(dir.path()).unwrap());
    assert_eq!(dir.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn aud_01_a_directory_that_vanishes_is_reported_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit");
    let audit = Audit::open(&path).unwrap();
    audit.append(b"{\"n\":1}", 1, audit.no_room()).await.unwrap();
    std::fs::remove_dir_all(&path).unwrap();
    assert!(audit.append(b"{\"n\":2}", 1, audit.no_room()).await.is_err());
    assert!(audit.probe(1).await.is_err());
    assert!(audit.ready(1, 1, &mut audit.no_room()).await.is_err());
    std::fs::create_dir_all(&path).unwrap();
    audit.append(b"{\"n\":3}", 1, audit.no_room()).await.unwrap();
    let file = std::fs::read_dir(&path).unwrap().next().unwrap().unwrap().path();
    assert_eq!(
        std::fs::read_to_string(file).unwrap(),
        "{\"n\":2}\n{\"n\":3}\n",
        "what was refused comes late"
    );
}

#[tokio::test]
async fn records_that_are_ready_together_are_written_together_and_all_hear_of_it() {
    let (audit, log) = Audit::memory();
    audit.probe(1).await.unwrap();
    let write = |n: usize| {
        let audit = audit.clone();
        tokio::spawn(async move { audit.append(format!("record {n}").as_bytes(), 1, audit.no_room()).await })
    };
    for task in (0..10).map(write).collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), Ok(()));
    }
    assert_eq!(log.writes(), 1);
    log.refuse(true);
    for task in (0..10).map(write).collect::<Vec<_>>() {
        assert!(matches!(task.await.unwrap(), Err(AuditError::Refused(_))));
    }
    log.refuse(false);
    write(10).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_writer_that_gives_up_leaves_its_record_and_its_turn() {
    let (audit, log) = Audit::memory();
    audit.probe(1).await.unwrap();
    let mut first = Box::pin(audit.append(b"first", 1, audit.no_room()));
    let pending = std::future::poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await;
    assert!(pending && log.text().is_empty());
    drop(first);
    audit.append(b"second", 1, audit.no_room()).await.unwrap();
    assert_eq!(log.text(), "first\nsecond\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_lose_no_record_and_mix_no_lines() {
    let dir = tempfile::tempdir().unwrap();
    let audit = Audit::open(dir.path()).unwrap();
    let write = |n: usize| {
        let audit = audit.clone();
        tokio::spawn(async move {
            let line = format!("record {n:04}");
            let wait = audit.append(line.as_bytes(), 1, audit.no_room());
            // Some hang up while they wait, and leave those who wait with them without their leader.
            if n.is_multiple_of(7) {
                let _ = tokio::time::timeout(Duration::ZERO, wait).await;
            } else {
                wait.await.unwrap();
            }
        })
    };
    for task in (0..2000).map(write).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    drop(audit);
    let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines: Vec<_> = text.lines().filter(|line| line.len() == 11).collect();
    assert_eq!(lines.len(), text.lines().count());
    lines.sort_unstable();
    lines.dedup();
    let must = (0..2000).filter(|n| n % 7 != 0).map(|n| format!("record {n:04}"));
    assert!(must.into_iter().all(|line| lines.binary_search(&line.as_str()).is_ok()));
}

/// A disk that hangs until it is let go.
#[derive(Clone, Default)]
struct Hanging(Arc<(Mutex<Held>, Condvar)>);

#[derive(Default)]
struct Held {
    hangs: bool,
    text: Vec<u8>,
}

impl Hanging {
    fn hang(&self, yes: bool) {
        self.0.0.lock().unwrap().hangs = yes;
        self.0.1.notify_all();
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().text.clone()).unwrap()
    }
}

impl Sink for Hanging {
    fn open(&mut self, _day: i64) -> io::Result<()> {
        let held = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(held, |held| held.hangs).unwrap());
        Ok(())
    }

    fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()> {
        let mut held = self.0.0.lock().unwrap();
        records.iter().for_each(|records| held.text.extend_from_slice(records));
        Ok(())
    }

    fn room(&mut self, wanted: u64) -> u64 {
        wanted.max(1 << 20)
    }
}

/// On every thread, at about the same time, and none of them is held up.
#[test]
fn aud_01_a_disk_that_hangs_delays_until_the_patience_and_stops_no_thread() {
    let disk = Hanging::default();
    let audit = Audit::on(disk.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(audit.append(b"before", 1, audit.no_room())).unwrap();
    disk.hang(true);
    std::thread::sleep(AUDIT_PROVED * 2);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let audit = audit.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(hung(&audit));
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let ask = || runtime.block_on(audit.ready(1, 1, &mut audit.no_room()));
    // The writer may have begun a moment after those who waited: who comes within that moment waits, too.
    assert_eq!(ask(), Err(AuditError::TimedOut));
    let begun = Instant::now();
    assert_eq!(ask(), Err(AuditError::TimedOut));
    assert!(begun.elapsed() < AUDIT_PATIENCE, "it is known by now, and nobody waits for it anew");
    disk.hang(false);
    let append = async { while audit.append(b"after", 1, audit.no_room()).await.is_err() {} };
    runtime.block_on(append);
    assert!(disk.text().starts_with("before\n") && disk.text().ends_with("after\n"), "{}", disk.text());
}

/// Eight requests that ask before an effect and eight that have their record to write, and other work beside them.
///
/// A thread that is held up is so until the disk is let go, and that waits for all threads: so the bounds need not be
/// close to tell, and a busy machine stays within them.
async fn hung(audit: &Audit) {
    let begun = Instant::now();
    let asks = futures_util::future::join_all((0..8).map(|_| async {
        let mut room = audit.no_room();
        let asked = audit.ready(1, 100, &mut room).await;
        assert_eq!(asked, Err(AuditError::TimedOut), "after {:?}", begun.elapsed());
        assert!(room.is_none());
    }));
    let writes = futures_util::future::join_all((0..8).map(|_| async {
        assert_eq!(audit.append(b"during", 1, audit.no_room()).await, Err(AuditError::TimedOut));
    }));
    let other = async {
        for _ in 0..40 {
            let begun = Instant::now();
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(begun.elapsed() < AUDIT_PATIENCE, "the thread goes on");
        }
    };
    tokio::join!(asks, writes, other);
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_millis(3900) && waited < AUDIT_PATIENCE * 2, "one wait: {waited:?}");
}

#[tokio::test]
async fn aud_01_room_that_is_kept_is_nobody_elses() {
    struct Small(u64);
    impl Sink for Small {
        fn open(&mut self, _day: i64) -> io::Result<()> {
            Ok(())
        }
        fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()> {
            self.0 -= records.iter().map(|record| record.len() as u64).sum::<u64>();
            Ok(())
        }
        fn room(&mut self, _wanted: u64) -> u64 {
            self.0
        }
    }
    let audit = Audit::on(Small(1000)).unwrap();
    let mut first = audit.no_room();
    audit.ready(1, 600, &mut first).await.unwrap();
    let mut second = audit.no_room();
    assert_eq!(audit.ready(1, 600, &mut second).await, Err(AuditError::NoRoom));
    audit.ready(1, 300, &mut second).await.unwrap();
    let long = [b'x'; 200];
    assert_eq!(
        audit.append(&long, 1, audit.no_room()).await,
        Err(AuditError::NoRoom),
        "a reader's record, too"
    );
    drop(second);
    audit.append(&long, 1, audit.no_room()).await.unwrap();
    audit.append(&[b'y'; 599], 1, first).await.unwrap();
    assert_eq!(audit.append(&long, 1, audit.no_room()).await, Err(AuditError::NoRoom));
    audit.append(&[b'z'; 198], 1, audit.no_room()).await.unwrap();
}
