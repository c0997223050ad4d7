//! What is kept for a while under an id: bounded in number, in room and in time.

use super::Keeping;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The things kept.
pub(super) struct Kept<T> {
    by_id: HashMap<String, Arc<T>>,
    /// Oldest first: the id, the time, and the room it takes.
    order: VecDeque<(String, i64, usize)>,
    room: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), order: VecDeque::new(), room: 0 }
    }
}

impl<T> Kept<T> {
    /// Keeps one that takes `room` bytes, and drops the oldest while they are too many, too large or too old.
    pub(super) fn keep(
        &mut self,
        keeping: &Keeping,
        most_room: usize,
        id: String,
        at: i64,
        room: usize,
        one: T,
    ) {
        if self.by_id.insert(id.clone(), Arc::new(one)).is_none() {
            self.order.push_back((id, at, room));
            self.room += room;
        }
        while self.order.len() > keeping.most
            || self.room > most_room
            || self.is_oldest_before(at - keeping.seconds)
        {
            self.drop_oldest();
        }
    }

    /// The one of an id.
    pub(super) fn find(&self, id: &str) -> Option<Arc<T>> {
        self.by_id.get(id).cloned()
    }

    /// All of them, the newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Arc<T>> {
        self.order.iter().rev().filter_map(|(id, ..)| self.by_id.get(id))
    }

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
