//! Where an account stands in its organization, and the control policies that come down on it from there.

use crate::entropy::random;
use crate::error::Error;
use crate::gate::Depend;
use crate::held::{Held, Holder, Source};
use crate::id::AccountId;
use crate::records::{Account, ControlKind, ControlPolicy, Organization, Record, Unit, key};
use crate::system::System;
use rolecall_store::{Txn, Version};
use std::sync::Arc;

/// The place of an account in its organization.
#[derive(Clone)]
pub(crate) struct Place {
    /// The organization.
    pub organization: Arc<Organization>,
    /// The units from the root down to the account.
    pub units: Vec<Arc<Unit>>,
    /// The account.
    pub account: Arc<Account>,
}

impl Place {
    /// The place of an account; `None` when it stands alone.
    ///
    /// # Errors
    /// When the store fails, or something on the way up to the root is missing.
    pub(crate) async fn of(system: &System, account: &AccountId) -> Result<Option<Self>, Error> {
        let found = system.store.cached(&key::account(account), Account::decode).await?;
        let Some((account, _)) = found else { return Ok(None) };
        let Some(membership) = &account.membership else { return Ok(None) };
        let organization = read(system, &membership.organization).await?;
        let units = units(system, &organization, &membership.parent).await?;
        Ok(Some(Self { organization, units, account }))
    }

    /// True when it is the organization's management account, which no control policy limits.
    pub(crate) fn is_management(&self) -> bool {
        self.account.id == self.organization.management
    }

    /// The path that `aws:PrincipalOrgPaths` tells (IAM User Guide, AWS global condition context keys).
    pub(crate) fn path(&self) -> String {
        let Organization { id, root, .. } = self.organization.as_ref();
        self.units.iter().fold(format!("{id}/{root}/"), |path, unit| format!("{path}{}/", unit.id))
    }

    /// The control policies of a type that apply to the account: one list a level, root first. None when
    /// the type is not enabled, or for the management account.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn controls(&self, system: &System, kind: ControlKind) -> Result<Vec<Vec<Held>>, Error> {
        if self.is_management() || !self.organization.policy_types.contains(&kind) {
            return Ok(Vec::new());
        }
        let own = self.account.membership.as_ref().map(|m| (self.account.id.as_str(), m.policies.as_slice()));
        let root = (self.organization.root.as_str(), self.organization.policies.as_slice());
        let units = self.units.iter().map(|unit| (unit.id.as_str(), unit.policies.as_slice()));
        let mut levels = Vec::new();
        for (id, policies) in [root].into_iter().chain(units).chain(own) {
            levels.push(self.level(system, kind, id, policies).await?);
        }
        Ok(levels)
    }

    async fn level(
        &self,
        system: &System,
        kind: ControlKind,
        place: &str,
        ids: &[String],
    ) -> Result<Vec<Held>, Error> {
        let mut level = Vec::new();
        for id in ids {
            let policy = policy(system, &self.organization.id, id).await?;
            let policy = policy.ok_or_else(|| missing(&format!("control policy {id}")))?;
            if policy.kind == kind {
                let holder = Holder::Place(place.to_owned());
                level.push(Held { id: policy.arn(), holder, source: Source::Control(policy) });
            }
        }
        Ok(level)
    }
}

/// An account and its organization as permission was decided on them.
#[derive(Debug)]
pub struct SeenOrganization {
    account: (Arc<Account>, Version),
    organization: Option<(Arc<Organization>, Version)>,
}

impl SeenOrganization {
    /// Looks at an account and the organization that it is in.
    ///
    /// # Errors
    /// When either is missing, or the store fails.
    pub(crate) async fn of(system: &System, account: &AccountId) -> Result<Self, Error> {
        let found = system.store.cached(&key::account(account), Account::decode).await?;
        let account = found.ok_or_else(|| missing(&format!("account {account}")))?;
        let organization = match &account.0.membership {
            Some(membership) => Some(seen(system, &membership.organization).await?),
            None => None,
        };
        Ok(Self { account, organization })
    }

