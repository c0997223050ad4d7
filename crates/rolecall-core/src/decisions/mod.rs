//! Decisions and refusals of late, kept in memory so that they can be explained: every denial, every other
//! refusal with its cause, and every decision where the operator asks for it.
//!
//! Both go by their authorization id, which is the request's id in lower case and without dashes, so that either
//! finds them. A recorded decision shares the policies of its time with their records.

pub(crate) mod checks;
mod edits;
mod evidence;
mod explanation;
mod kept;
pub(crate) mod message;
mod recorded;
mod refusal;

pub(crate) use evidence::Evidence;
pub(crate) use recorded::{Asked, Recorded};
pub(crate) use refusal::{Refusal, Stage, Wanted};

use kept::Kept;
use refusal::Refusals;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// The decisions and refusals kept.
#[derive(Default)]
pub struct Decisions {
    kept: Mutex<Kept<Recorded>>,
    refusals: Mutex<Refusals>,
}

impl Decisions {
    /// Keeps a decision, and drops what is too old or too much.
    pub(crate) fn keep(&self, keeping: &Keeping, recorded: Recorded) {
        if keeping.most == 0 {
            return;
        }
        let recorded = recorded.with_distinct_names();
        let (id, at, room) = (authorization_id(&recorded.request_id), recorded.at, recorded.room());
        held(&self.kept).keep(keeping, ROOM, id, at, room, recorded);
    }

    /// The decision of an authorization id or a request id.
    pub(crate) fn find(&self, keeping: &Keeping, id: &str, now: i64) -> Option<Arc<Recorded>> {
        let found = held(&self.kept).find(&authorization_id(id));
        found.filter(|recorded| now - recorded.at <= keeping.seconds)
    }

    /// Keeps a refusal, and drops what is too old or too much.
    pub(crate) fn refuse(&self, keeping: &Keeping, refusal: Refusal) {
        if keeping.most > 0 {
            held(&self.refusals).keep(keeping, refusal);
        }
    }

    /// The refusal of an authorization id or a request id.
    pub(crate) fn refusal(&self, keeping: &Keeping, id: &str, now: i64) -> Option<Arc<Refusal>> {
        let found = held(&self.refusals).find(&authorization_id(id));
        found.filter(|refusal| now - refusal.at <= keeping.seconds)
    }

    /// The refusals that are wanted, oldest first, and the number of the last one there was.
    pub(crate) fn refusals(
        &self,
        keeping: &Keeping,
        wanted: &Wanted<'_>,
        now: i64,
    ) -> (Vec<Arc<Refusal>>, u64) {
        held(&self.refusals).list(wanted, now - keeping.seconds)
    }
}

fn held<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The authorization id of a request: its id in lower case and without dashes.
pub fn authorization_id(request_id: &str) -> String {
    request_id.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

/// The room for all decisions together, in bytes of the texts they hold.
const ROOM: usize = 64 << 20;

#[cfg(test)]
mod tests;
