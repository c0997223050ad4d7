//! What the audit log's writes cost by themselves.

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// CPU time in microseconds that one record takes to be appended by a call of its own, found by appending the
/// records that a server has left once more, to a file beside them.
///
/// # Errors
/// When there are no records or the disk refuses.
pub fn cost_of_a_write(data: &Path) -> Result<f64> {
    let log = fs::read_to_string(log_of(data)?)?;
    let path = data.join("audit").join("again");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let start = cpu();
    let written =
        log.split_inclusive('\n').try_fold(0, |count, line| append(&mut file, line).map(|()| count + 1))?;
    let took = cpu() - start;
    fs::remove_file(path)?;
    Ok(took * 1e6 / f64::from(written))
}

/// The record that a server wrote last, without its newline.
///
/// # Errors
/// When there is none.
pub fn last_record(data: &Path) -> Result<String> {
    let log = fs::read_to_string(log_of(data)?)?;
    Ok(log.lines().last().context("no audit record")?.to_owned())
}

fn append(file: &mut File, line: &str) -> Result<()> {
    Ok(file.write_all(line.as_bytes())?)
}

fn log_of(data: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(data.join("audit"))?.map(|entry| Ok(entry?.path()));
    let files = files.collect::<Result<Vec<_>>>()?.into_iter();
    files.filter(|file| file.extension().is_some_and(|kind| kind == "jsonl")).max().context("no audit log")
}

/// Seconds of CPU time that this thread has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