    /// The account.
    pub(crate) fn account(&self) -> &Arc<Account> {
        &self.account.0
    }

    /// The organization; `None` when the account stands alone.
    pub(crate) fn organization(&self) -> Option<&Arc<Organization>> {
        self.organization.as_ref().map(|(organization, _)| organization)
    }

    /// True when the account is the organization's management account.
    pub(crate) fn is_management(&self) -> bool {
        self.organization().is_some_and(|organization| organization.management == self.account().id)
    }
}

impl Depend for SeenOrganization {
    fn depend(&self, txn: &mut Txn<'_>) {
        txn.saw(key::account(&self.account.0.id), Some(self.account.1));
        if let Some((organization, version)) = &self.organization {
            txn.saw(key::organization(&organization.id), Some(*version));
        }
    }
}

/// An organization that must exist.
///
/// # Errors
/// When it does not, or the store fails.
pub(crate) async fn read(system: &System, id: &str) -> Result<Arc<Organization>, Error> {
    Ok(seen(system, id).await?.0)
}

async fn seen(system: &System, id: &str) -> Result<(Arc<Organization>, Version), Error> {
    let found = system.store.cached(&key::organization(id), Organization::decode).await?;
    found.ok_or_else(|| missing(&format!("organization {id}")))
}

/// An account that must exist.
///
/// # Errors
/// When it does not, or the store fails.
pub(crate) async fn account(system: &System, id: &AccountId) -> Result<Arc<Account>, Error> {
    let found = system.store.cached(&key::account(id), Account::decode).await?;
    found.map(|(account, _)| account).ok_or_else(|| missing(&format!("account {id}")))
}

/// A control policy, an organization's or AWS's.
///
/// # Errors
/// When the store fails.
pub(crate) async fn policy(
    system: &System,
    organization: &str,
    id: &str,
) -> Result<Option<Arc<ControlPolicy>>, Error> {
    if let Some(policy) = ControlPolicy::of_aws(id) {
        return Ok(Some(policy));
    }
    let found = system.store.cached(&key::control_policy(organization, id), ControlPolicy::decode).await?;
    Ok(found.map(|(policy, _)| policy))
}

/// The units from the root down to a parent, itself among them.
///
/// # Errors
/// When one of them is missing, or the store fails.
async fn units(system: &System, organization: &Organization, parent: &str) -> Result<Vec<Arc<Unit>>, Error> {
    let (mut units, mut at) = (Vec::new(), parent.to_owned());
    while at != organization.root {
        let found = system.store.cached(&key::unit(&organization.id, &at), Unit::decode).await?;
        let (unit, _) = found.ok_or_else(|| missing(&format!("organizational unit {at}")))?;
        if units.len() == DEEPEST {
            return Err(missing("the root above nested units"));
        }
        at.clone_from(&unit.parent);
        units.insert(0, unit);
    }
    Ok(units)
}

/// A random id: `prefix` and so many letters and digits.
///
/// # Errors
/// When the random generator fails.
pub(crate) fn random_id(prefix: &str, length: usize) -> Result<String, Error> {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789".iter().copied().map(char::from);
    let letters: Vec<char> = letters.collect();
    let bytes = random::<32>()?;
    let pick = |byte: &u8| letters.get(usize::from(*byte) % letters.len()).copied();
    Ok(bytes.iter().take(length).filter_map(pick).fold(prefix.to_owned(), |mut id, letter| {
        id.push(letter);
        id
    }))
}

fn missing(what: &str) -> Error {
    Error::internal(format!("{what} is missing, so the request is refused"))
}

/// The service whose delegated administrators look after root users.
pub(crate) const TRUSTED: &str = "iam.amazonaws.com";
/// The feature by which root users' credentials are managed centrally.
pub(crate) const ROOT_CREDENTIALS: &str = "RootCredentialsManagement";
/// The feature by which `AssumeRoot` works.
pub(crate) const ROOT_SESSIONS: &str = "RootSessions";
/// How deep units may be nested in each other (Organizations User Guide, Quotas).
pub(crate) const DEEPEST: usize = 5;
