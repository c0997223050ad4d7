//! The data directory: what is where, how it is made, and how it is opened.

mod founding;
mod parts;
mod root;

use crate::config::{Config, DEFAULT_ACCOUNT, FurtherAccount, Mode};
use crate::outbound::Outbound;
use anyhow::{Context, Result, bail};
use parts::{AUDIT, BLOBS, KEYS, Mark, Parts, STORE, Standing};
use rolecall_core::accounts::Taken;
use rolecall_core::clock::text::iso8601;
use rolecall_core::clock::{Clock, SystemClock, TestClock};
use rolecall_core::decisions::Keeping;
use rolecall_core::id::{AccountId, account_of_access_key};
use rolecall_core::installation::{self, InstallationId};
use rolecall_core::keyring::KeyRing;
use rolecall_core::live::Live;
use rolecall_core::throttle::Throttle;
use rolecall_core::{Audit, Settings, System, time_mark};
use rolecall_store::{Blobs, Store};
use rolecall_wire::sigv4::SigningKeyCache;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The directory.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
}

/// What a directory is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// To be founded, and nothing else.
    Found,
    /// To be used, and founded when there is nothing.
    Use,
    /// To be used as it is.
    Open,
}

impl DataDir {
    /// The directory at a path, which need not exist yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The directory of audit records.
    pub fn audit(&self) -> PathBuf {
        self.path.join(AUDIT)
    }

    fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    /// Opens the system, making what is missing: what `rolecall dev` does.
    ///
    /// # Errors
    /// When the directory is not one installation's, whole and ours; when another process holds it, a part of it is
    /// damaged, or the disk refuses. Then nothing was changed.
    pub async fn create(&self, config: &Config) -> Result<System> {
        let system = self.ready(config, Wish::Use).await?;
        self.check_root(config)?;
        for account in &config.further_accounts {
            declare(&system, account).await?;
        }
        Ok(system)
    }

    /// Founds an installation: what `rolecall init` does. Refuses one that is there.
    ///
    /// # Errors
    /// As [`DataDir::create`].
    pub async fn found(&self, config: &Config) -> Result<System> {
        self.ready(config, Wish::Found).await
    }

    /// Opens a system that `rolecall init` has made.
    ///
    /// # Errors
    /// As [`DataDir::create`], and when the directory is not initialised or was made for development.
    pub async fn open(&self, config: &Config) -> Result<System> {
        let system = self.ready(config, Wish::Open).await?;
        let accounts = system.accounts().await?;
        let ids: Vec<&AccountId> = accounts.iter().map(|account| &account.id).collect();
        let root_keys = accounts.iter().flat_map(|account| &account.root_keys);
        match root_keys.into_iter().find(|key| !is_minted(key, &ids)) {
            Some(id) => bail!(
                "the root key '{id}' was chosen with `rolecall dev` (--root-credentials or --account) and may be \
                 known to others. Use a data directory made by `rolecall init`"
            ),
            None => Ok(system),
        }
    }

    async fn open_to_recover(&self, config: &Config) -> Result<System> {
        self.ready(config, Wish::Open).await
    }

    /// What is there is compared before anything is written.
    async fn ready(&self, config: &Config, wish: Wish) -> Result<System> {
        let parts = Parts::look(&self.path)?;
        match parts.standing()? {
            Standing::Whole => self.use_again(config, wish, &parts, self.store()?).await,
            Standing::Fresh if wish == Wish::Open => self.refuse_uninitialised(),
            Standing::Begun(_) if wish == Wish::Open => bail!(
                "{} was not initialised to the end. Run again: rolecall init --config FILE",
                self.path.display()
            ),
            Standing::Fresh => {
                let account = config.account.clone().map_or_else(|| DEFAULT_ACCOUNT.parse(), Ok)?;
                self.begin(config, wish, Mark { installation: InstallationId::random()?, account }).await
            }
            Standing::Begun(mark) => self.begin(config, wish, mark).await,
        }
    }

    fn refuse_uninitialised<T>(&self) -> Result<T> {
        bail!("{} is not initialised. Run: rolecall init --config FILE", self.path.display())
    }

    /// Uses an installation that is there, of this build or an earlier one.
    async fn use_again(&self, config: &Config, wish: Wish, parts: &Parts, store: Store) -> Result<System> {
        let ring = KeyRing::read(&self.keys()).context("the key ring cannot be used")?;
        let Some(record) = installation::read(&store).await? else {
            return self.adopt(config, wish, parts, store, ring).await;
        };
        parts.check_recorded(&record, &ring)?;
        self.check_account(config, &record.account)?;
        self.check_wish(wish)?;
        let ring = ring.adopted_by(&record.id).context("the key ring's file")?;
        self.system(config, store, ring, record.account).await
    }

    fn check_account(&self, config: &Config, founded: &AccountId) -> Result<()> {
        match &config.account {
            Some(told) if told != founded => bail!(
                "{} was founded with account {founded}, and account {told} is asked for (--account, ROLECALL_ACCOUNT or \
                 `account` in the file). Nothing was changed. Leave it out or say {founded}; account {told} needs \
                 another --data-dir, or becomes a further account of this one: rolecall account create --id {told}",
                self.path.display()
            ),
            _ => Ok(()),
        }
    }

    fn check_wish(&self, wish: Wish) -> Result<()> {
        if wish == Wish::Found {
            bail!("{} is initialised already; nothing was changed", self.path.display());
        }
        Ok(())
    }

    fn store(&self) -> Result<Store> {
        let path = self.path.join(STORE);
        Store::open(&path).with_context(|| {
            format!(
                "{}: the store cannot be opened; does another rolecall use it? Then stop that first",
                path.display()
            )
        })
    }

    async fn system(
        &self,
        config: &Config,
        store: Store,
        keys: KeyRing,
        account: AccountId,
    ) -> Result<System> {
        let open = |name| self.path.join(name);
        let clock = self.clock(config, &store).await?;
        Ok(System {
            store,
            blobs: Blobs::open(&open(BLOBS)).with_context(|| open(BLOBS).display().to_string())?,
            keys,
            started: clock.now(),
            clock,
            audit: Audit::open(&self.audit()).with_context(|| self.audit().display().to_string())?,
            background: Default::default(),
            settings: settings(config, account),
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
}

fn settings(config: &Config, account: AccountId) -> Settings {
    Settings {
        account,
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
    }
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

fn make(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("{}: the folder cannot be made", folder.display()))
}

/// Whether an access key id is one that this program made: it tells an account. (In earlier builds that could be
/// another account's than the one whose root user has it.)
fn is_minted(id: &str, accounts: &[&AccountId]) -> bool {
    let told = account_of_access_key(id);
    id.len() == 20 && id.starts_with("AKIA") && told.is_some_and(|told| accounts.contains(&&told))
}

const REMEMBERED_KEYS: usize = 10_000;
/// How far behind the last run the machine's clock may be at a start: as far as clocks may differ.
const HELD_AT_MOST_MS: i64 = 300_000;
