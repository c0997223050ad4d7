//! Where audit records go: a file a day. Every thread has a queue. Whoever comes while nobody writes it lets the
//! requests that are ready on its thread add theirs, and then writes everything that has queued up, in one call;
//! the others wait for that, for a bounded time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The audit log. Clones write to the same one.
#[derive(Clone)]
pub struct Audit {
    shared: Arc<Shared>,
}

/// Why a record is not in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The disk refused it.
    #[error("the audit log cannot be written: {0}")]
    Refused(String),
    /// It was not written in time.
    #[error("the audit log does not answer")]
    TimedOut,
}

struct Shared {
    /// By thread, so that nobody waits for another thread's turn.
    queues: [Mutex<Queue>; QUEUES],
    sink: Mutex<Box<dyn Sink>>,
    failing: AtomicBool,
}

/// The turn to write a queue; it is not lost when its holder gives up.
struct Turn<'a> {
    shared: &'a Arc<Shared>,
    queue: usize,
    taken: bool,
}

/// What waits to be written.
#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    day: i64,
    waiting: Vec<oneshot::Sender<Result<(), AuditError>>>,
    is_being_written: bool,
}

/// What records are written to.
trait Sink: Send + 'static {
    fn append(&mut self, day: i64, bytes: &[u8]) -> io::Result<()>;
}

impl Audit {
    /// An audit log in a directory, which is made when absent.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self::on(Directory { path: directory.to_owned(), open: None, failed_at: None }))
    }

    /// An audit log in memory, and what can be seen of it and done to it.
    pub fn memory() -> (Self, MemoryLog) {
        let log = MemoryLog::default();
        (Self::on(log.clone()), log)
    }

    fn on(sink: impl Sink) -> Self {
        let (queues, sink) = (Default::default(), Mutex::new(Box::new(sink) as Box<dyn Sink>));
        Self { shared: Arc::new(Shared { queues, sink, failing: AtomicBool::new(false) }) }
    }

    /// Appends a record (a line without its newline) to the file of its day, counted from 1970.
    /// Returns when it is written.
    ///
    /// # Errors
    /// When the disk refuses it or does not answer within [`PATIENCE`].
    pub async fn append(&self, line: &[u8], day: i64) -> Result<(), AuditError> {
        let queue = queue_of_this_thread();
        let Some(mut written) = self.shared.enqueue(queue, line, day) else {
            let turn = Turn { shared: &self.shared, queue, taken: false };
            tokio::task::yield_now().await;
            return turn.take();
        };
        // Whose turn it is has yielded before, so most have their answer now and need no timer.
        tokio::task::yield_now().await;
        if let Ok(outcome) = written.try_recv() {
            return outcome;
        }
        match tokio::time::timeout(PATIENCE, written).await {
            Ok(outcome) => outcome.unwrap_or(Err(AuditError::TimedOut)),
            Err(_) => {
                self.shared.failing.store(true, Ordering::Relaxed);
                Err(AuditError::TimedOut)
            }
        }
    }

    /// Asks whether the log takes records, before something is done that must have one. Costs nothing
    /// while the last record was written; after a failure the log is tried first.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub async fn ready(&self, day: i64) -> Result<(), AuditError> {
        if self.shared.failing.load(Ordering::Relaxed) { self.probe(day).await } else { Ok(()) }
    }

    /// Asks whether a record could be written now, by writing nothing.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub async fn probe(&self, day: i64) -> Result<(), AuditError> {
        self.append(&[], day).await
    }
}

impl Shared {
    /// Queues a record. `None` when nobody is writing: then the caller must.
    fn enqueue(
        &self,
        queue: usize,
        line: &[u8],
        day: i64,
    ) -> Option<oneshot::Receiver<Result<(), AuditError>>> {
        let mut queue = self.queue(queue);
        queue.day = day;
        queue.lines.extend_from_slice(line);
        if !line.is_empty() {
            queue.lines.push(b'\n');
        }
        if !queue.is_being_written {
            queue.is_being_written = true;
            return None;
        }
        let (tell, written) = oneshot::channel();
        queue.waiting.push(tell);
        Some(written)
    }

    /// Writes what has queued up and hands what came meanwhile to a task of its own, so that nobody
    /// keeps writing for others.
    fn write_queued(self: &Arc<Self>, at: usize) -> Result<(), AuditError> {
        let (lines, day, waiting) = {
            let mut queue = self.queue(at);
            (std::mem::take(&mut queue.lines), queue.day, std::mem::take(&mut queue.waiting))
        };
        let outcome = self.write(day, &lines);
        for tell in waiting {
            let _ = tell.send(outcome.clone());
        }
        let mut queue = self.queue(at);
        queue.take_back(lines);
        let runtime = Handle::try_current().ok().filter(|_| !queue.waiting.is_empty());
        queue.is_being_written = runtime.is_some();
        if let Some(runtime) = runtime {
            let shared = Arc::clone(self);
            runtime.spawn(async move { shared.write_queued(at) });
        }
        outcome
    }

    fn write(&self, day: i64, lines: &[u8]) -> Result<(), AuditError> {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = sink.append(day, lines).map_err(|error| AuditError::Refused(error.to_string()));
        self.failing.store(outcome.is_err(), Ordering::Relaxed);
        outcome
    }

    fn queue(&self, at: usize) -> MutexGuard<'_, Queue> {
        let [first, ..] = &self.queues;
        self.queues.get(at).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Room that has been written is used again, unless it is much or some other is in use.
    fn take_back(&mut self, mut room: Vec<u8>) {
        if self.lines.capacity() == 0 && room.capacity() <= ROOM {
            room.clear();
            self.lines = room;
        }
    }
}

