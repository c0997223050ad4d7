//! Which policies apply to a request: the caller's own, its groups', its boundary, its session's, the
//! resource's, and those that organizations set over the accounts of both.
//!
//! A policy that should be there and cannot be read is an error, and an error while deciding means no:
//! it might have held a denial.

use crate::caller::{Caller, Identity, Who};
use crate::error::Error;
use crate::held::{Held, Holder, Source};
use crate::id::AccountId;
use crate::managed;
use crate::organizations::Place;
use crate::records::{ControlKind, Document, Group, ManagedPolicy, Record, Role, User, key};
use crate::session::{OpenSession, SessionPolicy};
use crate::system::System;
use crate::target::{ResourcePolicy, Target};
use rolecall_policy::{Kind, Layer, Layers, Named, Policies, Policy};
use std::sync::{Arc, LazyLock};

/// The caller's policies, gathered once a request.
#[derive(Clone, Default)]
pub(crate) struct Gathered {
    pub(crate) identity: Vec<Held>,
    pub(crate) boundary: Option<Held>,
    pub(crate) session: Option<Vec<Held>>,
    /// The place of the caller's account in its organization.
    pub(crate) place: Option<Place>,
    /// The service control policies over the caller, one list a level.
    pub(crate) service_control: Vec<Vec<Held>>,
    /// The accounts whose resources are asked about.
    pub(crate) owners: Vec<ResourceOwner>,
}

/// An account whose resources a request is about.
#[derive(Clone)]
pub(crate) struct ResourceOwner {
    /// Its id.
    pub account: String,
    /// Its place in its organization.
    pub place: Option<Place>,
    /// The resource control policies over its resources, one list a level.
    pub control: Vec<Vec<Held>>,
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
            Who::Role(role) => gathered.role(system, role).await?,
            Who::Federated(Some(user)) => gathered.user(system, user).await?,
            Who::Federated(None) => gathered.identity.push(all_of_root()?),
        }
        gathered.place = Place::of(system, &identity.account).await?;
        if let Some(place) = gathered.place.as_ref().filter(|_| !identity.is_service_linked()) {
            gathered.service_control = place.controls(system, ControlKind::Service).await?;
        }
        Ok(gathered)
    }

    /// Gathers what comes down on the resources of an account, unless it is here already.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn owner(
        &mut self,
        system: &System,
        caller: &Caller,
        account: &str,
    ) -> Result<(), Error> {
        if self.owned(account).is_some() {
            return Ok(());
        }
        let own = caller.identity().is_some_and(|identity| identity.account.as_str() == account);
        let place = match account.parse() {
            _ if own => self.place.clone(),
            Ok(id) => Place::of(system, &id).await?,
            Err(_) => None,
        };
        let exempt = caller.identity().is_some_and(Identity::is_service_linked);
        let control = match &place {
            Some(place) if !exempt => place.controls(system, ControlKind::Resource).await?,
            _ => Vec::new(),
        };
        self.owners.push(ResourceOwner { account: account.to_owned(), place, control });
        Ok(())
    }

    /// What was gathered of an account whose resources are asked about.
    pub(crate) fn owned(&self, account: &str) -> Option<&ResourceOwner> {
        self.owners.iter().find(|owner| owner.account == account)
    }

    /// The layers for one target, a resource of `owner`.
    ///
    /// # Errors
    /// When the resource's policy cannot be read, or what comes down on it was not gathered.
    pub(crate) fn layers<'a>(&'a self, target: &'a Target, owner: &str) -> Result<Applied<'a>, Error> {
        let mut layers = Applied {
            identity: named(&self.identity)?,
            boundary: self.boundary.as_ref().map(one).transpose()?,
            session: self.session.as_ref().map(|all| named(all)).transpose()?,
            service_control: leveled(&self.service_control)?,
            ..Applied::default()
        };
        if GUARDED.iter().any(|service| target.action.starts_with(service)) {
            let owner = self.owned(owner).ok_or_else(|| unreadable("the resource's account"))?;
            layers.resource_control = leveled(&owner.control)?;
        }
        match &target.policy {
            ResourcePolicy::None => {}
            ResourcePolicy::Bucket(bucket) => {
                layers.resource = Some(named_resource(bucket.document.as_deref(), Kind::Bucket)?);
                if bucket.restricted {
                    layers.resource_control.push(vec![restriction()?]);
                }
            }
            ResourcePolicy::Trust(role) => {
                layers.trust = Some(named_resource(role.as_ref().map(|r| &r.trust), Kind::Trust)?);
            }
        }
        Ok(layers)
    }

    /// A user's policies, its groups', and its boundary.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn user(&mut self, system: &System, user: &Arc<User>) -> Result<(), Error> {
        self.own(system, &user.account, &Holder::User(Arc::clone(user))).await?;
        for name in &user.groups {
            let found = system.store.cached(&key::group(&user.account, name), Group::decode).await?;
            let (group, _) = found.ok_or_else(|| unreadable(&format!("group {name}")))?;
            self.own(system, &user.account, &Holder::Group(group)).await?;
        }
        let holder = Holder::User(Arc::clone(user));
        self.boundary = boundary(system, &user.account, holder, user.boundary.as_deref()).await?;
        Ok(())
    }

    /// A role's policies and its boundary.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn role(&mut self, system: &System, role: &Arc<Role>) -> Result<(), Error> {
        let holder = Holder::Role(Arc::clone(role));
        self.own(system, &role.account, &holder).await?;
        self.boundary = boundary(system, &role.account, holder, role.boundary.as_deref()).await?;
        Ok(())
    }

    /// What is inline in one holder and attached to it.
    ///
    /// # Errors
    /// When a policy that should be there cannot be read.
    pub(crate) async fn own(
        &mut self,
        system: &System,
        account: &AccountId,
        holder: &Holder,
    ) -> Result<(), Error> {
        for (at, (name, _)) in holder.inline().iter().enumerate() {
            let (holder, source) = (holder.clone(), Source::Inline(at));
            self.identity.push(Held { id: name.clone(), holder, source });
        }
        for arn in holder.attached() {
            self.identity.push(held(system, account, holder.clone(), arn).await?);
        }
        Ok(())
    }
}

