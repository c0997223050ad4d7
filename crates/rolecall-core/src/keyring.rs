//! The key ring: the server's own keys, each with an id, one purpose and a state.
//!
//! It lives in one file (mode 0600) beside the store. Keys are random; none is derived from a
//! principal's secret.

use crate::entropy::random;
use crate::error::Error;
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::OnceLock;
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
#[derive(Serialize, Deserialize)]
pub struct RingKey {
    id: u32,
    purpose: Purpose,
    state: State,
    #[serde(with = "base64_text")]
    bytes: Zeroizing<Vec<u8>>,
    #[serde(skip)]
    prepared: OnceLock<Prepared>,
}

/// A key made ready once for what every request does with it.
struct Prepared {
    mac: hmac::Key,
    cipher: Option<LessSafeKey>,
}

/// The server's keys.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRing {
    keys: Vec<RingKey>,
}

impl KeyRing {
    /// A new ring with one active key for each purpose.
    ///
    /// # Errors
    /// When the random generator fails.
    pub fn generate() -> Result<Self, Error> {
        let purposes = [Purpose::SessionToken, Purpose::SessionSecret, Purpose::StoredSecret];
        let key = |(id, purpose)| {
            let bytes = Zeroizing::new(random::<32>()?.to_vec());
            Ok(RingKey { id, purpose, state: State::Active, bytes, prepared: OnceLock::new() })
        };
        Ok(Self { keys: (1..).zip(purposes).map(key).collect::<Result<_, Error>>()? })
    }

    /// Reads the ring from a file.
    ///
    /// # Errors
    /// When the file cannot be read, is readable by others, or is not a key ring.
    pub fn read(path: &Path) -> io::Result<Self> {
        crate::private_file::check_mode(path)?;
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        serde_json::from_str(&text)
            .map_err(|e| io::Error::other(format!("{}: not a key ring: {e}", path.display())))
    }

    /// Writes the ring to a new file that only its owner can read; never replaces one.
    ///
    /// # Errors
    /// When the file exists or cannot be written durably.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let text = Zeroizing::new(serde_json::to_string_pretty(self)?);
        crate::private_file::create(path, text.as_bytes())
    }

    /// The key that new work of this purpose uses.
    pub fn active(&self, purpose: Purpose) -> Option<&RingKey> {
        self.keys.iter().find(|k| k.purpose == purpose && k.state == State::Active)
    }

    /// A key of this purpose by its id, whatever its state.
    pub fn by_id(&self, purpose: Purpose, id: u32) -> Option<&RingKey> {
        self.keys.iter().find(|k| k.purpose == purpose && k.id == id)
    }
}

impl RingKey {
    /// The key's id, unique in its ring.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The key as a cipher (AES-256-GCM).
    pub(crate) fn cipher(&self) -> Option<&LessSafeKey> {
        self.prepared().cipher.as_ref()
    }

    fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared {
            mac: hmac::Key::new(hmac::HMAC_SHA256, &self.bytes),
            cipher: UnboundKey::new(&AES_256_GCM, &self.bytes).ok().map(LessSafeKey::new),
        })
    }

    /// HMAC-SHA256 of `parts`, each prefixed by its length so that no two lists collide.
    pub(crate) fn derive(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.prepared().mac);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingKey({} {:?} {:?})", self.id, self.purpose, self.state)
    }
}

mod base64_text {
    use super::{Engine, STANDARD, Zeroize, Zeroizing};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&Zeroizing::new(STANDARD.encode(bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Zeroizing<Vec<u8>>, D::Error> {
        let mut text = String::deserialize(d)?;
        let bytes = STANDARD.decode(&text).map(Zeroizing::new);
        text.zeroize();
        let bytes = bytes.map_err(|_| D::Error::custom("a key is not base64"))?;
        (bytes.len() == 32).then_some(bytes).ok_or_else(|| D::Error::custom("a key is not 32 bytes long"))
    }
}

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
        let key = |r: &KeyRing| r.active(Purpose::SessionToken).unwrap().bytes.to_vec();
        assert_eq!(key(&ring), key(&again));
        assert!(ring.write_new(&path).is_err(), "an existing ring is never replaced");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyRing::read(&path).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let ring = KeyRing::generate().unwrap();
        let bytes = format!("{:?}", ring.active(Purpose::SessionToken).unwrap().bytes);
        assert!(!format!("{ring:?}").contains(&bytes));
    }
}