impl Turn<'_> {
    fn take(mut self) -> Result<(), AuditError> {
        self.taken = true;
        self.shared.write_queued(self.queue)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.taken {
            let _ = self.shared.write_queued(self.queue);
        }
    }
}

/// Threads are numbered as they come; many may share a queue.
fn queue_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static QUEUE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % QUEUES);
    QUEUE.with(|queue| *queue)
}

/// A directory of files, one a day.
struct Directory {
    path: PathBuf,
    open: Option<(i64, File)>,
    failed_at: Option<u64>,
}

impl Sink for Directory {
    /// After a failed write the file is cut back to its last whole record, so that no reader ever meets
    /// half a line; after a failure a byte is written for real and taken back before anything else.
    fn append(&mut self, day: i64, bytes: &[u8]) -> io::Result<()> {
        let before = self.open(day)?;
        let Some((_, file)) = &mut self.open else { return Ok(()) };
        if let Some(length) = self.failed_at {
            file.set_len(length)?;
            file.write_all(b"\n")?;
            file.set_len(length)?;
            self.failed_at = None;
        }
        file.write_all(bytes).inspect_err(|_| self.failed_at = Some(before))
    }
}

impl Directory {
    /// Makes sure that the file of the day is open and still has its name: records must not go to a file
    /// that nobody can find any more. Gives its length.
    fn open(&mut self, day: i64) -> io::Result<u64> {
        if let Some((open_day, file)) = &self.open
            && *open_day == day
        {
            let (names, length) = names_and_length(file)?;
            if names > 0 {
                return Ok(length);
            }
        }
        let file = self.file_of(day)?;
        let length = file.metadata()?.len();
        self.open = Some((day, file));
        self.failed_at = None;
        Ok(length)
    }

    fn file_of(&self, day: i64) -> io::Result<File> {
        let date = crate::clock::text::iso8601(day.saturating_mul(86_400));
        let name = format!("audit-{}.jsonl", date.get(..10).unwrap_or("unknown"));
        OpenOptions::new().create(true).append(true).mode(0o600).open(self.path.join(name))
    }
}

/// How many names a file has, and its length. Nothing else is asked for: Linux takes finer times at the next write to a
/// file whose times were asked for, as [`File::metadata`] does.
#[cfg(target_os = "linux")]
fn names_and_length(file: &File) -> io::Result<(u64, u64)> {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let found = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::NLINK | StatxFlags::SIZE)?;
    Ok((found.stx_nlink.into(), found.stx_size))
}

/// How many names a file has, and its length.
#[cfg(not(target_os = "linux"))]
fn names_and_length(file: &File) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    file.metadata().map(|found| (found.nlink(), found.len()))
}

/// The far side of an audit log in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLog {
    lines: Arc<Mutex<Vec<u8>>>,
    #[cfg(test)]
    writes: Arc<AtomicUsize>,
    refuses: Arc<AtomicBool>,
}

impl MemoryLog {
    /// What has been written.
    pub fn text(&self) -> String {
        self.lines.lock().map(|lines| String::from_utf8_lossy(&lines).into_owned()).unwrap_or_default()
    }

    #[cfg(test)]
    fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    /// Makes the log refuse records like a full disk, or take them again.
    pub fn refuse(&self, yes: bool) {
        self.refuses.store(yes, Ordering::Relaxed);
    }
}

impl Sink for MemoryLog {
    fn append(&mut self, _day: i64, bytes: &[u8]) -> io::Result<()> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut lines = self.lines.lock().map_err(|_| io::Error::other("poisoned"))?;
        lines.extend_from_slice(bytes);
        #[cfg(test)]
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// How long a caller waits for its record to be written.
const PATIENCE: Duration = Duration::from_secs(5);
const QUEUES: usize = 16;
/// What a queue keeps for the next records, in bytes.
const ROOM: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::Poll;

    #[tokio::test]
    async fn records_are_whole_lines_in_the_file_of_their_day() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        audit.append(b"{\"a\":1}", 20_000).await.unwrap();
        audit.append(b"{\"a\":2}", 20_000).await.unwrap();
        let text = std::fs::read_to_string(dir.path().join("audit-2024-10-04.jsonl")).unwrap();
        assert_eq!(text, "{\"a\":1}\n{\"a\":2}\n");
    }

    #[tokio::test]
    async fn aud_01_a_directory_that_vanishes_is_reported_and_recovers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        let audit = Audit::open(&path).unwrap();
        audit.append(b"{}", 1).await.unwrap();
        std::fs::remove_dir_all(&path).unwrap();
        assert!(audit.append(b"{}", 1).await.is_err());
        assert!(audit.probe(1).await.is_err());
        std::fs::create_dir_all(&path).unwrap();
        audit.append(b"{}", 1).await.unwrap();
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn records_that_are_ready_together_are_written_together_and_all_hear_of_it() {
        let (audit, log) = Audit::memory();
        let write = |n: usize| {
            let audit = audit.clone();
            tokio::spawn(async move { audit.append(format!("record {n}").as_bytes(), 1).await })
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
        let mut first = Box::pin(audit.append(b"first", 1));
        let pending = std::future::poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await;
        assert!(pending && log.text().is_empty());
        drop(first);
        audit.append(b"second", 1).await.unwrap();
        assert_eq!(log.text(), "first\nsecond\n");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_writers_lose_no_record_and_mix_no_lines() {
        let (audit, log) = Audit::memory();
        let write = |n: usize| {
            let audit = audit.clone();
            tokio::spawn(async move { audit.append(format!("record {n:04}").as_bytes(), 1).await.unwrap() })
        };
        for task in (0..1000).map(write).collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let text = log.text();
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        let expected: Vec<_> = (0..1000).map(|n| format!("record {n:04}")).collect();
        assert_eq!(lines, expected);
    }
}
