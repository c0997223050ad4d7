//! What the disk itself gives: files of 4 KiB written, synced and renamed, and nothing else.

use anyhow::{Result, anyhow};
use std::fs::{File, rename};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Files per second that this many threads make durable in `folder`.
///
/// # Errors
/// When the disk refuses.
pub fn durable_files_per_second(folder: &Path, threads: usize) -> Result<f64> {
    let start = Instant::now();
    let written: usize = thread::scope(|scope| {
        let writer = |thread| scope.spawn(move || write_until_done(folder, thread, start + DURATION));
        let writers: Vec<_> = (0..threads).map(writer).collect();
        writers.into_iter().map(|w| w.join().map_err(|_| anyhow!("a writer died"))?).sum::<Result<usize>>()
    })?;
    Ok(written as f64 / start.elapsed().as_secs_f64())
}

fn write_until_done(folder: &Path, thread: usize, deadline: Instant) -> Result<usize> {
    let (part, done) = (folder.join(format!("{thread}.part")), folder.join(thread.to_string()));
    let mut written = 0;
    while Instant::now() < deadline {
        let mut file = File::create(&part)?;
        file.write_all(&[b'x'; 4096])?;
        file.sync_all()?;
        rename(&part, &done)?;
        written += 1;
    }
    Ok(written)
}

const DURATION: Duration = Duration::from_millis(1500);
