//! The one thread that writes: takes all commits that wait, checks them in order, syncs once.

use super::file::DatabaseFile;
use super::{failed, table};
use crate::backend::{Read, StoreError, Version, Write};
use redb::{Database, Table, WriteTransaction};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// The queue in front of the writer thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Commit>>,
    thread: Option<JoinHandle<()>>,
}

struct Commit {
    reads: Vec<Read>,
    writes: Vec<Write>,
    answer: oneshot::Sender<Answer>,
}

type Answer = Result<Version, StoreError>;

type Records<'c> = Table<'c, &'static [u8], &'static [u8]>;

impl Writer {
    /// Starts the thread.
    pub(super) fn start(file: Arc<DatabaseFile>) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || run(&file, waiting)).map_err(failed)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands a commit to the thread and waits until it is durable.
    pub(super) async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Answer {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        let (answer, answered) = oneshot::channel();
        queue.send(Commit { reads, writes, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    /// Lets the thread finish what waits, so that the file is free again afterwards.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(file: &DatabaseFile, mut waiting: mpsc::Receiver<Commit>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let answers = file.write(|database| write(database, &batch));
        acknowledge(batch, answers);
    }
}

/// Applies a batch in one durable transaction; an error means that none of it may be acknowledged.
fn write(database: &Database, batch: &[Commit]) -> Result<Vec<Answer>, StoreError> {
    let change = database.begin_write().map_err(failed)?;
    let before = table::counter(&change, table::REVISION)?.unwrap_or_default();
    let mut newest = before;
    let answers = apply(&change, &mut newest, batch)?;
    if newest == before {
        change.abort().map_err(failed)?;
    } else {
        change.commit().map_err(failed)?;
    }
    Ok(answers)
}

fn apply(
    change: &WriteTransaction,
    revision: &mut Version,
    batch: &[Commit],
) -> Result<Vec<Answer>, StoreError> {
    let mut records = change.open_table(table::RECORDS).map_err(failed)?;
    let answers = batch.iter().map(|commit| apply_one(&mut records, revision, commit));
    let answers = answers.collect::<Result<Vec<_>, _>>()?;
    let mut meta = change.open_table(table::META).map_err(failed)?;
    meta.insert(table::REVISION, *revision).map_err(failed)?;
    Ok(answers)
}

/// The outer error is the disk's and ends the batch; the inner one is this commit's own.
fn apply_one(
    records: &mut Records<'_>,
    revision: &mut Version,
    commit: &Commit,
) -> Result<Answer, StoreError> {
    for read in &commit.reads {
        if !table::holds(records, read)? {
            return Ok(Err(StoreError::Conflict));
        }
    }
    if !commit.writes.is_empty() {
        *revision += 1;
    }
    for change in &commit.writes {
        match change {
            Write::Put(key, value) => records
                .insert(key.as_slice(), table::encode(key, *revision, value).as_slice())
                .map_err(failed)?,
            Write::Delete(key) => records.remove(key.as_slice()).map_err(failed)?,
        };
    }
    Ok(Ok(*revision))
}

fn acknowledge(batch: Vec<Commit>, answers: Result<Vec<Answer>, StoreError>) {
    let answers = answers.unwrap_or_else(|error| batch.iter().map(|_| Err(failed(&error))).collect());
    for (commit, answer) in batch.into_iter().zip(answers) {
        // Whoever stopped waiting gave up the answer, not the change.
        let _ = commit.answer.send(answer);
    }
}

fn stopped() -> StoreError {
    failed("the writer has stopped")
}

/// Commits that may wait; more wait outside.
const QUEUE: usize = 1024;

/// Commits that share one sync at most.
const BATCH: usize = 256;
