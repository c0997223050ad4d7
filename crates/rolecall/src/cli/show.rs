//! `rolecall config show`: the configuration as a server would run with it.

use super::remote::Output;
use crate::config::{Config, Mode, Overrides};
use anyhow::Result;
use std::path::PathBuf;
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
}

impl Show {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self::Show { config, output, overrides } = self;
        let mode = if config.is_some() { Mode::Serve } else { Mode::Dev };
        let config = Config::load(mode, *overrides, config.as_deref())?;
        match output {
            Output::Text => super::say(toml::to_string(&config)?.trim_end()),
            Output::Json => super::say(&serde_json::to_string_pretty(&config)?),
        }
    }
}
