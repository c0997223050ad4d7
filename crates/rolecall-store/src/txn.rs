//! A transaction: remembers what it read, collects what it writes, commits once.

use crate::backend::{Key, Range, Read, StoreError, Version, Versioned, Write, fingerprint};
use crate::store::Store;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An optimistic transaction. Reads see the store, and its own writes; nothing is visible to others
/// until [`Txn::commit`].
pub struct Txn<'s> {
    store: &'s Store,
    reads: Vec<Read>,
    writes: BTreeMap<Key, Option<Bytes>>,
}

impl<'s> Txn<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        Self { store, reads: Vec::new(), writes: BTreeMap::new() }
    }

    /// Reads a key and makes the commit depend on it. An own write is given back at version 0.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn get(&mut self, key: &Key) -> Result<Option<Versioned>, StoreError> {
        if let Some(own) = self.writes.get(key) {
            return Ok(own.clone().map(pending));
        }
        let found = self.store.get(key).await?;
        self.saw(key.clone(), found.as_ref().map(|found| found.version));
        Ok(found)
    }

    /// Reads at most `limit` keys of a range and makes the commit depend on what was seen of it: the
    /// whole range, or up to the last key read when the limit was reached. Own writes are merged in,
    /// at version 0.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn scan(&mut self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        if range.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        // Each own deletion may hide one stored key.
        let hidden = self.writes.range::<[u8], _>(range.bounds()).filter(|(_, own)| own.is_none()).count();
        let asked = limit.saturating_add(hidden);
        let stored = self.store.scan(range, asked).await?;
        let seen = if stored.len() < asked { range.clone() } else { up_to_last(range, &stored) };
        let merged = self.merged(&seen, &stored, limit);
        let (count, newest) = fingerprint(stored.iter().map(|(_, found)| found.version));
        self.reads.push(Read::Range(seen, count, newest));
        Ok(merged)
    }

    /// Like [`Store::cached`], and makes the commit depend on what was given. An own write is decoded
    /// afresh, at version 0.
    ///
    /// # Errors
    /// When the backend fails, and whatever `decode` reports.
    pub async fn cached<T: Send + Sync + 'static>(
        &mut self,
        key: &[u8],
        decode: fn(&Versioned) -> Result<T, StoreError>,
    ) -> Result<Option<(Arc<T>, Version)>, StoreError> {
        if let Some(own) = self.writes.get(key) {
            let own = own.clone().map(pending);
            return own.map(|own| Ok((Arc::new(decode(&own)?), own.version))).transpose();
        }
        let found = self.store.cached(key, decode).await?;
        self.saw(key.to_vec(), found.as_ref().map(|(_, version)| *version));
        Ok(found)
    }

    /// Makes the commit depend on a version seen elsewhere (a cached record).
    pub fn saw(&mut self, key: Key, version: Option<Version>) {
        self.reads.push(Read::Key(key, version));
    }

    /// Creates or replaces a key at commit.
    pub fn put(&mut self, key: Key, value: impl Into<Bytes>) {
        self.writes.insert(key, Some(value.into()));
    }

    /// Removes a key at commit.
    pub fn delete(&mut self, key: Key) {
        self.writes.insert(key, None);
    }

    pub(crate) fn writes_nothing(&self) -> bool {
        self.writes.is_empty()
    }

    /// Commits. On return the changes are durable and in force.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when anything read has changed; nothing was written then.
    pub async fn commit(self) -> Result<Version, StoreError> {
        let writes = self.writes.into_iter().map(|(key, value)| match value {
            Some(value) => Write::Put(key, value),
            None => Write::Delete(key),
        });
        self.store.commit(self.reads, writes.collect()).await
    }

    fn merged(&self, seen: &Range, stored: &[(Key, Versioned)], limit: usize) -> Vec<(Key, Versioned)> {
        let mut all: BTreeMap<Key, Option<Versioned>> =
            stored.iter().map(|(key, found)| (key.clone(), Some(found.clone()))).collect();
        let own = self.writes.range::<[u8], _>(seen.bounds());
        all.extend(own.map(|(key, value)| (key.clone(), value.clone().map(pending))));
        all.into_iter().filter_map(|(key, value)| Some((key, value?))).take(limit).collect()
    }
}

/// The part of a range that ends with the last key found in it.
fn up_to_last(range: &Range, found: &[(Key, Versioned)]) -> Range {
    let Some((last, _)) = found.last() else { return range.clone() };
    // No key lies between `last` and `last` followed by a zero byte.
    Range { start: range.start.clone(), end: [last.as_slice(), &[0]].concat() }
}

fn pending(value: Bytes) -> Versioned {
    Versioned { version: 0, value }
}
