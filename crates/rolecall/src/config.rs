//! The configuration: flag, else environment, else file, else default.

use crate::instances::{self, InstanceConfig};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use rolecall_core::id::AccountId;
use rolecall_core::throttle::{Limits, Rate};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use zeroize::Zeroizing;

/// Everything an operator can choose.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    /// Whether this is `rolecall dev` or `rolecall serve`.
    pub mode: Mode,
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// Instances whose metadata is served.
    #[serde(rename = "instance", skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<InstanceConfig>,
    /// Where keys, records, objects and audit log live.
    pub data_dir: PathBuf,
    /// The installation's account.
    pub account: String,
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

/// An access key id and its secret, given by the operator.
#[derive(Clone)]
pub struct RootCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: Zeroizing<String>,
}

/// An account beside the installation's own, with its root user's key.
#[derive(Debug, Clone, Serialize)]
pub struct FurtherAccount {
    /// Its id.
    pub account: String,
    /// Its root user's key.
    pub root_credentials: RootCredentials,
}

/// What `--account` says: the id of the installation's own account, or a further one's with its key.
#[derive(Debug, Clone)]
pub enum AccountFlag {
    /// `ID`.
    Own(AccountId),
    /// `ID:KEY:SECRET`.
    Further(FurtherAccount),
}

/// What flags and environment say. Every flag has its variable.
#[derive(Debug, Clone, Default, Args)]
pub struct Overrides {
    /// Address to listen on; may be given several times
    #[arg(long, value_name = "ADDRESS", env = "ROLECALL_LISTEN", value_delimiter = ',')]
    pub listen: Vec<SocketAddr>,
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
    /// key, as often as there are
    #[arg(
        long = "account",
        value_name = "ID[:KEY:SECRET]",
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

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<Vec<Listen>>,
    #[serde(rename = "instance")]
    instances: Option<Vec<InstanceConfig>>,
    data_dir: Option<PathBuf>,
    account: Option<String>,
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
        let file = file.map_or_else(|| Ok(File::default()), File::read)?;
        let mut throttle = file.throttle.unwrap_or_default();
        throttle.off |= mode == Mode::Dev;
        let (own, further_accounts) = sorted(overrides.accounts)?;
        let account = match (own, file.account) {
            (Some(account), _) => account.to_string(),
            (None, Some(text)) => {
                text.parse::<AccountId>().context("`account` in the configuration file")?.to_string()
            }
            (None, None) => DEFAULT_ACCOUNT.to_owned(),
        };
        Ok(Self {
            mode,
            listen: listen(overrides.listen, file.listen),
            instances: some(overrides.instances).or(file.instances).unwrap_or_default(),
            data_dir: overrides.data_dir.or(file.data_dir).map_or_else(default_data_dir, Ok)?,
            account,
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
        })
    }

    /// Refuses what this mode must not do.
    ///
    /// # Errors
    /// The first thing that is wrong, and what to do about it.
    pub fn check(&self) -> Result<()> {
        if let Some(listen) = self.listen.iter().find(|l| l.tls_certificate.is_some() != l.tls_key.is_some())
        {
            bail!("{}: `tls_certificate` and `tls_key` go together; give both or neither", listen.address);
        }
        if let Some(url) = self.public_url.as_deref().filter(|url| !is_base(url)) {
            bail!("`public_url`: '{url}' is not an http or https URL of host and path");
        }
        instances::check(&self.instances)?;
        match self.mode {
            Mode::Dev if self.has_chosen_keys() && !self.is_loopback() => bail!(
                "--root-credentials and --account ID:KEY:SECRET are for loopback addresses only: anybody who \
                 can reach the server could guess them. Leave them out, and random keys are made"
            ),
            Mode::Dev => Ok(()),
            Mode::Serve => self.check_production(),
        }
    }

    fn check_production(&self) -> Result<()> {
        if self.has_chosen_keys() || self.test_clock {
            bail!(
                "chosen root credentials and the test clock belong to `rolecall dev`; `rolecall serve` refuses them"
            );
        }
        let plain = |l: &&Listen| l.tls_key.is_none() && !l.address.ip().is_loopback();
        match self.listen.iter().find(plain) {
            Some(listen) if !self.allow_plaintext => bail!(
                "{} would serve plain HTTP to other machines. Give the listener `tls_certificate` and \
                 `tls_key`, or set `allow_plaintext = true` when something in front of it encrypts",
                listen.address
            ),
            _ => Ok(()),
        }
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
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{}: the configuration file cannot be read", path.display()))?;
        let mut file: Self = toml::from_str(&text).map_err(|e| place(path, &text, &e))?;
        file.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(file)
    }

    /// Paths in the file are relative to the file.
    fn resolve(&mut self, directory: &Path) {
        let listeners = self.listen.iter_mut().flatten();
        let tls = listeners.flat_map(|l| [&mut l.tls_certificate, &mut l.tls_key]);
        let paths = tls.chain([&mut self.data_dir, &mut self.ca_bundle]);
        paths.flatten().for_each(|path| *path = directory.join(&path));
    }
}

/// The installation's own account, if told, and the further ones.
fn sorted(flags: Vec<AccountFlag>) -> Result<(Option<AccountId>, Vec<FurtherAccount>)> {
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

/// `file:line: what is wrong`.
fn place(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    anyhow!("{}:{line}: {}", path.display(), error.message().trim())
}

fn listen(flags: Vec<SocketAddr>, file: Option<Vec<Listen>>) -> Vec<Listen> {
    let plain = |address| Listen { address, tls_certificate: None, tls_key: None };
    match some(flags) {
        Some(flags) => flags.into_iter().map(plain).collect(),
        None => file.unwrap_or_else(|| vec![plain(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)))]),
    }
}

/// A URL that issuers can begin with.
fn is_base(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok().filter(|uri| uri.host().is_some() && uri.query().is_none());
    uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https"))) && !url.contains(['@', '#'])
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The platform's place for a user's data (XDG Base Directory Specification).
fn default_data_dir() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("rolecall")).context("no data directory: set HOME or give --data-dir DIR")
}

impl FromStr for RootCredentials {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (id, secret) = text.split_once(':').ok_or("not of the form KEY:SECRET")?;
        let fits =
            |text: &str| !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_graphic());
        if !fits(id) || !fits(secret) || id.contains('/') {
            return Err("key and secret are 1 to 128 printable characters, and the key has no '/'");
        }
        Ok(Self { access_key_id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }
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

impl fmt::Debug for RootCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:<hidden>", self.access_key_id)
    }
}

impl Serialize for RootCredentials {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

const DEFAULT_ACCOUNT: &str = "123456789012";
const DEFAULT_PORT: u16 = 4566;
/// As many as AWS STS grants an account by default (IAM User Guide, IAM and AWS STS quotas).
const PRINCIPAL_RATE: Rate = Rate { per_second: 600, burst: 1_200 };
const ADDRESS_RATE: Rate = Rate { per_second: 50, burst: 500 };
/// At 60 µs a signature, this is a fifth of a processor at most.
const ISSUER_RATE: Rate = Rate { per_second: 3_000, burst: 3_000 };
/// How long whoever has proved nobody waits to be turned away.
const HOLD: Duration = Duration::from_secs(1);
