//! The data directory: what is where, how it is made, and how it is opened.

use crate::config::{Config, FurtherAccount, Mode, RootCredentials};
use crate::outbound::Outbound;
use anyhow::{Context, Result, bail};
use rolecall_core::accounts::Taken;
use rolecall_core::clock::text::iso8601;
use rolecall_core::clock::{Clock, SystemClock, TestClock};
use rolecall_core::decisions::Keeping;
use rolecall_core::id::account_of_access_key;
use rolecall_core::keyring::KeyRing;
use rolecall_core::live::Live;
use rolecall_core::records::{Account, Owner};
use rolecall_core::throttle::Throttle;
use rolecall_core::{Audit, Settings, System, private_file, time_mark};
use rolecall_store::{Blobs, Store};
use rolecall_wire::sigv4::SigningKeyCache;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The directory.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// The directory at a path, which need not exist yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The file with the root user's access key.
    pub fn root_credentials(&self) -> PathBuf {
        self.path.join("root-credentials")
    }

    /// The directory of audit records.
    pub fn audit(&self) -> PathBuf {
        self.path.join("audit")
    }

    fn keys(&self) -> PathBuf {
        self.path.join("keys.json")
    }

    /// Opens the system, making what is missing: what `rolecall dev` and `rolecall init` do.
    ///
    /// # Errors
    /// When another process holds the directory, a part of it is damaged, or the disk refuses.
    pub async fn create(&self, config: &Config) -> Result<System> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.path)
            .with_context(|| format!("{}: the data directory cannot be made", self.path.display()))?;
        let store = self.store()?;
        if !self.keys().exists() {
            KeyRing::generate()?
                .write_new(&self.keys())
                .with_context(|| self.keys().display().to_string())?;
        }
        let system = self.system(config, store).await?;
        if !system.is_initialised().await? {
            self.initialise(&system, config).await?;
        }
        self.check_root(config)?;
        for account in &config.further_accounts {
            declare(&system, account).await?;
        }
        Ok(system)
    }

    /// Opens a system that `rolecall init` has made.
    ///
    /// # Errors
    /// As [`DataDir::create`], and when the directory is not initialised or was made for development.
    pub async fn open(&self, config: &Config) -> Result<System> {
        if !self.keys().exists() {
            bail!("{} is not initialised. Run: rolecall init --config FILE", self.path.display());
        }
        let system = self.system(config, self.store()?).await?;
        if !system.is_initialised().await? {
            let account = &system.settings.account;
            bail!("{} has no account {account}. Run: rolecall init --config FILE", self.path.display());
        }
        let accounts = system.accounts().await?;
        match accounts.iter().find_map(|account| account.root_keys.iter().find(|id| !is_minted(id, account)))
        {
            Some(id) => bail!(
                "the root key '{id}' was chosen with `rolecall dev` (--root-credentials or --account) and may be \
                 known to others. Use a data directory made by `rolecall init`"
            ),
            None => Ok(system),
        }
    }

    /// Whether the account exists already.
    ///
    /// # Errors
    /// As [`DataDir::open`].
    pub async fn is_initialised(&self, config: &Config) -> Result<bool> {
        if !self.keys().exists() {
            return Ok(false);
        }
        Ok(self.system(config, self.store()?).await?.is_initialised().await?)
    }

    fn store(&self) -> Result<Store> {
        let path = self.path.join("store");
        Store::open(&path).with_context(|| {
            format!("{}: the store cannot be opened; does another rolecall use it?", path.display())
        })
    }

    async fn system(&self, config: &Config, store: Store) -> Result<System> {
        let open = |name| self.path.join(name);
        let clock = self.clock(config, &store).await?;
        Ok(System {
            store,
            blobs: Blobs::open(&open("blobs")).with_context(|| open("blobs").display().to_string())?,
            keys: KeyRing::read(&self.keys()).context("the key ring cannot be used")?,
            started: clock.now(),
            clock,
            audit: Audit::open(&self.audit()).with_context(|| self.audit().display().to_string())?,
            background: Default::default(),
            settings: settings(config)?,
            signing_keys: SigningKeyCache::new(REMEMBERED_KEYS),
            sessions: Default::default(),
            live: Live::new(config.live_sessions),
            throttle: Throttle::new(config.throttle.limits()),
            usage: Default::default(),
            metrics: Default::default(),
            fetch: Arc::new(Outbound::new(config)?),
            federation: Default::default(),
            metadata: Default::default(),
            decisions: Default::default(),
        })
    }

    /// A clock that goes on from where this directory has seen it last.
    async fn clock(&self, config: &Config, store: &Store) -> Result<Arc<dyn Clock>> {
        let mark = time_mark::read(store).await.context("the time of the last run cannot be read")?;
        let mark = mark.filter(|_| !config.accept_clock).unwrap_or_default();
        if config.test_clock {
            return Ok(Arc::new(TestClock::not_before(mark)));
        }
        let machine = SystemClock::default().now_ms();
        if mark.saturating_sub(machine) > HELD_AT_MOST_MS {
            bail!(
                "the machine's clock says {}, but {} was in use until {}. With a clock that goes back, sessions \
                 would last longer than they should. Set the clock right; or, if it was ahead before and is right \
                 now, start once with --accept-clock",
                iso8601(machine / 1000),
                self.path.display(),
                iso8601(mark / 1000),
            );
        }
        if mark > machine {
            let seconds = (mark - machine) / 1000;
            tracing::warn!(seconds, "the machine's clock is behind the last run's; time goes on from there");
        }
        Ok(Arc::new(SystemClock::not_before(mark)))
    }

    /// The file comes first: a crash between the two leaves credentials that the next start uses.
    async fn initialise(&self, system: &System, config: &Config) -> Result<()> {
        let pair = match (&config.root_credentials, self.read_root()) {
            (Some(chosen), _) => (chosen.access_key_id.clone(), chosen.secret.clone()),
            (None, Ok(left)) => (left.access_key_id, left.secret),
            (None, Err(_)) => {
                let fresh = system.new_access_key(&system.settings.account, Owner::Root)?;
                (fresh.record.id, fresh.secret)
            }
        };
        self.write_root(&pair.0, &pair.1)?;
        system.initialise(Some(pair)).await?;
        Ok(())
    }

    fn write_root(&self, id: &str, secret: &str) -> Result<()> {
        let path = self.root_credentials();
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        private_file::create(&path, Zeroizing::new(text).as_bytes())
            .with_context(|| format!("{}: cannot be written", path.display()))
    }

    /// The root user's access key, as left by the first start.
    ///
    /// # Errors
    /// When the file is missing, open to others, or not as this program writes it.
    pub fn read_root(&self) -> Result<RootCredentials> {
        let path = self.root_credentials();
        private_file::check_mode(&path).with_context(|| format!("{}", path.display()))?;
        let text =
            Zeroizing::new(std::fs::read_to_string(&path).with_context(|| path.display().to_string())?);
        let value = |name: &str| {
            let values = text.lines().filter_map(|line| line.split_once('='));
            values.into_iter().find(|(n, _)| n.trim() == name).map(|(_, v)| v.trim().to_owned())
        };
        let missing = || format!("{}: no aws_access_key_id and aws_secret_access_key", path.display());
        Ok(RootCredentials {
            access_key_id: value("aws_access_key_id").with_context(missing)?,
            secret: Zeroizing::new(value("aws_secret_access_key").with_context(missing)?),
        })
    }

    /// Chosen credentials are for a fresh directory; on another one they must be those it has.
    fn check_root(&self, config: &Config) -> Result<()> {
        let Some(chosen) = &config.root_credentials else { return Ok(()) };
        match self.read_root() {
            Ok(have) if have.access_key_id == chosen.access_key_id && have.secret == chosen.secret => Ok(()),
            _ => bail!(
                "{} exists already with another root key; --root-credentials only works on a fresh one. \
                 Leave the flag out, or give another --data-dir",
                self.path.display()
            ),
        }
    }
}

