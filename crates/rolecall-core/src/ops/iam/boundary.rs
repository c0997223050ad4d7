//! Permissions boundaries of users and roles: which policies can be one, and the marks of their use.

use super::attached::is_policy;
use super::entity::Entity;
use crate::error::{Error, iam};
use crate::id::AccountId;
use crate::records::key::{self, Usage};
use rolecall_policy::Arn;
use rolecall_store::Txn;

/// Refuses what is not the ARN of a managed policy.
///
/// # Errors
/// `InvalidInput`.
pub(super) fn check_form(arn: &str) -> Result<(), Error> {
    let is_policy = |arn: &Arn<'_>| arn.service == "iam" && arn.resource.starts_with("policy/");
    if Arn::parse(arn).is_some_and(|arn| is_policy(&arn)) { Ok(()) } else { Err(iam::not_a_boundary(arn)) }
}

/// Refuses a policy that does not exist. A transaction that asked does not commit once that has changed.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn check_exists(txn: &mut Txn<'_>, account: &AccountId, arn: &str) -> Result<(), Error> {
    if is_policy(txn, account, arn).await? { Ok(()) } else { Err(iam::no_such_boundary()) }
}

/// Marks that an entity's boundary changes from `old` to `new`.
pub(super) fn mark<E: Entity>(
    txn: &mut Txn<'_>,
    account: &AccountId,
    name: &str,
    old: Option<&str>,
    new: Option<&str>,
) {
    let mark = |arn: &str| key::usage(Usage::Boundary, account, arn, E::KIND.name, name);
    if let Some(arn) = old {
        txn.delete(mark(arn));
    }
    if let Some(arn) = new {
        txn.put(mark(arn), Vec::new());
    }
}
