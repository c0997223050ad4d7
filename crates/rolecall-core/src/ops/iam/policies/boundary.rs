//! Permissions boundaries of users and roles: which policies can be one, and the marks of their use.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted};
use crate::id::AccountId;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::policies::attached::is_policy;
use crate::records::key::{self, Usage};
use crate::records::{self, Role, Sight, User};
use rolecall_policy::Arn;
use rolecall_store::Txn;

/// A kind of entity that can have a permissions boundary.
pub(in crate::ops::iam) trait Bounded: Entity {
    /// The account it belongs to.
    fn account(&self) -> &AccountId;

    /// The ARN of its boundary, for changing.
    fn boundary(&mut self) -> &mut Option<String>;
}

/// Refuses what is not the ARN of a managed policy.
///
/// # Errors
/// `InvalidInput`.
pub(in crate::ops::iam) fn check_form(arn: &str) -> Result<(), Error> {
    let is_policy = |arn: &Arn<'_>| arn.service == "iam" && arn.resource.starts_with("policy/");
    if Arn::parse(arn).is_some_and(|arn| is_policy(&arn)) { Ok(()) } else { Err(iam::not_a_boundary(arn)) }
}

/// Refuses a policy that does not exist. A transaction that asked does not commit once that has changed.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) async fn check_exists(
    txn: &mut Txn<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<(), Error> {
    if is_policy(txn, account, arn).await? { Ok(()) } else { Err(iam::no_such_boundary()) }
}

/// Gives the entity that permission was decided on another boundary, or none.
///
/// # Errors
/// As [`entity::modifiable`], and as [`check_exists`].
pub(in crate::ops::iam) async fn set<E: Bounded>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    arn: Option<&str>,
) -> Result<(), Error> {
    let mut entity = entity::modifiable(granted.seen(), name)?;
    let mut txn = granted.begin(cx);
    if let Some(arn) = arn {
        check_exists(&mut txn, cx.account(), arn).await?;
    }
    mark(&mut txn, &entity, entity.facts().boundary, arn);
    *entity.boundary() = arn.map(str::to_owned);
    records::write(&mut txn, granted.seen().key().clone(), &entity)?;
    txn.commit().await?;
    Ok(())
}

/// Marks that an entity's boundary changes from `old` to `new`.
pub(in crate::ops::iam) fn mark<E: Bounded>(
    txn: &mut Txn<'_>,
    entity: &E,
    old: Option<&str>,
    new: Option<&str>,
) {
    let mark =
        |arn: &str| key::usage(Usage::Boundary, entity.account(), arn, E::KIND.name, entity.facts().name);
    if let Some(arn) = old {
        txn.delete(mark(arn));
    }
    if let Some(arn) = new {
        txn.put(mark(arn), Vec::new());
    }
}

impl Bounded for User {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn boundary(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }
}

impl Bounded for Role {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn boundary(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }
}
