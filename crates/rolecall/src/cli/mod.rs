//! The command line.

mod account;
mod credentials;
mod demo;
mod denials;
mod dev;
mod env;
mod greeting;
mod init;
mod keys;
mod logging;
mod meant;
mod metrics;
mod paint;
mod policy;
mod profiles;
mod recover;
mod remote;
mod run;
mod serve;
mod sessions;
mod show;
mod table;
mod verdicts;
mod why;

use crate::tls;
use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
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
    /// Make the data directory of a production server: keys, account, root user's access key
    Init(init::Init),
    /// Give the root user a new access key, while no server runs on the data directory
    RecoverRoot(recover::RecoverRoot),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(show::Show),
    /// Create, list, show or close the accounts of a running server
    #[command(subcommand)]
    Account(account::Account),
    /// Move the clock of a development server
    #[command(subcommand)]
    Clock(remote::Clock),
    /// See and end the sessions in force
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    /// See and rotate the server's own keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print the lines that make a shell's AWS clients ask the server: eval "$(rolecall env)"
    Env(env::Env),
    /// Say what a running server is
    Info(remote::Server),
    /// Print a running server's counters in the OpenMetrics text format, which Prometheus reads
    Metrics(remote::Server),
    /// Say why a request was refused: every layer that denied it, and the smallest edits that would allow it
    Why(why::Why),
    /// List the requests that were refused, each with the command that explains it
    Denials(denials::Denials),
    /// Check, ask, test and compare policies in files, without a server
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Play the assume-role story against a server of its own, checking every answer
    Demo(demo::Demo),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Parses the arguments and does what they say.
pub fn main() -> ExitCode {
    let matches = definition().try_get_matches().unwrap_or_else(|error| meant::exit(&error));
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    tls::install();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            paint::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The commands with all they take, the same whatever the environment says: variables have their names shown and
/// not what they hold, and the usage of a command names what it needs, not what happens to be set.
pub fn definition() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    steady(root)
}

fn steady(command: clap::Command) -> clap::Command {
    let mut command = command.mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(steady);
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    command.override_usage(usage)
}

fn run(command: Command) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Dev(dev) => dev.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::Init(init) => init.run().await,
            Command::RecoverRoot(recover) => recover.run().await,
            Command::Config(show) => show.run(),
            Command::Account(account) => account.run().await,
            Command::Clock(clock) => clock.run().await,
            Command::Sessions(sessions) => sessions.run().await,
            Command::Keys(keys) => keys.run().await,
            Command::Env(env) => env.run().await,
            Command::Info(server) => remote::info(server).await,
            Command::Metrics(server) => metrics::run(server).await,
            Command::Why(why) => why.run().await,
            Command::Denials(denials) => denials.run().await,
            Command::Policy(policy) => policy.run(),
            Command::Demo(demo) => demo.run().await,
            Command::Completions { shell } => Ok(completions(shell)),
        }
    })
}

fn completions(shell: clap_complete::Shell) -> ExitCode {
    clap_complete::generate(shell, &mut definition(), "rolecall", &mut std::io::stdout());
    ExitCode::SUCCESS
}

/// Prints to stdout; a reader that has gone is not an error worth telling.
fn say(text: &str) -> Result<ExitCode> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The exit code of a command that worked and whose answer is no: a denial, a broken expectation, a difference, an
/// error or security finding, nobody to revoke.
const NO: u8 = 3;
const EXIT_CODES: &str = "Exit codes: 0 done; 1 it failed, and stderr says why; 2 the arguments are wrong.";
