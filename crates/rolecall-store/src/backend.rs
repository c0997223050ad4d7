//! The contract every backend keeps: `get`, `scan`, `commit`.

use async_trait::async_trait;
use bytes::Bytes;

/// A key: bytes, ordered lexicographically.
pub type Key = Vec<u8>;

/// The store's revision at which a key was last written; grows with every commit.
pub type Version = u64;

/// A value with the version it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// When it was written.
    pub version: Version,
    /// What was written.
    pub value: Bytes,
}

/// Keys from `start` (included) to `end` (excluded).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First key that belongs to the range.
    pub start: Key,
    /// First key past the range.
    pub end: Key,
}

/// What a transaction saw and a commit must find unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A key at a version; `None` means it did not exist.
    Key(Key, Option<Version>),
    /// A range that held so many keys, the newest of which had this version. Any insertion, change
    /// or removal alters one of the two.
    Range(Range, usize, Version),
}

/// A change to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Creates or replaces a key.
    Put(Key, Bytes),
    /// Removes a key, which may be absent.
    Delete(Key),
}

/// Why a store call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something that was read has changed since; nothing was written. Try again.
    #[error("a concurrent change was made to what this transaction read")]
    Conflict,
    /// The backend failed; whether a commit took effect is unknown only for `commit`.
    #[error("storage failed: {0}")]
    Backend(String),
}

/// An ordered key-value store with optimistic, durable, atomic commits.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The values of some keys, in the order asked, all from one moment.
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError>;

    /// At most `limit` keys of a range in ascending order, from one moment.
    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError>;

    /// Makes all changes if everything read is unchanged, and none otherwise. When it returns the
    /// version, the changes are durable.
    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError>;
}
