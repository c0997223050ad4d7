//! Founding an installation, and adopting one that an earlier build founded. Both go on where a crash has cut them off.

use super::parts::{AUDIT, BEGUN, BLOBS, MARK, Mark, Parts, Standing};
use super::{DataDir, Wish, make};
use crate::config::{Config, DEFAULT_ACCOUNT};
use anyhow::{Context, Result};
use rolecall_core::System;
use rolecall_core::id::{AccountId, account_of_access_key};
use rolecall_core::installation::{self, InstallationId, Unrecorded};
use rolecall_core::keyring::KeyRing;
use rolecall_core::records::Owner;
use rolecall_store::Store;
use std::fs::File;
use std::io::ErrorKind;

impl DataDir {
    /// Founds an installation, or goes on where a crash has cut that off. Whoever holds the store does it; another one
    /// that comes meanwhile is refused there, and one that comes later finds it done.
    pub(super) async fn begin(&self, config: &Config, wish: Wish, mark: Mark) -> Result<System> {
        self.check_account(config, &mark.account)?;
        make(&self.path)?;
        let begun = self.path.join(BEGUN);
        if !begun.exists() {
            mark.write(&begun)?;
        }
        let store = self.store()?;
        let parts = Parts::look(&self.path)?;
        if let Some(record) = installation::read(&store).await? {
            parts.check_recorded(&record, &KeyRing::read(&self.keys()).context("the key ring")?)?;
            self.end_of_founding()?;
            return self.use_again(config, wish, &parts, store).await;
        }
        // Another one may have begun in between.
        let Standing::Begun(mark) = parts.standing()? else { return self.refuse_uninitialised() };
        if !self.keys().exists() {
            KeyRing::generate_for(mark.installation.clone())?
                .write_new(&self.keys())
                .with_context(|| self.keys().display().to_string())?;
        }
        let ring = KeyRing::read(&self.keys()).context("the key ring cannot be used")?;
        self.finish(config, &mark, store, ring).await
    }

    async fn finish(&self, config: &Config, mark: &Mark, store: Store, ring: KeyRing) -> Result<System> {
        let system = self.marked(config, mark, store, ring).await?;
        self.initialise(&system, config).await?;
        self.end_of_founding()?;
        Ok(system)
    }

    /// The system, with a mark in each of its parts.
    async fn marked(&self, config: &Config, mark: &Mark, store: Store, ring: KeyRing) -> Result<System> {
        let ring = ring.adopted_by(&mark.installation).context("the key ring's file")?;
        for part in [BLOBS, AUDIT] {
            let path = self.path.join(part);
            make(&path)?;
            mark.write(&path.join(MARK))?;
        }
        self.system(config, store, ring, mark.account.clone()).await
    }

    fn end_of_founding(&self) -> Result<()> {
        let begun = self.path.join(BEGUN);
        match std::fs::remove_file(&begun) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => File::open(&self.path).and_then(|directory| directory.sync_all()),
        }
        .with_context(|| begun.display().to_string())
    }

    /// Marks the parts of an installation that an earlier build founded, once it is known that they belong together.
    /// The store's record comes last: as long as it is missing, this is done again.
    pub(super) async fn adopt(
        &self,
        config: &Config,
        wish: Wish,
        parts: &Parts,
        store: Store,
        ring: KeyRing,
    ) -> Result<System> {
        let accounts = match installation::look(&store, &ring).await? {
            Unrecorded::Earlier { opened: false, .. } => return parts.refuse_ring(),
            Unrecorded::Earlier { accounts, .. } => accounts,
            Unrecorded::Empty if parts.id().is_some() => return parts.refuse_empty_store(),
            Unrecorded::Empty if wish == Wish::Open => return self.refuse_uninitialised(),
            Unrecorded::Empty => Vec::new(),
        };
        let told = config.account.clone().map_or_else(|| DEFAULT_ACCOUNT.parse(), Ok)?;
        let account = self.first_account(config, &accounts).unwrap_or(told);
        self.check_account(config, &account)?;
        let installation = parts.id().cloned().map_or_else(InstallationId::random, Ok)?;
        let mark = Mark { installation, account };
        if accounts.is_empty() {
            mark.write(&self.path.join(BEGUN))?;
            let ring = ring.adopted_by(&mark.installation).context("the key ring's file")?;
            return self.finish(config, &mark, store, ring).await;
        }
        self.check_wish(wish)?;
        let system = self.marked(config, &mark, store, ring).await?;
        installation::adopt(&system.store, &system.keys, &mark.account, system.clock.now()).await?;
        tracing::info!(installation = %mark.installation, account = %mark.account, "the data directory has an id now");
        Ok(system)
    }

    /// The account an earlier build founded an installation with: the oldest. Of those made in the same second it is
    /// the one asked for, else the one that the file with the root key was written for.
    fn first_account(&self, config: &Config, accounts: &[(AccountId, i64)]) -> Option<AccountId> {
        let (first, oldest) = accounts.first()?;
        let among = |id: &AccountId| accounts.iter().any(|(held, made)| held == id && made == oldest);
        let of_root = || account_of_access_key(&self.read_root().ok()?.access_key_id);
        let usual = || DEFAULT_ACCOUNT.parse().ok();
        let told = config.account.clone().filter(among);
        let found = told.or_else(|| of_root().filter(among)).or_else(|| usual().filter(among));
        Some(found.unwrap_or_else(|| first.clone()))
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
}
