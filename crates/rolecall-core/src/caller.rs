//! Who calls: an authenticated identity, or nobody. A credential that was presented and does not hold
//! is neither; it never becomes a caller.

use crate::id::AccountId;
use crate::records::{Role, User};
use crate::session::{OpenSession, Origin, Session, Subject};
use rolecall_policy::{Principal, PrincipalKind};
use std::borrow::Cow;
use std::sync::Arc;

/// Who sent a request.
#[derive(Clone)]
pub enum Caller {
    /// Nobody: the request carries no credentials at all.
    Anonymous,
    /// Somebody whose signature holds.
    Known(Arc<Identity>),
}

/// An authenticated identity.
#[derive(Clone)]
pub struct Identity {
    /// The account it belongs to.
    pub account: AccountId,
    /// The access key it signed with.
    pub access_key_id: String,
    /// Who it is.
    pub who: Who,
    /// The session, when the credentials are temporary.
    pub session: Option<Arc<OpenSession>>,
    /// The same, as policies see it.
    pub principal: Principal,
}

/// What kind of identity it is, with its record as of now.
#[derive(Clone)]
pub enum Who {
    /// The account's root user.
    Root,
    /// A user.
    User(Arc<User>),
    /// A session of a role.
    Role(Arc<Role>),
    /// A federated user, with the user who asked for its credentials; `None` for the root user.
    Federated(Option<Arc<User>>),
}

impl Caller {
    /// The identity, unless anonymous.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Anonymous => None,
            Self::Known(identity) => Some(identity),
        }
    }

    /// The caller as policies see it.
    pub fn principal(&self) -> &Principal {
        static NOBODY: Principal =
            Principal { kind: PrincipalKind::Anonymous, account: String::new(), arn: String::new() };
        self.identity().map_or(&NOBODY, |i| &i.principal)
    }
}

impl Identity {
    /// An account's root user.
    pub fn root(account: AccountId, access_key_id: String, session: Option<Arc<OpenSession>>) -> Self {
        let principal = Principal {
            kind: PrincipalKind::Root,
            account: account.as_str().to_owned(),
            arn: account.root_arn(),
        };
        Self { account, access_key_id, who: Who::Root, session, principal }
    }

    /// A user.
    pub fn user(user: Arc<User>, access_key_id: String, session: Option<Arc<OpenSession>>) -> Self {
        let kind = PrincipalKind::User { id: user.id.clone() };
        let principal = Principal { kind, account: user.account.as_str().to_owned(), arn: user.arn() };
        Self { account: user.account.clone(), access_key_id, who: Who::User(user), session, principal }
    }

    /// A session of a role.
    pub fn role(role: Arc<Role>, session_name: &str, session: Arc<OpenSession>) -> Self {
        let kind = PrincipalKind::RoleSession { role_arn: role.arn(), role_id: role.id.clone() };
        let arn = assumed_role_arn(&role, session_name);
        let principal = Principal { kind, account: role.account.as_str().to_owned(), arn };
        let access_key_id = session.session.access_key_id.clone();
        Self {
            account: role.account.clone(),
            access_key_id,
            who: Who::Role(role),
            session: Some(session),
            principal,
        }
    }

    /// A federated user, whose credentials `issuer` asked for (`None`: the account's root user).
    pub fn federated(name: &str, issuer: Option<Arc<User>>, session: Arc<OpenSession>) -> Self {
        let account = session.session.account.clone();
        let (user_arn, user_id) = issuer.as_ref().map_or_else(
            || (account.root_arn(), account.as_str().to_owned()),
            |user| (user.arn(), user.id.clone()),
        );
        let kind = PrincipalKind::FederatedUser { user_arn, user_id };
        let principal =
            Principal { kind, account: account.as_str().to_owned(), arn: federated_user_arn(&account, name) };
        let access_key_id = session.session.access_key_id.clone();
        Self { account, access_key_id, who: Who::Federated(issuer), session: Some(session), principal }
    }

    /// True for a session of a role that AWS's services have for themselves: control policies do not
    /// limit it.
    pub fn is_service_linked(&self) -> bool {
        matches!(&self.who, Who::Role(role) if role.path.starts_with("/aws-service-role/"))
    }

    /// The claims of the session, when the credentials are temporary.
    pub fn claims(&self) -> Option<&Session> {
        self.session.as_ref().map(|open| &open.session)
    }

    /// What tells the principal from every other, whatever sessions it has: a user's or role's unique id, an
    /// account's id for its root user, a federated user's ARN.
    pub fn unique_id(&self) -> &str {
        match &self.who {
            Who::Root => self.account.as_str(),
            Who::User(user) => &user.id,
            Who::Role(role) => &role.id,
            Who::Federated(_) => &self.principal.arn,
        }
    }

    /// Who began the chain of sessions that the caller acts in; itself, if it acts in none.
    pub fn origin(&self) -> Origin {
        let user_id = match &self.who {
            Who::User(user) => Some(user.id.clone()),
            Who::Root | Who::Role(_) | Who::Federated(_) => None,
        };
        let itself = || Origin { arn: self.principal.arn.clone(), user_id };
        self.claims().map_or_else(itself, |claims| claims.origin.clone())
    }

    /// `aws:userid`, which is also `GetCallerIdentity`'s `UserId` (IAM User Guide, policy variables).
    pub fn user_id(&self) -> Cow<'_, str> {
        match (&self.who, self.claims().map(|s| &s.subject)) {
            (Who::User(user), _) => Cow::Borrowed(&user.id),
            (Who::Role(role), Some(Subject::Role { session_name, .. })) => {
                [&role.id, ":", session_name].concat().into()
            }
            (Who::Role(role), _) => Cow::Borrowed(&role.id),
            (Who::Federated(_), Some(Subject::FederatedUser { name, .. })) => {
                [self.account.as_str(), ":", name].concat().into()
            }
            (Who::Root | Who::Federated(_), _) => self.account.as_str().into(),
        }
    }

    /// The user's name, when the caller is a user (with long-term or `GetSessionToken` credentials).
    pub fn user_name(&self) -> Option<&str> {
        match &self.who {
            Who::User(user) => Some(&user.name),
            Who::Root | Who::Role(_) | Who::Federated(_) => None,
        }
    }
}

/// The ARN of a session of a role; the role's path is left out.
pub fn assumed_role_arn(role: &Role, session_name: &str) -> String {
    ["arn:aws:sts::", role.account.as_str(), ":assumed-role/", &role.name, "/", session_name].concat()
}

/// The ARN of a federated user.
pub fn federated_user_arn(account: &AccountId, name: &str) -> String {
    format!("arn:aws:sts::{account}:federated-user/{name}")
}
