//! A user: who it is, what it may do, and the names of what belongs to it.

use super::{Document, Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its path, such as `/` or `/division/`.
    pub path: String,
    /// Its unique id, `AIDA…`.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Its tags.
    pub tags: Tags,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// The ARNs of attached managed policies, oldest first.
    pub attached: Vec<String>,
    /// Inline policies by name, in name order.
    pub inline: Vec<(String, Document)>,
    /// The names of its groups, oldest membership first.
    pub groups: Vec<String>,
    /// The ids of its access keys, oldest first.
    pub access_keys: Vec<String>,
}

impl Record for User {
    const FORMAT: u8 = 1;
}

impl User {
    /// Its ARN, path included.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }
}

/// The ARN of a user of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    ["arn:aws:iam::", account.as_str(), ":user", path, name].concat()
}
