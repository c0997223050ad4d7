//! What flags and environment variables say.

use super::{FurtherAccount, LogFormat, address};
use crate::instances::InstanceConfig;
use anyhow::{Result, bail};
use clap::Args;
use rolecall_core::id::AccountId;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// What flags and environment say. Every flag has its variable.
#[derive(Debug, Clone, Default, Args)]
pub struct Overrides {
    /// Address to listen on, such as 127.0.0.1:4566, localhost:4566 or 4566; 0.0.0.0:4566 is every interface. May be
    /// given several times
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "ROLECALL_LISTEN",
        value_delimiter = ',',
        value_parser = address::parse
    )]
    pub listen: Vec<SocketAddr>,
    /// Refused with a hint
    #[arg(long, value_name = "N", hide = true, value_parser = address::no_port)]
    pub port: Option<String>,
    /// Address at which scrapers read the counters at /metrics, without a signature, such as 127.0.0.1:9464; whoever
    /// can connect to it may
    #[arg(long, value_name = "ADDRESS", env = "ROLECALL_METRICS_LISTEN", value_parser = address::parse_metrics)]
    pub metrics_listen: Option<SocketAddr>,
    /// Instance profile whose role an instance metadata service hands out, at 127.0.0.1:1338 unless told
    /// otherwise; may be given several times
    #[arg(
        long = "instance",
        value_name = "PROFILE[=ADDRESS]",
        env = "ROLECALL_INSTANCES",
        value_delimiter = ','
    )]
    pub instances: Vec<InstanceConfig>,
    /// Directory of keys, records, objects and audit log
    #[arg(long, value_name = "DIR", env = "ROLECALL_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Account id of a fresh installation; for `rolecall dev` also a further account with its root user's
    /// key, which may stand in a file, as often as there are
    #[arg(
        long = "account",
        value_name = "ID[:KEY:SECRET|:@FILE]",
        env = "ROLECALL_ACCOUNT",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub accounts: Vec<AccountFlag>,
    /// Region the server says it is in
    #[arg(long, env = "ROLECALL_REGION")]
    pub region: Option<String>,
    /// Host name under which virtual-hosted buckets are served; may be given several times
    #[arg(long = "s3-host", value_name = "HOST", env = "ROLECALL_S3_HOSTS", value_delimiter = ',')]
    pub s3_hosts: Vec<String>,
    /// PEM file of certificates that outbound calls trust
    #[arg(long, value_name = "FILE", env = "ROLECALL_CA_BUNDLE")]
    pub ca_bundle: Option<PathBuf>,
    /// Host, address or network that outbound calls may reach besides the public internet; may be given several
    /// times
    #[arg(long, value_name = "HOST|CIDR", env = "ROLECALL_ALLOW_OUTBOUND", value_delimiter = ',')]
    pub allow_outbound: Vec<String>,
    /// URL under which others reach this server, for the tokens it issues
    #[arg(long, value_name = "URL", env = "ROLECALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Connections served at a time
    #[arg(long, value_name = "N", env = "ROLECALL_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,
    /// Sessions shown by `rolecall sessions list`; memory is taken as they come, 100 bytes each
    #[arg(long, value_name = "N", env = "ROLECALL_LIVE_SESSIONS")]
    pub live_sessions: Option<usize>,
    /// Form of log lines on stderr
    #[arg(long, env = "ROLECALL_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Decisions kept in memory, to be explained by `rolecall why`; 0 keeps none
    #[arg(long, value_name = "N", env = "ROLECALL_DECISIONS_KEPT")]
    pub decisions_kept: Option<usize>,
    /// Keep decisions that allow, too
    #[arg(long, value_name = "BOOL", env = "ROLECALL_KEEP_ALLOWED_DECISIONS", num_args = 0..=1, default_missing_value = "true")]
    pub keep_allowed_decisions: Option<bool>,
    /// Name in denial messages the authorization id that explains them
    #[arg(long, value_name = "BOOL", env = "ROLECALL_AUTHORIZATION_IDS", num_args = 0..=1, default_missing_value = "true")]
    pub authorization_ids: Option<bool>,
}

impl Overrides {
    /// The names, in a file, of what these say.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let own = self.accounts.iter().any(|flag| matches!(flag, AccountFlag::Own(_)));
        let said = [
            (!self.listen.is_empty(), "listen"),
            (self.metrics_listen.is_some(), "metrics_listen"),
            (!self.instances.is_empty(), "instance"),
            (self.data_dir.is_some(), "data_dir"),
            (own, "account"),
            (self.region.is_some(), "region"),
            (!self.s3_hosts.is_empty(), "s3_hosts"),
            (self.ca_bundle.is_some(), "ca_bundle"),
            (!self.allow_outbound.is_empty(), "allow_outbound"),
            (self.public_url.is_some(), "public_url"),
            (self.max_connections.is_some(), "max_connections"),
            (self.live_sessions.is_some(), "live_sessions"),
        ];
        said.into_iter().filter(|(is_said, _)| *is_said).map(|(_, name)| name).collect()
    }
}

/// What `--account` says: the id of the installation's own account, or a further one's with its key.
#[derive(Debug, Clone)]
pub enum AccountFlag {
    /// `ID`.
    Own(AccountId),
    /// `ID:KEY:SECRET`, or `ID:@FILE`.
    Further(FurtherAccount),
}

/// The installation's own account, if told, and the further ones.
pub(super) fn sorted(flags: Vec<AccountFlag>) -> Result<(Option<AccountId>, Vec<FurtherAccount>)> {
    let (mut own, mut further) = (None, Vec::new());
    for flag in flags {
        match flag {
            AccountFlag::Further(account) => further.push(account),
            AccountFlag::Own(id) if own.is_none() => own = Some(id),
            AccountFlag::Own(id) => {
                bail!(
                    "--account {id}: an installation begins with one account; give further ones as ID:KEY:SECRET"
                )
            }
        }
    }
    Ok((own, further))
}

impl FromStr for AccountFlag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, key) = text.split_once(':').map_or((text, None), |(id, key)| (id, Some(key)));
        let id: AccountId = id.parse().map_err(|e: rolecall_core::id::NotAnId| e.to_string())?;
        let Some(key) = key else { return Ok(Self::Own(id)) };
        let root_credentials = key.parse()?;
        Ok(Self::Further(FurtherAccount { account: id.to_string(), root_credentials }))
    }
}
