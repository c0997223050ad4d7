//! `rolecall serve`: a server for production, which refuses what is unsafe.

use super::logging;
use super::run::{self, Hangup};
use crate::app::App;
use crate::config::{Config, Mode, Overrides};
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `rolecall serve` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "ROLECALL_CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    overrides: Overrides,
    /// Believe the machine's clock although it is behind what the data directory has seen; for one start
    #[arg(long)]
    accept_clock: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let mut config = self.read()?;
        config.accept_clock = self.accept_clock;
        logging::start(config.log_format, false);
        let again = || self.read().and_then(|config| config.check().map(|()| config));
        run::until_told(&config, Hangup::Reload(&again), async |app| announce(app)).await
    }

    fn read(&self) -> Result<Config> {
        Config::load(Mode::Serve, self.overrides.clone(), Some(&self.config))
    }
}

fn announce(app: &App) {
    for address in app.addresses() {
        tracing::info!(%address, "listening");
    }
    logging::metrics(app);
}
