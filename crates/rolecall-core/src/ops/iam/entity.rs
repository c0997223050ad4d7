//! Users, groups and roles seen alike: a name, an ARN, inline and attached policies.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted};
use crate::id::AccountId;
use crate::records::key::{self, Usage};
use crate::records::{self, Document, Group, Record, Role, Sight, User, group, role, user};
use crate::target::{Target, Targets};
use rolecall_store::{Key, Txn};
use std::sync::Arc;

/// A kind of entity that policies are put on.
pub(super) trait Entity: Record + Clone {
    /// What differs between the kinds.
    const KIND: Kind;

    /// Its key in the store.
    fn key(account: &AccountId, name: &str) -> Key;

    /// The ARN of one of this kind.
    fn arn_of(account: &AccountId, path: &str, name: &str) -> String;

    /// What is known of it.
    fn facts(&self) -> Facts<'_>;

    /// The policies on it, for changing: the ARNs of the attached, and the inline ones by name.
    fn policies(&mut self) -> (&mut Vec<String>, &mut Vec<(String, Document)>);

    /// Refuses changes to what only AWS may change.
    ///
    /// # Errors
    /// `UnmodifiableEntity`.
    fn check_modifiable(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// What differs between users, groups and roles.
pub(super) struct Kind {
    /// Its name within sentences, and in the marks of policies used.
    pub name: &'static str,
    /// Its name at the start of a sentence.
    pub title: &'static str,
    /// The name of the quota on attached policies.
    pub attached_quota: &'static str,
    /// The most characters, white space not counted, of all its inline policies together.
    pub inline_most: usize,
}

/// What is known of an entity.
pub(super) struct Facts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its path.
    pub path: &'a str,
    /// Its tags; groups have none.
    pub tags: &'a [(String, String)],
    /// The ARN of its permissions boundary; groups have none.
    pub boundary: Option<&'a str>,
    /// The ARNs of the policies attached.
    pub attached: &'a [String],
    /// The inline policies.
    pub inline: &'a [(String, Document)],
}

/// The entity of a name, spelled exactly so, as it is seen now.
///
/// # Errors
/// When the store fails.
pub(super) async fn see<E: Entity>(cx: &Cx<'_>, name: &str) -> Result<Sight<E>, Error> {
    let seen = Sight::of(&cx.system.store, E::key(cx.account(), name)).await?;
    Ok(seen.filter(|entity: &E| entity.facts().name == name))
}

/// The same, alone.
///
/// # Errors
/// When the store fails.
pub(super) async fn find<E: Entity>(cx: &Cx<'_>, name: &str) -> Result<Option<Arc<E>>, Error> {
    Ok(see(cx, name).await?.record().cloned())
}

/// Refuses a name that is taken, in any case.
///
/// # Errors
/// `EntityAlreadyExists`.
pub(super) async fn check_free<E: Entity>(
    txn: &mut Txn<'_>,
    account: &AccountId,
    name: &str,
) -> Result<(), Error> {
    match txn.get(&E::key(account, name)).await? {
        Some(_) => Err(iam::entity_exists(E::KIND.title, name)),
        None => Ok(()),
    }
}

/// Moves the marks of the policies that an entity uses from its old name to the one it has now.
pub(super) fn move_marks<E: Entity>(txn: &mut Txn<'_>, account: &AccountId, entity: &E, old: &str) {
    let facts = entity.facts();
    let attached = facts.attached.iter().map(|arn| (Usage::Attached, arn.as_str()));
    for (usage, arn) in attached.chain(facts.boundary.map(|arn| (Usage::Boundary, arn))) {
        txn.delete(key::usage(usage, account, arn, E::KIND.name, old));
        txn.put(key::usage(usage, account, arn, E::KIND.name, facts.name), Vec::new());
    }
}

/// Refuses to delete an entity that policies are still on.
///
/// # Errors
/// `DeleteConflict`.
pub(super) fn check_bare<E: Entity>(entity: &E) -> Result<(), Error> {
    let facts = entity.facts();
    match (facts.attached.is_empty(), facts.inline.is_empty()) {
        (false, _) => Err(iam::must_detach_policies()),
        (true, false) => Err(iam::must_delete_policies()),
        (true, true) => Ok(()),
    }
}

/// What an action on an entity needs, with its tags. One that does not exist is asked about by the ARN that
/// its name has without a path.
///
/// # Errors
/// When the store fails.
pub(super) async fn targets<E: Entity>(
    cx: &Cx<'_>,
    action: &'static str,
    name: &str,
) -> Result<Targets<Sight<E>>, Error> {
    let seen = see::<E>(cx, name).await?;
    Ok(Targets::one(target_of(cx, action, name, &seen)).seeing(seen))
}

/// The same for the actions that know `iam:PermissionsBoundary` as the boundary that the entity has
/// (Service Authorization Reference, IAM).
///
/// # Errors
/// When the store fails.
pub(super) async fn bounded_targets<E: Entity>(
    cx: &Cx<'_>,
    action: &'static str,
    name: &str,
) -> Result<Targets<Sight<E>>, Error> {
    let seen = see::<E>(cx, name).await?;
    let boundary = seen.record().and_then(|entity| entity.facts().boundary);
    let target = target_of(cx, action, name, &seen).with_some("iam:PermissionsBoundary", boundary);
    Ok(Targets::one(target).seeing(seen))
}

/// The same for an entity that gets another path or name: on the ARN that it has and on the one it is to have.
///
/// # Errors
/// When the store fails.
pub(super) async fn moving_targets<E: Entity>(
    cx: &Cx<'_>,
    action: &'static str,
    name: &str,
    new_path: Option<&str>,
    new_name: Option<&str>,
) -> Result<Targets<Sight<E>>, Error> {
    let seen = see::<E>(cx, name).await?;
    let old = target_of(cx, action, name, &seen);
    let path =
        new_path.or(seen.record().map(|entity| entity.facts().path)).unwrap_or(crate::ops::iam::path::ROOT);
    let arn = E::arn_of(cx.account(), path, new_name.unwrap_or(name));
    let new = Target { resource: arn, ..old.clone() };
    Ok(Targets::one(old).and(new).seeing(seen))
}

/// The entity that permission was decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) fn require<'s, E: Entity>(seen: &'s Sight<E>, name: &str) -> Result<&'s Arc<E>, Error> {
    seen.record().ok_or_else(|| missing::<E>(name))
}

