//! An audit log in memory, for tests and for systems without a disk.

use super::writer::Sink;
use crate::limits::AUDIT_ROOM;
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The far side of an audit log in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLog {
    lines: Arc<Mutex<Vec<u8>>>,
    #[cfg(test)]
    writes: Arc<std::sync::atomic::AtomicUsize>,
    refuses: Arc<AtomicBool>,
}

impl MemoryLog {
    /// What has been written.
    pub fn text(&self) -> String {
        self.lines.lock().map(|lines| String::from_utf8_lossy(&lines).into_owned()).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    /// Makes the log refuse records like a disk that fails, or take them again.
    pub fn refuse(&self, yes: bool) {
        self.refuses.store(yes, Ordering::Relaxed);
    }
}

impl Sink for MemoryLog {
    fn open(&mut self, _day: i64) -> io::Result<()> {
        if self.refuses.load(Ordering::Relaxed) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()> {
        let mut lines = self.lines.lock().map_err(|_| io::Error::other("poisoned"))?;
        records.iter().for_each(|records| lines.extend_from_slice(records));
        #[cfg(test)]
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn room(&mut self, wanted: u64) -> u64 {
        wanted.max(AUDIT_ROOM)
    }
}
