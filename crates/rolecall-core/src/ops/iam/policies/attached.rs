//! Managed policies on users, groups and roles: attaching, detaching, listing.
//!
//! An attached policy stands in its entity's record; a mark beside it lets the policy be asked for its
//! entities and keeps it from being deleted.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::managed;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path::has_prefix;
use crate::ops::paging::{Page, Paging};
use crate::records::key::{self, Usage};
use crate::records::{self, Group, ManagedPolicy, Record, Role, Sight, User};
use crate::target::Targets;
use rolecall_policy::Arn;
use rolecall_store::Txn;
use rolecall_wire::iam::{
    AttachGroupPolicyRequest, AttachRolePolicyRequest, AttachUserPolicyRequest, AttachedPolicy,
    DetachGroupPolicyRequest, DetachRolePolicyRequest, DetachUserPolicyRequest,
    ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse, ListAttachedRolePoliciesRequest,
    ListAttachedRolePoliciesResponse, ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse, op,
};
use rolecall_wire::operation::Nothing;

/// The operations of one kind of entity. The kinds differ in names, and in nothing else.
macro_rules! operations {
    ($entity:ty, $name:ident, $attach:ident($attach_request:ty), $detach:ident($detach_request:ty),
     $list:ident($list_request:ty) -> $list_response:ident) => {
        impl Serve for op::$attach {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$attach_request) -> Result<Targets<Sight<$entity>>, Error> {
                let action = concat!("iam:", stringify!($attach));
                targets(cx, action, &input.$name, &input.policy_arn).await
            }

            async fn run(
                cx: &mut Cx<'_>,
                input: $attach_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<Nothing>, Error> {
                attach(cx, &granted, &input.$name, &input.policy_arn).await?;
                Ok(Nothing.into())
            }
        }

        impl Serve for op::$detach {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$detach_request) -> Result<Targets<Sight<$entity>>, Error> {
                let action = concat!("iam:", stringify!($detach));
                targets(cx, action, &input.$name, &input.policy_arn).await
            }

            async fn run(
                cx: &mut Cx<'_>,
                input: $detach_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<Nothing>, Error> {
                detach(cx, &granted, &input.$name, &input.policy_arn).await?;
                Ok(Nothing.into())
            }
        }

        impl Serve for op::$list {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$list_request) -> Result<Targets<Sight<$entity>>, Error> {
                entity::targets(cx, concat!("iam:", stringify!($list)), &input.$name).await
            }

            async fn run(
                _: &mut Cx<'_>,
                input: $list_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<$list_response>, Error> {
                let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
                let page = list(granted.seen(), &input.$name, &paging, input.path_prefix.as_deref())?;
                let is_truncated = page.is_truncated();
                let Page { items, marker } = page;
                Ok($list_response { attached_policies: items, is_truncated, marker }.into())
            }
        }
    };
}

operations!(
    User, user_name,
    AttachUserPolicy(AttachUserPolicyRequest),
    DetachUserPolicy(DetachUserPolicyRequest),
    ListAttachedUserPolicies(ListAttachedUserPoliciesRequest) -> ListAttachedUserPoliciesResponse
);
operations!(
    Group, group_name,
    AttachGroupPolicy(AttachGroupPolicyRequest),
    DetachGroupPolicy(DetachGroupPolicyRequest),
    ListAttachedGroupPolicies(ListAttachedGroupPoliciesRequest) -> ListAttachedGroupPoliciesResponse
);
operations!(
    Role, role_name,
    AttachRolePolicy(AttachRolePolicyRequest),
    DetachRolePolicy(DetachRolePolicyRequest),
    ListAttachedRolePolicies(ListAttachedRolePoliciesRequest) -> ListAttachedRolePoliciesResponse
);

/// True when the ARN names a managed policy, AWS's or the account's own. A transaction that asked does
/// not commit once that has changed.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn is_policy(
    txn: &mut Txn<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<bool, Error> {
    if managed::is_aws(arn) {
        return Ok(managed::find(arn).is_some());
    }
    let Some(name) = managed::local_name(account, arn) else { return Ok(false) };
    let found = txn.cached(&key::policy(account, name), ManagedPolicy::decode).await?;
    Ok(found.is_some_and(|(policy, _)| policy.arn() == arn))
}

