//! Instance profiles: found, changed and shown.

use super::roles;
use super::tags;
use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::id::AccountId;
use crate::records::{self, InstanceProfile, Record, Role, instance_profile, key};
use crate::target::Target;
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam as model;
use std::sync::Arc;

/// The instance profile of a name, spelled exactly so.
///
/// # Errors
/// When the store fails.
pub(super) async fn find(cx: &Cx<'_>, name: &str) -> Result<Option<Arc<InstanceProfile>>, Error> {
    let key = key::instance_profile(cx.account(), name);
    let found = cx.system.store.cached(&key, InstanceProfile::decode).await?;
    Ok(found.map(|(profile, _)| profile).filter(|profile| profile.name == name))
}

/// The same, which must exist.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn load(cx: &Cx<'_>, name: &str) -> Result<Arc<InstanceProfile>, Error> {
    find(cx, name).await?.ok_or_else(|| iam::no_such_instance_profile(name))
}

/// The same within a transaction.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn read(
    txn: &mut Txn<'_>,
    account: &AccountId,
    name: &str,
) -> Result<InstanceProfile, Error> {
    let found = records::read::<InstanceProfile>(txn, &key::instance_profile(account, name)).await?;
    let profile = found.map(|(profile, _)| profile).filter(|profile| profile.name == name);
    profile.ok_or_else(|| iam::no_such_instance_profile(name))
}

/// Changes an instance profile, alone.
///
/// # Errors
/// `NoSuchEntity`, and whatever `edit` reports.
pub(super) async fn change(
    cx: &Cx<'_>,
    name: &str,
    mut edit: impl FnMut(&mut InstanceProfile) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut profile = read(&mut txn, cx.account(), name).await?;
        edit(&mut profile)?;
        records::write(&mut txn, key::instance_profile(cx.account(), name), &profile)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// An action on an instance profile, with its tags.
///
/// # Errors
/// When the store fails.
pub(super) async fn target(cx: &Cx<'_>, action: &'static str, name: &str) -> Result<Target, Error> {
    let found = find(cx, name).await?;
    let arn = found.as_ref().map_or_else(|| instance_profile::arn(cx.account(), "/", name), |p| p.arn());
    let tags = found.as_ref().map(|profile| profile.tags.as_slice()).unwrap_or_default();
    Ok(Target::new(action, arn).with_resource_tags(Some("iam:ResourceTag"), tags))
}

/// As lists show it: without tags.
///
/// # Errors
/// When the store fails.
pub(super) async fn listed(cx: &Cx<'_>, profile: &InstanceProfile) -> Result<model::InstanceProfile, Error> {
    let mut shown = model::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: profile.arn(),
        create_date: profile.created,
        ..Default::default()
    };
    if let Some(name) = &profile.role {
        let found = cx.system.store.cached(&key::role(&profile.account, name), Role::decode).await?;
        let (role, _) = found.ok_or(Error::Conflict)?;
        shown.roles.push(roles::listed(cx.system, &role).await?);
    }
    Ok(shown)
}

/// As it is shown by itself.
///
/// # Errors
/// When the store fails.
pub(super) async fn shown(cx: &Cx<'_>, profile: &InstanceProfile) -> Result<model::InstanceProfile, Error> {
    Ok(model::InstanceProfile { tags: tags::shown(&profile.tags), ..listed(cx, profile).await? })
}
