//! Work that goes on beside requests: every task that nobody waits for is started, named, counted and stopped here.
//!
//! A task runs on the event loop of whoever starts it. The house stops its tasks after its last connection and
//! before its event loops, so what has an effect is finished, its audit record included.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks of a process; clones are the same ones.
#[derive(Debug, Clone, Default)]
pub struct Background {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    tracker: TaskTracker,
    stopping: CancellationToken,
    running: [AtomicUsize; Task::ALL.len()],
}

/// What goes on beside requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A request whose client has hung up.
    HungUp,
    /// A request on a connection that others share.
    Stream,
    /// Noting when a key or a role was used last.
    LastUse,
    /// Removing bytes that nothing refers to any more.
    UnusedBytes,
    /// Removing bytes that a crash left.
    Sweep,
    /// Noting the time.
    TimeMark,
    /// Removing audit files that are kept no longer.
    Retention,
    /// Following the files of certificates.
    Certificates,
    /// Hearing a client out whose connection is being closed.
    Farewell,
}

/// A task among those that run, until it is dropped.
struct Counted {
    shared: Arc<Shared>,
    task: Task,
}

impl Background {
    /// Starts work that is finished before the process stops.
    pub fn start(&self, task: Task, work: impl Future<Output: Send> + Send + 'static) {
        let counted = Counted::new(&self.shared, task);
        if Handle::try_current().is_err() {
            return tracing::error!(
                task = task.name(),
                "there is no event loop to do this on; it is not done"
            );
        }
        let task = async move {
            work.await;
            drop(counted);
        };
        // What it logs is of the request that started it.
        self.shared.tracker.spawn(task.in_current_span());
    }

    /// Starts work that is given up when the process stops.
    pub fn start_until_stopped(&self, task: Task, work: impl Future<Output: Send> + Send + 'static) {
        let stopping = self.shared.stopping.clone();
        self.start(task, async move {
            stopping.run_until_cancelled(work).await;
        });
    }

    /// Returns after a while, or at once when the process stops: for work that is done later, but is done.
    pub async fn pause(&self, while_: Duration) {
        self.shared.stopping.run_until_cancelled(tokio::time::sleep(while_)).await;
    }

    /// True once the process stops.
    pub fn is_stopping(&self) -> bool {
        self.shared.stopping.is_cancelled()
    }

    /// How many tasks run, by what they do.
    pub fn running(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let count =
            |task: &Task| self.shared.running.get(*task as usize).map_or(0, |n| n.load(Ordering::Relaxed));
        Task::ALL.iter().map(move |task| (task.name(), count(task)))
    }

    /// Ends what only goes on while the process runs, waits for at most `patience` until everything else is
    /// finished, and tells whether it is; what is not is named in the log.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.shared.stopping.cancel();
        self.shared.tracker.close();
        let finished = tokio::time::timeout(patience, self.shared.tracker.wait()).await.is_ok();
        for (task, count) in self.running().filter(|(_, count)| !finished && *count > 0) {
            tracing::warn!(task, count, "work was cut off");
        }
        finished
    }
}

impl Counted {
    fn new(shared: &Arc<Shared>, task: Task) -> Self {
        let counted = Self { shared: Arc::clone(shared), task };
        if let Some(running) = counted.count() {
            running.fetch_add(1, Ordering::Relaxed);
        }
        counted
    }

    fn count(&self) -> Option<&AtomicUsize> {
        self.shared.running.get(self.task as usize)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(running) = self.count() {
            running.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Task {
    /// All kinds, in their order.
    pub const ALL: [Self; 9] = [
        Self::HungUp,
        Self::Stream,
        Self::LastUse,
        Self::UnusedBytes,
        Self::Sweep,
        Self::TimeMark,
        Self::Retention,
        Self::Certificates,
        Self::Farewell,
    ];

    /// Its name, as logs and counters have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HungUp => "hung-up-request",
            Self::Stream => "stream",
            Self::LastUse => "last-use",
            Self::UnusedBytes => "unused-bytes",
            Self::Sweep => "sweep",
            Self::TimeMark => "time-mark",
            Self::Retention => "audit-retention",
            Self::Certificates => "certificates",
            Self::Farewell => "farewell",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::sync::oneshot;

    fn count(background: &Background, task: Task) -> usize {
        background.running().find(|(name, _)| *name == task.name()).unwrap().1
    }

    #[tokio::test]
    async fn stopping_finishes_what_has_an_effect_and_ends_what_goes_on_for_ever() {
        let background = Background::default();
        let (tell, told) = oneshot::channel();
        background.start(Task::HungUp, async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            tell.send(()).unwrap();
        });
        background.start_until_stopped(Task::TimeMark, pending::<()>());
        assert_eq!((count(&background, Task::HungUp), count(&background, Task::TimeMark)), (1, 1));
        assert!(!background.is_stopping());
        assert!(background.stop(Duration::from_secs(5)).await);
        told.await.unwrap();
        assert!(background.running().all(|(_, count)| count == 0) && background.is_stopping());
    }

    #[tokio::test]
    async fn what_is_to_be_done_later_is_done_at_once_when_the_process_stops() {
        let background = Background::default();
        let (tell, told) = oneshot::channel();
        let within = background.clone();
        background.start(Task::UnusedBytes, async move {
            within.pause(Duration::from_secs(3600)).await;
            tell.send(()).unwrap();
        });
        assert!(background.stop(Duration::from_secs(5)).await);
        told.await.unwrap();
    }

    #[tokio::test]
    async fn what_does_not_finish_in_time_is_told() {
        let background = Background::default();
        background.start(Task::LastUse, pending::<()>());
        assert!(!background.stop(Duration::from_millis(10)).await);
        assert_eq!(count(&background, Task::LastUse), 1);
    }

    #[test]
    fn every_kind_has_a_place_of_its_own_among_the_counts() {
        for (at, task) in Task::ALL.into_iter().enumerate() {
            assert_eq!(task as usize, at, "{}", task.name());
        }
        let last = Background::default();
        let counted = Counted::new(&last.shared, Task::Farewell);
        assert_eq!(count(&last, Task::Farewell), 1);
        drop(counted);
        assert_eq!(count(&last, Task::Farewell), 0);
    }

    #[tokio::test]
    async fn a_task_that_panics_is_counted_no_longer() {
        let background = Background::default();
        background.start(Task::LastUse, async { panic!("on purpose") });
        assert!(background.stop(Duration::from_secs(5)).await);
        assert_eq!(count(&background, Task::LastUse), 0);
    }
}