/// The policies of one decision, with their names.
#[derive(Default)]
pub(crate) struct Applied<'a> {
    identity: Vec<Named<'a>>,
    boundary: Option<Named<'a>>,
    session: Option<Vec<Named<'a>>>,
    resource: Option<Vec<Named<'a>>>,
    trust: Option<Vec<Named<'a>>>,
    service_control: Vec<Vec<Named<'a>>>,
    resource_control: Vec<Vec<Named<'a>>>,
}

impl<'a> Applied<'a> {
    /// Puts another policy where one stands, on every level and in every layer that shares it; `None` takes
    /// it away.
    pub(crate) fn replace(&mut self, layer: Layer, id: &str, policy: Option<&Policy>) {
        let is_it = |named: &Named<'_>| matches!(layer, Layer::Resource | Layer::Trust) || named.id == id;
        if policy.is_none() && id == RESTRICTION {
            // It is a level of its own, which a bucket without it does not have.
            self.resource_control.retain(|level| !level.iter().any(is_it));
        }
        for list in self.lists(layer) {
            list.retain(|named| policy.is_some() || !is_it(named));
            for named in list.iter_mut().filter(|named| is_it(named)) {
                if let Some(policy) = policy {
                    named.policy = policy.clone();
                }
            }
        }
        let own = OF_PRINCIPALS.contains(&layer);
        if let Some(named) = self.boundary.take_if(|named| own && is_it(named)) {
            self.boundary = policy.map(|policy| Named { policy: policy.clone(), ..named });
        }
    }

    /// Adds a policy to a level of a layer. False when the layer has no such level.
    pub(crate) fn add(&mut self, layer: Layer, level: usize, named: Named<'a>) -> bool {
        let list = match layer {
            Layer::Identity => Some(&mut self.identity),
            Layer::Boundary => None,
            Layer::Session => self.session.as_mut(),
            Layer::Resource => self.resource.as_mut(),
            Layer::Trust => self.trust.as_mut(),
            Layer::ServiceControl => self.service_control.get_mut(level),
            Layer::ResourceControl => self.resource_control.get_mut(level),
        };
        list.map(|list| list.push(named)).is_some()
    }

    /// The policies that an edit of one of a layer reaches.
    fn lists(&mut self, layer: Layer) -> Vec<&mut Vec<Named<'a>>> {
        match layer {
            Layer::Identity | Layer::Boundary | Layer::Session => {
                self.session.iter_mut().chain([&mut self.identity]).collect()
            }
            Layer::Resource => self.resource.iter_mut().collect(),
            Layer::Trust => self.trust.iter_mut().collect(),
            Layer::ServiceControl => self.service_control.iter_mut().collect(),
            Layer::ResourceControl => self.resource_control.iter_mut().collect(),
        }
    }

    /// Asks something of the layers.
    pub(crate) fn ask<R>(&self, question: impl FnOnce(&Layers<'_>) -> R) -> R {
        let service_control: Vec<_> = self.service_control.iter().map(Policies::from).collect();
        let resource_control: Vec<_> = self.resource_control.iter().map(Policies::from).collect();
        question(&Layers {
            identity: Policies::from(&self.identity),
            boundary: self.boundary.as_ref().map(Policies::from),
            session: self.session.as_ref().map(Policies::from),
            resource: self.resource.as_ref().map(Policies::from),
            trust: self.trust.as_ref().map(Policies::from),
            service_control: &service_control,
            resource_control: &resource_control,
        })
    }
}

