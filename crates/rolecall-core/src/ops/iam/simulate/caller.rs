//! Who acts in a simulation: the principal, and the condition keys that follow from it.

use super::invalid;
use crate::error::Error;
use crate::gate::Cx;
use crate::id::AccountId;
use crate::records::{Record, Role, User, key};
use rolecall_policy::{Arn, Principal, PrincipalKind};
use std::sync::Arc;

/// The simulated caller.
pub(super) struct Acting {
    /// As policies see it.
    pub principal: Principal,
    /// The condition keys that it brings along.
    pub keys: Vec<(String, String)>,
}

impl Acting {
    /// The caller that an ARN names; without one, a user of the asking account without a name. A resource's
    /// policy needs a user to grant something to.
    ///
    /// # Errors
    /// `InvalidInput` when the ARN names no user, group or role, or a resource policy has nobody to name.
    pub(super) async fn named(cx: &Cx<'_>, arn: Option<&str>, with_resource: bool) -> Result<Self, Error> {
        let Some(arn) = arn else {
            if with_resource {
                return Err(invalid("CallerArn must be given together with ResourcePolicy."));
            }
            return Ok(Self::nameless(cx.account()));
        };
        let named = Named::parse(arn).ok_or_else(|| {
            invalid(format!("The caller ARN {arn} is not the ARN of a user, group or role."))
        })?;
        if with_resource && named.kind != "user" {
            return Err(invalid("Resource policies can be simulated for users only."));
        }
        match named.kind {
            "user" => Ok(Self::user(arn, &named, find_user(cx, &named, arn).await?.as_deref())),
            "role" => Ok(Self::role(arn, &named, find_role(cx, &named, arn).await?.as_deref())),
            _ => Ok(Self::group(arn, &named)),
        }
    }

    fn nameless(account: &AccountId) -> Self {
        let kind = PrincipalKind::User { id: String::new() };
        let principal = Principal { kind, account: account.to_string(), arn: String::new() };
        Self { principal, keys: vec![pair("aws:PrincipalAccount", account.as_str())] }
    }

    /// A user: its tags and its id are known when it exists.
    pub(super) fn user(arn: &str, named: &Named<'_>, record: Option<&User>) -> Self {
        let id = record.map(|user| user.id.clone()).unwrap_or_default();
        let mut keys = common(arn, named.account, "User");
        keys.push(pair("aws:username", named.name));
        keys.extend(record.map(|user| pair("aws:userid", &user.id)));
        keys.extend(tags(record.map_or(&[], |user| &user.tags)));
        let kind = PrincipalKind::User { id };
        Self { principal: Principal { kind, account: named.account.to_owned(), arn: arn.to_owned() }, keys }
    }

    /// A session of a role, whichever it is called.
    pub(super) fn role(arn: &str, named: &Named<'_>, record: Option<&Role>) -> Self {
        let role_id = record.map(|role| role.id.clone()).unwrap_or_default();
        let mut keys = common(arn, named.account, "AssumedRole");
        keys.extend(tags(record.map_or(&[], |role| &role.tags)));
        let kind = PrincipalKind::RoleSession { role_arn: arn.to_owned(), role_id };
        Self { principal: Principal { kind, account: named.account.to_owned(), arn: arn.to_owned() }, keys }
    }

    /// A member of a group, whoever it is.
    pub(super) fn group(arn: &str, named: &Named<'_>) -> Self {
        let kind = PrincipalKind::User { id: String::new() };
        let principal = Principal { kind, account: named.account.to_owned(), arn: arn.to_owned() };
        Self { principal, keys: vec![pair("aws:PrincipalAccount", named.account)] }
    }
}

/// The parts of the ARN of a user, group or role.
pub(super) struct Named<'a> {
    /// `user`, `group` or `role`.
    pub kind: &'a str,
    /// The account.
    pub account: &'a str,
    /// The name, without the path.
    pub name: &'a str,
}

impl<'a> Named<'a> {
    /// Cuts the ARN; `None` when it is of anything else.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty())?;
        arn.account.parse::<AccountId>().ok()?;
        let (kind, path) = arn.resource.split_once('/')?;
        let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
        ["user", "group", "role"].contains(&kind).then_some(Self { kind, account: arn.account, name })
    }
}

/// The user of that very ARN, when it exists.
pub(super) async fn find_user(cx: &Cx<'_>, named: &Named<'_>, arn: &str) -> Result<Option<Arc<User>>, Error> {
    let Ok(account) = named.account.parse() else { return Ok(None) };
    let found = cx.system.store.cached(&key::user(&account, named.name), User::decode).await?;
    Ok(found.map(|(user, _)| user).filter(|user| user.arn() == arn))
}

/// The role of that very ARN, when it exists.
pub(super) async fn find_role(cx: &Cx<'_>, named: &Named<'_>, arn: &str) -> Result<Option<Arc<Role>>, Error> {
    let Ok(account) = named.account.parse() else { return Ok(None) };
    let found = cx.system.store.cached(&key::role(&account, named.name), Role::decode).await?;
    Ok(found.map(|(role, _)| role).filter(|role| role.arn() == arn))
}

fn common(arn: &str, account: &str, kind: &str) -> Vec<(String, String)> {
    vec![
        pair("aws:PrincipalArn", arn),
        pair("aws:PrincipalAccount", account),
        pair("aws:PrincipalType", kind),
    ]
}

fn tags(tags: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.clone()))
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}
