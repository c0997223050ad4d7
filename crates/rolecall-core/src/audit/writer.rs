//! The one who writes the log: takes what waits on all threads, writes it at once, and sees to room for more.

use super::log::AuditError;
use super::queue::{Shared, Taken};
use crate::limits::{AUDIT_PATIENCE, AUDIT_ROOM};
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What records are written to.
pub(super) trait Sink: Send + 'static {
    /// Sees to it that the day's records can be appended, behind the last whole one.
    fn open(&mut self, day: i64) -> io::Result<()>;

    /// Appends whole records: all of them, or none that is left there.
    fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()>;

    /// Keeps room for so many bytes behind the last record, or for as many as there are; tells how many.
    fn room(&mut self, wanted: u64) -> u64;

    /// Gives up what is kept, when nothing more will be written.
    fn close(&mut self) {}
}

/// The writer.
pub(super) struct Writer {
    shared: Arc<Shared>,
    sink: Box<dyn Sink>,
    room: u64,
    /// Records that the disk refused, and the room kept for them: they come first when it takes some again.
    left: Vec<u8>,
    left_kept: u64,
}

/// A day's records that were not written, nor any of a later day.
struct Refusal {
    day: i64,
    error: io::Error,
}

/// The thread on which it writes.
pub(super) struct Thread {
    handle: Option<JoinHandle<()>>,
    stopping: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, sink: impl Sink) -> Self {
        Self { shared, sink: Box::new(sink), room: 0, left: Vec::new(), left_kept: 0 }
    }

    /// Writes what waits; tells whether anything did.
    pub(super) fn round(&mut self) -> bool {
        let taken = self.shared.take();
        if taken.is_empty() {
            return false;
        }
        self.shared.begin();
        let outcome = self.write(&taken);
        let kept = self.done_with(&taken, outcome.as_ref().err().map(|refused| refused.day));
        let outcome = outcome.map_err(|refused| AuditError::Refused(refused.error.to_string()));
        self.shared.end(self.room, outcome.is_ok());
        self.shared.settle(taken, &outcome, kept);
        true
    }

    /// Writes day after day.
    fn write(&mut self, taken: &[Taken]) -> Result<(), Refusal> {
        let mut days: Vec<i64> = taken.iter().map(|taken| taken.day).collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            let of_day = taken.iter().filter(|taken| taken.day == day).map(|taken| &taken.lines);
            if let Err(error) = self.write_day(day, of_day) {
                self.room = 0;
                return Err(Refusal { day, error });
            }
        }
        self.make_room(taken.iter().map(|taken| taken.wanted).sum());
        Ok(())
    }

    /// Writes what was left before and what is of this day.
    fn write_day<'a>(&mut self, day: i64, lines: impl Iterator<Item = &'a Vec<u8>>) -> io::Result<()> {
        self.sink.open(day)?;
        let left = std::mem::take(&mut self.left);
        let written = {
            let mut records = vec![IoSlice::new(&left)];
            records.extend(lines.map(|lines| IoSlice::new(lines)));
            records.retain(|records| !records.is_empty());
            if records.is_empty() { Ok(()) } else { self.sink.append(&mut records) }
        };
        if written.is_err() {
            self.left = left;
        }
        written
    }

    /// Room for what is kept and wanted, and some for what comes next.
    fn make_room(&mut self, wanted: u64) {
        let needed = self.shared.kept().saturating_add(wanted);
        self.room = self.sink.room(0);
        if self.room < needed.saturating_add(AUDIT_ROOM / 2) {
            self.room = self.sink.room(needed.saturating_add(AUDIT_ROOM));
        }
    }

    /// The room to give back. What was not written, of the day that was refused and later ones, stays, so that an
    /// effect which it tells of is not unseen.
    fn done_with(&mut self, taken: &[Taken], refused: Option<i64>) -> u64 {
        let kept: u64 = taken.iter().map(|taken| taken.kept).sum();
        let Some(refused) = refused else { return kept + std::mem::take(&mut self.left_kept) };
        for taken in taken.iter().filter(|taken| taken.day >= refused) {
            self.left.extend_from_slice(&taken.lines);
        }
        self.left_kept += kept;
        0
    }
}

impl Thread {
    /// Starts the thread.
    pub(super) fn start(writer: Writer) -> io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopping);
        let thread = std::thread::Builder::new().name("rolecall-audit".to_owned());
        let handle = thread.spawn(move || run(writer, &told))?;
        Ok(Self { handle: Some(handle), stopping })
    }

    /// Tells it that something waits.
    pub(super) fn call(&self) {
        if let Some(handle) = &self.handle {
            handle.thread().unpark();
        }
    }
}

impl Drop for Thread {
    /// Lets it write what waits. A disk that hangs does not keep the process.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        let Some(handle) = self.handle.take() else { return };
        handle.thread().unpark();
        let begun = Instant::now();
        while !handle.is_finished() {
            if begun.elapsed() > AUDIT_PATIENCE {
                return tracing::error!("the audit log does not answer; what waits for it is lost");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn run(mut writer: Writer, stopping: &AtomicBool) {
    loop {
        let stops = stopping.load(Ordering::Acquire);
        while writer.round() {}
        if stops {
            return writer.sink.close();
        }
        std::thread::park();
    }
}
