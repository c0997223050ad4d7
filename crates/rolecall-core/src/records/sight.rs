//! A record as it was seen: the value, and the version that a later commit is held to.

use super::Record;
use crate::error::Error;
use crate::gate::Depend;
use rolecall_store::{Key, Store, Txn, Version};
use std::sync::Arc;

/// What stood under a key when it was looked at, or that nothing did.
#[derive(Debug)]
pub struct Sight<R> {
    key: Key,
    version: Option<Version>,
    record: Option<Arc<R>>,
}

impl<R: Record> Sight<R> {
    /// Looks at a key.
    ///
    /// # Errors
    /// When the store fails or the record is unreadable.
    pub async fn of(store: &Store, key: Key) -> Result<Self, Error> {
        let found = store.cached(&key, R::decode).await?;
        let version = found.as_ref().map(|(_, version)| *version);
        Ok(Self { key, version, record: found.map(|(record, _)| record) })
    }

    /// The same, as if nothing stood there unless `is_meant` holds: a name spelled otherwise, another path.
    #[must_use]
    pub fn filter(self, is_meant: impl FnOnce(&R) -> bool) -> Self {
        Self { record: self.record.filter(|record| is_meant(record)), ..self }
    }
}

impl<R> Sight<R> {
    /// The record, if there was one.
    pub fn record(&self) -> Option<&Arc<R>> {
        self.record.as_ref()
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The version it was seen at.
    pub fn version(&self) -> Option<Version> {
        self.version
    }
}

impl<R> Depend for Sight<R> {
    fn depend(&self, txn: &mut Txn<'_>) {
        txn.saw(self.key.clone(), self.version);
    }
}
