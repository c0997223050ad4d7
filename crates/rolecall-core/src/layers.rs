//! Which policies apply to a request: the caller's own, its groups', its boundary, its session's, and
//! the resource's.
//!
//! A policy that should be there and cannot be read is an error, and an error while deciding means no:
//! it might have held a denial.

use crate::caller::{Caller, Identity, Who};
use crate::error::Error;
use crate::id::AccountId;
use crate::managed;
use crate::records::{Bucket, Document, Group, ManagedPolicy, Record, Role, User, key};
use crate::session::SessionPolicy;
use crate::system::System;
use rolecall_policy::{Kind, Layers, Policy, decide::Named};
use std::sync::{Arc, LazyLock};

/// The policy of the resource itself.
#[derive(Clone, Default)]
pub enum ResourcePolicy {
    /// The resource has none and can have none.
    #[default]
    None,
    /// The bucket's, if it has one.
    Bucket(Arc<Bucket>),
    /// A role's trust policy, which must allow; `None` when there is no such role.
    Trust(Option<Arc<Role>>),
}

/// The caller's policies, gathered once a request.
#[derive(Default)]
pub(crate) struct Gathered {
    identity: Vec<Held>,
    boundary: Option<Held>,
    session: Option<Vec<Held>>,
}

/// A policy with the name it goes by.
struct Held {
    id: String,
    managed: bool,
    policy: Policy,
}

impl Gathered {
    /// Gathers what applies to a caller.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn of(system: &System, caller: &Caller) -> Result<Self, Error> {
        let Some(identity) = caller.identity() else { return Ok(Self::default()) };
        let mut gathered = Self { session: session_policies(system, identity).await?, ..Self::default() };
        match &identity.who {
            Who::Root => {}
            Who::User(user) => gathered.user(system, user).await?,
            Who::Role(role) => {
                gathered.own(system, &role.account, &role.inline, &role.attached).await?;
                gathered.boundary = boundary(system, &role.account, role.boundary.as_deref()).await?;
            }
            Who::Federated(Some(user)) => gathered.user(system, user).await?,
            Who::Federated(None) => gathered.identity.push(all_of_root()?),
        }
        Ok(gathered)
    }

    /// The layers for one target.
    ///
    /// # Errors
    /// When the resource's policy cannot be read.
    pub(crate) fn layers<'a>(&'a self, resource: &'a ResourcePolicy) -> Result<Layers<'a>, Error> {
        let mut layers = Layers {
            identity: self.identity.iter().map(Held::named).collect(),
            boundary: self.boundary.as_ref().map(|held| vec![held.named()]),
            session: self.session.as_ref().map(|all| all.iter().map(Held::named).collect()),
            ..Layers::default()
        };
        match resource {
            ResourcePolicy::None => {}
            ResourcePolicy::Bucket(bucket) => {
                layers.resource = Some(named_resource(bucket.policy.as_ref(), Kind::Bucket)?);
                if bucket.is_restricted() {
                    layers.resource_control = vec![vec![restriction()?]];
                }
            }
            ResourcePolicy::Trust(role) => {
                layers.trust = Some(named_resource(role.as_ref().map(|r| &r.trust), Kind::Trust)?);
            }
        }
        Ok(layers)
    }

    async fn user(&mut self, system: &System, user: &User) -> Result<(), Error> {
        self.own(system, &user.account, &user.inline, &user.attached).await?;
        self.groups(system, &user.account, &user.groups).await?;
        self.boundary = boundary(system, &user.account, user.boundary.as_deref()).await?;
        Ok(())
    }

    async fn own(
        &mut self,
        system: &System,
        account: &AccountId,
        inline: &[(String, Document)],
        attached: &[String],
    ) -> Result<(), Error> {
        for (name, document) in inline {
            let policy = compiled(document, Kind::Identity)?;
            self.identity.push(Held { id: name.clone(), managed: false, policy });
        }
        for arn in attached {
            self.identity.push(held(system, account, arn).await?);
        }
        Ok(())
    }

    async fn groups(&mut self, system: &System, account: &AccountId, names: &[String]) -> Result<(), Error> {
        for name in names {
            let found = system.store.cached(&key::group(account, name), Group::decode).await?;
            let (group, _) = found.ok_or_else(|| unreadable(&format!("group {name}")))?;
            self.own(system, account, &group.inline, &group.attached).await?;
        }
        Ok(())
    }
}

