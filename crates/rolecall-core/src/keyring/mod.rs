//! The key ring: the server's own keys, each with an id, one purpose and a state.
//!
//! It lives in one file (mode 0600) beside the store. Keys are random; none is derived from a
//! principal's secret. Whoever uses a key waits for nobody, also while the ring is changed.

mod file;
mod signer;

use self::signer::{Signer, generate};
use crate::entropy::random;
use crate::error::Error;
use crate::installation::InstallationId;
use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use zeroize::Zeroizing;

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
#[derive(Clone)]
pub struct RingKey {
    id: u32,
    purpose: Purpose,
    state: State,
    /// When it came into its state, in seconds since 1970; 0 when it was made in it.
    since: i64,
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

/// The server's keys. They can be rotated while they are used. Clones are the same ring.
#[derive(Debug, Clone)]
pub struct KeyRing {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    keys: ArcSwap<Vec<RingKey>>,
    /// Held by whoever changes the ring.
    changing: Mutex<()>,
    /// Whose it is; rings of earlier builds do not say.
    installation: Option<InstallationId>,
    /// Where changes are written, before they are in force.
    file: Option<PathBuf>,
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
    /// The process is ending.
    #[error("the change was cut off")]
    CutOff,
    /// The ring's file could not be replaced.
    #[error("the key ring's file cannot be written: {0}")]
    File(#[from] io::Error),
}

impl KeyRing {
    /// A new ring of a new installation in memory, with one active key for each purpose.
    ///
    /// # Errors
    /// When the random generator fails.
    pub fn generate() -> Result<Self, Error> {
        Self::generate_for(InstallationId::random()?)
    }

    /// A new ring of an installation.
    ///
    /// # Errors
    /// When the random generator fails.
    pub fn generate_for(installation: InstallationId) -> Result<Self, Error> {
        let key = |(id, purpose): (u32, &Purpose)| RingKey::random(id, *purpose, State::Active, 0);
        let keys = (1..).zip(&PURPOSES).map(key).collect::<Result<_, Error>>()?;
        Ok(Self::of(keys, Some(installation), None))
    }

    /// Reads the ring from a file, to which it writes its changes.
    ///
    /// # Errors
    /// When the file cannot be read, is readable by others, is not a key ring, or a key in it is damaged.
    pub fn read(path: &Path) -> io::Result<Self> {
        crate::private_file::check_mode(path)?;
        let (installation, keys) = file::read(path)?;
        Ok(Self::of(keys, installation, Some(path.to_owned())))
    }

    fn of(keys: Vec<RingKey>, installation: Option<InstallationId>, file: Option<PathBuf>) -> Self {
        let (keys, changing) = (ArcSwap::from_pointee(keys), Mutex::new(()));
        Self { shared: Arc::new(Shared { keys, changing, installation, file }) }
    }

    /// Writes the ring to a new file that only its owner can read; never replaces one.
    ///
    /// # Errors
    /// When the file exists or cannot be written durably.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let text = file::write(self.installation(), &self.shared.keys.load())?;
        crate::private_file::create(path, &text)
    }

    /// The installation it is a part of; rings of earlier builds do not say.
    pub fn installation(&self) -> Option<&InstallationId> {
        self.shared.installation.as_ref()
    }

    /// The same ring as one of an installation, written to its file.
    ///
    /// # Errors
    /// When it is another installation's, or the file cannot be replaced.
    pub fn adopted_by(self, installation: &InstallationId) -> io::Result<Self> {
        match self.installation() {
            Some(own) if own == installation => return Ok(self),
            Some(_) => return Err(io::Error::other("the key ring is another installation's")),
            None => {}
        }
        let (keys, path) = (self.all(), self.shared.file.clone());
        if let Some(path) = &path {
            crate::private_file::replace(path, &file::write(Some(installation), &keys)?)?;
        }
        Ok(Self::of(keys, Some(installation.clone()), path))
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
        self.shared.keys.load().iter().any(|key| key.purpose == purpose && key.id == id)
    }

    /// Every key, oldest first.
    pub fn all(&self) -> Vec<RingKey> {
        self.shared.keys.load().to_vec()
    }

    /// Adds a prepared key for each of these purposes, so that every node learns it before it is used.
    ///
    /// # Errors
    /// [`Unchanged`] when the random generator or the file fails.
    pub async fn prepare(&self, purposes: &[Purpose], now: i64) -> Result<(), Unchanged> {
        let purposes = purposes.to_vec();
        self.change(move |keys| {
            for purpose in purposes {
                let id = keys.iter().map(|key| key.id).max().unwrap_or(0).saturating_add(1);
                let key = RingKey::random(id, purpose, State::Prepared, now);
                keys.push(key.map_err(|_| Unchanged::Random)?);
            }
            Ok(())
        })
        .await
    }

    /// Puts the newest prepared key of each of these purposes to work and retires the one before.
    ///
    /// # Errors
    /// [`Unchanged`] when a purpose has no prepared key or the file fails.
    pub async fn activate(&self, purposes: &[Purpose], now: i64) -> Result<(), Unchanged> {
        let purposes = purposes.to_vec();
        self.change(move |keys| purposes.iter().try_for_each(|purpose| succeed(keys, *purpose, now))).await
    }

    /// Removes a retired key: what it sealed can never be opened again.
    ///
    /// # Errors
    /// [`Unchanged`] when there is no such key, it is not retired, or the file fails.
    pub async fn remove(&self, id: u32) -> Result<(), Unchanged> {
        self.change(move |keys| {
            let key = keys.iter().find(|key| key.id == id).ok_or(Unchanged::Unknown(id))?;
            if key.state != State::Retired {
                return Err(Unchanged::InUse(id));
            }
            keys.retain(|key| key.id != id);
            Ok(())
        })
        .await
    }

    fn find(&self, wanted: impl Fn(&RingKey) -> bool) -> Option<RingKey> {
        self.shared.keys.load().iter().find(|key| wanted(key)).cloned()
    }

    /// On a thread where waiting harms nobody: an RSA key takes long to make, and a disk may be slow. A change that
    /// has begun goes on when nobody waits for it any more.
    async fn change(
        &self,
        edit: impl FnOnce(&mut Vec<RingKey>) -> Result<(), Unchanged> + Send + 'static,
    ) -> Result<(), Unchanged> {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || shared.change(edit)).await;
        done.unwrap_or(Err(Unchanged::CutOff))
    }
}

impl Shared {
    /// The file first: a key that is used must survive a crash.
    fn change(&self, edit: impl FnOnce(&mut Vec<RingKey>) -> Result<(), Unchanged>) -> Result<(), Unchanged> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = self.keys.load().to_vec();
        edit(&mut changed)?;
        if let Some(path) = &self.file {
            crate::private_file::replace(path, &file::write(self.installation.as_ref(), &changed)?)?;
        }
        self.keys.store(Arc::new(changed));
        Ok(())
    }
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
        let key = Self { id, purpose, state, since, bytes: Arc::new(Material::new(bytes)) };
        // What its first use needs is made here, where it delays no request.
        if key.is_whole() { Ok(key) } else { Err(Error::internal("a key came out wrong")) }
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

/// The purposes of keys that sign tokens; made when the first account issues any.
pub const SIGNING: [Purpose; 2] = [Purpose::TokenRs256, Purpose::TokenEs384];
/// Every purpose that has a key from the beginning.
pub const PURPOSES: [Purpose; 4] =
    [Purpose::SessionToken, Purpose::SessionSecret, Purpose::StoredSecret, Purpose::AuthorizationMessage];

#[cfg(test)]
mod tests;
