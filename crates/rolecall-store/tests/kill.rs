//! Kills a process that writes, again and again, and checks what it had acknowledged.
//!
//! Ten kills; 200 with `ROLECALL_SLOW=1`. `ROLECALL_SEED` repeats a run's choices.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use rolecall_store::{Blobs, Range, Store, StoreError, Versioned};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let kills = if std::env::var_os("ROLECALL_SLOW").is_some() { 200 } else { 10 };
    let mut random = Random::seeded();
    let directory = tempfile::tempdir().unwrap();
    let mut total = 0;
    for kill in 0..kills {
        let acknowledged = run_and_kill(directory.path(), random.below(300), random.next());
        total += acknowledged.len();
        let started = Instant::now();
        let store = Store::open(&directory.path().join("store")).unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "kill {kill}: restart took {:?}",
            started.elapsed()
        );
        check(&store, &directory.path().join("blobs"), &acknowledged).await;
    }
    println!("{kills} kills, {total} writers' progress checked");
    assert!(total > 0, "no write was ever acknowledged before its kill");
}

/// The process that gets killed; does nothing unless it was started for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let store = Store::open(&Path::new(&directory).join("store")).unwrap();
    let blobs = Blobs::open(&Path::new(&directory).join("blobs")).unwrap();
    found(&store).await;
    let writers = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), blobs.clone(), writer, Random(seed + writer))));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// Lets a child write for a while after its first acknowledgement; gives the last one per writer.
fn run_and_kill(directory: &Path, milliseconds: u64, seed: u64) -> BTreeMap<u64, u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(SEED, (seed >> 8).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("ack ") {
        assert_ne!(output.read_line(&mut lines).unwrap(), 0, "the child ended: {lines}");
    }
    std::thread::scope(|scope| {
        // Somebody must read, or the child waits on a full pipe.
        let rest = scope.spawn(|| output.read_to_string(&mut lines).unwrap());
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        rest.join().unwrap();
    });
    child.wait().unwrap();
    let complete = &lines[..=lines.rfind('\n').unwrap()];
    complete.lines().filter_map(acknowledgement).collect()
}

fn acknowledgement(line: &str) -> Option<(u64, u64)> {
    let (writer, step) = line[line.find("ack ")? + 4..].split_once(' ')?;
    Some((writer.parse().unwrap(), step.parse().unwrap()))
}

async fn found(store: &Store) {
    let mut txn = store.begin();
    if txn.get(&account(0)).await.unwrap().is_none() {
        (0..ACCOUNTS).for_each(|at| txn.put(account(at), "100"));
    }
    txn.commit().await.unwrap();
}

/// Every step is one transaction: a slot, the step's number, a transfer, and at times a blob.
async fn write(store: Store, blobs: Blobs, writer: u64, mut random: Random) {
    let mut step = number(store.get(&last(writer)).await.unwrap());
    loop {
        step += 1;
        let blob = if step.is_multiple_of(EVERY) {
            Some(blob(&blobs, step, random.below(200_000)).await)
        } else {
            None
        };
        let (from, to) = (random.below(ACCOUNTS), random.below(ACCOUNTS));
        while !attempt(&store, writer, step, blob.as_deref(), (from, to)).await.unwrap() {}
        println!("ack {writer} {step}");
        if step.is_multiple_of(EVERY) && step > KEPT {
            forget(&store, &blobs, writer, step - KEPT).await;
        }
    }
}

async fn attempt(
    store: &Store,
    writer: u64,
    step: u64,
    blob: Option<&str>,
    (from, to): (u64, u64),
) -> Result<bool, StoreError> {
    let mut txn = store.begin();
    let source = txn.cached(&account(from), decode).await?.map_or(0, |(amount, _)| *amount);
    txn.put(account(from), (source - 1).to_string());
    let target = txn.cached(&account(to), decode).await?.map_or(0, |(amount, _)| *amount);
    txn.put(account(to), (target + 1).to_string());
    txn.put(slot(writer, step % SLOTS), step.to_string());
    txn.put(last(writer), step.to_string());
    if let Some(blob) = blob {
        txn.put(record(writer, step), blob.to_owned());
    }
    match txn.commit().await {
        // Contention is the load here, not the subject.
        Err(StoreError::Conflict) => {
            tokio::task::yield_now().await;
            Ok(false)
        }
        other => other.map(|_| true),
    }
}