impl Held {
    fn named(&self) -> Named<'_> {
        Named { id: &self.id, managed: self.managed, policy: &self.policy }
    }
}

/// The managed policy of an ARN, AWS's or the account's own, in the version in force.
///
/// # Errors
/// When the store fails. An ARN that names nothing gives `None`.
pub(crate) async fn managed_policy(
    system: &System,
    account: &AccountId,
    arn: &str,
) -> Result<Option<Policy>, Error> {
    if managed::is_aws(arn) {
        return Ok(managed::find(arn).and_then(managed::AwsPolicy::policy));
    }
    let Some(name) = managed::local_name(account, arn) else { return Ok(None) };
    let found = system.store.cached(&key::policy(account, name), ManagedPolicy::decode).await?;
    let record = found.map(|(record, _)| record).filter(|record| record.arn() == arn);
    Ok(record.as_ref().and_then(|r| r.default()?.document.policy(Kind::Identity).cloned()))
}

async fn held(system: &System, account: &AccountId, arn: &str) -> Result<Held, Error> {
    let policy = managed_policy(system, account, arn).await?.ok_or_else(|| unreadable(arn))?;
    Ok(Held { id: arn.to_owned(), managed: true, policy })
}

/// A boundary that is named but gone must not become "no boundary".
async fn boundary(system: &System, account: &AccountId, arn: Option<&str>) -> Result<Option<Held>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    held(system, account, arn).await.map(Some)
}

/// No session policy limits nothing, but a federated user has nothing that no session policy gives.
async fn session_policies(system: &System, identity: &Identity) -> Result<Option<Vec<Held>>, Error> {
    let policies = identity.claims().map(|claims| claims.policies.as_slice()).unwrap_or_default();
    if policies.is_empty() && !matches!(identity.who, Who::Federated(_)) {
        return Ok(None);
    }
    let mut all = Vec::with_capacity(policies.len());
    for policy in policies {
        all.push(match policy {
            SessionPolicy::Inline(document) => {
                Held { id: String::new(), managed: false, policy: compiled(document, Kind::Session)? }
            }
            SessionPolicy::Managed(arn) => held(system, &identity.account, arn).await?,
        });
    }
    Ok(Some(all))
}

/// What a federated user has of the root user, before its session policies: everything.
fn all_of_root() -> Result<Held, Error> {
    let admin = managed::find("arn:aws:iam::aws:policy/AdministratorAccess");
    let policy = admin.and_then(managed::AwsPolicy::policy).ok_or_else(|| unreadable("root's policy"))?;
    Ok(Held { id: String::new(), managed: false, policy })
}

fn compiled(document: &Document, kind: Kind) -> Result<Policy, Error> {
    document.policy(kind).cloned().ok_or_else(|| unreadable("an inline policy"))
}

fn named_resource(document: Option<&Document>, kind: Kind) -> Result<Vec<Named<'_>>, Error> {
    let Some(document) = document else { return Ok(Vec::new()) };
    let policy = document.policy(kind).ok_or_else(|| unreadable("a resource's policy"))?;
    Ok(vec![Named { id: "", managed: false, policy }])
}

/// S3's `RestrictPublicBuckets` as a policy: nobody from outside the bucket's account gets in.
fn restriction() -> Result<Named<'static>, Error> {
    static OWNERS_ONLY: LazyLock<Option<Policy>> = LazyLock::new(|| {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
            {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":
                {"StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}}]}"#;
        Policy::parse(text, Kind::ResourceControl).ok()
    });
    let policy = OWNERS_ONLY.as_ref().ok_or_else(|| unreadable("a restriction"))?;
    Ok(Named { id: "RestrictPublicBuckets", managed: false, policy })
}

fn unreadable(what: &str) -> Error {
    Error::internal(format!("{what} is missing or unreadable, so the request is refused"))
}
