//! The binary as it is published: built once to count what runs, and again so that what runs often runs fast
//! (profile-guided optimisation; The rustc book, Profile-guided Optimization).

use crate::e2e::debian;
use crate::steps::{cargo, program, root, step, target};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// The server, and the programs of `bench/` built in the very same way.
pub(crate) struct Built {
    pub(crate) server: PathBuf,
    pub(crate) programs: PathBuf,
}

impl Built {
    /// What runs in the training.
    fn all(&self) -> [PathBuf; 3] {
        [self.server.clone(), self.programs.join("floor"), self.programs.join("train")]
    }
}

/// Builds the binary and says where it is.
///
/// # Errors
/// As [`build`].
pub(crate) fn run() -> Result<()> {
    println!("== built {}", build()?.server.display());
    Ok(())
}

/// Builds the server and the floors to count, trains them with `bench/src/bin/train.rs`, and builds them by the counts.
///
/// # Errors
/// When a build fails, or the training meets an answer it does not expect.
pub(crate) fn build() -> Result<Built> {
    debian(MERGE, "llvm-19")?;
    let counting = build_all("counting", &format!("-Cprofile-generate={}", counts().display()))?;
    let profile = counts().join(format!("{:016x}.profdata", fingerprint(&counting)?));
    if !profile.exists() {
        train(&counting, &profile)?;
    }
    build_all("guided", &format!("-Cprofile-use={}", profile.display()))
}

fn train(counting: &Built, profile: &Path) -> Result<()> {
    fs::remove_dir_all(counts()).ok();
    let mut train = program(counting.programs.join("train"), &[]);
    step("train", train.arg(&counting.server).arg(counting.programs.join("floor")))?;
    let left = fs::read_dir(counts()).map_or(0, Iterator::count);
    ensure!(
        left == counting.all().len(),
        "{left} programs left counts, instead of server, floor and training"
    );
    step("merge the counts", program(MERGE, &["merge", "-sparse", "-o"]).arg(profile).arg(counts()))
}

/// Tells apart what was built: cargo builds anew for another profile only when its name is another one.
fn fingerprint(built: &Built) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for program in built.all() {
        hasher.write(&fs::read(&program).with_context(|| program.display().to_string())?);
    }
    Ok(hasher.finish())
}

fn counts() -> PathBuf {
    target().join("counts")
}

/// Builds everything with these flags, in a folder of its own. The target is named so that the flags do not
/// reach build scripts and macros.
fn build_all(name: &str, flags: &str) -> Result<Built> {
    let (folder, host) = (target().join(name), host()?);
    let build = |title: &str, package: &[&str], workspace: &Path, into: &Path| {
        let mut build = cargo(&["build", "--profile", "dist", "--target", &host]);
        build.args(package).current_dir(workspace).env("CARGO_TARGET_DIR", into).env("RUSTFLAGS", flags);
        step(&format!("build {title}, {name}"), &mut build).map(|()| into.join(&host).join("dist"))
    };
    let server = build("the server", &["--package", "rolecall"], &root(), &folder)?.join("rolecall");
    let programs = build("the floors", &[], &root().join("bench"), &folder.join("bench"))?;
    Ok(Built { server, programs })
}

fn host() -> Result<String> {
    let told = program("rustc", &["--print", "host-tuple"]).output().context("rustc cannot be started")?;
    Ok(String::from_utf8(told.stdout)?.trim().to_owned())
}

/// Reads what the counters of rustc 1.95 write, though that has a newer LLVM.
const MERGE: &str = "llvm-profdata-19";
