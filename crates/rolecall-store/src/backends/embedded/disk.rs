//! The file under the database: compares each block that is read with its sum, notes a failed sync, and can serve
//! reads without touching the disk.

use super::sums::{self, Sums};
use redb::{BackendError, StorageBackend};
use std::io;
use std::ops::{Bound, Range};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A file, and what stands between it and the database.
#[derive(Debug)]
pub(super) struct Disk {
    file: Box<dyn StorageBackend>,
    sums: Arc<Sums>,
    sync_failed: Arc<AtomicBool>,
    /// For a view: the writes that opening and repairing make, in order, and the length they leave.
    view: Option<Mutex<View>>,
}

#[derive(Debug)]
struct View {
    length: u64,
    writes: Vec<(u64, Vec<u8>)>,
}

impl Disk {
    /// The file itself; `sync_failed` is set when a sync fails.
    pub(super) fn new(file: Box<dyn StorageBackend>, sums: Arc<Sums>, sync_failed: Arc<AtomicBool>) -> Self {
        Self { file, sums, sync_failed, view: None }
    }

    /// The file as it lies, for reading: writes stay in memory.
    pub(super) fn view(file: Box<dyn StorageBackend>, sums: Arc<Sums>) -> io::Result<Self> {
        let view = View { length: file.len()?, writes: Vec::new() };
        Ok(Self { file, sums, sync_failed: Arc::default(), view: Some(Mutex::new(view)) })
    }

    /// Reads what must be what was written.
    fn checked(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let whole = sums::around(offset, out.len(), self.sums.length());
        if whole == (offset..offset + out.len() as u64) {
            self.file.read(offset, out)?;
            return self.sums.check(offset, out);
        }
        let mut bytes = vec![0; far(whole.end - whole.start)];
        self.file.read(whole.start, &mut bytes)?;
        self.sums.check(whole.start, &bytes)?;
        overlay(offset, out, whole.start, &bytes);
        Ok(())
    }

    /// Writes, and remembers the sums of what lies there then. What stays of a block that is written in part must be
    /// what was written before.
    fn noted(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let whole = sums::around(offset, bytes.len(), self.sums.length());
        let is_whole = whole == (offset..offset + bytes.len() as u64);
        let rest = if is_whole || whole.end <= sums::BLOCK as u64 { None } else { Some(self.at(&whole)?) };
        self.sums.forget(offset, bytes.len());
        self.file.write(offset, bytes)?;
        self.sums.head(|head| overlay(0, head, offset, bytes));
        match rest {
            Some(mut there) => {
                overlay(whole.start, &mut there, offset, bytes);
                self.sums.note(whole.start, &there);
            }
            None => self.sums.note(offset, bytes),
        }
        Ok(())
    }

    /// Lengthens or cuts the file, and remembers the sums of the blocks that its end was in and is now in.
    fn resized(&self, length: u64) -> io::Result<()> {
        let before = self.file.len()?;
        let (kept, size) = (before.min(length), sums::BLOCK as u64);
        let mut edge = self.at(&(kept / size * size..kept))?;
        self.file.set_len(length)?;
        self.sums.set_len(length);
        let start = kept / size * size;
        edge.resize(sums::BLOCK.min(far(length - start)), 0);
        self.sums.note(start, &edge);
        let last = length / size * size;
        if last > start {
            self.sums.note(last, &vec![0; far(length - last)]);
        }
        Ok(())
    }

    /// What lies in a part of the file.
    fn at(&self, part: &Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; far(part.end - part.start)];
        if !bytes.is_empty() {
            self.checked(part.start, &mut bytes)?;
        }
        Ok(bytes)
    }

    fn with_view<T>(&self, with: impl FnOnce(&mut View) -> T) -> Option<T> {
        let view = self.view.as_ref()?;
        Some(with(&mut view.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.with_view(|view| Ok(view.length)).unwrap_or_else(|| self.file.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.view.is_none() {
            return self.checked(offset, out);
        }
        let there = usize::try_from(self.file.len()?.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (stored, past) = out.split_at_mut(there.min(out.len()));
        self.checked(offset, stored)?;
        past.fill(0);
        self.with_view(|view| view.writes.iter().for_each(|(at, bytes)| overlay(offset, out, *at, bytes)));
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.with_view(|view| view.length = length).map_or_else(|| self.resized(length), Ok)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.view.is_some() {
            return Ok(());
        }
        self.file.sync_data().inspect_err(|_| self.sync_failed.store(true, Ordering::SeqCst))
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.with_view(|view| view.writes.push((offset, bytes.to_vec())))
            .map_or_else(|| self.noted(offset, bytes), Ok)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

/// Lays the part of `bytes` at `at` that overlaps `out` at `offset` over it.
fn overlay(offset: u64, out: &mut [u8], at: u64, bytes: &[u8]) {
    let out = out.get_mut(far(at.saturating_sub(offset))..).unwrap_or_default();
    let bytes = bytes.get(far(offset.saturating_sub(at))..).unwrap_or_default();
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

fn far(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}
