//! A directory of files, one a day, and the room that is kept behind the newest one's last record.

use super::writer::Sink;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The directory, and how its files are opened.
pub(super) struct Directory<M> {
    path: PathBuf,
    open: Open<M>,
    file: Option<DayFile<M>>,
}

type Open<M> = Box<dyn Fn(&Path) -> io::Result<M> + Send>;

/// What the log asks of a file.
pub(super) trait Medium: Send + 'static {
    /// Appends some of the bytes; tells how many.
    fn append(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Ends the file there, and gives up the room behind.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Keeps room for so many bytes from there on.
    fn reserve(&mut self, from: u64, bytes: u64) -> io::Result<()>;

    /// The bytes that are free on the disk, where none can be kept.
    fn free(&mut self) -> io::Result<u64>;

    /// How many names the file has, and its length.
    fn names_and_length(&mut self) -> io::Result<(u64, u64)>;

    /// True when the file is empty or its last byte ends a line.
    fn ends_line(&mut self, length: u64) -> io::Result<bool>;
}

/// A day's file.
struct DayFile<M> {
    day: i64,
    medium: M,
    /// Where its last whole record ends.
    whole: u64,
    /// Where the room that is kept ends.
    kept: u64,
    /// A write has failed: what is behind the last whole record is to be cut off before anything else.
    is_broken: bool,
}

impl Directory<File> {
    pub(super) fn of_files(path: &Path) -> Self {
        Self::with(path, open_file)
    }
}

impl<M: Medium> Directory<M> {
    /// A directory whose files are opened like this.
    pub(super) fn with(path: &Path, open: impl Fn(&Path) -> io::Result<M> + Send + 'static) -> Self {
        Self { path: path.to_owned(), open: Box::new(open), file: None }
    }

    fn path_of(&self, day: i64) -> PathBuf {
        let date = crate::clock::text::iso8601(day.saturating_mul(86_400));
        self.path.join(format!("{PREFIX}{}{SUFFIX}", date.get(..10).unwrap_or("unknown")))
    }
}

impl<M: Medium> Sink for Directory<M> {
    /// Makes sure that the file of the day is open and still has its name: records must not go to a file that nobody
    /// can find any more.
    fn open(&mut self, day: i64) -> io::Result<()> {
        let is_there = match &mut self.file {
            Some(file) if file.day == day => file.is_there()?,
            _ => false,
        };
        if !is_there {
            self.close();
            self.file = Some(DayFile::of(day, (self.open)(&self.path_of(day))?)?);
        }
        self.file.as_mut().map_or(Ok(()), DayFile::mend)
    }

    fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()> {
        self.file.as_mut().map_or(Err(ErrorKind::NotFound.into()), |file| file.append(records))
    }

    fn room(&mut self, wanted: u64) -> u64 {
        self.file.as_mut().map_or(0, |file| file.room(wanted))
    }

    fn close(&mut self) {
        // What cannot be given back is only room; half a record is cut off when it can be.
        let _ = self.file.take().map(|mut file| file.medium.cut(file.whole));
    }
}

impl<M: Medium> DayFile<M> {
    /// A file as it was left: half a record that a crash left stays, on a line of its own.
    fn of(day: i64, mut medium: M) -> io::Result<Self> {
        let (_, length) = medium.names_and_length()?;
        let ends_line = medium.ends_line(length)?;
        let mut file = Self { day, medium, whole: length, kept: length, is_broken: false };
        if !ends_line {
            file.append(&mut [IoSlice::new(b"\n")])?;
        }
        Ok(file)
    }

    /// Whether the file has a name. Somebody else may have cut it meanwhile, or written to it.
    fn is_there(&mut self) -> io::Result<bool> {
        let (names, length) = self.medium.names_and_length()?;
        if length != self.whole && !self.is_broken {
            (self.whole, self.kept) = (length, length);
        }
        Ok(names > 0)
    }

