//! Managed policies, AWS's and the account's own: found by ARN, and shown in answers.

mod attached;
pub(super) mod boundary;
mod create_policy;
mod delete_policy;
mod get_policy;
mod inline;
mod list_entities_for_policy;
mod list_policies;
mod policy_tags;
pub(super) mod policy_versions;

use crate::error::{Error, iam};
use crate::gate::{Cx, Depend, Granted};
use crate::id::{AccountId, managed_policy_id};
use crate::managed::{self, AwsPolicy};
use crate::ops::iam::tags;
use crate::records::key::{self, Usage};
use crate::records::{self, ManagedPolicy, Sight, Tags};
use crate::system::System;
use crate::target::{Target, Targets};
use rolecall_policy::Arn;
use rolecall_store::Txn;
use rolecall_wire::iam::{Policy, Tag};
use std::collections::HashMap;
use std::sync::Arc;

/// A managed policy.
#[derive(Debug, Clone)]
pub(in crate::ops::iam) enum Managed {
    /// One that AWS manages.
    Aws(&'static AwsPolicy),
    /// One of the account's own.
    Own(Arc<ManagedPolicy>),
}

/// How many entities of an account use each policy.
#[derive(Debug, Default)]
pub(in crate::ops::iam) struct Counts {
    attached: HashMap<String, i64>,
    boundary: HashMap<String, i64>,
}

/// What the ARN of a policy named when permission was decided.
#[derive(Debug)]
pub enum SeenPolicy {
    /// A policy that AWS manages.
    Aws(&'static AwsPolicy),
    /// One of the account's own, or that it had none of that ARN.
    Own(Sight<ManagedPolicy>),
    /// Nothing that is the account's to have.
    Foreign,
}

/// What the ARN of a policy names.
///
/// # Errors
/// When the text is no ARN, or the store fails.
pub(in crate::ops::iam) async fn see(
    system: &System,
    account: &AccountId,
    arn: &str,
) -> Result<SeenPolicy, Error> {
    Arn::parse(arn).ok_or_else(iam::unparsable_arn)?;
    if let Some(policy) = managed::find(arn) {
        return Ok(SeenPolicy::Aws(policy));
    }
    let Some(name) = managed::local_name(account, arn) else { return Ok(SeenPolicy::Foreign) };
    let seen = Sight::of(&system.store, key::policy(account, name)).await?;
    Ok(SeenPolicy::Own(seen.filter(|policy: &ManagedPolicy| policy.arn() == arn)))
}

/// The managed policy of an ARN.
///
/// # Errors
/// As [`see`]. An ARN that names nothing gives `None`.
pub(in crate::ops::iam) async fn find(
    system: &System,
    account: &AccountId,
    arn: &str,
) -> Result<Option<Managed>, Error> {
    Ok(see(system, account, arn).await?.managed())
}

/// What an action on the policy of an ARN needs. A policy of another account belongs to that account.
///
/// # Errors
/// As [`see`].
pub(in crate::ops::iam) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    arn: &str,
) -> Result<Targets<SeenPolicy>, Error> {
    let seen = see(cx.system, cx.account(), arn).await?;
    let target = Target::new(action, arn);
    let owner = Arn::parse(arn).and_then(|arn| arn.account.parse::<AccountId>().ok());
    let target = match (seen.managed(), owner) {
        (Some(Managed::Own(policy)), _) => target.with_resource_tags(Some("iam:ResourceTag"), &policy.tags),
        (None, Some(owner)) => Target { owner: owner.to_string(), ..target },
        (Some(Managed::Aws(_)) | None, _) => target,
    };
    Ok(Targets::one(target).seeing(seen))
}

/// Changes the account's own policy that permission was decided on, alone.
///
/// # Errors
/// As [`SeenPolicy::own`], and whatever `edit` reports.
pub(in crate::ops::iam) async fn change<T>(
    cx: &Cx<'_>,
    granted: &Granted<SeenPolicy>,
    arn: &str,
    edit: impl FnOnce(&mut ManagedPolicy) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut policy = ManagedPolicy::clone(granted.seen().own(arn)?);
    let done = edit(&mut policy)?;
    let mut txn = granted.begin(cx);
    records::write(&mut txn, key::policy(&policy.account, &policy.name), &policy)?;
    txn.commit().await?;
    Ok(done)
}

/// Refuses to change what AWS manages, whoever asks.
///
/// # Errors
/// `refusal`, AWS's sentence for the operation.
pub(in crate::ops::iam) fn refuse_aws(arn: &str, refusal: fn() -> Error) -> Result<(), Error> {
    if managed::is_aws(arn) { Err(refusal()) } else { Ok(()) }
}

/// The tags of a request about a policy.
///
/// # Errors
/// As [`tags::sent`], in the words that AWS has for policies.
pub(in crate::ops::iam) fn sent_tags(tags: &[Tag]) -> Result<Tags, Error> {
    tags::sent_or(tags, iam::duplicate_policy_tags)
}

impl SeenPolicy {
    /// The policy, if there was one.
    pub(in crate::ops::iam) fn managed(&self) -> Option<Managed> {
        match self {
            Self::Aws(policy) => Some(Managed::Aws(policy)),
            Self::Own(seen) => seen.record().cloned().map(Managed::Own),
            Self::Foreign => None,
        }
    }

