//! Instance profiles: found, changed and shown.

mod instance_profile_life;
mod instance_profile_roles;
mod instance_profile_tags;

use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::ops::iam::roles;
use crate::ops::iam::tags;
use crate::records::{InstanceProfile, Record, Role, Sight, instance_profile, key};
use crate::target::{Target, Targets};
use rolecall_wire::iam as model;
use std::sync::Arc;

/// What an action on the instance profile of a name, spelled exactly so, needs, with its tags.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    name: &str,
) -> Result<Targets<Sight<InstanceProfile>>, Error> {
    let seen = Sight::of(&cx.system.store, key::instance_profile(cx.account(), name)).await?;
    let seen = seen.filter(|profile: &InstanceProfile| profile.name == name);
    let target = match seen.record() {
        Some(profile) => {
            Target::new(action, profile.arn()).with_resource_tags(Some("iam:ResourceTag"), &profile.tags)
        }
        None => Target::new(action, instance_profile::arn(cx.account(), "/", name)),
    };
    Ok(Targets::one(target).seeing(seen))
}

/// The instance profile that permission was decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) fn require<'s>(
    seen: &'s Sight<InstanceProfile>,
    name: &str,
) -> Result<&'s Arc<InstanceProfile>, Error> {
    seen.record().ok_or_else(|| iam::no_such_instance_profile(name))
}

/// As lists show it: without tags. A role goes only after it has left its profile, so one that is gone has left.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn listed(
    cx: &Cx<'_>,
    profile: &InstanceProfile,
) -> Result<model::InstanceProfile, Error> {
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
        if let Some((role, _)) = found {
            shown.roles.push(roles::within(cx.system, &role).await?);
        }
    }
    Ok(shown)
}

/// As it is shown by itself.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn shown(
    cx: &Cx<'_>,
    profile: &InstanceProfile,
) -> Result<model::InstanceProfile, Error> {
    Ok(model::InstanceProfile { tags: Some(tags::shown(&profile.tags)), ..listed(cx, profile).await? })
}
