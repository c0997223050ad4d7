//! What waits to be written, by thread, and those who wait for it.

use super::log::AuditError;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What requests and the writer share.
pub(super) struct Shared {
    /// By thread, so that nobody waits for another thread's turn.
    queues: [Mutex<Queue>; QUEUES],
    /// Bytes that the disk is sure to take.
    room: AtomicU64,
    /// Those of them that are kept for records to come, or that wait.
    kept: AtomicU64,
    /// When the log was written or tried with success, and when the writer began what it is at; in milliseconds
    /// since `start`, and 0 for never.
    proved: AtomicU64,
    begun: AtomicU64,
    start: Instant,
}

/// What waits to be written by one thread.
#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    day: i64,
    kept: u64,
    wanted: u64,
    batch: Arc<Batch>,
    is_waiting: bool,
}

/// What was taken from a queue, to be written at once.
pub(super) struct Taken {
    queue: usize,
    /// Whole lines.
    pub(super) lines: Vec<u8>,
    /// Their day.
    pub(super) day: i64,
    /// The room that was kept for them.
    pub(super) kept: u64,
    /// The room that is wanted besides.
    pub(super) wanted: u64,
    batch: Arc<Batch>,
}

/// Records that are written together, and who waits for them: one of them, who leads, has a timer, is woken by the
/// writer and wakes the others, on the thread they share.
#[derive(Default)]
pub(super) struct Batch(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    outcome: Option<Result<(), AuditError>>,
    is_led: bool,
    leader: Option<Waker>,
    others: Vec<Waker>,
    /// How often a leader has run out of patience.
    given_up: u32,
}

/// Room in the log that is kept for a record; free again when it is dropped unused.
pub(crate) struct Room<'a> {
    shared: &'a Shared,
    bytes: u64,
}

/// Somebody who waits for a batch.
struct Waiter<'a> {
    batch: &'a Batch,
    leads: bool,
}

impl Shared {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        let (room, kept, proved, begun) = (zero(), zero(), zero(), zero());
        Self { queues: Default::default(), room, kept, proved, begun, start: Instant::now() }
    }

    /// Queues a record, and the room that is wanted; tells whether it is the first one that waits.
    pub(super) fn enqueue(
        &self,
        queue: usize,
        line: &[u8],
        day: i64,
        kept: u64,
        wanted: u64,
    ) -> (Arc<Batch>, bool) {
        let mut queue = self.queue(queue);
        queue.day = day;
        queue.kept += kept;
        queue.wanted += wanted;
        queue.lines.extend_from_slice(line);
        if !line.is_empty() {
            queue.lines.push(b'\n');
        }
        let is_first = !std::mem::replace(&mut queue.is_waiting, true);
        (Arc::clone(&queue.batch), is_first)
    }

    /// Everything that waits.
    pub(super) fn take(&self) -> Vec<Taken> {
        (0..QUEUES).filter_map(|at| self.queue(at).take(at)).collect()
    }

    /// Tells those who wait how it went, and gives the room they had back.
    pub(super) fn settle(&self, taken: Vec<Taken>, outcome: &Result<(), AuditError>, kept: u64) {
        self.kept.fetch_sub(kept, Ordering::AcqRel);
        for Taken { queue, lines, batch, .. } in taken {
            self.queue(queue).take_back(lines);
            batch.settle(outcome.clone());
        }
    }

    /// Notes that the writer begins.
    pub(super) fn begin(&self) {
        self.begun.store(self.now(), Ordering::Release);
    }

    /// Notes that the writer is done, how much room there is, and whether the log works.
    pub(super) fn end(&self, room: u64, works: bool) {
        self.room.store(room, Ordering::Release);
        self.proved.store(if works { self.now() } else { 0 }, Ordering::Release);
        self.begun.store(0, Ordering::Release);
    }

    /// The room that is kept.
    pub(super) fn kept(&self) -> u64 {
        self.kept.load(Ordering::Acquire)
    }

    /// True when the last attempt failed, or there was none.
    pub(super) fn is_failing(&self) -> bool {
        self.proved.load(Ordering::Acquire) == 0
    }

    /// True when the log worked so lately.
    pub(super) fn is_proved(&self, lately: Duration) -> bool {
        let proved = self.proved.load(Ordering::Acquire);
        proved > 0 && self.now().saturating_sub(proved) < millis(lately)
    }

    /// True when the writer has been at the same thing for longer than that.
    pub(super) fn is_stuck(&self, patience: Duration) -> bool {
        let begun = self.begun.load(Ordering::Acquire);
        begun > 0 && self.now().saturating_sub(begun) > millis(patience)
    }

    fn keep(&self, bytes: u64) -> bool {
        let before = self.kept.fetch_add(bytes, Ordering::AcqRel);
        let fits = before.saturating_add(bytes) <= self.room.load(Ordering::Acquire);
        if !fits {
            self.kept.fetch_sub(bytes, Ordering::AcqRel);
        }
        fits
    }

    fn now(&self) -> u64 {
        millis(self.start.elapsed()).max(1)
    }

    fn queue(&self, at: usize) -> MutexGuard<'_, Queue> {
        let [first, ..] = &self.queues;
        self.queues.get(at).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn take(&mut self, queue: usize) -> Option<Taken> {
        let batch =
            std::mem::replace(&mut self.is_waiting, false).then(|| std::mem::take(&mut self.batch))?;
        let (lines, day) = (std::mem::take(&mut self.lines), self.day);
        let (kept, wanted) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.wanted));
        Some(Taken { queue, lines, day, kept, wanted, batch })
    }

    /// The place of what was written is used again, unless it is much or some other is in use.
    fn take_back(&mut self, mut lines: Vec<u8>) {
        if self.lines.capacity() == 0 && lines.capacity() <= REUSED {
            lines.clear();
            self.lines = lines;
        }
    }
}

