//! A store in memory that holds a commit until others have committed first.

use async_trait::async_trait;
use rolecall_store::backends::memory::Memory;
use rolecall_store::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The store, and the commit it is to hold.
#[derive(Default)]
pub(super) struct Paused {
    inner: Memory,
    waiting: Arc<Waiting>,
}

/// What is waited for.
pub(super) type Waiting = Mutex<Option<Pause>>;

/// The next commit of a key that contains `what`.
pub(super) struct Pause {
    what: Vec<u8>,
    reached: oneshot::Sender<()>,
    go_on: oneshot::Receiver<()>,
}

/// A commit that is to be held.
pub struct Held {
    reached: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl Paused {
    pub(super) fn waiting(&self) -> Arc<Waiting> {
        Arc::clone(&self.waiting)
    }

    fn take(&self, writes: &[Write]) -> Option<Pause> {
        let holds = |pause: &Pause| {
            writes.iter().any(|write| write.key().windows(pause.what.len()).any(|part| part == pause.what))
        };
        let mut waiting = self.waiting.lock().unwrap();
        if waiting.as_ref().is_some_and(holds) { waiting.take() } else { None }
    }
}

impl Held {
    /// Begins to wait for the next commit of a key that contains `what`.
    pub(super) fn next(waiting: &Waiting, what: &str) -> Self {
        let (reached, told) = oneshot::channel();
        let (go, go_on) = oneshot::channel();
        *waiting.lock().unwrap() = Some(Pause { what: what.as_bytes().to_vec(), reached, go_on });
        Self { reached: told, go_on: go }
    }

    /// Does something else once the commit is about to be made, and then lets it be made.
    pub async fn meanwhile(self, other: impl Future<Output = ()>) {
        self.reached.await.unwrap();
        other.await;
        self.go_on.send(()).unwrap();
    }
}

#[async_trait]
impl Backend for Paused {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.inner.get(keys).await
    }

    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.inner.scan(range, limit).await
    }

    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        if let Some(pause) = self.take(&writes) {
            pause.reached.send(()).unwrap();
            pause.go_on.await.unwrap();
        }
        self.inner.commit(reads, writes).await
    }
}
