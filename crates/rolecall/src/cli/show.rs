//! `rolecall config`: the configuration as a server would run with it, and what is wrong with it.

use super::remote::Output;
use crate::config::{Config, Mode, Overrides};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `rolecall config`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Show {
    /// Print the configuration with secrets hidden
    Show {
        /// The configuration file; without one, what `rolecall dev` uses
        #[arg(long, value_name = "FILE", env = "ROLECALL_CONFIG")]
        config: Option<PathBuf>,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Output::Text)]
        output: Output,
        #[command(flatten)]
        overrides: Box<Overrides>,
    },
    /// Say what is wrong with the configuration and the files it names, without starting anything
    Check {
        /// The configuration file; without one, what `rolecall dev` uses
        #[arg(long, value_name = "FILE", env = "ROLECALL_CONFIG")]
        config: Option<PathBuf>,
        #[command(flatten)]
        overrides: Box<Overrides>,
    },
}

impl Show {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Show { config, output, overrides } => {
                let config = load(*overrides, config.as_deref())?;
                match output {
                    Output::Text => super::say(toml::to_string(&config)?.trim_end()),
                    Output::Json => super::say(&serde_json::to_string_pretty(&config)?),
                }
            }
            Self::Check { config, overrides } => check(*overrides, config.as_deref()),
        }
    }
}

fn load(overrides: Overrides, file: Option<&Path>) -> Result<Config> {
    let mode = if file.is_some() { Mode::Serve } else { Mode::Dev };
    Config::load(mode, overrides, file)
}

fn check(overrides: Overrides, file: Option<&Path>) -> Result<ExitCode> {
    let config = load(overrides, file)?;
    let faults: Vec<String> = [config.check(), config.check_files()]
        .into_iter()
        .filter_map(|checked| Some(checked.err()?.to_string()))
        .collect();
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let what = file.map_or_else(|| "The configuration".to_owned(), |file| file.display().to_string());
    super::say(&format!("{what}: nothing is wrong"))
}
