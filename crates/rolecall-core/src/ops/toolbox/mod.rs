//! The operations of IAM's toolbox: how a denied request was decided (IAM Toolbox API Reference).

mod get_request_authorization_details;
mod get_request_authorization_policy;
mod words;

use crate::decisions::Recorded;
use crate::error::{Error, toolbox};
use crate::gate::{Cx, Handler};
use crate::records::{Account, Record, key};
use rolecall_wire::iam_toolbox::op;
use std::sync::Arc;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::GetRequestAuthorizationDetails>(),
    Handler::of::<op::GetRequestAuthorizationPolicy>(),
];

/// The decision of an authorization id, for callers of the denied principal's account or organization.
/// For everybody else there is none.
async fn decision(cx: &Cx<'_>, id: &str) -> Result<Arc<Recorded>, Error> {
    let found = cx.system.decisions.find(&cx.system.settings.keeping, id, cx.now);
    let missing = || toolbox::no_such_decision(id);
    let recorded = found.ok_or_else(missing)?;
    let (theirs, ours) = (&recorded.principal.account, cx.account().as_str());
    let is_ours = theirs == ours || shares_organization(cx, theirs, ours).await?;
    if is_ours { Ok(recorded) } else { Err(missing()) }
}

async fn shares_organization(cx: &Cx<'_>, one: &str, other: &str) -> Result<bool, Error> {
    let one = organization(cx, one).await?;
    Ok(one.is_some() && one == organization(cx, other).await?)
}

async fn organization(cx: &Cx<'_>, account: &str) -> Result<Option<String>, Error> {
    let Ok(account) = account.parse() else { return Ok(None) };
    let found = cx.system.store.cached(&key::account(&account), Account::decode).await?;
    Ok(found.and_then(|(account, _)| account.membership.as_ref().map(|m| m.organization.clone())))
}

#[cfg(test)]
mod tests;
