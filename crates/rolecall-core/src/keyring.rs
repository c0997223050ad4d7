//! The key ring: the server's own keys, each with an id, one purpose and a state.
//!
//! It lives in one file (mode 0600) beside the store. Keys are random; none is derived from a
//! principal's secret.

use crate::entropy::random;
use crate::error::Error;
use crate::federation::issuer::{Signer, generate};
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use zeroize::{Zeroize, Zeroizing};

/// What a key is for. A key is never used for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Sealing session tokens.
    SessionToken,
    /// Deriving the secret access keys of sessions.
    SessionSecret,
    /// Sealing long-term secrets at rest.
    StoredSecret,
    /// Signing tokens by RS256.
    TokenRs256,
    /// Signing tokens by ES384.
    TokenEs384,
    /// Sealing encoded authorization messages.
    AuthorizationMessage,
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Known, not yet used: gives every node time to learn it.
    Prepared,
    /// Used for new work; one a purpose.
    Active,
    /// Only opens what it once sealed.
    Retired,
}

/// One key.
#[derive(Clone, Serialize, Deserialize)]
pub struct RingKey {
    id: u32,
    purpose: Purpose,
    state: State,
    /// When it came into its state, in seconds since 1970; 0 when it was made in it.
    #[serde(default)]
    since: i64,
    #[serde(with = "base64_text")]
    bytes: Arc<Material>,
}

/// The bytes of a key, and what is made of them once for what every request does with it.
struct Material {
    bytes: Zeroizing<Vec<u8>>,
    prepared: OnceLock<Prepared>,
    signer: OnceLock<Option<Signer>>,
}

struct Prepared {
    mac: hmac::Key,
    cipher: Option<LessSafeKey>,
}

/// The server's keys. They can be rotated while they are used.
#[derive(Debug)]
pub struct KeyRing {
    keys: RwLock<Vec<RingKey>>,
    /// Where changes are written, before they are in force.
    file: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    keys: Vec<RingKey>,
}

/// Why a key ring was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Unchanged {
    /// There is no such key.
    #[error("the key ring has no key {0}")]
    Unknown(u32),
    /// Only retired keys can be removed.
    #[error("key {0} is not retired")]
    InUse(u32),
    /// Nothing is prepared.
    #[error("no key is prepared")]
    NothingPrepared,
    /// The random generator failed.
    #[error("the random generator failed")]
    Random,
    /// The ring's file could not be replaced.
    #[error("the key ring's file cannot be written: {0}")]
    File(#[from] io::Error),
}

impl KeyRing {
    /// A new ring in memory, with one active key for each purpose.
    ///
    /// # Errors
    /// When the random generator fails.
    pub fn generate() -> Result<Self, Error> {
        let key = |(id, purpose): (u32, &Purpose)| RingKey::random(id, *purpose, State::Active, 0);
        let keys = (1..).zip(&PURPOSES).map(key).collect::<Result<_, Error>>()?;
        Ok(Self { keys: RwLock::new(keys), file: None })
    }

    /// Reads the ring from a file, to which it writes its changes.
    ///
    /// # Errors
    /// When the file cannot be read, is readable by others, or is not a key ring.
    pub fn read(path: &Path) -> io::Result<Self> {
        crate::private_file::check_mode(path)?;
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let stored: Stored = serde_json::from_str(&text)
            .map_err(|e| io::Error::other(format!("{}: not a key ring: {e}", path.display())))?;
        if let Some(bad) = stored.keys.iter().find(|key| !key.is_whole()) {
            return Err(io::Error::other(format!("{}: key {} is damaged", path.display(), bad.id)));
        }
        Ok(Self { keys: RwLock::new(stored.keys), file: Some(path.to_owned()) })
    }

