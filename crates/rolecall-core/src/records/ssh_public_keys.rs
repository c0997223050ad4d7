//! The SSH public keys of a user, in one record: how many they are and that no two are the same holds within it.

use super::{Record, Status};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// The SSH public keys of a user. A user without any has no such record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshPublicKeys {
    /// The account the user belongs to.
    pub account: AccountId,
    /// The user's unique id.
    pub user_id: String,
    /// The keys, oldest first.
    pub keys: Vec<SshPublicKey>,
}

/// An SSH public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshPublicKey {
    /// Its id, `APKA…`.
    pub id: String,
    /// The key as OpenSSH writes it, without a comment.
    pub openssh: String,
    /// Whether it can be used.
    pub status: Status,
    /// When it was uploaded, in seconds since 1970.
    pub uploaded: i64,
}

impl Record for SshPublicKeys {
    const FORMAT: u8 = 1;
}
