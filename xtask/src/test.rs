//! Everything that must hold, in the order that fails fastest.

use crate::steps::{cargo, is_installed, program, root, step, target};
use crate::{codegen, e2e, tidy};
use anyhow::Result;

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What every change runs.
    Quick,
    /// With the long campaigns: kills, fuzzing, generated cases, dependency review.
    Slow,
}

/// Runs a lane.
///
/// # Errors
/// The first step that fails.
pub(crate) fn run(lane: Lane) -> Result<()> {
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    tidy::check()?;
    codegen::check()?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
    step("lints", &mut cargo(&clippy))?;
    step("tests", &mut tests(lane))?;
    if lane == Lane::Slow {
        campaigns()?;
    }
    step("build the server", &mut cargo(&["build", "--release", "--package", "rolecall"]))?;
    step("demo", &mut program(target().join("release/rolecall"), &["demo"]))?;
    e2e::run(&[], lane)
}

/// Writes lists and snapshots anew; the diff is to be read.
///
/// # Errors
/// When a test fails for another reason than a difference.
pub(crate) fn bless() -> Result<()> {
    let mut tests = cargo(&["test", "--workspace", "--quiet"]);
    step("bless", tests.env("BLESS", "1").env("INSTA_UPDATE", "always"))
}

fn tests(lane: Lane) -> std::process::Command {
    let mut tests = cargo(&["test", "--workspace", "--quiet"]);
    tests.env("INSTA_UPDATE", "no");
    if lane == Lane::Slow {
        tests.env("ROLECALL_SLOW", "1");
    }
    tests
}

fn campaigns() -> Result<()> {
    step(
        "kills under load",
        cargo(&["test", "--release", "-p", "rolecall-store", "--test", "kill"]).env("ROLECALL_SLOW", "1"),
    )?;
    let differential = ["test", "--release", "-p", "rolecall-policy", "--test", "differential"];
    step("the engine against the reference", cargo(&differential).env("ROLECALL_CASES", "1000000"))?;
    let simulated = ["test", "--release", "-p", "rolecall", "--test", "it", "pol_22"];
    step("the simulator against the gate", cargo(&simulated).env("ROLECALL_CASES", "1000000"))?;
    if !is_installed("cargo-deny") {
        step("install cargo-deny", &mut cargo(&["install", "--locked", "cargo-deny"]))?;
    }
    step("dependencies", &mut cargo(&["deny", "check", "licenses", "bans", "sources"]))?;
    fuzz()
}

/// Each fuzz target for a while, with the sanitizer's coverage but without a nightly toolchain.
fn fuzz() -> Result<()> {
    if !is_installed("cargo-fuzz") {
        step("install cargo-fuzz", &mut cargo(&["install", "--locked", "cargo-fuzz"]))?;
    }
    for file in std::fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = file?.path();
        let Some(target) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        let arguments = ["fuzz", "run", target, "--", "-max_total_time=60", "-rss_limit_mb=2048"];
        let mut command = cargo(&arguments);
        command.current_dir(root().join("fuzz")).env("RUSTC_BOOTSTRAP", "1");
        step(&format!("fuzz {target}"), &mut command)?;
    }
    Ok(())
}
