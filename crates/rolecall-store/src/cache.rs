//! Decoded records in memory: shared, bounded, and never older than the last commit.

use crate::backend::{Key, Version};
use foldhash::fast::RandomState;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Decoded values by key and type.
///
/// A change bumps its shard's epoch and drops the entry; a value read before the change carries the
/// epoch of before and is not taken in after it.
#[derive(Debug)]
pub(crate) struct Cache {
    shards: Vec<RwLock<Shard>>,
}

/// What the cache says of a key.
pub(crate) enum Lookup<T> {
    /// The value and version, or that the key is absent.
    Known(Option<(Arc<T>, Version)>),
    /// Nothing; [`Cache::remember`] takes what is read next if this epoch still stands.
    Unknown(Epoch),
}

/// How many changes a shard had seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

#[derive(Debug, Default)]
struct Shard {
    epoch: u64,
    bytes: usize,
    entries: HashMap<Box<[u8]>, Entry, RandomState>,
}

#[derive(Debug)]
struct Entry {
    used: AtomicBool,
    bytes: usize,
    version: Option<Version>,
    values: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    /// Looks a key's value up as one type.
    pub(crate) fn lookup<T: Send + Sync + 'static>(&self, key: &[u8]) -> Lookup<T> {
        let Some(shard) = self.read(key) else { return Lookup::Unknown(Epoch(0)) };
        match shard.entries.get(key).and_then(Entry::known) {
            Some(known) => Lookup::Known(known),
            None => Lookup::Unknown(Epoch(shard.epoch)),
        }
    }

    /// Keeps what was read of a key and how many bytes it was decoded from, unless anything in its
    /// shard has changed since `epoch`.
    pub(crate) fn remember<T: Send + Sync + 'static>(
        &self,
        key: &[u8],
        epoch: Epoch,
        found: Option<&(Arc<T>, Version)>,
        bytes: usize,
    ) {
        let Some(mut shard) = self.write(key) else { return };
        if Epoch(shard.epoch) == epoch && bytes <= SHARD_BYTES {
            shard.keep(key, found, bytes + key.len() + ENTRY_BYTES);
        }
    }

    /// Forgets keys that have changed, or may have.
    pub(crate) fn forget(&self, keys: &[Key]) {
        for key in keys {
            if let Some(mut shard) = self.write(key) {
                shard.epoch += 1;
                shard.remove(key);
            }
        }
    }

    fn read(&self, key: &[u8]) -> Option<RwLockReadGuard<'_, Shard>> {
        Some(self.shards.get(shard_of(key))?.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, key: &[u8]) -> Option<RwLockWriteGuard<'_, Shard>> {
        Some(self.shards.get(shard_of(key))?.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn keep<T: Send + Sync + 'static>(
        &mut self,
        key: &[u8],
        found: Option<&(Arc<T>, Version)>,
        bytes: usize,
    ) {
        if self.entries.len() >= SHARD_ENTRIES || self.bytes + bytes > SHARD_BYTES {
            self.make_room();
        }
        let version = found.map(|(_, version)| *version);
        if self.entries.get(key).is_some_and(|entry| entry.version != version) {
            self.remove(key);
        }
        let entry = self.entries.entry(key.into()).or_insert_with(|| Entry::new(version));
        entry.bytes += bytes;
        self.bytes += bytes;
        if let Some((value, _)) = found {
            entry.values.retain(|other| !other.is::<T>());
            entry.values.push(Arc::clone(value) as Arc<dyn Any + Send + Sync>);
        }
    }

    fn remove(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }

    /// Second chance: drops what was not used since the last time, and everything if all was.
    fn make_room(&mut self) {
        self.entries.retain(|_, entry| std::mem::take(entry.used.get_mut()));
        if self.entries.len() > SHARD_ENTRIES / 2 {
            let mut turn = [true, false].into_iter().cycle();
            self.entries.retain(|_, _| turn.next().unwrap_or_default());
        }
        self.bytes = self.entries.values().map(|entry| entry.bytes).sum();
        if self.bytes > SHARD_BYTES / 2 {
            self.entries.clear();
            self.bytes = 0;
        }
    }
}

impl Entry {
    fn new(version: Option<Version>) -> Self {
        Self { used: AtomicBool::new(false), bytes: 0, version, values: Vec::new() }
    }

    fn known<T: Send + Sync + 'static>(&self) -> Option<Option<(Arc<T>, Version)>> {
        let Some(version) = self.version else { return Some(None) };
        let value = self.values.iter().find(|value| value.is::<T>())?;
        // Written once per sweep, not per hit: the line stays shared between processors.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        Some(Some((Arc::clone(value).downcast().ok()?, version)))
    }
}

/// Spreads keys by their last bytes, where neighbours differ.
fn shard_of(key: &[u8]) -> usize {
    let tail = key.iter().rev().take(8);
    let mixed = tail.fold(0_u32, |mixed, byte| (mixed ^ u32::from(*byte)).wrapping_mul(0x9E37_79B1));
    (mixed >> 26) as usize
}