    /// After a failed write: cuts the file back to its last whole record, so that no reader ever meets half a line,
    /// then writes a byte for real and takes it back.
    fn mend(&mut self) -> io::Result<()> {
        if !self.is_broken {
            return Ok(());
        }
        self.cut()?;
        let written = self.medium.append(&[IoSlice::new(b"\n")]);
        self.cut()?;
        self.is_broken = written? == 0;
        if self.is_broken { Err(ErrorKind::WriteZero.into()) } else { Ok(()) }
    }

    fn cut(&mut self) -> io::Result<()> {
        self.kept = self.whole;
        self.medium.cut(self.whole)
    }

    fn append(&mut self, records: &mut [IoSlice<'_>]) -> io::Result<()> {
        let length: usize = records.iter().map(|record| record.len()).sum();
        let written = self.append_all(records);
        match written {
            Ok(()) => self.whole += length as u64,
            Err(_) => {
                self.is_broken = true;
                // Now if possible, else before the next record.
                let _ = self.cut();
            }
        }
        written
    }

    fn append_all(&mut self, mut records: &mut [IoSlice<'_>]) -> io::Result<()> {
        while !records.is_empty() {
            match self.medium.append(records) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut records, written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// When the disk has less, half as much is tried, and so on.
    fn room(&mut self, wanted: u64) -> u64 {
        let mut more = wanted;
        while self.kept.saturating_sub(self.whole) < more {
            match self.medium.reserve(self.whole, more) {
                Ok(()) => self.kept = self.whole.saturating_add(more),
                Err(error) if is_full(&error) && more > LEAST => more /= 2,
                Err(error) if is_full(&error) => break,
                // This file system keeps no room: what is free has to do.
                Err(_) => return self.medium.free().map_or(0, |free| free.min(wanted)),
            }
        }
        self.kept.saturating_sub(self.whole)
    }
}

impl Medium for File {
    fn append(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_vectored(pieces)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    #[cfg(target_os = "linux")]
    fn reserve(&mut self, from: u64, bytes: u64) -> io::Result<()> {
        Ok(rustix::fs::fallocate(&*self, rustix::fs::FallocateFlags::KEEP_SIZE, from, bytes)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn reserve(&mut self, _from: u64, _bytes: u64) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn free(&mut self) -> io::Result<u64> {
        let found = rustix::fs::fstatvfs(&*self)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Nothing else is asked for: Linux takes finer times at the next write to a file whose times were asked for,
    /// as [`File::metadata`] does.
    #[cfg(target_os = "linux")]
    fn names_and_length(&mut self) -> io::Result<(u64, u64)> {
        use rustix::fs::{AtFlags, StatxFlags, statx};
        let found = statx(&*self, "", AtFlags::EMPTY_PATH, StatxFlags::NLINK | StatxFlags::SIZE)?;
        Ok((found.stx_nlink.into(), found.stx_size))
    }

    #[cfg(not(target_os = "linux"))]
    fn names_and_length(&mut self) -> io::Result<(u64, u64)> {
        use std::os::unix::fs::MetadataExt;
        self.metadata().map(|found| (found.nlink(), found.len()))
    }

    fn ends_line(&mut self, length: u64) -> io::Result<bool> {
        let Some(last) = length.checked_sub(1) else { return Ok(true) };
        let mut byte = [0];
        self.read_exact_at(&mut byte, last)?;
        Ok(byte == *b"\n")
    }
}

/// Opened to read as well when there is something to be read: what is no file may not be.
fn open_file(path: &Path) -> io::Result<File> {
    let has_records = path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0);
    OpenOptions::new().read(has_records).append(true).create(true).mode(0o600).open(path)
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// What the name of a day's file begins and ends with; the date stands between.
pub(super) const PREFIX: &str = "audit-";
/// See [`PREFIX`].
pub(super) const SUFFIX: &str = ".jsonl";
/// Room that is asked for at least, in bytes.
const LEAST: u64 = 4096;

#[cfg(test)]
mod tests;
