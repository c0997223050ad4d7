//! What a caller may do in an organization because of the account it comes from, and the ARNs that its
//! permission is asked for.

use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Depend};
use crate::organizations::SeenOrganization;
use crate::records::{Account, ControlPolicy, Organization, Sight, key};
use crate::target::{Target, Targets};
use rolecall_store::Txn;
use std::sync::Arc;

/// The caller's account, its organization, and the control policies asked about, as permission was decided on
/// them.
#[derive(Debug)]
pub struct SeenPlace {
    place: SeenOrganization,
    policies: Vec<Sight<ControlPolicy>>,
}

impl SeenPlace {
    /// The caller's account.
    pub(super) fn account(&self) -> &Arc<Account> {
        self.place.account()
    }

    /// The organization of the caller's account.
    ///
    /// # Errors
    /// When it is in none.
    pub(super) fn member(&self) -> Result<&Arc<Organization>, Error> {
        self.place.organization().ok_or_else(sentence::not_in_use)
    }

    /// The same for what only the management account may do.
    ///
    /// # Errors
    /// When the caller's account is another.
    pub(super) fn managing(&self) -> Result<&Arc<Organization>, Error> {
        let organization = self.member()?;
        if self.place.is_management() { Ok(organization) } else { Err(sentence::not_management()) }
    }

    /// The same for what a delegated administrator may look at as well.
    ///
    /// # Errors
    /// When the caller's account is neither.
    pub(super) fn observing(&self) -> Result<&Arc<Organization>, Error> {
        let organization = self.member()?;
        let is_delegate = organization.delegates.iter().any(|d| d.account == self.account().id);
        if is_delegate { Ok(organization) } else { self.managing() }
    }

    /// The control policy of an id, the organization's or AWS's, if it was there.
    pub(super) fn policy(&self, id: &str) -> Option<Arc<ControlPolicy>> {
        ControlPolicy::of_aws(id).or_else(|| self.own_policy(id).cloned())
    }

    /// The organization's own control policy of an id, if it was there.
    pub(super) fn own_policy(&self, id: &str) -> Option<&Arc<ControlPolicy>> {
        self.policies.iter().filter_map(Sight::record).find(|policy| policy.id == id)
    }
}

impl Depend for SeenPlace {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.place.depend(txn);
        self.policies.depend(txn);
    }
}

/// An action on things in the caller's organization, by their ids; without any, or without an
/// organization, on `*`.
///
/// # Errors
/// When the store fails.
pub(super) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    ids: &[&str],
) -> Result<Targets<SeenPlace>, Error> {
    let place = SeenOrganization::of(cx.system, cx.account()).await?;
    let mut seen = SeenPlace { place, policies: Vec::new() };
    let organization = seen.place.organization().filter(|_| !ids.is_empty()).cloned();
    let Some(organization) = organization else { return Ok(Targets::on(action, "*").seeing(seen)) };
    let mut targets = Targets::none();
    for id in ids {
        if id.starts_with("p-") {
            let policy = key::control_policy(&organization.id, id);
            seen.policies.push(Sight::of(&cx.system.store, policy).await?);
        }
        targets = targets.and(Target::new(action, arn(&seen, &organization, id)));
    }
    Ok(targets.seeing(seen))
}

/// The ARN of a root, unit, account, policy or handshake.
fn arn(seen: &SeenPlace, organization: &Organization, id: &str) -> String {
    if let Some(policy) = seen.policy(id) {
        return policy.arn();
    }
    let kind = match id.split_once('-').map(|(kind, _)| kind) {
        Some("r") => "root",
        Some("ou") => "ou",
        Some("h") => "handshake",
        Some("p") => "policy",
        _ => "account",
    };
    organization.arn(kind, id)
}