async fn targets<E: Entity>(
    cx: &Cx<'_>,
    action: &'static str,
    name: &str,
    arn: &str,
) -> Result<Targets<Sight<E>>, Error> {
    Arn::parse(arn).ok_or_else(iam::unparsable_arn)?;
    let targets = entity::bounded_targets(cx, action, name).await?;
    Ok(targets.map(|target| target.with("iam:PolicyARN", arn)))
}

/// Attaching what is attached already changes nothing.
async fn attach<E: Entity>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    arn: &str,
) -> Result<(), Error> {
    let mut entity = entity::modifiable(granted.seen(), name)?;
    let mut txn = granted.begin(cx);
    if !is_policy(&mut txn, cx.account(), arn).await? {
        return Err(iam::not_attachable(arn));
    }
    check_customer_may_use(arn)?;
    let (attached, _) = entity.policies();
    if attached.iter().any(|a| a == arn) {
        return Ok(());
    }
    if attached.len() >= MOST {
        return Err(iam::quota(E::KIND.attached_quota, MOST));
    }
    attached.push(arn.to_owned());
    txn.put(key::usage(Usage::Attached, cx.account(), arn, E::KIND.name, name), Vec::new());
    records::write(&mut txn, granted.seen().key().clone(), &entity)?;
    txn.commit().await?;
    Ok(())
}

async fn detach<E: Entity>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    arn: &str,
) -> Result<(), Error> {
    let mut entity = entity::modifiable(granted.seen(), name)?;
    let (attached, _) = entity.policies();
    let at = attached.iter().position(|a| a == arn).ok_or_else(|| iam::policy_not_found(arn))?;
    attached.remove(at);
    let mut txn = granted.begin(cx);
    txn.delete(key::usage(Usage::Attached, cx.account(), arn, E::KIND.name, name));
    records::write(&mut txn, granted.seen().key().clone(), &entity)?;
    txn.commit().await?;
    Ok(())
}

fn list<E: Entity>(
    seen: &Sight<E>,
    name: &str,
    paging: &Paging,
    prefix: Option<&str>,
) -> Result<Page<AttachedPolicy>, Error> {
    let entity = entity::require(seen, name)?;
    let shown = entity.facts().attached.iter().filter(|arn| has_prefix(parts(arn).1, prefix));
    Ok(paging
        .list(shown.cloned(), |arn| place(arn))
        .map(|arn| AttachedPolicy { policy_name: Some(parts(&arn).2.to_owned()), policy_arn: Some(arn) }))
}

/// Account, path and name of a policy's ARN.
fn parts(arn: &str) -> (&str, &str, &str) {
    let mut fields = arn.splitn(6, ':').skip(4);
    let account = fields.next().unwrap_or_default();
    let path = fields.next().and_then(|resource| resource.strip_prefix("policy")).unwrap_or_default();
    let (path, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    (account, path, name)
}

/// Where a policy stands in a listing: no two of an account's, or of AWS's, have the same name.
fn place(arn: &str) -> String {
    let (account, _, name) = parts(arn);
    format!("{name} {account}")
}

/// The policies of service-linked roles are for nobody else.
fn check_customer_may_use(arn: &str) -> Result<(), Error> {
    let is_reserved = managed::is_aws(arn) && parts(arn).1.starts_with("/aws-service-role/");
    if is_reserved { Err(iam::service_role_policy()) } else { Ok(()) }
}

/// The most managed policies on an entity (IAM User Guide, IAM quotas).
const MOST: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policys_arn_falls_into_account_path_and_name() {
        for (arn, expected) in [
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", ("aws", "/", "ReadOnlyAccess")),
            ("arn:aws:iam::aws:policy/job-function/Billing", ("aws", "/job-function/", "Billing")),
            ("arn:aws:iam::123456789012:policy/a/b/C", ("123456789012", "/a/b/", "C")),
        ] {
            assert_eq!(parts(arn), expected);
        }
    }
}
