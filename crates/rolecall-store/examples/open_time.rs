//! How long a store of many records takes to open: after a stop, after a kill, and with every page checked first.
//!
//! `cargo run --release -p rolecall-store --example open_time [records] [directory]`

use rolecall_store::Store;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip(1);
    let records: u64 = match arguments.next() {
        Some(count) => count.to_string_lossy().parse()?,
        None => 1_000_000,
    };
    let parent = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    if std::env::var_os(DIES).is_some() {
        let store = Store::open(&parent)?;
        write(&store, 0..1).await?;
        std::process::abort();
    }
    let directory = parent.join(format!("open-time-{}", std::process::id()));
    let measured = measure(&directory, records).await;
    std::fs::remove_dir_all(&directory)?;
    measured
}

async fn measure(directory: &Path, records: u64) -> Outcome<()> {
    let store = Store::open(directory)?;
    for first in (0..records).step_by(BATCH) {
        write(&store, first..records.min(first + BATCH as u64)).await?;
    }
    drop(store);
    let bytes = directory.join("rolecall.redb").metadata()?.len();
    println!("{records} records of {SIZE} bytes, {} MiB", bytes >> 20);
    for what in ["after a stop", "after a stop, again"] {
        open(directory, what).await?;
    }
    let killed = Command::new(std::env::current_exe()?).arg("1").arg(directory).env(DIES, "1").status()?;
    println!("a writer ended: {killed}");
    open(directory, "after a kill").await?;
    open(directory, "after a stop").await?;
    let _ = std::fs::remove_file(directory.join("rolecall.sums"));
    open(directory, "with every page checked first").await
}

/// Opens the store, reads one record and closes it again.
async fn open(directory: &Path, what: &str) -> Outcome<()> {
    let opening = Instant::now();
    let store = Store::open(directory)?;
    let opened = opening.elapsed();
    let found = store.get(&key(0)).await?.is_some();
    let closing = Instant::now();
    drop(store);
    println!("{what}: open {opened:.1?}, close {:.1?}, found: {found}", closing.elapsed());
    Ok(())
}

async fn write(store: &Store, records: std::ops::Range<u64>) -> Outcome<()> {
    let mut txn = store.begin();
    records.for_each(|at| txn.put(key(at), vec![b'r'; SIZE]));
    txn.commit().await?;
    Ok(())
}

/// Keys as objects have them, in an order of their own.
fn key(at: u64) -> Vec<u8> {
    format!("object/bucket-of-measures/{:016x}", at.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into_bytes()
}

const DIES: &str = "OPEN_TIME_DIES";

/// Bytes of one record.
const SIZE: usize = 450;

/// Records in one commit.
const BATCH: usize = 20_000;
