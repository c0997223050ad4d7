//! The command line.

mod dev;
mod logging;
mod paint;
mod run;
mod serve;

use crate::tls;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Self-hosted, AWS-compatible assume-role system: STS, IAM and an S3 that temporary credentials unlock.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a development server; makes everything it needs
    Dev(dev::Dev),
    /// Start a production server on an initialised data directory
    Serve(serve::Serve),
}

/// Parses the arguments and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    tls::install();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            paint::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Dev(dev) => dev.run().await,
            Command::Serve(serve) => serve.run().await,
        }
    })
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 it failed, and stderr says why; 2 the arguments are wrong.";
