//! Prints how many instructions a request costs.

use anyhow::{Context, Result};
use rolecall_bench::instructions::of_a_request;
use rolecall_bench::world::Ask;
use std::env;
use std::path::PathBuf;

fn main() -> Result<()> {
    let binary = env::args().nth(1).context("usage: instructions PATH_TO_ROLECALL_BINARY")?;
    let folder = tempfile::tempdir()?;
    println!("Instructions a request, counted by callgrind");
    for (name, ask) in [
        ("AssumeRole", Ask::AssumeRole),
        ("GetCallerIdentity", Ask::CallerIdentity),
        ("GetObject, 4 KiB", Ask::Get),
    ] {
        println!("  {name:<20} {}", of_a_request(&PathBuf::from(&binary), folder.path(), ask)?);
    }
    Ok(())
}
