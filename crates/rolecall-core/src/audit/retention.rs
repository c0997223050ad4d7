//! How long the log is kept: whole days, the oldest first, never today's.

use super::day_file::{PREFIX, SUFFIX};
use crate::clock::text::iso8601;
use crate::system::System;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::Duration;

/// What is kept of an audit log.
#[derive(Debug, Clone, Default)]
pub struct Retention {
    /// Its directory.
    pub directory: PathBuf,
    /// Days before today whose files are kept; all without a number.
    pub days: Option<u32>,
    /// Bytes that all files together may have, today's included; any without a number. Today's file is kept all
    /// the same.
    pub bytes: Option<u64>,
}

impl Retention {
    /// Removes what is kept no longer, now and once an hour, as long as there is a system.
    pub async fn keep(self, system: Weak<System>) {
        while let Some(system) = system.upgrade() {
            let today = system.clock.now().div_euclid(86_400);
            drop(system);
            let now = self.clone();
            let removed = tokio::task::spawn_blocking(move || now.remove(today)).await;
            match removed.map_err(io::Error::other).and_then(|removed| removed) {
                Ok(0) => {}
                Ok(files) => tracing::info!(files, "audit files were kept long enough and are removed"),
                Err(error) => tracing::warn!(%error, "audit files that are kept no longer stay"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Removes the files that are kept no longer on this day, counted from 1970; tells how many. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be read or a file not removed.
    pub fn remove(&self, today: i64) -> io::Result<usize> {
        if self.days.is_none() && self.bytes.is_none() {
            return Ok(0);
        }
        let is_early = |file: &Path| date(file).is_some_and(|date| *date < *day(today));
        let oldest = self.days.map(|days| day(today.saturating_sub(days.into())));
        let is_late = |file: &Path| {
            oldest.as_ref().is_some_and(|oldest| date(file).is_some_and(|date| *date < **oldest))
        };
        let mut bytes = 0;
        let mut files = Vec::new();
        for (path, length) in self.files()? {
            bytes += length;
            files.push((path, length));
        }
        let mut removed = 0;
        for (path, length) in files.into_iter().filter(|(path, _)| is_early(path)) {
            if is_late(&path) || self.bytes.is_some_and(|most| bytes > most) {
                std::fs::remove_file(&path)?;
                bytes -= length;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// The files of days, the oldest first, and how long they are.
    fn files(&self) -> io::Result<Vec<(PathBuf, u64)>> {
        let mut files = Vec::new();
        for entry in self.directory.read_dir()? {
            let entry = entry?;
            if date(&entry.path()).is_some() {
                files.push((entry.path(), entry.metadata()?.len()));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The date in the name of a day's file.
fn date(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX).filter(|date| date.len() == 10)
}

fn day(day: i64) -> String {
    iso8601(day.saturating_mul(86_400)).chars().take(10).collect()
}

const EVERY: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of the files of some days, and one of another's, on the last day.
    fn left(days: Option<u32>, bytes: Option<u64>) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        for n in 0..10 {
            let path = directory.path().join(format!("{PREFIX}{}{SUFFIX}", day(20_000 + n)));
            std::fs::write(path, [b'x'; 100]).unwrap();
        }
        std::fs::write(directory.path().join("audit-notes.jsonl"), [b'x'; 5000]).unwrap();
        let retention = Retention { directory: directory.path().to_owned(), days, bytes };
        let removed = retention.remove(20_009).unwrap();
        assert_eq!(retention.remove(20_009).unwrap(), 0);
        let mut left: Vec<String> =
            retention.files().unwrap().iter().map(|(path, _)| date(path).unwrap().to_owned()).collect();
        left.sort();
        assert_eq!(left.len() + removed, 10);
        assert!(directory.path().join("audit-notes.jsonl").exists());
        left
    }

    #[test]
    fn the_oldest_days_go_and_never_today() {
        assert_eq!(left(None, None).len(), 10);
        assert_eq!(left(Some(2), None), ["2024-10-11", "2024-10-12", "2024-10-13"]);
        assert_eq!(left(Some(0), None), ["2024-10-13"]);
        assert_eq!(left(None, Some(250)), ["2024-10-12", "2024-10-13"]);
        assert_eq!(left(None, Some(1000)).len(), 10);
        assert_eq!(left(None, Some(0)), ["2024-10-13"]);
        assert_eq!(left(Some(4), Some(300)).len(), 3);
    }
}
