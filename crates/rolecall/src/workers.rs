//! The threads that serve connections, one for each processor.
//!
//! A connection stays with the thread it was given to: answering a request wakes no other thread, which would
//! cost about as much as deciding it. All threads share one gate.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The threads. They end, with all that still runs on them, when this is dropped.
pub(crate) struct Workers {
    workers: Vec<Worker>,
    /// Dropping it tells them to end.
    _running: watch::Sender<()>,
}

struct Worker {
    runtime: Handle,
    /// Those that have ended are among them until the next one comes.
    connections: Mutex<JoinSet<()>>,
    /// Held once by every connection that the worker has.
    load: Arc<()>,
}

impl Workers {
    /// Starts one thread for each processor.
    ///
    /// # Errors
    /// When the system refuses threads or file descriptors.
    pub(crate) fn start() -> io::Result<Self> {
        let (running, ended) = watch::channel(());
        let most = thread::available_parallelism().map_or(1, usize::from);
        let workers = (0..most).map(|_| Worker::start(ended.clone())).collect::<io::Result<_>>()?;
        Ok(Self { workers, _running: running })
    }

    /// Runs a connection on the worker that has the fewest.
    pub(crate) fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let Some(worker) = self.workers.iter().min_by_key(|worker| Arc::strong_count(&worker.load)) else {
            return;
        };
        let place = Arc::clone(&worker.load);
        let connection = async move {
            connection.await;
            drop(place);
        };
        let mut connections = worker.connections.lock().unwrap_or_else(PoisonError::into_inner);
        while connections.try_join_next().is_some() {}
        connections.spawn_on(connection, &worker.runtime);
    }

    /// Ends all connections, and returns when there are none.
    pub(crate) async fn cut_off(&self) {
        for worker in &self.workers {
            let mut connections =
                std::mem::take(&mut *worker.connections.lock().unwrap_or_else(PoisonError::into_inner));
            connections.shutdown().await;
        }
    }
}

impl Worker {
    fn start(mut ended: watch::Receiver<()>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let work = move || {
            // An error says that the other side is gone, which is what is waited for.
            let _ = runtime.block_on(ended.changed());
        };
        thread::Builder::new().name("rolecall-worker".to_owned()).spawn(work)?;
        Ok(Self { runtime: handle, connections: Mutex::default(), load: Arc::new(()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn connections_are_spread_evenly_and_each_stays_on_its_thread() {
        let workers = Workers::start().unwrap();
        let most = workers.workers.len();
        let (tell, mut told) = mpsc::unbounded_channel();
        let (_hold, held) = watch::channel(());
        for _ in 0..4 * most {
            let (tell, mut held) = (tell.clone(), held.clone());
            workers.spawn(async move {
                let here = thread::current().id();
                tokio::task::yield_now().await;
                assert_eq!(here, thread::current().id());
                tell.send(here).unwrap();
                let _ = held.changed().await;
            });
        }
        let mut seen = HashMap::new();
        for _ in 0..4 * most {
            *seen.entry(told.recv().await.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), most);
        assert!(seen.values().all(|connections| *connections == 4), "{seen:?}");
    }

    #[tokio::test]
    async fn nothing_outlives_the_workers() {
        let workers = Workers::start().unwrap();
        let (tell, mut told) = mpsc::channel::<()>(1);
        workers.spawn(async move {
            let _tell = tell;
            std::future::pending::<()>().await;
        });
        drop(workers);
        assert!(told.recv().await.is_none(), "the task was dropped");
    }
}
