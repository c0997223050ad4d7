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

/// The decision of an authorization id, for callers of the organization that the denied principal's account was in
/// then; if it was in none, for callers of that account. For everybody else there is none.
async fn decision(cx: &Cx<'_>, id: &str) -> Result<Arc<Recorded>, Error> {
    let found = cx.system.decisions.find(&cx.system.settings.keeping, id, cx.now);
    let missing = || toolbox::no_such_decision(id);
    let recorded = found.ok_or_else(missing)?;
    let is_ours = match &recorded.gathered.place {
        Some(place) => organization(cx).await?.as_ref() == Some(&place.organization.id),
        None => account(&recorded) == cx.account().as_str(),
    };
    if is_ours { Ok(recorded) } else { Err(missing()) }
}

/// The account of the principal; of a service, which has none, that of what it asked for.
fn account(recorded: &Recorded) -> &str {
    let asked = recorded.asked.first().map(|asked| asked.owner.as_str());
    Some(recorded.principal.account.as_str())
        .filter(|account| !account.is_empty())
        .or(asked)
        .unwrap_or_default()
}

/// The organization that the caller's account is in.
async fn organization(cx: &Cx<'_>) -> Result<Option<String>, Error> {
    let found = cx.system.store.cached(&key::account(cx.account()), Account::decode).await?;
    Ok(found.and_then(|(account, _)| account.membership.as_ref().map(|m| m.organization.clone())))
}
