//! The contract every backend keeps: `get`, `scan`, `commit`.

use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Bound;

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

/// Keys from `start` (included) to `end` (excluded). An empty `end` means no upper bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First key that belongs to the range.
    pub start: Key,
    /// First key past the range; empty when the range runs to the last key.
    pub end: Key,
}

/// What a transaction saw and a commit must find unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A key at a version; `None` means it did not exist.
    Key(Key, Option<Version>),
    /// A range that held so many keys, the newest of which had this version (0 when it held none).
    /// Any insertion, change or removal alters one of the two.
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
    /// version, the changes are durable. A later write to a key wins over an earlier one.
    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError>;

    /// The bytes that everything takes on the disk; `None` when it takes none, or nobody can tell.
    fn size(&self) -> Option<u64> {
        None
    }
}

impl Range {
    /// All keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while end.last() == Some(&u8::MAX) {
            end.pop();
        }
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        Self { start: prefix.to_vec(), end }
    }

    /// Whether no key can lie in the range.
    pub fn is_empty(&self) -> bool {
        !self.end.is_empty() && self.start >= self.end
    }

    /// Whether a key lies in the range.
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.start.as_slice() && (self.end.is_empty() || key < self.end.as_slice())
    }

    /// The range as bounds for ordered maps, which refuse inverted ones: ask `is_empty` first.
    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let end = if self.end.is_empty() { Bound::Unbounded } else { Bound::Excluded(self.end.as_slice()) };
        (Bound::Included(self.start.as_slice()), end)
    }
}

impl Read {
    /// The single key this depends on; ranges have none.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Key(key, _) => Some(key),
            Self::Range(..) => None,
        }
    }
}

impl Write {
    /// The key that changes.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(key, _) | Self::Delete(key) => key,
        }
    }
}

/// How many keys a range holds and the newest version among them: what [`Read::Range`] compares.
pub(crate) fn fingerprint(versions: impl Iterator<Item = Version>) -> (usize, Version) {
    versions.fold((0, 0), |(count, newest), version| (count + 1, newest.max(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_range_ends_at_the_next_sibling() {
        for (prefix, end) in [
            (&b"ab"[..], &b"ac"[..]),
            (b"a\xff", b"b"),
            (b"a\xff\xff", b"b"),
            (b"\xff", b""),
            (b"", b""),
            (b"a\x00", b"a\x01"),
        ] {
            assert_eq!(Range::prefix(prefix), Range { start: prefix.to_vec(), end: end.to_vec() });
        }
    }

    #[test]
    fn a_range_contains_its_start_and_not_its_end() {
        let range = Range { start: b"b".to_vec(), end: b"d".to_vec() };
        for (key, inside) in [("a", false), ("b", true), ("c\u{7f}", true), ("d", false), ("da", false)] {
            assert_eq!(range.contains(key.as_bytes()), inside, "{key}");
        }
        assert!(!range.is_empty());
        assert!(Range { start: b"d".to_vec(), end: b"b".to_vec() }.is_empty());
        assert!(Range::prefix(b"").contains(b"\xff\xff"));
    }
}
