//! The ring's file: which installation's it is, and every key with a checksum. Files of earlier builds have neither.

use super::{Material, Purpose, RingKey, State};
use crate::installation::InstallationId;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    installation: Option<InstallationId>,
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: u32,
    purpose: Purpose,
    state: State,
    #[serde(default)]
    since: i64,
    bytes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

/// The ring as text.
pub(super) fn write(
    installation: Option<&InstallationId>,
    keys: &[RingKey],
) -> io::Result<Zeroizing<Vec<u8>>> {
    let keys = keys.iter().map(|key| StoredKey::of(key, installation)).collect();
    let stored = Stored { installation: installation.cloned(), keys };
    Ok(Zeroizing::new(serde_json::to_vec_pretty(&stored)?))
}

/// Reads a ring: whose it is, and its keys, each of which is whole.
pub(super) fn read(path: &Path) -> io::Result<(Option<InstallationId>, Vec<RingKey>)> {
    let text = Zeroizing::new(std::fs::read(path)?);
    let damaged = |what: String| io::Error::other(format!("{}: {what}", path.display()));
    let stored: Stored =
        serde_json::from_slice(&text).map_err(|error| damaged(format!("not a key ring: {error}")))?;
    let installation = stored.installation.as_ref();
    let keys = stored.keys.into_iter().map(|key| {
        let id = key.id;
        let key = key.checked(installation).filter(RingKey::is_whole);
        key.ok_or_else(|| damaged(format!("key {id} is damaged; restore the file from a backup")))
    });
    let keys = keys.collect::<io::Result<_>>()?;
    Ok((stored.installation, keys))
}

impl StoredKey {
    fn of(key: &RingKey, installation: Option<&InstallationId>) -> Self {
        let (id, purpose, state, since) = (key.id, key.purpose, key.state, key.since);
        let bytes = STANDARD.encode(&key.bytes.bytes);
        let mut stored = Self { id, purpose, state, since, bytes, checksum: None };
        stored.checksum = installation.and_then(|installation| stored.sum(installation));
        stored
    }

    /// The key, if what the file says of it is what was written. Only files without an installation have no checksums.
    fn checked(self, installation: Option<&InstallationId>) -> Option<RingKey> {
        let expected = installation.map(|installation| self.sum(installation));
        if expected.is_some_and(|sum| sum.is_none() || sum != self.checksum) {
            return None;
        }
        let bytes = Zeroizing::new(STANDARD.decode(&self.bytes).ok()?);
        let (id, purpose, state, since) = (self.id, self.purpose, self.state, self.since);
        Some(RingKey { id, purpose, state, since, bytes: Arc::new(Material::new(bytes)) })
    }

    /// Over all that is said of the key, and whose it is. It tells damage, not intent: whoever can write the file
    /// can write another sum.
    fn sum(&self, installation: &InstallationId) -> Option<String> {
        let said = (DOMAIN, installation, self.id, self.purpose, self.state, self.since, &self.bytes);
        let said = Zeroizing::new(serde_json::to_vec(&said).ok()?);
        let sum = digest(&SHA256, &said);
        Some(HEXLOWER.encode(sum.as_ref().first_chunk::<16>()?))
    }
}

impl Drop for StoredKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

const DOMAIN: &str = "rolecall key ring";
