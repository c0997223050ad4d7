//! A customer managed policy with its versions.

use super::{Document, Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `ANPA…`.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// When a version was last made or made the default, in seconds since 1970.
    pub updated: i64,
    /// What it is for; never changes.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The number of the version in force.
    pub default_version: u32,
    /// Its versions, oldest first; at most five.
    pub versions: Vec<PolicyVersion>,
    /// The number the next version gets; numbers are never used again.
    pub next_version: u32,
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its number: `v1` has 1.
    pub number: u32,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// What it says.
    pub document: Document,
}

impl Record for ManagedPolicy {
    const FORMAT: u8 = 1;
}

impl ManagedPolicy {
    /// Its ARN, path included.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// The version in force.
    pub fn default(&self) -> Option<&PolicyVersion> {
        self.version(self.default_version)
    }

    /// The version of a number.
    pub fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions.iter().find(|v| v.number == number)
    }
}

/// The ARN of a customer managed policy of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:policy{path}{name}")
}
