//! The password policy of an account: kept and told, for when there is something to sign in to.

use super::Record;
use serde::{Deserialize, Serialize};

/// An account's password policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// The least length, in characters.
    pub minimum_length: i64,
    /// Whether a symbol is needed.
    pub symbols: bool,
    /// Whether a digit is needed.
    pub numbers: bool,
    /// Whether an upper-case letter is needed.
    pub uppercase: bool,
    /// Whether a lower-case letter is needed.
    pub lowercase: bool,
    /// Whether users may change their own.
    pub users_may_change: bool,
    /// After how many days a password expires.
    pub max_age: Option<i64>,
    /// How many passwords back none may be used again.
    pub reuse_prevention: Option<i64>,
    /// Whether an expired password can no longer be changed by its user.
    pub hard_expiry: Option<bool>,
}

impl Record for PasswordPolicy {
    const FORMAT: u8 = 1;
}
