//! The tests with stock clients: aws CLI and boto3 from PyPI in the project's own virtual environment, the AWS
//! SDK for JavaScript and an OpenID provider from npm.

use crate::steps::{cargo, is_installed, program, root, step, target};
use crate::test::Lane;
use anyhow::Result;
use std::path::PathBuf;

/// Builds the server, installs the clients, runs pytest with further arguments.
///
/// # Errors
/// When anything cannot be installed or a test fails.
pub(crate) fn run(arguments: &[&str], lane: Lane) -> Result<()> {
    step("build the server", &mut cargo(&["build", "--release", "--package", "rolecall"]))?;
    let python = environment()?;
    debian("jq", "jq")?;
    debian("xmlsec1", "xmlsec1")?;
    packages()?;
    let mut pytest = program(&python, &["-m", "pytest", "-q", "--color=no", "e2e"]);
    pytest.args(arguments).env("ROLECALL_BIN", target().join("release/rolecall"));
    if lane == Lane::Slow {
        pytest.env("ROLECALL_SLOW", "1");
    }
    step("stock clients", &mut pytest)
}

/// The Python of a virtual environment that holds what e2e/requirements.txt names.
fn environment() -> Result<PathBuf> {
    let home = root().join("e2e/.venv");
    let python = home.join("bin/python");
    if !python.exists() {
        step("make e2e/.venv", program("python3", &["-m", "venv"]).arg(&home))?;
    }
    let wanted = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", "e2e/requirements.txt"];
    step("install the stock clients", &mut program(&python, &wanted))?;
    Ok(python)
}

/// The packages that e2e/js/package-lock.json names, for Node.
fn packages() -> Result<()> {
    debian("npm", "npm")?;
    let mut install = program("npm", &["ci", "--no-audit", "--no-fund", "--silent"]);
    step("install the JavaScript clients", install.current_dir(root().join("e2e/js")))
}

/// A program of a Debian package, installed when it is missing.
///
/// # Errors
/// When it is missing and cannot be installed.
pub(crate) fn debian(program_name: &str, package: &str) -> Result<()> {
    if is_installed(program_name) {
        return Ok(());
    }
    step("refresh Debian's package list", &mut program("apt-get", &["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends", package];
    step(&format!("install {package}"), &mut program("apt-get", &install))
}
