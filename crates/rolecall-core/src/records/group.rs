//! A group: policies that its members share.

use super::{Document, Record};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An IAM group. Its members are kept as marks of their own and in each user's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `AGPA…`.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// The ARNs of attached managed policies, oldest first.
    pub attached: Vec<String>,
    /// Inline policies by name, in name order.
    pub inline: Vec<(String, Document)>,
}

impl Record for Group {
    const FORMAT: u8 = 1;
}

impl Group {
    /// Its ARN, path included.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }
}

/// The ARN of a group of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:group{path}{name}")
}