    /// Writes the ring to a new file that only its owner can read; never replaces one.
    ///
    /// # Errors
    /// When the file exists or cannot be written durably.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        crate::private_file::create(path, text(self.all())?.as_bytes())
    }

    /// The key that new work of this purpose uses.
    pub fn active(&self, purpose: Purpose) -> Option<RingKey> {
        self.find(|key| key.purpose == purpose && key.state == State::Active)
    }

    /// A key of this purpose by its id, whatever its state.
    pub fn by_id(&self, purpose: Purpose, id: u32) -> Option<RingKey> {
        self.find(|key| key.purpose == purpose && key.id == id)
    }

    /// True when the ring has a key of this purpose and id.
    pub fn has(&self, purpose: Purpose, id: u32) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().any(|key| key.purpose == purpose && key.id == id)
    }

    /// Every key, oldest first.
    pub fn all(&self) -> Vec<RingKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a prepared key for each of these purposes, so that every node learns it before it is used.
    ///
    /// # Errors
    /// [`Unchanged`] when the random generator or the file fails.
    pub fn prepare(&self, purposes: &[Purpose], now: i64) -> Result<(), Unchanged> {
        self.change(|keys| {
            for purpose in purposes {
                let id = keys.iter().map(|key| key.id).max().unwrap_or(0).saturating_add(1);
                let key = RingKey::random(id, *purpose, State::Prepared, now);
                keys.push(key.map_err(|_| Unchanged::Random)?);
            }
            Ok(())
        })
    }

    /// Puts the newest prepared key of each of these purposes to work and retires the one before.
    ///
    /// # Errors
    /// [`Unchanged`] when a purpose has no prepared key or the file fails.
    pub fn activate(&self, purposes: &[Purpose], now: i64) -> Result<(), Unchanged> {
        self.change(|keys| purposes.iter().try_for_each(|purpose| succeed(keys, *purpose, now)))
    }

    /// Removes a retired key: what it sealed can never be opened again.
    ///
    /// # Errors
    /// [`Unchanged`] when there is no such key, it is not retired, or the file fails.
    pub fn remove(&self, id: u32) -> Result<(), Unchanged> {
        self.change(|keys| {
            let key = keys.iter().find(|key| key.id == id).ok_or(Unchanged::Unknown(id))?;
            if key.state != State::Retired {
                return Err(Unchanged::InUse(id));
            }
            keys.retain(|key| key.id != id);
            Ok(())
        })
    }

    fn find(&self, wanted: impl Fn(&RingKey) -> bool) -> Option<RingKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().find(|key| wanted(key)).cloned()
    }

    /// The file first: a key that is used must survive a crash.
    fn change(&self, edit: impl FnOnce(&mut Vec<RingKey>) -> Result<(), Unchanged>) -> Result<(), Unchanged> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = keys.clone();
        edit(&mut changed)?;
        if let Some(path) = &self.file {
            crate::private_file::replace(path, text(changed.clone())?.as_bytes())?;
        }
        *keys = changed;
        Ok(())
    }
}

fn text(keys: Vec<RingKey>) -> io::Result<Zeroizing<String>> {
    Ok(Zeroizing::new(serde_json::to_string_pretty(&Stored { keys })?))
}

fn succeed(keys: &mut [RingKey], purpose: Purpose, now: i64) -> Result<(), Unchanged> {
    let of = |state| move |key: &&mut RingKey| key.purpose == purpose && key.state == state;
    let next = keys.iter().rev().find(|key| key.purpose == purpose && key.state == State::Prepared);
    let next = next.ok_or(Unchanged::NothingPrepared)?.id;
    keys.iter_mut().filter(of(State::Active)).for_each(|key| key.enter(State::Retired, now));
    keys.iter_mut().filter(|key| key.id == next).for_each(|key| key.enter(State::Active, now));
    Ok(())
}

impl RingKey {
    fn random(id: u32, purpose: Purpose, state: State, since: i64) -> Result<Self, Error> {
        let bytes = match SIGNING.contains(&purpose) {
            true => generate(purpose)?,
            false => Zeroizing::new(random::<32>()?.to_vec()),
        };
        Ok(Self { id, purpose, state, since, bytes: Arc::new(Material::new(bytes)) })
    }

    fn enter(&mut self, state: State, now: i64) {
        (self.state, self.since) = (state, now);
    }

    /// The key's id, unique in its ring.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        self.state
    }

    /// When it came into its state, in seconds since 1970; 0 when it was made in it.
    pub fn since(&self) -> i64 {
        self.since
    }

    /// The key as a cipher (AES-256-GCM).
    pub(crate) fn cipher(&self) -> Option<&LessSafeKey> {
        self.bytes.prepared().cipher.as_ref()
    }

    /// The key as one that signs tokens; `None` for the other purposes.
    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.bytes.signer.get_or_init(|| Signer::read(self.purpose, &self.bytes.bytes)).as_ref()
    }

    /// True when the bytes are those of a key of its purpose.
    fn is_whole(&self) -> bool {
        if SIGNING.contains(&self.purpose) { self.signer().is_some() } else { self.bytes.bytes.len() == 32 }
    }

    /// HMAC-SHA256 of `parts`, each prefixed by its length so that no two lists collide.
    pub(crate) fn derive(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.bytes.prepared().mac);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

