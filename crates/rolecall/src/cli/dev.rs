//! `rolecall dev`: a server for development, with everything made on the first start.

use super::{logging, run};
use crate::app::App;
use crate::config::{Config, FurtherAccount, Mode, Overrides, RootCredentials};
use crate::data_dir::DataDir;
use anyhow::Result;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Root user's key of a fresh data directory; on loopback addresses only
    #[arg(long, value_name = "KEY:SECRET", env = "ROLECALL_ROOT_CREDENTIALS", hide_env_values = true)]
    root_credentials: Option<RootCredentials>,
    /// Let `rolecall clock advance` move the time
    #[arg(long, env = "ROLECALL_TEST_CLOCK")]
    test_clock: bool,
}

impl Dev {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let mut config = Config::load(Mode::Dev, self.overrides, self.config.as_deref())?;
        config.root_credentials = self.root_credentials;
        config.test_clock = self.test_clock;
        config.accept_clock = self.accept_clock;
        logging::start(config.log_format, true);
        run::until_told(&config, |app| greet(&config, app)).await
    }
}

/// Says how to use the server. Nobody may be reading; that stops nothing.
fn greet(config: &Config, app: &App) {
    let endpoint = app.endpoint();
    let data_dir = DataDir::at(&config.data_dir);
    let declared = |one: &FurtherAccount| {
        format!("Account {}: its root user's key is {}\n", one.account, one.root_credentials.access_key_id)
    };
    let further: String = config.further_accounts.iter().map(declared).collect();
    let instances = config.instances.iter().zip(app.metadata());
    let instances: String = instances
        .map(|(instance, at)| {
            format!("Instance of {}: AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{at}\n", instance.profile)
        })
        .collect();
    let text = match data_dir.read_root() {
        Ok(root) => format!(
            "Rolecall is ready at {endpoint}\nData: {}\n{further}{instances}\nThe root user's credentials, to paste into a shell:\n\n  \
             export AWS_ACCESS_KEY_ID={}\n  export AWS_SECRET_ACCESS_KEY={}\n  export AWS_ENDPOINT_URL={endpoint}\n  \
             export AWS_DEFAULT_REGION={}\n\nThen try:\n\n  aws sts get-caller-identity\n  \
             aws s3 mb s3://my-first-bucket\n  aws iam create-user --user-name learnaws-test-user\n",
            config.data_dir.display(),
            root.access_key_id,
            root.secret.as_str(),
            config.region,
        ),
        Err(error) => {
            format!("Rolecall is ready at {endpoint}\nThe root user's credentials are not here: {error:#}\n")
        }
    };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
