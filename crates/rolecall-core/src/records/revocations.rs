//! Which sessions of an account have been revoked.

use super::Record;
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

impl Revocations {
    /// True when a session has been revoked. A `foreign` account's revocations end only the sessions that
    /// its users began.
    pub fn has_ended(&self, session: &Session, foreign: bool) -> bool {
        let by = |times: &BTreeMap<String, i64>, name: Option<&str>| {
            !times.is_empty()
                && name.and_then(|name| times.get(name)).is_some_and(|at| session.issued_ms <= *at)
        };
        let begun_by_its_user = by(&self.users, session.origin.user_id.as_deref());
        if foreign {
            return begun_by_its_user;
        }
        begun_by_its_user
            || self.all.is_some_and(|at| session.issued_ms <= at)
            || by(&self.sessions, Some(&session.access_key_id))
            || by(&self.roles, role_id(session))
            || by(&self.users, user_id(session))
            || by(&self.source_identities, session.source_identity.as_deref())
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
            assert!(revocations.has_ended(&before, false), "{scope:?}");
            assert!(!revocations.has_ended(&after, false), "{scope:?}");
            assert!(!other.is_some_and(|other| revoked(other).has_ended(&before, false)));
            let is_of_user = matches!(scope, Scope::User(_));
            assert_eq!(revocations.has_ended(&before, true), is_of_user, "{scope:?}");
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
