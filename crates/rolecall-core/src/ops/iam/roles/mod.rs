//! Roles as answers show them.

mod create_role;
mod delete_role;
mod get_role;
mod role_boundary;
mod role_tags;
mod role_trust;
mod service_linked_roles;
mod update_role;

use crate::error::Error;
use crate::ops::iam::encoded::encoded;
use crate::ops::iam::tags;
use crate::ops::iam::users;
use crate::principals;
use crate::records::{self, LastUse, Record, key};
use crate::system::System;
use rolecall_wire::iam::{Role, RoleLastUsed};

/// As lists show it: without boundary, last use and tags.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn listed(system: &System, role: &records::Role) -> Result<Role, Error> {
    let trust = principals::shown(system, &role.trust).await?;
    Ok(Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn(),
        create_date: role.created,
        assume_role_policy_document: Some(encoded(&trust)),
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        ..Role::default()
    })
}

/// As instance profiles show it, and what makes it or describes it anew: without the longest session, too.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn within(system: &System, role: &records::Role) -> Result<Role, Error> {
    Ok(Role { max_session_duration: None, ..listed(system, role).await? })
}

/// As it is shown by itself.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn shown(system: &System, role: &records::Role) -> Result<Role, Error> {
    Ok(Role {
        permissions_boundary: role.boundary.as_deref().map(users::boundary),
        tags: tags::shown(&role.tags),
        role_last_used: Some(last_used(system, role).await?),
        ..listed(system, role).await?
    })
}

/// When and where sessions of the role were last used; empty when never.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn last_used(
    system: &System,
    role: &records::Role,
) -> Result<RoleLastUsed, Error> {
    let stored = system.store.get(&key::role_use(&role.id)).await?;
    let last = stored.map(|stored| LastUse::decode(&stored)).transpose()?;
    Ok(last.map_or_else(RoleLastUsed::default, |last| RoleLastUsed {
        last_used_date: Some(last.at),
        region: Some(last.region),
    }))
}
