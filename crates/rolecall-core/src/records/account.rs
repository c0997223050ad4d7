//! An account: its alias and its root user's keys.

use super::Record;
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Its alias, unique in the installation.
    pub alias: Option<String>,
    /// The ids of the root user's access keys, oldest first.
    pub root_keys: Vec<String>,
}

impl Record for Account {
    const FORMAT: u8 = 1;
}
