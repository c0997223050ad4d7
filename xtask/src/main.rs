//! The project's own chores, run as `cargo xtask <chore>`.

mod codegen;
mod models;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["models", data] => models::prune_all(data.as_ref()),
        _ => bail!("{USAGE}"),
    }
}

const USAGE: &str = "\
usage: cargo xtask <chore>
  codegen           write crates/rolecall-wire/src/gen from models/
  codegen --check   fail if that would change anything
  models DATA       prune the public API models under DATA (botocore's data folder) into models/";
