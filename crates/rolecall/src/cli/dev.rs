//! `rolecall dev`: a server for development, with everything made on the first start.

use super::remote::Output;
use super::run::{self, Hangup};
use super::{greeting, logging};
use crate::config::{Config, Mode, Overrides, RootCredentials};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use tempfile::TempDir;

/// What `rolecall dev` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Dev {
    /// A configuration file; none is needed
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    overrides: Overrides,
    /// Believe the machine's clock although it is behind what the data directory has seen; for one start
    #[arg(long)]
    accept_clock: bool,
    /// Root user's key of a fresh data directory, or the file that it stands in; on loopback addresses only
    #[arg(long, value_name = "KEY:SECRET|@FILE", env = "ROLECALL_ROOT_CREDENTIALS", hide_env_values = true)]
    root_credentials: Option<RootCredentials>,
    /// Let `rolecall clock advance` move the time
    #[arg(long, env = "ROLECALL_TEST_CLOCK")]
    test_clock: bool,
    /// Start empty in a directory of its own, whatever --data-dir says, and remove it at the end
    #[arg(long)]
    ephemeral: bool,
    /// How to say that it is ready: for people, or one line of JSON
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// A command to run with the environment set; the server lives as long, on a free port unless --listen is given
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Dev {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let (config, _directory) = self.prepare()?;
        logging::start(config.log_format, true);
        if self.command.is_empty() {
            let greet = async |app: &_| greeting::say(&config, app, self.output, self.ephemeral).await;
            return run::until_told(&config, Hangup::Stop, greet).await;
        }
        let environment = async |app: &_| greeting::environment(&config, app).await;
        run::for_command(&config, &self.command, environment).await
    }

    /// The configuration, and the directory that lives as long as the server.
    fn prepare(&self) -> Result<(Config, Option<TempDir>)> {
        let mut config = Config::load(Mode::Dev, self.overrides.clone(), self.config.as_deref())?;
        config.root_credentials.clone_from(&self.root_credentials);
        config.test_clock = self.test_clock;
        config.accept_clock = self.accept_clock;
        if !self.command.is_empty() && self.overrides.listen.is_empty() && self.config.is_none() {
            config.listen.iter_mut().for_each(|l| l.address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        }
        let directory = self.ephemeral.then(|| tempfile::Builder::new().prefix("rolecall-").tempdir());
        let directory = directory.transpose().context("no temporary directory")?;
        if let Some(directory) = &directory {
            config.data_dir = directory.path().join("data");
        }
        Ok((config, directory))
    }
}
