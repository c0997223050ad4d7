//! What the view of live sessions costs: resident memory and time for five million sessions of one role.
//!
//! `cargo run --release -p rolecall --example live_sessions`

use rolecall_core::live::Live;
use rolecall_core::session::{Origin, Session, Subject, begin};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let live = Live::new(SESSIONS);
    let (before, start) = (resident()?, Instant::now());
    for n in 0..SESSIONS {
        let subject =
            Subject::Role { name: "worker".into(), id: "AROA".into(), session_name: format!("job-{n}") };
        let fresh = begin("123456789012".parse()?, subject, 1_800_000_000, 3600)?;
        let origin = Origin { arn: "arn:aws:iam::123456789012:user/ann".into(), user_id: None };
        live.issued(&Session { origin, ..fresh }, 1_800_000_000);
    }
    let (taken, count) = (resident()?.saturating_sub(before), live.count());
    println!("{count} sessions, {} bytes each, {:?}", taken / count.max(1), start.elapsed());
    Ok(())
}

fn resident() -> anyhow::Result<usize> {
    let status = std::fs::read_to_string("/proc/self/statm")?;
    let pages: usize = status.split_whitespace().nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}

const SESSIONS: usize = 5_000_000;
