//! The store as the rest of the system sees it: a backend, chosen once.

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
use crate::backends::embedded::Embedded;
use crate::backends::memory::Memory;
use crate::txn::Txn;
use std::path::Path;
use std::sync::Arc;

/// A store; clones are the same store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
}

impl Store {
    /// A store in memory that vanishes with the process.
    pub fn memory() -> Self {
        Self::on(Memory::default())
    }

    /// The embedded store in a directory, created when absent.
    ///
    /// # Errors
    /// When the directory cannot be used or another process holds it.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Embedded::open(directory).map(Self::on)
    }

    /// A store on any backend.
    pub fn on(backend: impl Backend) -> Self {
        Self { backend: Arc::new(backend) }
    }

    /// Starts a transaction.
    pub fn begin(&self) -> Txn<'_> {
        Txn::new(self)
    }

    /// One key's value.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn get(&self, key: &Key) -> Result<Option<Versioned>, StoreError> {
        let mut found = self.get_many(std::slice::from_ref(key)).await?;
        Ok(found.pop().flatten())
    }

    /// Some keys' values, in the order asked, all from one moment.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.backend.get(keys).await
    }

    /// At most `limit` keys of a range, ascending.
    ///
    /// # Errors
    /// When the backend fails.
    pub async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.backend.scan(range, limit).await
    }

    /// Commits for a transaction.
    pub(crate) async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        self.backend.commit(reads, writes).await
    }
}
