//! What the store says of the installation it is a part of.

use super::Record;
use crate::id::AccountId;
use crate::installation::InstallationId;
use crate::keyring::{KeyRing, Purpose};
use crate::seal;
use serde::{Deserialize, Serialize};

/// The installation: written once, when it is founded or adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Its id, which every part of its data directory carries.
    pub id: InstallationId,
    /// The account it was founded with.
    pub account: AccountId,
    /// When that was, in seconds since 1970.
    pub founded: i64,
    /// A text sealed as stored secrets are: a ring that opens it is the one that this store was written with.
    pub sealed_probe: Vec<u8>,
}

impl Installation {
    /// True when the ring opens what this installation sealed.
    pub fn is_opened_by(&self, ring: &KeyRing) -> bool {
        seal::open(ring, Purpose::StoredSecret, self.id.as_bytes(), &self.sealed_probe).is_some()
    }
}

impl Record for Installation {
    const FORMAT: u8 = 1;
}
