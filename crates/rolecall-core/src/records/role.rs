//! A role: who may assume it and what its sessions may do.

use super::{Document, Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its path, such as `/` or `/service-role/`.
    pub path: String,
    /// Its unique id, `AROA…`.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session it grants, in seconds (3600 to 43200).
    pub max_session_duration: i64,
    /// Who may assume it.
    pub trust: Document,
    /// Its tags.
    pub tags: Tags,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// The ARNs of attached managed policies, oldest first.
    pub attached: Vec<String>,
    /// Inline policies by name, in name order.
    pub inline: Vec<(String, Document)>,
}

impl Record for Role {
    const FORMAT: u8 = 1;
}

impl Role {
    /// Its ARN, path included.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }

    /// True for its own ARN, path included.
    pub fn has_arn(&self, text: &str) -> bool {
        let parts = ["arn:aws:iam::", self.account.as_str(), ":role", &self.path, &self.name];
        parts.into_iter().try_fold(text, |rest, part| rest.strip_prefix(part)) == Some("")
    }
}

/// The ARN of a role of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    ["arn:aws:iam::", account.as_str(), ":role", path, name].concat()
}