fn named(all: &[Held]) -> Result<Vec<Named<'_>>, Error> {
    all.iter().map(one).collect()
}

fn one(held: &Held) -> Result<Named<'_>, Error> {
    held.named().ok_or_else(|| unreadable("a policy"))
}

fn leveled(levels: &[Vec<Held>]) -> Result<Vec<Vec<Named<'_>>>, Error> {
    levels.iter().map(|level| named(level)).collect()
}

/// The managed policy of an ARN, AWS's or the account's own, in the version in force.
///
/// # Errors
/// When the store fails. An ARN that names nothing gives `None`.
pub(crate) async fn managed_policy(
    system: &System,
    account: &AccountId,
    arn: &str,
) -> Result<Option<Source>, Error> {
    Ok(match managed::is_aws(arn) {
        true => managed::find(arn).map(Source::Aws),
        false => own_policy(system, account, arn).await?.map(Source::Managed),
    })
}

async fn own_policy(
    system: &System,
    account: &AccountId,
    arn: &str,
) -> Result<Option<Arc<ManagedPolicy>>, Error> {
    let Some(name) = managed::local_name(account, arn) else { return Ok(None) };
    let found = system.store.cached(&key::policy(account, name), ManagedPolicy::decode).await?;
    Ok(found.map(|(record, _)| record).filter(|record| record.arn() == arn))
}

async fn held(system: &System, account: &AccountId, holder: Holder, arn: &str) -> Result<Held, Error> {
    let source = managed_policy(system, account, arn).await?.ok_or_else(|| unreadable(arn))?;
    Ok(Held { id: arn.to_owned(), holder, source })
}

/// A boundary that is named but gone must not become "no boundary".
async fn boundary(
    system: &System,
    account: &AccountId,
    holder: Holder,
    arn: Option<&str>,
) -> Result<Option<Held>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    held(system, account, holder, arn).await.map(Some)
}

/// No session policy limits nothing, but a federated user has nothing that no session policy gives.
async fn session_policies(system: &System, identity: &Identity) -> Result<Option<Vec<Held>>, Error> {
    let is_federated = matches!(identity.who, Who::Federated(_));
    let limited = |open: &&Arc<OpenSession>| is_federated || !open.session.policies.is_empty();
    let Some(open) = identity.session.as_ref().filter(limited) else {
        return Ok(None);
    };
    let mut all = Vec::with_capacity(open.session.policies.len());
    for (at, policy) in open.session.policies.iter().enumerate() {
        let holder = Holder::Session(Arc::clone(open));
        all.push(match policy {
            SessionPolicy::Inline(_) => Held { id: String::new(), holder, source: Source::Inline(at) },
            SessionPolicy::Managed(arn) => {
                let source = managed_policy(system, &identity.account, arn).await?;
                Held { id: arn.clone(), holder, source: source.map_or_else(nothing_at_all, Ok)? }
            }
        });
    }
    Ok(Some(all))
}

/// What is left of a session policy that was deleted: it might have held a denial, so everything is denied.
fn nothing_at_all() -> Result<Source, Error> {
    let deny = managed::find("arn:aws:iam::aws:policy/AWSDenyAll");
    deny.map(Source::Aws).ok_or_else(|| unreadable("a session's policy"))
}

/// What a federated user has of the root user, before its session policies: everything.
fn all_of_root() -> Result<Held, Error> {
    let admin = managed::find("arn:aws:iam::aws:policy/AdministratorAccess");
    let source = admin.map(Source::Aws).ok_or_else(|| unreadable("root's policy"))?;
    Ok(Held { id: String::new(), holder: Holder::Nature, source })
}

fn named_resource(document: Option<&Document>, kind: Kind) -> Result<Vec<Named<'_>>, Error> {
    let Some(document) = document else { return Ok(Vec::new()) };
    let policy = document.policy(kind).ok_or_else(|| unreadable("a resource's policy"))?;
    Ok(vec![Named::new("", policy.clone())])
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
    Ok(Named::new(RESTRICTION, policy.clone()))
}

fn unreadable(what: &str) -> Error {
    Error::internal(format!("{what} is missing or unreadable, so the request is refused"))
}

/// The services whose resources resource control policies apply to (Organizations User Guide, Resource
/// control policies).
const GUARDED: [&str; 2] = ["s3:", "sts:"];
/// The name of what S3 Block Public Access denies.
pub(crate) const RESTRICTION: &str = "RestrictPublicBuckets";
/// The layers that a managed policy of an account can stand in.
const OF_PRINCIPALS: [Layer; 3] = [Layer::Identity, Layer::Boundary, Layer::Session];
