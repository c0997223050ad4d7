//! Users as answers show them, and the user an operation means when it names none.

pub(super) mod belongings;
mod create_user;
mod delete_user;
mod get_user;
mod list_users;
mod update_user;
mod user_boundary;
mod user_tags;

use crate::caller::Who;
use crate::error::{Error, iam};
use crate::gate::{Cx, Depend};
use crate::ops::iam::entity;
use crate::ops::iam::tags;
use crate::records::{Account, Owner, Record, Sight, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{self as wire, AttachedPermissionsBoundary};

/// Whose credentials an operation is about.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ops::iam) enum Whose {
    /// The account's root user's.
    Root,
    /// A user's, by name.
    User(String),
}

/// The same as it is seen when permission is decided. A user goes with the name it was asked for by.
#[derive(Debug)]
pub enum SeenHolder {
    /// The account, whose record lists the root user's keys.
    Root(Sight<Account>),
    /// A user, if there is one of the name.
    User(String, Sight<User>),
}

/// Who holds credentials, and exists.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops::iam) enum Holder<'s> {
    /// The account's root user.
    Root(&'s Account),
    /// A user.
    User(&'s User),
}

impl Whose {
    /// The user named, or the caller itself.
    ///
    /// # Errors
    /// When nobody is named and the caller is no user.
    pub(in crate::ops::iam) fn of(cx: &Cx<'_>, name: Option<&str>) -> Result<Self, Error> {
        match (name, &cx.identity()?.who) {
            (Some(name), _) => Ok(Self::User(name.to_owned())),
            (None, Who::User(user)) => Ok(Self::User(user.name.clone())),
            (None, Who::Root) => Ok(Self::Root),
            (None, Who::Role(_) | Who::Federated(_)) => Err(iam::must_name_user()),
        }
    }

    /// What an action on them needs.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::ops::iam) async fn targets(
        self,
        cx: &Cx<'_>,
        action: &'static str,
    ) -> Result<Targets<SeenHolder>, Error> {
        match self {
            Self::Root => {
                let account = Sight::of(&cx.system.store, key::account(cx.account())).await?;
                Ok(Targets::on(action, cx.account().root_arn()).seeing(SeenHolder::Root(account)))
            }
            Self::User(name) => {
                let targets = entity::targets(cx, action, &name).await?;
                Ok(targets.seen_as(|user| SeenHolder::User(name, user)))
            }
        }
    }
}

impl SeenHolder {
    /// The holder that permission was decided on.
    ///
    /// # Errors
    /// `NoSuchEntity` for a user that does not exist. An account without a record is a failure of ours.
    pub(in crate::ops::iam) fn require(&self) -> Result<Holder<'_>, Error> {
        match self {
            Self::Root(account) => match account.record() {
                Some(account) => Ok(Holder::Root(account)),
                None => Err(account_missing()),
            },
            Self::User(name, user) => Ok(Holder::User(entity::require(user, name)?)),
        }
    }
}

impl Depend for SeenHolder {
    fn depend(&self, txn: &mut Txn<'_>) {
        match self {
            Self::Root(account) => account.depend(txn),
            Self::User(_, user) => user.depend(txn),
        }
    }
}

impl<'s> Holder<'s> {
    /// The owner that records of credentials name.
    pub(in crate::ops::iam) fn owner(self) -> Owner {
        match self {
            Self::Root(_) => Owner::Root,
            Self::User(user) => Owner::User { name: user.name.clone(), id: user.id.clone() },
        }
    }

    /// The ids of its access keys, oldest first.
    pub(in crate::ops::iam) fn access_keys(self) -> &'s [String] {
        match self {
            Self::Root(account) => &account.root_keys,
            Self::User(user) => &user.access_keys,
        }
    }

    /// The name in answers; root has none.
    pub(in crate::ops::iam) fn name(self) -> Option<&'s str> {
        match self {
            Self::Root(_) => None,
            Self::User(user) => Some(&user.name),
        }
    }
}

/// A user as `CreateUser` and `GetUser` show it.
pub(in crate::ops::iam) fn shown(user: &User) -> wire::User {
    wire::User {
        permissions_boundary: user.boundary.as_deref().map(boundary),
        tags: tags::shown(&user.tags),
        ..listed(user)
    }
}

/// A user as lists show it.
pub(in crate::ops::iam) fn listed(user: &User) -> wire::User {
    wire::User {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: user.id.clone(),
        arn: user.arn(),
        create_date: user.created,
        ..wire::User::default()
    }
}

/// The root user, which has neither name nor path.
pub(in crate::ops::iam) fn root(account: &Account) -> wire::User {
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
pub(in crate::ops::iam) async fn account(cx: &Cx<'_>) -> Result<std::sync::Arc<Account>, Error> {
    let found = cx.system.store.cached(&key::account(cx.account()), Account::decode).await?;
    found.map(|(account, _)| account).ok_or_else(account_missing)
}

fn account_missing() -> Error {
    Error::internal("the account's record is missing")
}

/// A permissions boundary as answers show it.
pub(in crate::ops::iam) fn boundary(arn: &str) -> AttachedPermissionsBoundary {
    AttachedPermissionsBoundary {
        permissions_boundary_type: Some("PermissionsBoundaryPolicy".to_owned()),
        permissions_boundary_arn: Some(arn.to_owned()),
    }
}
