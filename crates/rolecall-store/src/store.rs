//! The store as the rest of the system sees it: a backend, chosen once.

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
use crate::backends::embedded::Embedded;
use crate::backends::memory::Memory;
use crate::cache::{Cache, Lookup};
use crate::txn::Txn;
use std::path::Path;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// A store; clones are the same store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    cache: Arc<Cache>,
    /// Commits under way.
    commits: TaskTracker,
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
        Self { backend: Arc::new(backend), cache: Arc::new(Cache::new()), commits: TaskTracker::new() }
    }

    /// The bytes that its records take on the disk; `None` when they take none, or nobody can tell.
    pub fn size(&self) -> Option<u64> {
        self.backend.size()
    }

    /// Starts a transaction.
    pub fn begin(&self) -> Txn<'_> {
        Txn::new(self)
    }

    /// Runs a transaction until it commits: whoever loses against another change runs again, on what there is
    /// then. `run` gives the transaction back with what it came to; one that writes nothing has nothing to commit.
    ///
    /// ```
    /// # use rolecall_store::{Store, StoreError};
    /// # async fn run(store: &Store) -> Result<usize, StoreError> {
    /// store
    ///     .transact(|mut txn| async move {
    ///         let length = txn.get(&b"k".to_vec()).await?.map_or(0, |found| found.value.len());
    ///         txn.put(b"k".to_vec(), vec![b'x'; length + 1]);
    ///         Ok((txn, length + 1))
    ///     })
    ///     .await
    /// # }
    /// ```
    ///
    /// # Errors
    /// Whatever `run` reports, and then nothing was written; [`StoreError::Conflict`] when others were faster
    /// every time; when the backend fails.
    pub async fn transact<'s, T, E, F>(&'s self, mut run: impl FnMut(Txn<'s>) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<(Txn<'s>, T), E>>,
    {
        let mut lost = 0;
        loop {
            let (txn, done) = run(self.begin()).await?;
            if txn.writes_nothing() {
                return Ok(done);
            }
            match txn.commit().await {
                Ok(_) => return Ok(done),
                Err(StoreError::Conflict) if lost < RETRIES => {
                    lost += 1;
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
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

    /// A key's decoded value, shared with all who ask for the same type, and its version. After a
    /// commit has returned, nobody is given anything older. One type has one decoding: the first
    /// caller's `decode` speaks for all.
    ///
    /// # Errors
    /// When the backend fails, and whatever `decode` reports.
    pub async fn cached<T: Send + Sync + 'static>(
        &self,
        key: &[u8],
        decode: fn(&Versioned) -> Result<T, StoreError>,
    ) -> Result<Option<(Arc<T>, Version)>, StoreError> {
        let epoch = match self.cache.lookup(key) {
            Lookup::Known(found) => return Ok(found),
            Lookup::Unknown(epoch) => epoch,
        };
        let stored = self.get(&key.to_vec()).await?;
        let bytes = stored.as_ref().map_or(0, |stored| stored.value.len());
        let found = stored.map(|stored| Ok((Arc::new(decode(&stored)?), stored.version))).transpose()?;
        self.cache.remember(key, epoch, found.as_ref(), bytes);
        Ok(found)
    }

    /// Drops what is remembered of keys that have changed. Every commit through this store does so by
    /// itself; a feed of other nodes' commits calls it too.
    pub fn changed(&self, keys: &[Key]) {
        self.cache.forget(keys);
    }

    /// Commits for a transaction. Runs to its end even when the caller stops waiting, so that a change
    /// never lands without what is remembered of it being dropped.
    pub(crate) async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        let store = self.clone();
        let running = self.commits.spawn(async move { store.commit_and_forget(reads, writes).await });
        running.await.unwrap_or_else(|error| Err(StoreError::Backend(error.to_string())))
    }

    /// Returns when no commit is under way, also none that nobody waits for any more.
    pub async fn settled(&self) {
        self.commits.close();
        self.commits.wait().await;
        self.commits.reopen();
    }

    /// A conflict drops what was read as well: it may have been remembered and out of date.
    async fn commit_and_forget(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        let written: Vec<Key> = writes.iter().map(|write| write.key().clone()).collect();
        let read: Vec<Key> = reads.iter().filter_map(|read| read.key().cloned()).collect();
        let result = self.backend.commit(reads, writes).await;
        match &result {
            Ok(_) | Err(StoreError::Backend(_)) => self.changed(&written),
            Err(StoreError::Conflict) => self.changed(&read),
        }
        result
    }
}

/// Times a transaction may run again. Each lost run is another one's commit.
const RETRIES: usize = 100;

#[cfg(test)]
mod tests;
