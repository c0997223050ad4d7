//! Object bytes: files under random ids, never under a name a client chose.

use bytes::Bytes;
use std::path::Path;

/// A blob's random id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobId(String);

/// A directory of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {}

/// A blob being written; dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {}

/// A blob being read.
#[derive(Debug)]
pub struct BlobReader {}

impl BlobId {
    /// The id as text, for records.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Blobs {
    /// Opens a directory of blobs, removing what unfinished writes left.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn open(_directory: &Path) -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Starts a new blob.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub async fn create(&self) -> std::io::Result<BlobWriter> {
        Ok(BlobWriter {})
    }

    /// Opens a blob's bytes from `offset`, `length` of them.
    ///
    /// # Errors
    /// When the blob is missing or shorter than asked.
    pub async fn open_range(&self, _id: &BlobId, _offset: u64, _length: u64) -> std::io::Result<BlobReader> {
        Ok(BlobReader {})
    }

    /// Removes a blob; absent ones are fine.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub async fn remove(&self, _id: &BlobId) -> std::io::Result<()> {
        Ok(())
    }
}

impl BlobWriter {
    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn write(&mut self, _bytes: Bytes) -> std::io::Result<()> {
        Ok(())
    }

    /// Makes the blob durable (fsync, rename, fsync of the directory) and gives its id.
    ///
    /// # Errors
    /// When the disk refuses; nothing remains then.
    pub async fn finish(self) -> std::io::Result<BlobId> {
        Ok(BlobId(String::new()))
    }
}

impl BlobReader {
    /// The next bytes, at most 64 KiB; `None` at the end.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        Ok(None)
    }
}
