//! The audit log as requests see it: they ask for room before an effect, and wait for their record before an answer.

use super::day_file::Directory;
use super::memory::MemoryLog;
use super::queue::{Room, Shared, queue_of_this_thread};
use super::writer::{Sink, Thread, Writer};
use crate::limits::{AUDIT_PATIENCE, AUDIT_PROVED};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The audit log. Clones write to the same one.
#[derive(Clone)]
pub struct Audit {
    shared: Arc<Shared>,
    hand: Hand,
}

/// Why a record is not in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The disk refused it.
    #[error("the audit log cannot be written: {0}")]
    Refused(String),
    /// The disk has no room for it.
    #[error("the disk has no room for the audit log")]
    NoRoom,
    /// It was not written in time.
    #[error("the audit log does not answer")]
    TimedOut,
}

/// Who writes.
#[derive(Clone)]
enum Hand {
    /// A thread of its own, so that a disk that hangs stops nobody else.
    Thread(Arc<Thread>),
    /// Whoever has something to write.
    Caller(Arc<Mutex<Writer>>),
}

/// The turn to have a queue written; it is not lost when its holder gives up.
struct Turn<'a>(&'a Audit);

impl Audit {
    /// An audit log in a directory, which is made when absent; only its owner may look into it.
    ///
    /// # Errors
    /// When the directory cannot be made or closed to others, or the system refuses a thread.
    pub fn open(directory: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
        Self::on(Directory::of_files(directory))
    }

    /// An audit log that a thread writes.
    pub(super) fn on(sink: impl Sink) -> io::Result<Self> {
        let shared = Arc::new(Shared::new());
        let thread = Thread::start(Writer::new(Arc::clone(&shared), sink))?;
        Ok(Self { shared, hand: Hand::Thread(Arc::new(thread)) })
    }

    /// An audit log in memory, and what can be seen of it and done to it.
    pub fn memory() -> (Self, MemoryLog) {
        let (log, shared) = (MemoryLog::default(), Arc::new(Shared::new()));
        let writer = Writer::new(Arc::clone(&shared), log.clone());
        (Self { shared, hand: Hand::Caller(Arc::new(Mutex::new(writer))) }, log)
    }

    /// No room yet, to be filled by [`Audit::ready`].
    pub(crate) fn no_room(&self) -> Room<'_> {
        Room::none(&self.shared)
    }

    /// Appends a record (a line without its newline) to the file of its day, counted from 1970, in the room that
    /// was kept for it, if any. Returns when it is written.
    ///
    /// # Errors
    /// When the disk refuses it, has no room for it or does not answer within [`AUDIT_PATIENCE`]. A record for which
    /// room was kept is written as soon as the disk allows, all the same.
    pub(crate) async fn append(&self, line: &[u8], day: i64, mut room: Room<'_>) -> Result<(), AuditError> {
        let length = line.len() as u64 + 1;
        if room.is_none() && (self.shared.is_failing() || self.shared.is_stuck(AUDIT_PATIENCE)) {
            self.probe(day).await?;
        }
        if !room.grow_to(length) {
            let asked = self.ask(day, length).await;
            if !room.grow_to(length) && room.is_none() {
                return asked.and(Err(AuditError::NoRoom));
            }
        }
        self.write(line, day, room.keep(), 0).await
    }

    /// Asks whether the log takes a record of so many bytes, before something is done that must have one, and keeps
    /// room for it. Costs little while the log was written a moment ago; otherwise it is tried first.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub(crate) async fn ready(&self, day: i64, bytes: u64, room: &mut Room<'_>) -> Result<(), AuditError> {
        if self.shared.is_proved(AUDIT_PROVED) && room.grow_to(bytes) {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            self.ask(day, bytes).await?;
            if room.grow_to(bytes) {
                return Ok(());
            }
        }
        Err(AuditError::NoRoom)
    }

    /// Asks whether a record could be written now, by writing nothing.
    ///
    /// # Errors
    /// As [`Audit::append`].
    pub async fn probe(&self, day: i64) -> Result<(), AuditError> {
        self.ask(day, 0).await
    }

    /// Has the log tried, and room made for so many more bytes if the disk has it.
    async fn ask(&self, day: i64, bytes: u64) -> Result<(), AuditError> {
        if self.shared.is_stuck(AUDIT_PATIENCE) {
            return Err(AuditError::TimedOut);
        }
        self.write(&[], day, 0, bytes).await
    }

    async fn write(&self, line: &[u8], day: i64, kept: u64, wanted: u64) -> Result<(), AuditError> {
        let (batch, is_first) = self.shared.enqueue(queue_of_this_thread(), line, day, kept, wanted);
        if is_first {
            let turn = Turn(self);
            // The requests that are ready on the same thread add theirs.
            tokio::task::yield_now().await;
            drop(turn);
        }
        batch.settled(AUDIT_PATIENCE).await
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        match &self.0.hand {
            Hand::Thread(thread) => thread.call(),
            Hand::Caller(writer) => {
                writer.lock().unwrap_or_else(PoisonError::into_inner).round();
            }
        }
    }
}

/// How often room is asked for that others take meanwhile.
const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests;
