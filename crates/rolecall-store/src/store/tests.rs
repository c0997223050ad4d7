//! What the store adds to its backend: coherent decoded records and transactions that run again.

use super::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

fn number(stored: &Versioned) -> Result<u64, StoreError> {
    let text = std::str::from_utf8(&stored.value).map_err(|error| StoreError::Backend(error.to_string()))?;
    text.parse().map_err(|_| StoreError::Backend(format!("{text:?} is no number")))
}

fn text(stored: &Versioned) -> Result<String, StoreError> {
    Ok(String::from_utf8_lossy(&stored.value).into_owned())
}

async fn put(store: &Store, key: &[u8], value: &str) -> Version {
    let mut txn = store.begin();
    txn.put(key.to_vec(), value.to_owned());
    txn.commit().await.unwrap()
}

#[tokio::test]
async fn a_cached_value_is_decoded_once_and_shared() {
    static DECODED: AtomicUsize = AtomicUsize::new(0);
    fn counted(stored: &Versioned) -> Result<u64, StoreError> {
        DECODED.fetch_add(1, Ordering::Relaxed);
        number(stored)
    }
    let store = Store::memory();
    let version = put(&store, b"n", "7").await;
    let (first, seen) = store.cached(b"n", counted).await.unwrap().unwrap();
    let (again, _) = store.clone().cached(b"n", counted).await.unwrap().unwrap();
    assert_eq!((*first, seen), (7, version));
    assert!(Arc::ptr_eq(&first, &again));
    assert_eq!(DECODED.load(Ordering::Relaxed), 1);
    assert_eq!(*store.cached(b"n", text).await.unwrap().unwrap().0, "7");
}

#[tokio::test]
async fn a_commit_replaces_what_is_cached_absence_too() {
    let store = Store::memory();
    assert!(store.cached(b"n", number).await.unwrap().is_none());
    put(&store, b"n", "1").await;
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 1);
    put(&store, b"n", "2").await;
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 2);
    let mut txn = store.begin();
    txn.delete(b"n".to_vec());
    txn.commit().await.unwrap();
    assert!(store.cached(b"n", number).await.unwrap().is_none());
}

#[tokio::test]
async fn an_undecodable_value_is_an_error_every_time() {
    let store = Store::memory();
    put(&store, b"n", "x").await;
    for _ in 0..2 {
        assert!(store.cached(b"n", number).await.is_err());
    }
    put(&store, b"n", "3").await;
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 3);
}

/// Reads that run while commits land never see anything older than what had been acknowledged when
/// they began.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_sees_less_than_what_was_acknowledged() {
    let store = Store::memory();
    put(&store, b"n", "0").await;
    let (acknowledged, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, acknowledged, done) = (store.clone(), Arc::clone(&acknowledged), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let floor = acknowledged.load(Ordering::SeqCst);
                    let seen = *store.cached(b"n", number).await.unwrap().unwrap().0;
                    assert!(seen >= floor, "saw {seen} after {floor} was acknowledged");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for value in 1..=4_000 {
        put(&store, b"n", &value.to_string()).await;
        acknowledged.store(value, Ordering::SeqCst);
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

/// Stops inside `get` after reading, so that a commit can land in between.
struct Paused {
    inner: Memory,
    armed: AtomicBool,
    reached: tokio::sync::Notify,
    go: tokio::sync::Notify,
}

#[async_trait::async_trait]
impl Backend for Arc<Paused> {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        let found = self.inner.get(keys).await;
        if self.armed.swap(false, Ordering::SeqCst) {
            self.reached.notify_one();
            self.go.notified().await;
        }
        found
    }

    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.inner.scan(range, limit).await
    }

    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        self.inner.commit(reads, writes).await
    }
}

#[tokio::test]
async fn a_slow_reader_does_not_bring_the_old_value_back() {
    let paused = Arc::new(Paused {
        inner: Memory::default(),
        armed: AtomicBool::new(false),
        reached: tokio::sync::Notify::new(),
        go: tokio::sync::Notify::new(),
    });
    let store = Store::on(Arc::clone(&paused));
    put(&store, b"n", "1").await;
    paused.armed.store(true, Ordering::SeqCst);
    let slow = tokio::spawn({
        let store = store.clone();
        async move { *store.cached(b"n", number).await.unwrap().unwrap().0 }
    });
    paused.reached.notified().await;
    put(&store, b"n", "2").await;
    paused.go.notify_one();
    assert_eq!(slow.await.unwrap(), 1, "the slow reader did read before the commit");
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 2);
}

#[tokio::test]
async fn a_transaction_depends_on_what_it_took_from_the_cache() {
    let store = Store::memory();
    put(&store, b"n", "1").await;
    for disturb in [false, true] {
        let mut txn = store.begin();
        let seen = *txn.cached(b"n", number).await.unwrap().unwrap().0;
        assert!(txn.cached(b"absent", number).await.unwrap().is_none());
        if disturb {
            put(&store, b"absent", "1").await;
        }
        txn.put(b"n".to_vec(), (seen + 1).to_string());
        assert_eq!(*txn.cached(b"n", number).await.unwrap().unwrap().0, seen + 1, "own write");
        assert_eq!(txn.commit().await.is_err(), disturb);
    }
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 2);
}

#[derive(Debug)]
enum Problem {
    Store,
    Refused,
}

impl From<StoreError> for Problem {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

async fn increment(store: &Store, key: &[u8], by: u64) -> Result<u64, Problem> {
    store
        .transact(|mut txn| async move {
            let seen = txn.cached(key, number).await?.map_or(0, |(seen, _)| *seen);
            txn.put(key.to_vec(), (seen + by).to_string());
            if seen > 1_000_000 { Err(Problem::Refused) } else { Ok((txn, seen + by)) }
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_run_again_counts_every_increment() {
    let store = Store::memory();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    increment(&store, b"n", 1).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 800);
}

#[tokio::test]
async fn leaving_a_transaction_writes_nothing() {
    let store = Store::memory();
    put(&store, b"n", "2000000").await;
    assert!(matches!(increment(&store, b"n", 1).await, Err(Problem::Refused)));
    assert_eq!(*store.cached(b"n", number).await.unwrap().unwrap().0, 2_000_000);
}

#[tokio::test]
async fn a_transaction_gives_up_when_others_are_always_faster() {
    let store = Store::memory();
    let (store, runs) = (&store, &Cell::new(0));
    let outcome = store.transact(|mut txn| async move {
        txn.get(&b"n".to_vec()).await?;
        put(store, b"n", "1").await;
        runs.set(runs.get() + 1);
        txn.put(b"n".to_vec(), "2");
        Ok::<_, StoreError>((txn, ()))
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(StoreError::Conflict)));
    assert_eq!(runs.get(), 101);
}
