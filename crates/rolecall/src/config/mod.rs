//! The configuration: flag, else environment, else file, else default.

pub(crate) mod address;
mod check;
mod overrides;
mod places;
mod root_credentials;

pub use overrides::{AccountFlag, Overrides};
pub use places::Places;
pub use root_credentials::RootCredentials;

use crate::instances::InstanceConfig;
use anyhow::{Context, Result};
use clap::ValueEnum;
use overrides::sorted;
use rolecall_core::id::AccountId;
use rolecall_core::throttle::{Limits, Rate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything an operator can choose.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    /// Whether this is `rolecall dev` or `rolecall serve`.
    pub mode: Mode,
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// Where scrapers read the counters, without a signature; nowhere unless told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// Instances whose metadata is served.
    #[serde(rename = "instance", skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<InstanceConfig>,
    /// Where keys, records, objects and audit log live.
    pub data_dir: PathBuf,
    /// The account of the installation, when it is told: else it is the one that the data directory was founded
    /// with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Further accounts of a development server, with their root users' keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further_accounts: Vec<FurtherAccount>,
    /// The region the server says it is in.
    pub region: String,
    /// Host names under which virtual-hosted buckets are served.
    pub s3_hosts: Vec<String>,
    /// URLs, besides AWS's, that SAML responses may be made out to.
    pub saml_sign_in_urls: Vec<String>,
    /// Whether presigned URLs of Signature Version 2 are verified or refused.
    pub signature_v2_urls: bool,
    /// Whether plain HTTP may be served on addresses other than loopback.
    pub allow_plaintext: bool,
    /// Whether the clock can be moved.
    pub test_clock: bool,
    /// Whether a machine's clock is believed that is behind what the data directory has seen.
    #[serde(skip)]
    pub accept_clock: bool,
    /// The root user's key of a fresh development server.
    pub root_credentials: Option<RootCredentials>,
    /// Certificates that outbound calls trust.
    pub ca_bundle: Option<PathBuf>,
    /// Hosts, addresses and networks that outbound calls may reach besides the public internet.
    pub allow_outbound: Vec<String>,
    /// The URL under which others reach this server, for the tokens it issues; without one, that of the first
    /// listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Connections served at a time.
    pub max_connections: usize,
    /// Of these, those of one address; without a number, half of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections_per_address: Option<usize>,
    /// Sessions shown by `rolecall sessions list`.
    pub live_sessions: usize,
    /// How much principals, and addresses and issuers that prove nobody, are listened to.
    pub throttle: Throttle,
    /// How long a stopping server waits for requests under way, in seconds.
    pub drain_seconds: u64,
    /// Days before today whose audit records are kept; all without a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_kept_days: Option<u32>,
    /// Bytes that the audit log may have before its oldest days are removed; any without a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_kept_bytes: Option<u64>,
    /// The form of log lines.
    pub log_format: LogFormat,
    /// Decisions kept in memory, to be explained.
    pub decisions_kept: usize,
    /// Whether decisions that allow are kept, too.
    pub keep_allowed_decisions: bool,
    /// Whether denial messages name the authorization id that explains them.
    pub authorization_ids: bool,
    /// Where in its file each of these stands.
    #[serde(skip)]
    pub places: Places,
}

/// The limits on how many requests may be sent. `off = true` lifts those that are not given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Whether limits that are not given are lifted instead of the default ones.
    #[serde(default)]
    pub off: bool,
    /// Requests of one principal to STS, IAM and the administration.
    pub principal: Option<Rate>,
    /// Requests from one address that prove nobody and are refused.
    pub address: Option<Rate>,
    /// Tokens and responses said to be of one identity provider that do not hold.
    pub issuer: Option<Rate>,
}

impl Throttle {
    /// The limits in force.
    pub fn limits(&self) -> Limits {
        let default = |rate| (!self.off).then_some(rate);
        Limits {
            principal: self.principal.or(default(PRINCIPAL_RATE)),
            address: self.address.or(default(ADDRESS_RATE)),
            issuer: self.issuer.or(default(ISSUER_RATE)),
            hold: HOLD,
        }
    }
}

/// What kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// `rolecall dev`: creates what is missing.
    Dev,
    /// `rolecall serve`: refuses what is unsafe.
    Serve,
}

/// A listening address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// The address.
    #[serde(deserialize_with = "address::deserialize")]
    pub address: SocketAddr,
    /// The certificate chain, PEM. With it, the listener speaks TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// An account beside the installation's own, with its root user's key.
#[derive(Debug, Clone, Serialize)]
pub struct FurtherAccount {
    /// Its id.
    pub account: String,
    /// Its root user's key.
    pub root_credentials: RootCredentials,
}

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<Vec<Listen>>,
    #[serde(default, deserialize_with = "address::deserialize_metrics")]
    metrics_listen: Option<SocketAddr>,
    #[serde(rename = "instance")]
    instances: Option<Vec<InstanceConfig>>,
    data_dir: Option<PathBuf>,
    account: Option<AccountId>,
    region: Option<String>,
    s3_hosts: Option<Vec<String>>,
    saml_sign_in_urls: Option<Vec<String>>,
    signature_v2_urls: Option<bool>,
    allow_plaintext: Option<bool>,
    ca_bundle: Option<PathBuf>,
    allow_outbound: Option<Vec<String>>,
    public_url: Option<String>,
    max_connections: Option<usize>,
    max_connections_per_address: Option<usize>,
    live_sessions: Option<usize>,
    throttle: Option<Throttle>,
    drain_seconds: Option<u64>,
    audit_kept_days: Option<u32>,
    audit_kept_bytes: Option<u64>,
    log_format: Option<LogFormat>,
    decisions_kept: Option<usize>,
    keep_allowed_decisions: Option<bool>,
    authorization_ids: Option<bool>,
}

