//! The backend in memory: an ordered map behind one lock, gone with the process.

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write, fingerprint};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// A store in memory, for tests and trials.
#[derive(Debug, Default)]
pub struct Memory {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    revision: Version,
    keys: BTreeMap<Key, Versioned>,
}

#[async_trait]
impl Backend for Memory {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.iter().map(|key| state.keys.get(key).cloned()).collect())
    }

    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Ok(state.within(range).take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if !reads.iter().all(|read| state.holds(read)) {
            return Err(StoreError::Conflict);
        }
        if !writes.is_empty() {
            state.apply(writes);
        }
        Ok(state.revision)
    }
}

impl State {
    fn within(&self, range: &Range) -> impl Iterator<Item = (&Key, &Versioned)> {
        let found = (!range.is_empty()).then(|| self.keys.range::<[u8], _>(range.bounds()));
        found.into_iter().flatten()
    }

    fn holds(&self, read: &Read) -> bool {
        match read {
            Read::Key(key, version) => self.keys.get(key).map(|found| found.version) == *version,
            Read::Range(range, count, newest) => {
                fingerprint(self.within(range).map(|(_, value)| value.version)) == (*count, *newest)
            }
        }
    }

    fn apply(&mut self, writes: Vec<Write>) {
        self.revision += 1;
        let version = self.revision;
        for write in writes {
            match write {
                Write::Put(key, value) => self.keys.insert(key, Versioned { version, value }),
                Write::Delete(key) => self.keys.remove(&key),
            };
        }
    }
}
