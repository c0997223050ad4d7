//! Decisions made lately, kept in memory so that they can be explained: every denial, and every decision
//! where the operator asks for it.
//!
//! A recorded decision goes by its authorization id, which is the request's id in lower case and without
//! dashes, so that either finds it. It shares the policies of its time with their records.

pub(crate) mod checks;
mod edits;
mod evidence;
mod explanation;
pub(crate) mod message;
mod recorded;

pub(crate) use evidence::Evidence;
pub(crate) use recorded::{Asked, Recorded};

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How decisions are kept.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// The most decisions kept; 0 keeps none. The oldest go first.
    pub most: usize,
    /// How long one is kept, in seconds.
    pub seconds: i64,
    /// Whether decisions that allow are kept, too.
    pub allowed: bool,
    /// Whether denial messages name their authorization id.
    pub in_messages: bool,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { most: 10_000, seconds: 86_400, allowed: false, in_messages: true }
    }
}

/// The decisions kept.
#[derive(Default)]
pub struct Decisions {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_id: HashMap<String, Arc<Recorded>>,
    /// Oldest first: the id, and the room it takes.
    order: VecDeque<(String, i64, usize)>,
    room: usize,
}

impl Decisions {
    /// Keeps a decision, and drops what is too old or too much.
    pub(crate) fn keep(&self, keeping: &Keeping, recorded: Recorded) {
        if keeping.most == 0 {
            return;
        }
        let recorded = recorded.with_distinct_names();
        let (id, at, room) = (authorization_id(&recorded.request_id), recorded.at, recorded.room());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_id.insert(id.clone(), Arc::new(recorded)).is_none() {
            kept.order.push_back((id, at, room));
            kept.room += room;
        }
        while kept.order.len() > keeping.most
            || kept.room > ROOM
            || kept.is_oldest_before(at - keeping.seconds)
        {
            kept.drop_oldest();
        }
    }

    /// The decision of an authorization id or a request id.
    pub(crate) fn find(&self, keeping: &Keeping, id: &str, now: i64) -> Option<Arc<Recorded>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.by_id.get(&authorization_id(id)).cloned();
        found.filter(|recorded| now - recorded.at <= keeping.seconds)
    }
}

impl Kept {
    fn is_oldest_before(&self, time: i64) -> bool {
        self.order.front().is_some_and(|(_, at, _)| *at < time)
    }

    fn drop_oldest(&mut self) {
        if let Some((id, _, room)) = self.order.pop_front() {
            self.by_id.remove(&id);
            self.room -= room;
        }
    }
}

/// The authorization id of a request: its id in lower case and without dashes.
pub fn authorization_id(request_id: &str) -> String {
    request_id.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

/// The room for all decisions together, in bytes of the texts they hold.
const ROOM: usize = 64 << 20;

#[cfg(test)]
mod tests;