/// Writes a blob whose bytes follow from its step; gives what to record of it.
async fn blob(blobs: &Blobs, step: u64, length: u64) -> String {
    let mut writer = blobs.create().await.unwrap();
    writer.write(content(step, length).into()).await.unwrap();
    format!("{} {step} {length}", writer.finish().await.unwrap())
}

async fn forget(store: &Store, blobs: &Blobs, writer: u64, step: u64) {
    let Some(stored) = store.get(&record(writer, step)).await.unwrap() else { return };
    let mut txn = store.begin();
    txn.delete(record(writer, step));
    txn.commit().await.unwrap();
    let text = String::from_utf8(stored.value.to_vec()).unwrap();
    blobs.remove(&text.split(' ').next().unwrap().parse().unwrap()).await.unwrap();
}

async fn check(store: &Store, blobs: &Path, acknowledged: &BTreeMap<u64, u64>) {
    for (writer, step) in acknowledged {
        let reached = number(store.get(&last(*writer)).await.unwrap());
        // One more may have been durable without its acknowledgement coming out.
        assert!(
            reached == *step || reached == step + 1,
            "writer {writer}: {step} acknowledged, {reached} there"
        );
        for at in 0..SLOTS.min(reached) {
            let step = reached - at;
            assert_eq!(number(store.get(&slot(*writer, step % SLOTS)).await.unwrap()), step);
        }
    }
    let accounts = store.scan(&Range::prefix(b"account/"), 100).await.unwrap();
    assert_eq!(accounts.len() as u64, ACCOUNTS);
    let sum: i64 = accounts.iter().map(|(_, stored)| decode(stored).unwrap()).sum();
    assert_eq!(sum, 100 * i64::try_from(ACCOUNTS).unwrap(), "half a transfer");
    check_blobs(store, &Blobs::open(blobs).unwrap()).await;
}

/// Every recorded blob is whole; the rest is swept.
async fn check_blobs(store: &Store, blobs: &Blobs) {
    let records = store.scan(&Range::prefix(b"blob/"), 10_000).await.unwrap();
    let mut ids = Vec::new();
    for (_, stored) in records {
        let text = String::from_utf8(stored.value.to_vec()).unwrap();
        let [id, step, length] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let (step, length) = (step.parse().unwrap(), length.parse().unwrap());
        ids.push(id.parse().unwrap());
        let mut reader = blobs.open_range(&ids[ids.len() - 1], 0, length).await.unwrap();
        let mut read = Vec::new();
        while let Some(bytes) = reader.next().await.unwrap() {
            read.extend_from_slice(&bytes);
        }
        assert!(read == content(step, length), "blob {text}");
    }
    blobs.sweep(|id| ids.contains(id)).unwrap();
    assert_eq!(blobs.ids().count(), ids.len());
}

fn content(step: u64, length: u64) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at + step) % 251).unwrap()).collect()
}

fn decode(stored: &Versioned) -> Result<i64, StoreError> {
    Ok(std::str::from_utf8(&stored.value).unwrap().parse().unwrap())
}

fn number(stored: Option<Versioned>) -> u64 {
    stored.map_or(0, |stored| u64::try_from(decode(&stored).unwrap()).unwrap())
}

fn account(at: u64) -> Vec<u8> {
    format!("account/{at}").into()
}

fn last(writer: u64) -> Vec<u8> {
    format!("last/{writer}").into()
}

fn slot(writer: u64, slot: u64) -> Vec<u8> {
    format!("slot/{writer}/{slot}").into()
}

fn record(writer: u64, step: u64) -> Vec<u8> {
    format!("blob/{writer}/{step}").into()
}

/// A small generator (SplitMix64): the same choices from the same seed.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let seed = std::env::var("ROLECALL_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        println!("ROLECALL_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

const DIRECTORY: &str = "ROLECALL_KILL_DIRECTORY";
const SEED: &str = "ROLECALL_KILL_SEED";
const WRITERS: u64 = 6;
const ACCOUNTS: u64 = 20;
const SLOTS: u64 = 50;
const EVERY: u64 = 8;
const KEPT: u64 = 80;
