//! Users as answers show them, and the user an operation means when it names none.

use super::entity;
use super::tags;
use crate::caller::Who;
use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::records::{Account, Record, User, key};
use crate::target::Target;
use rolecall_wire::iam::{self as wire, AttachedPermissionsBoundary};

/// Whose credentials an operation is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The account's root user's.
    Root,
    /// A user's, by name.
    User(String),
}

impl Whose {
    /// The user named, or the caller itself.
    ///
    /// # Errors
    /// When nobody is named and the caller is no user.
    pub(super) fn of(cx: &Cx<'_>, name: Option<&str>) -> Result<Self, Error> {
        match (name, &cx.identity()?.who) {
            (Some(name), _) => Ok(Self::User(name.to_owned())),
            (None, Who::User(user)) => Ok(Self::User(user.name.clone())),
            (None, Who::Root) => Ok(Self::Root),
            (None, Who::Role(_) | Who::Federated(_)) => Err(iam::must_name_user()),
        }
    }

    /// An action on them.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn target(&self, cx: &Cx<'_>, action: &'static str) -> Result<Target, Error> {
        match self {
            Self::Root => Ok(Target::new(action, cx.account().root_arn())),
            Self::User(name) => entity::target::<User>(cx, action, name).await,
        }
    }

    /// Refuses a user that does not exist.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(super) async fn check_exists(&self, cx: &Cx<'_>) -> Result<(), Error> {
        match self {
            Self::Root => Ok(()),
            Self::User(name) => entity::load::<User>(cx, name).await.map(drop),
        }
    }

    /// The name in answers; root has none.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::User(name) => name.clone(),
        }
    }
}

/// A user as `CreateUser` and `GetUser` show it.
pub(super) fn shown(user: &User) -> wire::User {
    wire::User {
        permissions_boundary: user.boundary.as_deref().map(boundary),
        tags: tags::shown(&user.tags),
        ..listed(user)
    }
}

/// A user as lists show it.
pub(super) fn listed(user: &User) -> wire::User {
    wire::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: user.arn(),
        create_date: user.created,
        ..wire::User::default()
    }
}

/// The root user, which has neither name nor path.
pub(super) fn root(account: &Account) -> wire::User {
    wire::User {
        user_id: account.id.to_string(),
        arn: account.id.root_arn(),
        create_date: account.created,
        ..wire::User::default()
    }
}

/// The caller's account.
///
/// # Errors
/// When it is missing, which is a failure of ours.
pub(super) async fn account(cx: &Cx<'_>) -> Result<std::sync::Arc<Account>, Error> {
    let found = cx.system.store.cached(&key::account(cx.account()), Account::decode).await?;
    found.map(|(account, _)| account).ok_or_else(|| Error::internal("the account's record is missing"))
}

/// A permissions boundary as answers show it.
pub(super) fn boundary(arn: &str) -> AttachedPermissionsBoundary {
    AttachedPermissionsBoundary {
        permissions_boundary_type: Some("PermissionsBoundaryPolicy".to_owned()),
        permissions_boundary_arn: Some(arn.to_owned()),
    }
}