/// Shards: 2^6, as many as `shard_of` tells apart.
const SHARDS: usize = 64;

/// Entries a shard holds: 100,000 in all.
const SHARD_ENTRIES: usize = 1_563;

/// Bytes a shard holds, as stored: 128 MiB in all.
const SHARD_BYTES: usize = 2 << 20;

/// What an entry costs besides its key and value.
const ENTRY_BYTES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(cache: &Cache, key: &[u8]) -> Epoch {
        match cache.lookup::<()>(key) {
            Lookup::Unknown(epoch) => epoch,
            Lookup::Known(_) => panic!("{key:?} is known"),
        }
    }

    fn known<T: Send + Sync + Copy + 'static>(cache: &Cache, key: &[u8]) -> Option<Option<(T, Version)>> {
        match cache.lookup::<T>(key) {
            Lookup::Known(found) => Some(found.map(|(value, version)| (*value, version))),
            Lookup::Unknown(_) => None,
        }
    }

    #[test]
    fn values_are_kept_by_key_and_type() {
        let cache = Cache::new();
        let before = epoch(&cache, b"a");
        cache.remember(b"a", before, Some(&(Arc::new(7_u32), 1)), 4);
        cache.remember(b"a", before, Some(&(Arc::new('x'), 1)), 4);
        assert_eq!(known::<u32>(&cache, b"a"), Some(Some((7, 1))));
        assert_eq!(known::<char>(&cache, b"a"), Some(Some(('x', 1))));
        assert_eq!(known::<u8>(&cache, b"a"), None);
        assert_eq!(known::<u32>(&cache, b"b"), None);
    }

    #[test]
    fn absence_is_kept_for_every_type() {
        let cache = Cache::new();
        cache.remember::<u32>(b"a", epoch(&cache, b"a"), None, 0);
        assert_eq!(known::<u32>(&cache, b"a"), Some(None));
        assert_eq!(known::<char>(&cache, b"a"), Some(None));
        cache.forget(&[b"a".to_vec()]);
        assert_eq!(known::<u32>(&cache, b"a"), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_taken_in_after_it() {
        let cache = Cache::new();
        let before = epoch(&cache, b"a");
        cache.forget(&[b"a".to_vec()]);
        cache.remember(b"a", before, Some(&(Arc::new(7_u32), 1)), 4);
        assert_eq!(known::<u32>(&cache, b"a"), None);
        cache.remember(b"a", epoch(&cache, b"a"), Some(&(Arc::new(8_u32), 2)), 4);
        assert_eq!(known::<u32>(&cache, b"a"), Some(Some((8, 2))));
    }

    #[test]
    fn a_newer_version_replaces_all_types() {
        let cache = Cache::new();
        let before = epoch(&cache, b"a");
        cache.remember(b"a", before, Some(&(Arc::new('x'), 1)), 4);
        cache.remember(b"a", before, Some(&(Arc::new(8_u32), 2)), 4);
        assert_eq!(known::<u32>(&cache, b"a"), Some(Some((8, 2))));
        assert_eq!(known::<char>(&cache, b"a"), None);
    }

    #[test]
    fn entries_and_bytes_stay_bounded_and_the_used_survive() {
        let cache = Cache::new();
        for at in 0..(3 * SHARDS * SHARD_ENTRIES) {
            let key = at.to_be_bytes();
            cache.remember(&key, epoch(&cache, &key), Some(&(Arc::new(at), 1)), 100);
            let _ = known::<usize>(&cache, &0_usize.to_be_bytes());
        }
        for shard in &cache.shards {
            let shard = shard.read().unwrap();
            assert!(shard.entries.len() <= SHARD_ENTRIES && shard.bytes <= SHARD_BYTES);
            assert!(!shard.entries.is_empty(), "keys spread over all shards");
            assert_eq!(shard.bytes, shard.entries.values().map(|entry| entry.bytes).sum::<usize>());
        }
        assert_eq!(known::<usize>(&cache, &0_usize.to_be_bytes()), Some(Some((0, 1))));
    }

    #[test]
    fn large_values_make_room_by_bytes() {
        let cache = Cache::new();
        for at in 0..1000_usize {
            let key = at.to_be_bytes();
            cache.remember(&key, epoch(&cache, &key), Some(&(Arc::new(at), 1)), SHARD_BYTES / 3);
        }
        let total: usize = cache.shards.iter().map(|shard| shard.read().unwrap().bytes).sum();
        assert!(0 < total && total <= SHARDS * SHARD_BYTES);
        let before = epoch(&cache, b"huge");
        cache.remember(b"huge", before, Some(&(Arc::new(1_u8), 1)), SHARD_BYTES + 1);
        assert_eq!(known::<u8>(&cache, b"huge"), None);
    }
}
