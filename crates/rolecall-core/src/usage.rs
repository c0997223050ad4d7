//! When access keys and roles were last used, remembered to a quarter of an hour.
//!
//! Noting a use is a look into memory; the store is written at most once a quarter for each key, by a
//! task of its own, so that no request waits for it.

use crate::background::{Background, Task};
use crate::records::{LastUse, Record};
use foldhash::fast::RandomState;
use rolecall_store::{Key, Store};
use std::collections::HashMap;
use std::sync::Mutex;

/// Uses noted since the start, by store key.
#[derive(Default)]
pub struct Usage {
    noted: Mutex<HashMap<Key, i64, RandomState>>,
}

impl Usage {
    /// Notes a use; writes it in the background when the last one written is a quarter old.
    pub fn note(
        &self,
        store: &Store,
        background: &Background,
        key: Key,
        now: i64,
        region: &str,
        service: &str,
    ) {
        if !self.is_due(&key, now) {
            return;
        }
        let last = LastUse { at: now, region: region.to_owned(), service: service.to_owned() };
        let store = store.clone();
        background.start(Task::LastUse, async move {
            let Ok(bytes) = last.encode() else { return };
            let mut txn = store.begin();
            txn.put(key, bytes);
            if let Err(error) = txn.commit().await {
                tracing::warn!(%error, "a last use was not written");
            }
        });
    }

    fn is_due(&self, key: &Key, now: i64) -> bool {
        let Ok(mut noted) = self.noted.lock() else { return false };
        if noted.get(key).is_some_and(|at| now - at < QUARTER) {
            return false;
        }
        if noted.len() >= REMEMBERED {
            noted.clear();
        }
        noted.insert(key.clone(), now);
        true
    }
}

const QUARTER: i64 = 15 * 60;
const REMEMBERED: usize = 100_000;
