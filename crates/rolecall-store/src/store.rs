//! The store as the rest of the system sees it: a backend, chosen once.

use crate::backend::{Key, Range, StoreError, Versioned};
use crate::txn::Txn;
use std::path::Path;

/// A store.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// A store in memory that vanishes with the process.
    pub fn memory() -> Self {
        Self {}
    }

    /// The embedded store in a directory, created when absent.
    ///
    /// # Errors
    /// When the directory cannot be used or another process holds it.
    pub fn open(_directory: &Path) -> Result<Self, StoreError> {
        Ok(Self {})
    }

    /// Starts a transaction.
    pub fn begin(&self) -> Txn<'_> {
        Txn::new(self)
    }

    /// One key's value.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn get(&self, _key: &Key) -> Result<Option<Versioned>, StoreError> {
        Ok(None)
    }

    /// At most `limit` keys of a range, ascending.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn scan(&self, _range: &Range, _limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        Ok(Vec::new())
    }
}
