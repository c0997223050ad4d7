//! Where audit records go: a file a day, appended by one thread that writes whatever has queued up in
//! one call. A caller waits until its record is written, for a bounded time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The audit log.
#[derive(Clone)]
pub struct Audit {
    queue: mpsc::Sender<Entry>,
    failing: Arc<AtomicBool>,
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

struct Entry {
    line: Vec<u8>,
    day: i64,
    written: oneshot::Sender<Result<(), AuditError>>,
}

/// What the writing thread writes to.
trait Sink: Send + 'static {
    fn append(&mut self, day: i64, bytes: &[u8]) -> io::Result<()>;
    fn settle(&mut self) {}
}

impl Audit {
    /// An audit log in a directory, which is made when absent.
    ///
    /// # Errors
    /// When the directory cannot be made or the thread cannot be started.
    pub fn open(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        Self::on(Directory { path: directory.to_owned(), open: None, failed_at: None })
    }

    /// An audit log in memory, and what can be seen of it and done to it.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn memory() -> io::Result<(Self, MemoryLog)> {
        let log = MemoryLog::default();
        Ok((Self::on(log.clone())?, log))
    }

    fn on(sink: impl Sink) -> io::Result<Self> {
        let (queue, entries) = mpsc::channel(QUEUE);
        let failing = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&failing);
        std::thread::Builder::new().name("audit".into()).spawn(move || write_all(entries, sink, &told))?;
        Ok(Self { queue, failing })
    }

    /// Appends a record (a line without its newline) to the file of its day, counted from 1970.
    /// Returns when it is written.
    ///
    /// # Errors
    /// When the disk refuses it or does not answer within [`PATIENCE`].
    pub async fn append(&self, mut line: Vec<u8>, day: i64) -> Result<(), AuditError> {
        if !line.is_empty() {
            line.push(b'\n');
        }
        let (written, outcome) = oneshot::channel();
        let wait = async {
            self.queue.send(Entry { line, day, written }).await.map_err(|_| stopped())?;
            outcome.await.map_err(|_| stopped())?
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| {
            self.failing.store(true, Ordering::Relaxed);
            Err(AuditError::TimedOut)
        })
    }

    /// Asks whether the log takes records, before something is done that must have one. Costs nothing
    /// while the last record was written; after a failure the log is tried first.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub async fn ready(&self, day: i64) -> Result<(), AuditError> {
        if self.failing.load(Ordering::Relaxed) { self.probe(day).await } else { Ok(()) }
    }

    /// Asks whether a record could be written now, by writing nothing.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub async fn probe(&self, day: i64) -> Result<(), AuditError> {
        self.append(Vec::new(), day).await
    }
}

fn stopped() -> AuditError {
    AuditError::Refused("its thread has ended".to_owned())
}

/// The thread: takes what has queued up, writes it in one call, tells everybody.
fn write_all(mut entries: mpsc::Receiver<Entry>, mut sink: impl Sink, failing: &AtomicBool) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(first) = entries.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(next) = entries.try_recv()
        {
            batch.push(next);
        }
        write_batch(&mut sink, &mut batch, failing);
    }
}

fn write_batch(sink: &mut impl Sink, batch: &mut Vec<Entry>, failing: &AtomicBool) {
    let day = batch.last().map_or(0, |entry| entry.day);
    let bytes: Vec<u8> = batch.iter().flat_map(|entry| entry.line.iter().copied()).collect();
    let outcome = sink.append(day, &bytes).map_err(|e| AuditError::Refused(e.to_string()));
    failing.store(outcome.is_err(), Ordering::Relaxed);
    for entry in batch.drain(..) {
        let _ = entry.written.send(outcome.clone());
    }
}

/// A directory of files, one a day.
struct Directory {
    path: PathBuf,
    open: Option<(i64, File)>,
    failed_at: Option<u64>,
}

impl Sink for Directory {
    /// After a failed write the file is cut back to its last whole record, so that no reader ever
    /// meets half a line; a probe after a failure writes a blank byte for real and takes it back.
    fn append(&mut self, day: i64, bytes: &[u8]) -> io::Result<()> {
        if !self.is_open(day) {
            self.open = Some((day, self.file_of(day)?));
        }
        let Some((_, file)) = &mut self.open else { return Ok(()) };
        if let Some(length) = self.failed_at {
            file.set_len(length)?;
            file.write_all(b"\n")?;
            file.set_len(length)?;
            self.failed_at = None;
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let before = file.metadata()?.len();
        file.write_all(bytes).inspect_err(|_| self.failed_at = Some(before))
    }
}

impl Directory {
    /// True when the file of the day is open and still has its name: records must not go to a file that
    /// nobody can find any more.
    fn is_open(&self, day: i64) -> bool {
        let named = |file: &File| file.metadata().is_ok_and(|meta| meta.nlink() > 0);
        self.open.as_ref().is_some_and(|(open_day, file)| *open_day == day && named(file))
    }

    fn file_of(&self, day: i64) -> io::Result<File> {
        let date = crate::clock::text::iso8601(day.saturating_mul(86_400));
        let name = format!("audit-{}.jsonl", date.get(..10).unwrap_or("unknown"));
        OpenOptions::new().create(true).append(true).mode(0o600).open(self.path.join(name))
    }
}

/// The far side of an audit log in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLog {
    lines: Arc<Mutex<Vec<u8>>>,
    refuses: Arc<AtomicBool>,
}

impl MemoryLog {
    /// What has been written.
    pub fn text(&self) -> String {
        self.lines.lock().map(|lines| String::from_utf8_lossy(&lines).into_owned()).unwrap_or_default()
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
        Ok(())
    }
}

/// How long a caller waits for its record to be written.
pub const PATIENCE: Duration = Duration::from_secs(5);
const QUEUE: usize = 4096;
const BATCH: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_are_whole_lines_in_the_file_of_their_day() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        audit.append(b"{\"a\":1}".to_vec(), 20_000).await.unwrap();
        audit.append(b"{\"a\":2}".to_vec(), 20_000).await.unwrap();
        let text = std::fs::read_to_string(dir.path().join("audit-2024-10-04.jsonl")).unwrap();
        assert_eq!(text, "{\"a\":1}\n{\"a\":2}\n");
    }

    #[tokio::test]
    async fn aud_01_a_directory_that_vanishes_is_reported_and_recovers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        let audit = Audit::open(&path).unwrap();
        audit.append(b"{}".to_vec(), 1).await.unwrap();
        std::fs::remove_dir_all(&path).unwrap();
        assert!(audit.append(b"{}".to_vec(), 1).await.is_err());
        assert!(audit.probe(1).await.is_err());
        std::fs::create_dir_all(&path).unwrap();
        audit.append(b"{}".to_vec(), 1).await.unwrap();
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
    }
}
