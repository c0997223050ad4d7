//! The file with the root user's access key, in the form of AWS's credentials files.

use super::DataDir;
use super::parts::ROOT_CREDENTIALS;
use crate::config::{Config, RootCredentials};
use anyhow::{Context, Result, bail};
use rolecall_core::installation::{Recovered, RootKey};
use rolecall_core::{System, private_file};
use std::path::PathBuf;
use zeroize::Zeroizing;

impl DataDir {
    /// The file with the root user's access key.
    pub fn root_credentials(&self) -> PathBuf {
        self.path.join(ROOT_CREDENTIALS)
    }

    pub(super) fn write_root(&self, id: &str, secret: &str) -> Result<()> {
        let path = self.root_credentials();
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        private_file::replace(&path, Zeroizing::new(text).as_bytes())
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

    /// The key in the file, and whether it still is the root user's.
    ///
    /// # Errors
    /// As [`DataDir::read_root`], and when the store fails.
    pub async fn root(&self, system: &System) -> Result<(RootCredentials, RootKey)> {
        let root = self.read_root()?;
        let standing = system.root_key(&system.settings.account, &root.access_key_id).await?;
        Ok((root, standing))
    }

    /// Chosen credentials are for a fresh directory; on another one they must be those it has.
    pub(super) fn check_root(&self, config: &Config) -> Result<()> {
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

    /// Makes a new root key while no server runs, and leaves it in the file. That the directory can be used is the
    /// proof of who asks.
    ///
    /// # Errors
    /// As [`DataDir::open`], and when there is no such account, or the audit log or the disk refuses. When the key was
    /// made and only the file was not written, the second value says so.
    pub async fn recover_root(&self, config: &Config) -> Result<(Recovered, Result<()>)> {
        let system = self.open_to_recover(config).await?;
        let account = &system.settings.account;
        let by = format!("uid:{}", rustix::process::getuid().as_raw());
        let made = system.recover_root(account, &by).await?;
        let made = made.with_context(|| format!("{} has no account {account}", self.path.display()))?;
        let filed = self.write_root(&made.fresh.record.id, &made.fresh.secret);
        Ok((made, filed))
    }
}