/// The same, to be changed.
///
/// # Errors
/// `NoSuchEntity`, and `UnmodifiableEntity`.
pub(super) fn modifiable<E: Entity>(seen: &Sight<E>, name: &str) -> Result<E, Error> {
    let entity = require(seen, name)?;
    entity.check_modifiable()?;
    Ok(E::clone(entity))
}

/// Changes the entity that permission was decided on, alone. As it is then.
///
/// # Errors
/// As [`modifiable`], and whatever `edit` reports.
pub(super) async fn change<E: Entity>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    edit: impl FnOnce(&mut E) -> Result<(), Error>,
) -> Result<E, Error> {
    let mut entity = modifiable(granted.seen(), name)?;
    edit(&mut entity)?;
    let mut txn = granted.begin(cx);
    records::write(&mut txn, granted.seen().key().clone(), &entity)?;
    txn.commit().await?;
    Ok(entity)
}

fn target_of<E: Entity>(cx: &Cx<'_>, action: &'static str, name: &str, seen: &Sight<E>) -> Target {
    let Some(facts) = seen.record().map(|entity| entity.facts()) else {
        return Target::new(action, E::arn_of(cx.account(), crate::ops::iam::path::ROOT, name));
    };
    Target::new(action, E::arn_of(cx.account(), facts.path, facts.name))
        .with_resource_tags(Some("iam:ResourceTag"), facts.tags)
}

/// The sentence for an entity that does not exist.
pub(super) fn missing<E: Entity>(name: &str) -> Error {
    iam::no_such_entity(E::KIND.name, name)
}

impl Entity for User {
    const KIND: Kind =
        Kind { name: "user", title: "User", attached_quota: "PoliciesPerUser", inline_most: 2048 };

    fn key(account: &AccountId, name: &str) -> Key {
        key::user(account, name)
    }

    fn arn_of(account: &AccountId, path: &str, name: &str) -> String {
        user::arn(account, path, name)
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            name: &self.name,
            path: &self.path,
            tags: &self.tags,
            boundary: self.boundary.as_deref(),
            attached: &self.attached,
            inline: &self.inline,
        }
    }

    fn policies(&mut self) -> (&mut Vec<String>, &mut Vec<(String, Document)>) {
        (&mut self.attached, &mut self.inline)
    }
}

impl Entity for Group {
    const KIND: Kind =
        Kind { name: "group", title: "Group", attached_quota: "PoliciesPerGroup", inline_most: 5120 };

    fn key(account: &AccountId, name: &str) -> Key {
        key::group(account, name)
    }

    fn arn_of(account: &AccountId, path: &str, name: &str) -> String {
        group::arn(account, path, name)
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            name: &self.name,
            path: &self.path,
            tags: &[],
            boundary: None,
            attached: &self.attached,
            inline: &self.inline,
        }
    }

    fn policies(&mut self) -> (&mut Vec<String>, &mut Vec<(String, Document)>) {
        (&mut self.attached, &mut self.inline)
    }
}

impl Entity for Role {
    const KIND: Kind =
        Kind { name: "role", title: "Role", attached_quota: "PoliciesPerRole", inline_most: 10_240 };

    fn check_modifiable(&self) -> Result<(), Error> {
        let is_aws = PROTECTED.iter().any(|path| self.path.starts_with(path));
        if is_aws { Err(iam::protected_role(&self.name)) } else { Ok(()) }
    }

    fn key(account: &AccountId, name: &str) -> Key {
        key::role(account, name)
    }

    fn arn_of(account: &AccountId, path: &str, name: &str) -> String {
        role::arn(account, path, name)
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            name: &self.name,
            path: &self.path,
            tags: &self.tags,
            boundary: self.boundary.as_deref(),
            attached: &self.attached,
            inline: &self.inline,
        }
    }

    fn policies(&mut self) -> (&mut Vec<String>, &mut Vec<(String, Document)>) {
        (&mut self.attached, &mut self.inline)
    }
}

/// Where roles live that only AWS changes.
const PROTECTED: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];
