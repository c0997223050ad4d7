//! An account: its name and alias, its root user's keys, whether it is open, and where in an
//! organization it stands.

use super::{Record, Tags};
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
    /// Its name, for people.
    pub name: String,
    /// The e-mail address of its root user, unique in the installation.
    pub email: String,
    /// Whether it can be used.
    pub standing: Standing,
    /// Its place in an organization, if it is in one.
    pub membership: Option<Membership>,
    /// Its tags, which an organization gives it.
    pub tags: Tags,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It can.
    Active,
    /// It was closed: nobody of it gets past authentication.
    Suspended,
}

/// An account's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization's id, `o-…`.
    pub organization: String,
    /// The id of the root or organizational unit that it is directly in.
    pub parent: String,
    /// When it joined, in seconds since 1970.
    pub joined: i64,
    /// Whether it joined by invitation; otherwise the organization created it.
    pub invited: bool,
    /// The ids of the control policies attached to it.
    pub policies: Vec<String>,
}

impl Account {
    /// An account that stands alone.
    pub fn new(id: AccountId, created: i64) -> Self {
        let name = format!("account-{id}");
        let email = format!("root@{id}.invalid");
        Self {
            id,
            created,
            alias: None,
            root_keys: Vec::new(),
            name,
            email,
            standing: Standing::Active,
            membership: None,
            tags: Vec::new(),
        }
    }

    /// True when it was closed.
    pub fn is_closed(&self) -> bool {
        self.standing == Standing::Suspended
    }
}

impl Standing {
    /// The word AWS has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }
}

impl Record for Account {
    const FORMAT: u8 = 2;

    /// Format 1 was written when an installation had one account.
    fn older(format: u8, body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct One {
            id: AccountId,
            created: i64,
            alias: Option<String>,
            root_keys: Vec<String>,
        }
        let One { id, created, alias, root_keys } =
            (format == 1).then(|| postcard::from_bytes(body).ok()).flatten()?;
        Some(Self { alias, root_keys, ..Self::new(id, created) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_store::Versioned;

    fn stored(format: u8, body: Vec<u8>) -> Versioned {
        Versioned { value: [vec![format], body].concat().into(), version: 1 }
    }

    #[test]
    fn an_account_of_the_first_format_is_read_and_a_damaged_one_is_not() {
        let old = ("123456789012", 7_i64, Some("alias"), vec!["AKIA"]);
        let body = postcard::to_stdvec(&old).unwrap();
        let read = Account::decode(&stored(1, body.clone())).unwrap();
        assert_eq!((read.created, read.alias.as_deref(), read.root_keys.len()), (7, Some("alias"), 1));
        assert_eq!(read.email, "root@123456789012.invalid");
        assert!(!read.is_closed() && read.membership.is_none());
        let again = Account::decode(&stored(2, read.encode().unwrap()[1..].to_vec())).unwrap();
        assert_eq!(again, read);
        for (format, body) in [(1, body[..5].to_vec()), (3, body.clone()), (0, body)] {
            assert!(Account::decode(&stored(format, body)).is_err(), "{format}");
        }
    }
}
