//! `rolecall init`: makes the key ring, the account and its root key, once.

use crate::config::{Config, Mode, Overrides};
use crate::data_dir::DataDir;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `rolecall init` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "ROLECALL_CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    overrides: Overrides,
}

impl Init {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let config = Config::load(Mode::Serve, self.overrides, Some(&self.config))?;
        let data_dir = DataDir::at(&config.data_dir);
        let account = data_dir.found(&config).await?.settings.account;
        let root = data_dir.read_root()?;
        super::say(&format!(
            "Account {} is ready.\n\nThe root user's access key is in {} (readable by you only) and is shown \
             this once:\n\n  AWS_ACCESS_KEY_ID={}\n  AWS_SECRET_ACCESS_KEY={}\n\nKeep it somewhere safe and \
             delete the file; if it is lost, `rolecall recover-root` makes another. Back up {} with the \
             rest of the directory: without it nothing can be read.\n\n\
             Next: rolecall serve --config {}",
            account,
            data_dir.root_credentials().display(),
            root.access_key_id,
            root.secret.as_str(),
            config.data_dir.join("keys.json").display(),
            self.config.display(),
        ))
    }
}