    /// The policy, AWS's or the account's own.
    ///
    /// # Errors
    /// `NoSuchEntity` when there was none.
    pub(in crate::ops::iam) fn any(&self, arn: &str) -> Result<Managed, Error> {
        self.managed().ok_or_else(|| iam::policy_not_found(arn))
    }

    /// The account's own policy.
    ///
    /// # Errors
    /// `NoSuchEntity` when there was none.
    pub(in crate::ops::iam) fn own(&self, arn: &str) -> Result<&Arc<ManagedPolicy>, Error> {
        let own = match self {
            Self::Own(seen) => seen.record(),
            Self::Aws(_) | Self::Foreign => None,
        };
        own.ok_or_else(|| iam::policy_not_found(arn))
    }
}

impl Depend for SeenPolicy {
    fn depend(&self, txn: &mut Txn<'_>) {
        if let Self::Own(seen) = self {
            seen.depend(txn);
        }
    }
}

impl Managed {
    /// Its ARN.
    pub(in crate::ops::iam) fn arn(&self) -> String {
        match self {
            Self::Aws(policy) => policy.arn(),
            Self::Own(policy) => policy.arn(),
        }
    }

    /// Its path.
    pub(in crate::ops::iam) fn path(&self) -> &str {
        match self {
            Self::Aws(policy) => &policy.entry.path,
            Self::Own(policy) => &policy.path,
        }
    }

    /// Its tags. AWS's own have none.
    pub(in crate::ops::iam) fn tags(&self) -> &[(String, String)] {
        match self {
            Self::Aws(_) => &[],
            Self::Own(policy) => &policy.tags,
        }
    }

    /// As lists show it: without description and tags.
    pub(in crate::ops::iam) fn listed(&self, counts: &Counts) -> Policy {
        let mut shown = match self {
            Self::Aws(policy) => aws(policy),
            Self::Own(policy) => own_policy(policy),
        };
        let arn = self.arn();
        shown.attachment_count = Some(counts.attached(&arn));
        shown.permissions_boundary_usage_count = Some(counts.boundary(&arn));
        shown
    }

    /// As `GetPolicy` shows it.
    pub(in crate::ops::iam) fn shown(&self, counts: &Counts) -> Policy {
        let description = match self {
            Self::Aws(_) => None,
            Self::Own(policy) => policy.description.clone(),
        };
        Policy { description, tags: Some(tags::shown(self.tags())), ..self.listed(counts) }
    }
}

impl Counts {
    /// The uses of one policy.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::ops::iam) async fn of(
        system: &System,
        account: &AccountId,
        arn: &str,
    ) -> Result<Self, Error> {
        let count = async |usage| {
            let found = system.store.scan(&key::usages(usage, account, arn), usize::MAX).await?;
            Ok::<_, Error>(HashMap::from([(arn.to_owned(), i64::try_from(found.len()).unwrap_or(i64::MAX))]))
        };
        Ok(Self { attached: count(Usage::Attached).await?, boundary: count(Usage::Boundary).await? })
    }

    /// The uses of all policies.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::ops::iam) async fn all(system: &System, account: &AccountId) -> Result<Self, Error> {
        let count = async |usage| {
            let mut counts = HashMap::new();
            for (key, _) in system.store.scan(&key::all_usages(usage, account), usize::MAX).await? {
                *counts.entry(key::used_policy(&key).to_owned()).or_default() += 1;
            }
            Ok::<_, Error>(counts)
        };
        Ok(Self { attached: count(Usage::Attached).await?, boundary: count(Usage::Boundary).await? })
    }

    /// How many entities the policy is attached to.
    pub(in crate::ops::iam) fn attached(&self, arn: &str) -> i64 {
        self.attached.get(arn).copied().unwrap_or(0)
    }

    /// How many entities it is the permissions boundary of.
    pub(in crate::ops::iam) fn boundary(&self, arn: &str) -> i64 {
        self.boundary.get(arn).copied().unwrap_or(0)
    }
}

fn aws(policy: &AwsPolicy) -> Policy {
    let arn = policy.arn();
    Policy {
        policy_name: Some(policy.entry.name.clone()),
        policy_id: Some(managed_policy_id(&arn)),
        arn: Some(arn),
        path: Some(policy.entry.path.clone()),
        default_version_id: Some(policy.entry.version.clone()),
        is_attachable: Some(true),
        create_date: Some(policy.entry.created),
        update_date: Some(policy.entry.updated),
        ..Policy::default()
    }
}

fn own_policy(policy: &ManagedPolicy) -> Policy {
    Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn()),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        is_attachable: Some(true),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        ..Policy::default()
    }
}