impl Config {
    /// Puts the configuration together.
    ///
    /// # Errors
    /// When the file cannot be read, says something unknown or wrong, or no data directory can be
    /// told.
    pub fn load(mode: Mode, overrides: Overrides, file: Option<&Path>) -> Result<Self> {
        let (file, mut places) = file.map_or_else(|| Ok(Default::default()), File::read)?;
        overrides.names().into_iter().for_each(|name| places.forget(name));
        let mut throttle = file.throttle.unwrap_or_default();
        throttle.off |= mode == Mode::Dev;
        let (own, further_accounts) = sorted(overrides.accounts)?;
        Ok(Self {
            mode,
            listen: listen(overrides.listen, file.listen),
            metrics_listen: overrides.metrics_listen.or(file.metrics_listen),
            instances: some(overrides.instances).or(file.instances).unwrap_or_default(),
            data_dir: overrides.data_dir.or(file.data_dir).map_or_else(default_data_dir, Ok)?,
            account: own.or(file.account),
            further_accounts,
            region: overrides.region.or(file.region).unwrap_or_else(|| "us-east-1".to_owned()),
            s3_hosts: some(overrides.s3_hosts).or(file.s3_hosts).unwrap_or_default(),
            saml_sign_in_urls: file.saml_sign_in_urls.unwrap_or_default(),
            signature_v2_urls: file.signature_v2_urls.unwrap_or(true),
            allow_plaintext: file.allow_plaintext.unwrap_or(false),
            test_clock: false,
            accept_clock: false,
            root_credentials: None,
            ca_bundle: overrides.ca_bundle.or(file.ca_bundle),
            allow_outbound: some(overrides.allow_outbound).or(file.allow_outbound).unwrap_or_default(),
            public_url: overrides.public_url.or(file.public_url),
            max_connections: overrides.max_connections.or(file.max_connections).unwrap_or(10_000),
            max_connections_per_address: file.max_connections_per_address,
            live_sessions: overrides.live_sessions.or(file.live_sessions).unwrap_or(1_000_000),
            throttle,
            drain_seconds: file.drain_seconds.unwrap_or(30),
            audit_kept_days: file.audit_kept_days,
            audit_kept_bytes: file.audit_kept_bytes,
            log_format: overrides.log_format.or(file.log_format).unwrap_or_default(),
            decisions_kept: overrides.decisions_kept.or(file.decisions_kept).unwrap_or(10_000),
            keep_allowed_decisions: overrides
                .keep_allowed_decisions
                .or(file.keep_allowed_decisions)
                .unwrap_or(false),
            authorization_ids: overrides.authorization_ids.or(file.authorization_ids).unwrap_or(true),
            places,
        })
    }

    /// The names of what another configuration says otherwise, flags and secrets aside.
    pub(crate) fn differs_from(&self, other: &Self) -> Vec<String> {
        let said = |config: &Self| match serde_json::to_value(config) {
            Ok(serde_json::Value::Object(said)) => said,
            _ => serde_json::Map::new(),
        };
        let (ours, theirs) = (said(self), said(other));
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name)).cloned().collect()
    }

    fn has_chosen_keys(&self) -> bool {
        self.root_credentials.is_some() || !self.further_accounts.is_empty()
    }

    /// The connections that one address may have.
    pub fn share_of_an_address(&self) -> usize {
        self.max_connections_per_address.unwrap_or(self.max_connections / 2).max(1)
    }

    /// True when no other machine can reach the server.
    pub fn is_loopback(&self) -> bool {
        self.listen.iter().all(|listen| listen.address.ip().is_loopback())
    }
}

impl File {
    fn read(path: &Path) -> Result<(Self, Places)> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{}: the configuration file cannot be read", path.display()))?;
        let mut file: Self = toml::from_str(&text).map_err(|e| places::unreadable(path, &text, &e))?;
        file.resolve(path.parent().unwrap_or(Path::new("")));
        Ok((file, Places::read(path, &text)))
    }

    /// Paths in the file are relative to the file.
    fn resolve(&mut self, directory: &Path) {
        let listeners = self.listen.iter_mut().flatten();
        let tls = listeners.flat_map(|l| [&mut l.tls_certificate, &mut l.tls_key]);
        let paths = tls.chain([&mut self.data_dir, &mut self.ca_bundle]);
        paths.flatten().for_each(|path| *path = directory.join(&path));
    }
}

fn listen(flags: Vec<SocketAddr>, file: Option<Vec<Listen>>) -> Vec<Listen> {
    let plain = |address| Listen { address, tls_certificate: None, tls_key: None };
    match some(flags) {
        Some(flags) => flags.into_iter().map(plain).collect(),
        None => {
            file.unwrap_or_else(|| vec![plain(SocketAddr::from((Ipv4Addr::LOCALHOST, address::USUAL_PORT)))])
        }
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The platform's place for a user's data (XDG Base Directory Specification).
pub(crate) fn default_data_dir() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("rolecall")).context("no data directory: set HOME or give --data-dir DIR")
}

/// The account of an installation that is founded without another one being told.
pub(crate) const DEFAULT_ACCOUNT: &str = "123456789012";
/// As many as AWS STS grants an account by default (IAM User Guide, IAM and AWS STS quotas).
const PRINCIPAL_RATE: Rate = Rate { per_second: 600, burst: 1_200 };
const ADDRESS_RATE: Rate = Rate { per_second: 50, burst: 500 };
/// At 60 µs a signature, this is a fifth of a processor at most.
const ISSUER_RATE: Rate = Rate { per_second: 3_000, burst: 3_000 };
/// How long whoever has proved nobody waits to be turned away.
const HOLD: Duration = Duration::from_secs(1);
