//! A table of sessions by access key id, small and of bounded size.

use super::Id;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use rolecall_wire::Row;
use std::hash::BuildHasher;

/// A session in 72 bytes and its own name.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: Id,
    /// Zeros when it was not made with a session.
    pub(super) parent: Id,
    /// What of its ARN is its own: the session's name, or the federated user's.
    pub(super) name: Box<str>,
    pub(super) row: Option<&'static Row>,
    pub(super) principal: u32,
    pub(super) origin: u32,
    pub(super) source_identity: u32,
    pub(super) issued: u32,
    /// How long it lasts, in seconds, and in the last ten bits the milliseconds of when it was issued.
    pub(super) span: u32,
    pub(super) used: u32,
    pub(super) address: u32,
}

/// When a session was issued, in milliseconds since 1970, and when it ends, in seconds.
pub(super) struct Times {
    pub(super) issued_ms: i64,
    pub(super) expires: i64,
}

impl Entry {
    /// An entry of this id and these times, with nothing else.
    pub(super) fn new(id: Id, times: &Times) -> Self {
        let issued = super::seconds(times.issued_ms.div_euclid(1000));
        let ms = u32::try_from(times.issued_ms.rem_euclid(1000)).unwrap_or(0);
        let lifetime = super::seconds(times.expires).saturating_sub(issued).min(LONGEST);
        Self {
            id,
            parent: Id::default(),
            name: Box::default(),
            row: None,
            principal: 0,
            origin: 0,
            source_identity: 0,
            issued,
            span: lifetime << 10 | ms,
            used: 0,
            address: 0,
        }
    }

    /// When it ends, in seconds since 1970.
    pub(super) fn expires(&self) -> u32 {
        self.issued.saturating_add(self.span >> 10)
    }

    /// When it was issued, in milliseconds since 1970.
    pub(super) fn issued_ms(&self) -> i64 {
        i64::from(self.issued) * 1000 + i64::from(self.span & 0x3ff)
    }

    /// Notes an action.
    pub(super) fn act(&mut self, at: u32, row: &'static Row, address: u32) {
        (self.used, self.row, self.address) = (at, Some(row), address);
    }
}

/// The table. A hand goes round it: every insertion looks at the next few entries and drops those that
/// are over; when the table is full, the one under the hand makes room.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
    index: HashTable<u32>,
    hash: RandomState,
    hand: usize,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many are wanted.
    pub(super) fn count(&self, wanted: impl Fn(&Entry) -> bool) -> usize {
        self.entries.iter().filter(|entry| wanted(entry)).count()
    }

    /// The entry of an id.
    pub(super) fn find(&self, id: &Id) -> Option<Entry> {
        self.at(id).and_then(|at| self.entries.get(at)).cloned()
    }

    /// Shows the entry of an id to `edit`; tells whether there is one.
    pub(super) fn with(&mut self, id: &Id, edit: impl FnOnce(&mut Entry)) -> bool {
        let entry = self.at(id).and_then(|at| self.entries.get_mut(at));
        entry.map(edit).is_some()
    }

    /// Adds an entry, or replaces the one of its id.
    pub(super) fn insert(&mut self, entry: Entry, most: usize, now: u32) {
        if most == 0 {
            return;
        }
        if let Some(old) = self.at(&entry.id).and_then(|at| self.entries.get_mut(at)) {
            *old = entry;
            return;
        }
        self.sweep(now);
        while self.entries.len() >= most {
            self.remove(self.hand % self.entries.len().max(1));
        }
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(self.entries.len() / 32 + 16);
        }
        let (at, hash) = (self.entries.len(), self.hash.hash_one(entry.id));
        self.entries.push(entry);
        let (entries, hasher) = (&self.entries, &self.hash);
        let rehash = |at: &u32| place(entries, *at).map_or(0, |entry| hasher.hash_one(entry.id));
        self.index.insert_unique(hash, number(at), rehash);
    }

    /// All entries wanted.
    pub(super) fn all(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.entries.iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    /// The `most` entries of least id among those wanted.
    pub(super) fn first(&self, most: usize, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut found = std::collections::BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| wanted(entry)) {
            found.insert(entry.id, entry);
            if found.len() > most {
                found.pop_last();
            }
        }
        found.into_values().cloned().collect()
    }

    fn sweep(&mut self, now: u32) {
        for _ in 0..LOOKED_AT {
            self.hand = if self.hand >= self.entries.len() { 0 } else { self.hand };
            match self.entries.get(self.hand) {
                Some(entry) if entry.expires() <= now => self.remove(self.hand),
                _ => self.hand += 1,
            }
        }
    }

    /// The last entry takes the place of the removed one.
    fn remove(&mut self, at: usize) {
        let Some(entry) = self.entries.get(at) else { return };
        self.forget(entry.id, at);
        let last = self.entries.len() - 1;
        if let Some(moved) = self.entries.get(last).filter(|_| last != at).map(|entry| entry.id) {
            let hash = self.hash.hash_one(moved);
            if let Some(slot) = self.index.find_mut(hash, |slot| *slot == number(last)) {
                *slot = number(at);
            }
        }
        self.entries.swap_remove(at);
    }

    fn forget(&mut self, id: Id, at: usize) {
        let hash = self.hash.hash_one(id);
        if let Ok(slot) = self.index.find_entry(hash, |slot| *slot == number(at)) {
            slot.remove();
        }
    }

    fn at(&self, id: &Id) -> Option<usize> {
        let is_it = |at: &u32| place(&self.entries, *at).is_some_and(|entry| entry.id == *id);
        let at = self.index.find(self.hash.hash_one(id), is_it)?;
        usize::try_from(*at).ok()
    }
}

fn place(entries: &[Entry], at: u32) -> Option<&Entry> {
    entries.get(usize::try_from(at).ok()?)
}

/// A shard never holds as many as a `u32` can count.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The longest life that is told, in seconds: 48 days.
const LONGEST: u32 = (1 << 22) - 1;
/// How many entries every insertion looks at for some that are over.
const LOOKED_AT: usize = 4;
