//! An instance profile: what hands a role to a machine.

use super::{Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `AIPA…`.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Its tags.
    pub tags: Tags,
    /// The name of its role.
    pub role: Option<String>,
}

impl Record for InstanceProfile {
    const FORMAT: u8 = 1;
}

impl InstanceProfile {
    /// Its ARN, path included.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }
}

/// The ARN of an instance profile of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:instance-profile{path}{name}")
}
