//! The embedded backend: one redb file in a directory, one writer thread that groups commits.

mod beside;
mod disk;
mod file;
mod sums;
mod table;
mod writer;

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
use async_trait::async_trait;
use beside::Beside;
use file::DatabaseFile;
use redb::StorageBackend;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writer::Writer;

/// A store in one file of a local directory, held by one process.
///
/// After a failed sync nothing is acknowledged until the store is opened again; after a failed write
/// (a full disk) commits are refused until one succeeds. Reads go on in both cases.
pub struct Embedded {
    file: Arc<DatabaseFile>,
    writer: Writer,
    /// Where the file is, when it is one of a file system.
    path: Option<PathBuf>,
}

impl Embedded {
    /// Opens `rolecall.redb` in a directory; makes both when absent, for the owner's eyes only.
    ///
    /// # Errors
    /// When the directory or file cannot be used, is damaged, of a newer format, or held by another
    /// process.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let store = Self::start(DatabaseFile::open(file::source(directory), Beside::within(directory)?)?)?;
        Ok(Self { path: Some(directory.join(file::FILE)), ..store })
    }

    fn start(file: DatabaseFile) -> Result<Self, StoreError> {
        let file = Arc::new(file);
        let writer = Writer::start(Arc::clone(&file))?;
        Ok(Self { file, writer, path: None })
    }
}

#[async_trait]
impl Backend for Embedded {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.file.read(|records| keys.iter().map(|key| table::value(records, key)).collect())
    }

    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        if limit <= FEW {
            return scan(&self.file, range, limit);
        }
        let (file, range) = (Arc::clone(&self.file), range.clone());
        tokio::task::spawn_blocking(move || scan(&file, &range, limit)).await.map_err(failed)?
    }

    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        self.writer.commit(reads, writes).await
    }

    fn size(&self) -> Option<u64> {
        std::fs::metadata(self.path.as_ref()?).ok().map(|file| file.len())
    }
}

fn scan(file: &DatabaseFile, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
    file.read(|records| table::within(records, range)?.take(limit).collect())
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Backend(error.to_string())
}

/// As many keys as are read without leaving the event loop; more are read on a thread that may take its time.
const FEW: usize = 128;

/// Opens the file again each time it is asked.
type Source = Box<dyn Fn() -> Result<Box<dyn StorageBackend>, StoreError> + Send + Sync>;

#[cfg(test)]
mod tests;
