//! An organization, its organizational units, its control policies, and what is under way in it.

use super::{Document, Record, Tags};
use crate::id::AccountId;
use rolecall_policy::Kind;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// An organization with its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id, `o-…`.
    pub id: String,
    /// Its management account.
    pub management: AccountId,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Whether it has all features; otherwise only billing is consolidated, which here is nothing.
    pub all_features: bool,
    /// The id of its root, `r-…`.
    pub root: String,
    /// The ids of the control policies attached to the root.
    pub policies: Vec<String>,
    /// The root's tags.
    pub tags: Tags,
    /// The types of policy that are enabled in the root.
    pub policy_types: Vec<ControlKind>,
    /// The services that are trusted, by principal, and since when, in seconds since 1970.
    pub trusted_services: Vec<(String, i64)>,
    /// The delegated administrators.
    pub delegates: Vec<Delegate>,
    /// The features of IAM that are enabled for the organization.
    pub features: Vec<String>,
}

/// A member account that administers a service for the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegate {
    /// The account.
    pub account: AccountId,
    /// The service's principal, such as `iam.amazonaws.com`.
    pub service: String,
    /// Since when, in seconds since 1970.
    pub since: i64,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id, `ou-…`.
    pub id: String,
    /// The organization it is in.
    pub organization: String,
    /// The id of the root or unit that it is directly in.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// The ids of the control policies attached to it.
    pub policies: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A type of policy that an organization sets over its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ControlKind {
    /// A service control policy: what the principals of accounts may do at most.
    Service,
    /// A resource control policy: what may be done to the resources of accounts at most.
    Resource,
}

/// A control policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPolicy {
    /// Its id, `p-…`.
    pub id: String,
    /// The management account and the organization it belongs to; `None` for one of AWS.
    pub owner: Option<(AccountId, String)>,
    /// Its type.
    pub kind: ControlKind,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its text.
    pub document: Document,
    /// Its tags.
    pub tags: Tags,
}

/// What became of a request to create an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRequest {
    /// Its id, `car-…`.
    pub id: String,
    /// The name asked for.
    pub name: String,
    /// When it was asked for and done, in seconds since 1970.
    pub at: i64,
    /// The account, or the reason why there is none.
    pub outcome: Result<AccountId, String>,
}

/// An invitation of an account into an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id, `h-…`.
    pub id: String,
    /// The organization that invites.
    pub organization: String,
    /// The organization's management account.
    pub management: AccountId,
    /// The account invited.
    pub account: AccountId,
    /// When it was sent, in seconds since 1970.
    pub sent: i64,
    /// What the inviting people wrote.
    pub notes: Option<String>,
    /// What became of it: `OPEN`, `ACCEPTED`, `DECLINED` or `CANCELED`.
    pub state: String,
}

impl Record for Organization {
    const FORMAT: u8 = 1;
}

impl Record for Unit {
    const FORMAT: u8 = 1;
}

impl Record for ControlPolicy {
    const FORMAT: u8 = 1;
}

impl Record for AccountRequest {
    const FORMAT: u8 = 1;
}

impl Record for Invitation {
    const FORMAT: u8 = 1;
}

impl Organization {
    /// The ARN of something in it: `arn("ou", "ou-…")`.
    pub fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:organizations::{}:{kind}/{}/{id}", self.management, self.id)
    }

    /// Its own ARN.
    pub fn own_arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management, self.id)
    }

    /// True when an account administers a service for it.
    pub fn is_delegated(&self, account: &AccountId, service: &str) -> bool {
        self.delegates.iter().any(|delegate| delegate.account == *account && delegate.service == service)
    }
}

impl ControlKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Service, Self::Resource];

    /// The name that Organizations has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "SERVICE_CONTROL_POLICY",
            Self::Resource => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind of document.
    pub const fn document(self) -> Kind {
        match self {
            Self::Service => Kind::ServiceControl,
            Self::Resource => Kind::ResourceControl,
        }
    }

    /// AWS's policy of this kind, which allows everything.
    pub fn of_aws(self) -> Arc<ControlPolicy> {
        match self {
            Self::Service => Arc::clone(&FULL_ACCESS),
            Self::Resource => Arc::clone(&FULL_RESOURCE_ACCESS),
        }
    }
}

impl ControlPolicy {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let kind = self.kind.as_str().to_lowercase();
        match &self.owner {
            Some((account, organization)) => {
                format!("arn:aws:organizations::{account}:policy/{organization}/{kind}/{}", self.id)
            }
            None => format!("arn:aws:organizations::aws:policy/{kind}/{}", self.id),
        }
    }

    /// AWS's policy of an id.
    pub fn of_aws(id: &str) -> Option<Arc<Self>> {
        ControlKind::ALL.into_iter().map(ControlKind::of_aws).find(|policy| policy.id == id)
    }
}

static FULL_ACCESS: LazyLock<Arc<ControlPolicy>> = LazyLock::new(|| {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    of_aws(ControlKind::Service, "FullAWSAccess", "Allows access to every operation", text)
});

static FULL_RESOURCE_ACCESS: LazyLock<Arc<ControlPolicy>> = LazyLock::new(|| {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    of_aws(ControlKind::Resource, "RCPFullAWSAccess", "Allows access to every resource", text)
});

fn of_aws(kind: ControlKind, name: &str, description: &str, text: &str) -> Arc<ControlPolicy> {
    Arc::new(ControlPolicy {
        id: format!("p-{name}"),
        owner: None,
        kind,
        name: name.to_owned(),
        description: description.to_owned(),
        document: Document::new(text),
        tags: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_of_aws_are_valid_and_found_by_id() {
        for (kind, id) in
            [(ControlKind::Service, "p-FullAWSAccess"), (ControlKind::Resource, "p-RCPFullAWSAccess")]
        {
            let policy = ControlPolicy::of_aws(id).unwrap();
            assert!(policy.document.policy(kind.document()).is_some());
            assert_eq!((policy.kind, ControlKind::parse(kind.as_str())), (kind, Some(kind)));
        }
        assert!(ControlPolicy::of_aws("p-other").is_none());
        assert_eq!(
            ControlKind::Service.of_aws().arn(),
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
        );
    }
}
