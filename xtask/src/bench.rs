//! The benchmarks: builds the server and the floors alike and runs the comparison; or the policy engine's.

use crate::dist;
use crate::e2e::debian;
use crate::steps::{cargo, program, root, step, target};
use anyhow::Result;

/// Builds everything as it is published and prints the ratios, or those of some parts.
///
/// # Errors
/// When a build fails or a run meets an answer that is not 200.
pub(crate) fn run(parts: &[&str]) -> Result<()> {
    debian("nginx", "nginx-light")?;
    let built = dist::build()?;
    let mut run = program(built.programs.join("compare"), &[]);
    step("compare", run.arg(built.server).args(parts))
}

/// Builds the server and counts the instructions of its commonest requests.
///
/// # Errors
/// When a build fails or a run meets an answer that is not 200.
pub(crate) fn instructions() -> Result<()> {
    debian("valgrind", "valgrind")?;
    step("build the server", &mut cargo(&["build", "--release", "--package", "rolecall"]))?;
    let built = target().join("bench");
    let mut build = cargo(&["build", "--release", "--bin", "instructions"]);
    step("build the counter", build.current_dir(root().join("bench")).env("CARGO_TARGET_DIR", &built))?;
    let mut run = program(built.join("release/instructions"), &[]);
    step("count", run.arg(target().join("release/rolecall")))
}

/// Builds the policy engine's benchmark, which brings the cedar-policy crate, and runs it.
///
/// # Errors
/// When the build fails, or the engines do not decide alike.
pub(crate) fn policy(words: &[&str]) -> Result<()> {
    let built = target().join("bench");
    let mut build = cargo(&["build", "--release", "--package", "rolecall-bench-policy"]);
    step("build the benchmark", build.current_dir(root().join("bench")).env("CARGO_TARGET_DIR", &built))?;
    step("decide", &mut program(built.join("release/policy"), words))
}
