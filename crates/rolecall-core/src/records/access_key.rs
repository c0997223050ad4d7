//! A long-term access key. Its secret is stored sealed.

use super::Record;
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// A long-term access key of a user or of an account's root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id, `AKIA…`.
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// The account it belongs to.
    pub account: AccountId,
    /// The secret access key, sealed under the ring's stored-secret key and bound to the id.
    pub sealed_secret: Vec<u8>,
    /// Whether it can be used.
    pub status: Status,
    /// When it was created, in seconds since 1970.
    pub created: i64,
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// The account's root user.
    Root,
    /// A user, by current name and unique id.
    User {
        /// The name.
        name: String,
        /// The unique id: a namesake created later does not inherit the key.
        id: String,
    },
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It can.
    Active,
    /// It cannot, until made active again.
    Inactive,
}

impl Record for AccessKey {
    const FORMAT: u8 = 1;
}

impl Status {
    /// The status of that word. `Expired` is in AWS's model, but not for callers to set.
    pub fn settable(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive].into_iter().find(|status| status.as_str() == text)
    }

    /// The word AWS has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// When, where and for what a key or a role was last used. Kept to a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// In seconds since 1970.
    pub at: i64,
    /// The region of the credential scope.
    pub region: String,
    /// The service's prefix, such as `s3`.
    pub service: String,
}

impl Record for LastUse {
    const FORMAT: u8 = 1;
}
