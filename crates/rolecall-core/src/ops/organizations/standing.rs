//! What a caller may do in an organization because of the account it comes from, and the ARNs that its
//! permission is asked for.

use crate::error::{Error, organizations as sentence};
use crate::gate::Cx;
use crate::organizations::{self, Place};
use crate::records::{self, Organization, key};
use crate::target::{Target, Targets};
use rolecall_store::Txn;

/// The place of the caller's account.
///
/// # Errors
/// When it is in no organization.
pub(super) async fn member(cx: &Cx<'_>) -> Result<Place, Error> {
    Place::of(cx.system, cx.account()).await?.ok_or_else(sentence::not_in_use)
}

/// The same for what only the management account may do.
///
/// # Errors
/// When the caller's account is another.
pub(super) async fn managing(cx: &Cx<'_>) -> Result<Place, Error> {
    let place = member(cx).await?;
    if place.is_management() { Ok(place) } else { Err(sentence::not_management()) }
}

/// The same for what a delegated administrator may look at as well.
///
/// # Errors
/// When the caller's account is neither.
pub(super) async fn observing(cx: &Cx<'_>) -> Result<Place, Error> {
    let place = member(cx).await?;
    let is_delegate = place.organization.delegates.iter().any(|d| d.account == place.account.id);
    if place.is_management() || is_delegate { Ok(place) } else { Err(sentence::not_management()) }
}

/// The organization of the caller's account within a transaction.
///
/// # Errors
/// When it is gone, or the store fails.
pub(super) async fn organization(txn: &mut Txn<'_>, place: &Place) -> Result<Organization, Error> {
    let found = records::read(txn, &key::organization(&place.organization.id)).await?;
    found.map(|(organization, _)| organization).ok_or_else(sentence::not_in_use)
}

/// An action on things in the caller's organization, by their ids; without any, or without an
/// organization, on `*`.
///
/// # Errors
/// When the store fails.
pub(super) async fn targets(cx: &Cx<'_>, action: &'static str, ids: &[&str]) -> Result<Targets, Error> {
    let place = Place::of(cx.system, cx.account()).await?.filter(|_| !ids.is_empty());
    let Some(place) = place else { return Ok(Targets::on(action, "*")) };
    let mut targets = Targets::none();
    for id in ids {
        targets = targets.and(Target::new(action, arn(cx, &place.organization, id).await?));
    }
    Ok(targets)
}

/// The ARN of a root, unit, account, policy or handshake.
async fn arn(cx: &Cx<'_>, organization: &Organization, id: &str) -> Result<String, Error> {
    let kind = match id.split_once('-').map(|(kind, _)| kind) {
        Some("r") => "root",
        Some("ou") => "ou",
        Some("h") => "handshake",
        Some("p") => {
            let policy = organizations::policy(cx.system, &organization.id, id).await?;
            let unknown = || organization.arn("policy", id);
            return Ok(policy.map_or_else(unknown, |policy| policy.arn()));
        }
        _ => "account",
    };
    Ok(organization.arn(kind, id))
}
