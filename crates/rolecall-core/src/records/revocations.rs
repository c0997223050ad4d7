//! Which sessions of an account have been revoked.

use super::Record;
use crate::id::AccountId;
use crate::session::{Issuer, Session, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The revocations of an account. Each ends the sessions issued up to its time, in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocations {
    /// Every session of the account.
    pub all: Option<i64>,
    /// Single sessions, by access key id.
    pub sessions: BTreeMap<String, i64>,
    /// The sessions of a role, by its unique id.
    pub roles: BTreeMap<String, i64>,
    /// The sessions of a user, and those that began with it, by its unique id.
    pub users: BTreeMap<String, i64>,
    /// The sessions with a source identity.
    pub source_identities: BTreeMap<String, i64>,
}

impl Record for Revocations {
    const FORMAT: u8 = 1;
}

/// What is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every session of the account.
    All,
    /// The session with this access key id.
    Session(String),
    /// The sessions of the role with this unique id.
    Role(String),
    /// The sessions of the user with this unique id, and those that began with it.
    User(String),
    /// The sessions with this source identity.
    SourceIdentity(String),
}

/// What of a session a revocation can name.
#[derive(Debug, Clone, Copy)]
pub struct Revocable<'a> {
    /// The account it belongs to.
    pub account: &'a AccountId,
    /// Its access key id.
    pub access_key_id: &'a str,
    /// When it was issued, in milliseconds since 1970.
    pub issued_ms: i64,
    /// The unique id of the role that it is a session of.
    pub role_id: Option<&'a str>,
    /// The unique id of the user that it is a session of, or who asked for it.
    pub user_id: Option<&'a str>,
    /// The ARN of who began the chain that led to it.
    pub origin: &'a str,
    /// The unique id of the user that began it.
    pub origin_id: Option<&'a str>,
    /// Its source identity.
    pub source_identity: Option<&'a str>,
}

impl<'a> From<&'a Session> for Revocable<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            account: &session.account,
            access_key_id: &session.access_key_id,
            issued_ms: session.issued_ms,
            role_id: role_id(session),
            user_id: user_id(session),
            origin: &session.origin.arn,
            origin_id: session.origin.user_id.as_deref(),
            source_identity: session.source_identity.as_deref(),
        }
    }
}

impl Scope {
    /// True when a session is among those that are named. A `foreign` account names only those that its users
    /// began.
    pub fn names(&self, session: &Revocable<'_>, foreign: bool) -> bool {
        match self {
            Self::User(id) if session.origin_id == Some(id) => true,
            _ if foreign => false,
            Self::All => true,
            Self::Session(id) => session.access_key_id == id,
            Self::Role(id) => session.role_id == Some(id),
            Self::User(id) => session.user_id == Some(id),
            Self::SourceIdentity(name) => session.source_identity == Some(name),
        }
    }
}

impl Revocations {
    /// True when a session has been revoked. A `foreign` account's revocations end only the sessions that
    /// its users began.
    pub fn has_ended(&self, session: &Revocable<'_>, foreign: bool) -> bool {
        let by = |times: &BTreeMap<String, i64>, name: Option<&str>| {
            !times.is_empty()
                && name.and_then(|name| times.get(name)).is_some_and(|at| session.issued_ms <= *at)
        };
        let begun_by_its_user = by(&self.users, session.origin_id);
        if foreign {
            return begun_by_its_user;
        }
        begun_by_its_user
            || self.all.is_some_and(|at| session.issued_ms <= at)
            || by(&self.sessions, Some(session.access_key_id))
            || by(&self.roles, session.role_id)
            || by(&self.users, session.user_id)
            || by(&self.source_identities, session.source_identity)
    }

    /// Takes in a revocation at a time and drops those of before `alive_since`: sessions that old are over.
    pub fn revoke(&mut self, scope: Scope, at_ms: i64, alive_since_ms: i64) {
        for times in [&mut self.sessions, &mut self.roles, &mut self.users, &mut self.source_identities] {
            times.retain(|_, at| *at >= alive_since_ms);
        }
        match scope {
            Scope::All => self.all = Some(at_ms),
            Scope::Session(id) => drop(self.sessions.insert(id, at_ms)),
            Scope::Role(id) => drop(self.roles.insert(id, at_ms)),
            Scope::User(id) => drop(self.users.insert(id, at_ms)),
            Scope::SourceIdentity(name) => drop(self.source_identities.insert(name, at_ms)),
        }
    }

    /// How many revocations are kept.
    pub fn count(&self) -> usize {
        let maps = [&self.sessions, &self.roles, &self.users, &self.source_identities];
        maps.map(BTreeMap::len).iter().sum::<usize>() + usize::from(self.all.is_some())
    }
}

fn role_id(session: &Session) -> Option<&str> {
    match &session.subject {
        Subject::Role { id, .. } => Some(id),
        Subject::User { .. } | Subject::Root | Subject::FederatedUser { .. } => None,
    }
}

fn user_id(session: &Session) -> Option<&str> {
    match &session.subject {
        Subject::User { id, .. } | Subject::FederatedUser { issuer: Issuer::User { id, .. }, .. } => Some(id),
        Subject::Role { .. } | Subject::Root | Subject::FederatedUser { issuer: Issuer::Root, .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{self, Origin};

    fn session(issued_ms: i64) -> Session {
        let subject = Subject::Role { name: "r".into(), id: "AROA1".into(), session_name: "s".into() };
        let fresh = session::begin("123456789012".parse().unwrap(), subject, 0, 900).unwrap();
        let origin = Origin { arn: String::new(), user_id: Some("AIDA1".into()) };
        Session { issued_ms, origin, source_identity: Some("Ann".into()), ..fresh }
    }

    #[test]
    fn each_scope_ends_the_sessions_of_before_and_no_other() {
        let (before, after) = (session(1_000), session(1_001));
        let own = |id: &str| Scope::Session(id.to_owned());
        let named = [
            (Scope::All, None),
            (own(&before.access_key_id), Some(own("ASIAOTHER"))),
            (Scope::Role("AROA1".into()), Some(Scope::Role("AROA2".into()))),
            (Scope::User("AIDA1".into()), Some(Scope::User("AIDA2".into()))),
            (Scope::SourceIdentity("Ann".into()), Some(Scope::SourceIdentity("ann".into()))),
        ];
        for (scope, other) in named {
            let revoked = |scope: Scope| {
                let mut revocations = Revocations::default();
                revocations.revoke(scope, 1_000, 0);
                revocations
            };
            let revocations = revoked(scope.clone());
            let [before, after] = [&before, &after].map(Revocable::from);
            assert!(revocations.has_ended(&before, false), "{scope:?}");
            assert!(!revocations.has_ended(&after, false), "{scope:?}");
            assert!(!other.clone().is_some_and(|other| revoked(other).has_ended(&before, false)));
            let is_of_user = matches!(scope, Scope::User(_));
            assert_eq!(revocations.has_ended(&before, true), is_of_user, "{scope:?}");
            assert!(scope.names(&before, false), "{scope:?}");
            assert!(!other.is_some_and(|other| other.names(&before, false)));
            assert_eq!(scope.names(&before, true), is_of_user, "{scope:?}");
        }
    }

    #[test]
    fn revocations_are_dropped_when_nothing_they_end_is_alive() {
        let mut revocations = Revocations::default();
        revocations.revoke(Scope::Role("AROA1".into()), 1_000, 0);
        revocations.revoke(Scope::Role("AROA2".into()), 9_000, 1_001);
        assert_eq!(revocations.count(), 1);
    }
}