impl Material {
    fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes, prepared: OnceLock::new(), signer: OnceLock::new() }
    }

    fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared {
            mac: hmac::Key::new(hmac::HMAC_SHA256, &self.bytes),
            cipher: UnboundKey::new(&AES_256_GCM, &self.bytes).ok().map(LessSafeKey::new),
        })
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingKey({} {:?} {:?})", self.id, self.purpose, self.state)
    }
}

mod base64_text {
    use super::{Arc, Engine, Material, STANDARD, Zeroize, Zeroizing};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(key: &Arc<Material>, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&Zeroizing::new(STANDARD.encode(&key.bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Arc<Material>, D::Error> {
        let mut text = String::deserialize(d)?;
        let bytes = STANDARD.decode(&text).map(Zeroizing::new);
        text.zeroize();
        let bytes = bytes.map_err(|_| D::Error::custom("a key is not base64"))?;
        Ok(Arc::new(Material::new(bytes)))
    }
}

/// The purposes of keys that sign tokens; made when the first account issues any.
pub const SIGNING: [Purpose; 2] = [Purpose::TokenRs256, Purpose::TokenEs384];
/// Every purpose that has a key from the beginning.
pub const PURPOSES: [Purpose; 4] =
    [Purpose::SessionToken, Purpose::SessionSecret, Purpose::StoredSecret, Purpose::AuthorizationMessage];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_survives_its_file_and_refuses_an_open_one() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        let ring = KeyRing::generate().unwrap();
        ring.write_new(&path).unwrap();
        let again = KeyRing::read(&path).unwrap();
        let key = |r: &KeyRing| r.active(Purpose::SessionToken).unwrap().bytes.bytes.to_vec();
        assert_eq!(key(&ring), key(&again));
        assert!(ring.write_new(&path).is_err(), "an existing ring is never replaced");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyRing::read(&path).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let ring = KeyRing::generate().unwrap();
        let bytes = format!("{:?}", ring.active(Purpose::SessionToken).unwrap().bytes.bytes);
        assert!(!format!("{ring:?}").contains(&bytes));
    }

    #[test]
    fn a_rotated_ring_opens_old_seals_until_the_key_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        KeyRing::generate().unwrap().write_new(&path).unwrap();
        let ring = KeyRing::read(&path).unwrap();
        let token = [Purpose::SessionToken];
        let old = ring.active(Purpose::SessionToken).unwrap().id();
        let sealed = crate::seal::seal(&ring, Purpose::SessionToken, b"", b"plain").unwrap();
        assert!(matches!(ring.activate(&token, 9), Err(Unchanged::NothingPrepared)));
        ring.prepare(&token, 10).unwrap();
        assert_eq!(ring.active(Purpose::SessionToken).unwrap().id(), old, "a prepared key is not used yet");
        assert!(matches!(ring.remove(old), Err(Unchanged::InUse(_))));
        ring.activate(&token, 20).unwrap();
        assert_ne!(ring.active(Purpose::SessionToken).unwrap().id(), old);
        let open = |ring: &KeyRing| crate::seal::open(ring, Purpose::SessionToken, b"", &sealed);
        let again = KeyRing::read(&path).unwrap();
        assert!(open(&ring).is_some() && open(&again).is_some());
        assert_eq!(again.by_id(Purpose::SessionToken, old).unwrap().since(), 20);
        ring.remove(old).unwrap();
        assert!(open(&ring).is_none() && open(&KeyRing::read(&path).unwrap()).is_none());
        assert!(matches!(ring.remove(old), Err(Unchanged::Unknown(_))));
    }

    #[test]
    fn a_ring_whose_file_cannot_be_written_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        KeyRing::generate().unwrap().write_new(&path).unwrap();
        let ring = KeyRing::read(&path).unwrap();
        let before = ring.all().len();
        drop(dir);
        assert!(matches!(ring.prepare(&PURPOSES, 10), Err(Unchanged::File(_))));
        assert_eq!(ring.all().len(), before);
    }
}
