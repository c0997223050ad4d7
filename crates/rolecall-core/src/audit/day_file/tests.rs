//! What a disk may do to the log, and what the log does then.

use super::*;
use std::sync::{Arc, Mutex};

/// A disk with one file, that others fill, that refuses, and that forgets nothing.
#[derive(Default)]
struct Disk {
    content: Vec<u8>,
    /// Bytes of room behind the content.
    kept: u64,
    /// Bytes that nobody has.
    free: u64,
    /// Bytes that are still written before the disk fails.
    good_for: Option<usize>,
    /// How often the file cannot be cut.
    cuts_refused: usize,
    keeps_no_room: bool,
}

#[derive(Clone, Default)]
struct Handle(Arc<Mutex<Disk>>);

impl Medium for Handle {
    /// Half of what is asked at a time, so that records are torn.
    fn append(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut disk = self.0.lock().unwrap();
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        let fits = usize::try_from(disk.kept + disk.free).unwrap().min(disk.good_for.unwrap_or(usize::MAX));
        let length = bytes.len().div_ceil(2).min(fits);
        if length == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        disk.content.extend_from_slice(&bytes[..length]);
        let from_kept = (length as u64).min(disk.kept);
        disk.kept -= from_kept;
        disk.free -= length as u64 - from_kept;
        disk.good_for = disk.good_for.map(|left| left - length);
        Ok(length)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if disk.cuts_refused > 0 {
            disk.cuts_refused -= 1;
            return Err(io::Error::other("EIO"));
        }
        let length = usize::try_from(length).unwrap();
        disk.free += (disk.content.len() - length) as u64 + disk.kept;
        disk.kept = 0;
        disk.content.truncate(length);
        Ok(())
    }

    fn reserve(&mut self, from: u64, bytes: u64) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if disk.keeps_no_room {
            return Err(ErrorKind::Unsupported.into());
        }
        assert_eq!(from, disk.content.len() as u64);
        let more = bytes.saturating_sub(disk.kept);
        if more > disk.free {
            return Err(ErrorKind::StorageFull.into());
        }
        disk.free -= more;
        disk.kept += more;
        Ok(())
    }

    fn free(&mut self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().free)
    }

    fn names_and_length(&mut self) -> io::Result<(u64, u64)> {
        Ok((1, self.0.lock().unwrap().content.len() as u64))
    }

    fn ends_line(&mut self, _length: u64) -> io::Result<bool> {
        Ok(self.0.lock().unwrap().content.last().is_none_or(|last| *last == b'\n'))
    }
}

impl Handle {
    fn with(free: u64) -> Self {
        let handle = Self::default();
        handle.0.lock().unwrap().free = free;
        handle
    }

    fn directory(&self) -> Directory<Self> {
        let handle = self.clone();
        Directory::with(Path::new("audit"), move |_| Ok(handle.clone()))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().content.clone()).unwrap()
    }
}

fn record(n: usize) -> String {
    format!("{{\"record\":{n},\"of\":\"{}\"}}\n", "x".repeat(n * 7 % 40))
}

fn write(directory: &mut Directory<Handle>, records: &[String]) -> io::Result<()> {
    directory.open(20_000)?;
    let mut pieces: Vec<IoSlice<'_>> = records.iter().map(|record| IoSlice::new(record.as_bytes())).collect();
    directory.append(&mut pieces)
}

#[test]
fn aud_01_a_disk_that_fails_at_any_byte_leaves_whole_records_and_all_that_were_taken() {
    let total: usize = (0..12).map(|n| record(n).len()).sum();
    for cuts_refused in 0..4 {
        for good_for in 0..=total {
            let disk = Handle::with(1 << 20);
            let mut directory = disk.directory();
            let mut taken = String::new();
            disk.0.lock().unwrap().good_for = Some(good_for);
            disk.0.lock().unwrap().cuts_refused = cuts_refused;
            for pair in 0..6 {
                let records = [record(2 * pair), record(2 * pair + 1)];
                match write(&mut directory, &records) {
                    Ok(()) => taken.extend(records),
                    // It works again at some time, perhaps before the file could be cut.
                    Err(_) => disk.0.lock().unwrap().good_for = None,
                }
            }
            assert!(cuts_refused > 0 || disk.text() == taken, "at byte {good_for}");
            disk.0.lock().unwrap().good_for = None;
            while write(&mut directory, &[record(99)]).is_err() {}
            assert_eq!(disk.text(), taken + &record(99), "at byte {good_for}, {cuts_refused} cuts refused");
        }
    }
}

#[test]
fn aud_01_what_is_kept_is_there_when_others_have_taken_the_rest() {
    let disk = Handle::with(100_000);
    let mut directory = disk.directory();
    directory.open(20_000).unwrap();
    assert_eq!(directory.room(60_000), 60_000);
    disk.0.lock().unwrap().free = 0;
    let mut written = 0;
    while directory.room(0) >= 100 {
        write(&mut directory, &[record(3)]).unwrap();
        written += record(3).len() as u64;
        assert_eq!(directory.room(0), 60_000 - written);
    }
    assert!(directory.room(60_000) < 100, "there is no more");
    disk.0.lock().unwrap().free = 1 << 20;
    assert_eq!(directory.room(60_000), 60_000);
}

#[test]
fn a_disk_that_has_less_keeps_what_it_has() {
    let disk = Handle::with(10_000);
    let mut directory = disk.directory();
    directory.open(20_000).unwrap();
    let room = directory.room(1 << 20);
    assert!((5_000..=10_000).contains(&room), "{room}");
    disk.0.lock().unwrap().keeps_no_room = true;
    directory.close();
    directory.open(20_000).unwrap();
    assert_eq!(directory.room(1 << 20), 10_000, "what is free, where nothing can be kept");
}

#[test]
fn half_a_record_that_a_crash_left_stays_on_a_line_of_its_own() {
    let disk = Handle::with(1000);
    disk.0.lock().unwrap().content = b"{\"whole\":1}\n{\"hal".to_vec();
    write(&mut disk.directory(), &[record(0)]).unwrap();
    assert_eq!(disk.text(), format!("{{\"whole\":1}}\n{{\"hal\n{}", record(0)));
}

#[test]
fn room_is_given_back_when_the_log_is_closed_and_when_the_day_is_over() {
    let directory = tempfile::tempdir().unwrap();
    let blocks = |day| {
        use std::os::unix::fs::MetadataExt;
        Directory::of_files(directory.path()).path_of(day).metadata().unwrap().blocks() * 512
    };
    let mut log = Directory::of_files(directory.path());
    log.open(20_000).unwrap();
    log.append(&mut [IoSlice::new(b"first\n")]).unwrap();
    if log.room(1 << 20) == 0 || blocks(20_000) < 1 << 20 {
        return eprintln!("skipped: this file system keeps no room");
    }
    log.open(20_001).unwrap();
    assert!(blocks(20_000) < 100_000);
    log.room(1 << 20);
    log.append(&mut [IoSlice::new(b"second\n")]).unwrap();
    log.close();
    assert!(blocks(20_001) < 100_000);
    let text = std::fs::read_to_string(log.path_of(20_001)).unwrap();
    assert_eq!(text, "second\n");
}

#[test]
fn a_file_that_somebody_else_has_cut_goes_on_from_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Directory::of_files(directory.path());
    let mut write = |text: &str| {
        log.open(20_000).unwrap();
        log.room(1 << 20);
        log.append(&mut [IoSlice::new(text.as_bytes())]).unwrap();
        log.path_of(20_000)
    };
    let path = write("first\n");
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    write("second\n");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "second\n");
}
