//! Durable commits per second with 1 and 64 writers, beside what the disk's own sync allows.
//!
//! `cargo run --release -p rolecall-store --example commit_rate [directory]`

use rolecall_store::Store;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = parent.join(format!("commit-rate-{}", std::process::id()));
    let opening = Instant::now();
    let store = Store::open(&directory)?;
    println!("opened a fresh store in {:.1} ms", opening.elapsed().as_secs_f64() * 1e3);
    let syncs = syncs(&directory)?;
    println!("file syncs      {syncs:8.0}/s");
    for writers in [1, 64] {
        let commits = commits(&store, writers).await?;
        println!("{writers:2} writers      {commits:8.0} commits/s = {:.2} per sync", commits / syncs);
    }
    let (cached, read) = reads(&store).await?;
    println!("cached read     {cached:8.0} ns\nstored read     {read:8.0} ns");
    drop(store);
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

/// Overwrites and syncs 4 KiB again and again.
fn syncs(directory: &Path) -> std::io::Result<f64> {
    let mut count = 0.0;
    let started = Instant::now();
    while started.elapsed() < TIME {
        let mut file = std::fs::File::options().create(true).append(true).open(directory.join("sync"))?;
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1.0;
    }
    Ok(count / started.elapsed().as_secs_f64())
}

async fn commits(store: &Store, writers: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let started = Instant::now();
    let tasks: Vec<_> =
        (0..writers).map(|writer| tokio::spawn(write(store.clone(), writer, started))).collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

async fn write(store: Store, writer: u64, started: Instant) -> Result<u32, rolecall_store::StoreError> {
    let mut count = 0;
    while started.elapsed() < TIME {
        let mut txn = store.begin();
        txn.put(format!("{writer}/{}", count % 1000).into_bytes(), vec![7; 1024]);
        txn.commit().await?;
        count += 1;
    }
    Ok(count)
}

/// Nanoseconds per read of one decoded record, and of one stored one.
async fn reads(store: &Store) -> Result<(f64, f64), rolecall_store::StoreError> {
    let started = Instant::now();
    for _ in 0..READS {
        store.cached(b"0/0", |stored| Ok(stored.value.len())).await?;
    }
    let cached = started.elapsed();
    let key = b"0/0".to_vec();
    let started = Instant::now();
    for _ in 0..READS {
        store.get(&key).await?;
    }
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(READS);
    Ok((nanoseconds(cached), nanoseconds(started.elapsed())))
}

const TIME: Duration = Duration::from_secs(3);

const READS: u32 = 200_000;