impl Batch {
    /// Waits until the batch is written.
    pub(super) async fn settled(&self, patience: Duration) -> Result<(), AuditError> {
        let given_up = self.waiting().given_up;
        let mut waiter = Waiter { batch: self, leads: false };
        if let Some(outcome) = std::future::poll_fn(|cx| waiter.follow(cx, given_up)).await {
            return outcome;
        }
        match tokio::time::timeout(patience, std::future::poll_fn(|cx| waiter.lead(cx))).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.waiting().given_up += 1;
                Err(AuditError::TimedOut)
            }
        }
    }

    fn settle(&self, outcome: Result<(), AuditError>) {
        let mut waiting = self.waiting();
        waiting.outcome = Some(outcome);
        let leader = waiting.leader.take();
        let others = if leader.is_none() { std::mem::take(&mut waiting.others) } else { Vec::new() };
        drop(waiting);
        leader.into_iter().chain(others).for_each(Waker::wake);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter<'_> {
    /// The outcome, or `None` when nobody leads and this one does now.
    fn follow(&mut self, cx: &Context<'_>, given_up: u32) -> Poll<Option<Result<(), AuditError>>> {
        let mut waiting = self.batch.waiting();
        if let Some(outcome) = &waiting.outcome {
            return Poll::Ready(Some(outcome.clone()));
        }
        if waiting.given_up != given_up {
            return Poll::Ready(Some(Err(AuditError::TimedOut)));
        }
        if waiting.is_led {
            waiting.others.push(cx.waker().clone());
            return Poll::Pending;
        }
        waiting.is_led = true;
        self.leads = true;
        Poll::Ready(None)
    }

    fn lead(&self, cx: &Context<'_>) -> Poll<Result<(), AuditError>> {
        let mut waiting = self.batch.waiting();
        if let Some(outcome) = &waiting.outcome {
            return Poll::Ready(outcome.clone());
        }
        waiting.leader = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Waiter<'_> {
    /// Whoever led wakes the others: to hear the outcome, or for one of them to lead.
    fn drop(&mut self) {
        if !self.leads {
            return;
        }
        let mut waiting = self.batch.waiting();
        (waiting.is_led, waiting.leader) = (false, None);
        let others = std::mem::take(&mut waiting.others);
        drop(waiting);
        others.into_iter().for_each(Waker::wake);
    }
}

impl<'a> Room<'a> {
    pub(super) fn none(shared: &'a Shared) -> Self {
        Self { shared, bytes: 0 }
    }

    pub(super) fn is_none(&self) -> bool {
        self.bytes == 0
    }

    /// Keeps so many bytes in all; tells whether there is room for them.
    pub(super) fn grow_to(&mut self, bytes: u64) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let fits = more == 0 || self.shared.keep(more);
        self.bytes += if fits { more } else { 0 };
        fits
    }

    /// The room goes with a record to the writer, who gives it back.
    pub(super) fn keep(mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.shared.kept.fetch_sub(self.bytes, Ordering::AcqRel);
        }
    }
}

/// Threads are numbered as they come; many may share a queue.
pub(super) fn queue_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static QUEUE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % QUEUES);
    QUEUE.with(|queue| *queue)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

const QUEUES: usize = 16;
/// What a queue keeps for the next records, in bytes.
const REUSED: usize = 256 << 10;