fn settings(config: &Config) -> Result<Settings> {
    Ok(Settings {
        account: config.account.parse()?,
        region: config.region.as_str().into(),
        s3_hosts: config.s3_hosts.clone(),
        saml_sign_in_urls: config.saml_sign_in_urls.clone(),
        signature_v2_urls: config.signature_v2_urls,
        keeping: Keeping {
            most: config.decisions_kept,
            allowed: config.keep_allowed_decisions,
            in_messages: config.authorization_ids,
            ..Keeping::default()
        },
        loopback_issuers: config.mode == Mode::Dev,
        public_url: config.public_url.clone().unwrap_or_default(),
    })
}

/// Opens the system as the mode demands.
///
/// # Errors
/// As [`DataDir::create`] and [`DataDir::open`].
pub async fn open(config: &Config) -> Result<System> {
    let data_dir = DataDir::at(&config.data_dir);
    match config.mode {
        Mode::Dev => data_dir.create(config).await,
        Mode::Serve => data_dir.open(config).await,
    }
}

/// Sees to it that a further account is there with its root user's key.
async fn declare(system: &System, further: &FurtherAccount) -> Result<()> {
    let root = &further.root_credentials;
    let id = further.account.parse()?;
    match system.declare_account(id, &root.access_key_id, &root.secret).await? {
        Ok(()) => Ok(()),
        Err(Taken::Id(id)) => bail!(
            "--account {id}: the account exists already with another root key. Leave the flag out, or give \
             another --data-dir"
        ),
        Err(taken) => bail!("--account {}: {taken}", further.account),
    }
}

/// Whether an account's access key id is one that this program made: it tells the account.
fn is_minted(id: &str, account: &Account) -> bool {
    id.len() == 20 && id.starts_with("AKIA") && account_of_access_key(id).as_ref() == Some(&account.id)
}

const REMEMBERED_KEYS: usize = 10_000;
/// How far behind the last run the machine's clock may be at a start: as far as clocks may differ.
const HELD_AT_MOST_MS: i64 = 300_000;
