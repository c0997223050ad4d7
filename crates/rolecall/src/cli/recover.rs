//! `rolecall recover-root`: a new key for a root user that has none which works, while no server runs.

use crate::config::{Config, Mode, Overrides};
use crate::data_dir::DataDir;
use anyhow::Result;
use rolecall_core::installation::{Recovered, RootKey};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `rolecall recover-root` takes.
#[derive(Debug, clap::Args)]
pub(super) struct RecoverRoot {
    /// Directory of keys, records, objects and audit log; no server may be using it
    #[arg(long, value_name = "DIR", env = "ROLECALL_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The configuration file that names the directory
    #[arg(long, value_name = "FILE", env = "ROLECALL_CONFIG")]
    config: Option<PathBuf>,
    /// Believe the machine's clock although it is behind what the data directory has seen
    #[arg(long)]
    accept_clock: bool,
}

impl RecoverRoot {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let overrides = Overrides { data_dir: self.data_dir, ..Overrides::default() };
        let mut config = Config::load(Mode::Serve, overrides, self.config.as_deref())?;
        config.accept_clock = self.accept_clock;
        let data_dir = DataDir::at(&config.data_dir);
        let (made, filed) = data_dir.recover_root(&config).await?;
        let file = match &filed {
            Ok(()) => {
                format!("It is in {} (readable by you only), too.", data_dir.root_credentials().display())
            }
            Err(error) => format!("It could not be written to a file, so it is shown here only: {error:#}"),
        };
        super::say(&told(&made, &file))
    }
}

fn told(made: &Recovered, file: &str) -> String {
    let key = &made.fresh.record;
    format!(
        "The root user of account {} has a new access key, shown this once:\n\n  AWS_ACCESS_KEY_ID={}\n  \
         AWS_SECRET_ACCESS_KEY={}\n\n{file}\n\n{}\n\nThe audit log says that this was done.",
        key.account,
        key.id,
        made.fresh.secret.as_str(),
        before(&made.before),
    )
}

/// The keys of before were not touched: whoever lost one decides.
fn before(keys: &[(String, RootKey)]) -> String {
    if keys.is_empty() {
        return "It had no key before.".to_owned();
    }
    let standing = |key: &RootKey| match key {
        RootKey::Active => "active",
        RootKey::Inactive => "inactive",
        RootKey::Gone => "of no account",
    };
    let listed: String = keys.iter().map(|(id, key)| format!("\n  {id} ({})", standing(key))).collect();
    format!(
        "Its keys from before are as they were:{listed}\nDelete those that somebody else may have, as root: \
         aws iam delete-access-key --access-key-id ID"
    )
}
