//! The policies of a simulation, each with the name and kind under which answers speak of it.

use super::caller::{Acting, Named as Entity, find_role, find_user};
use super::invalid;
use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::held::{Held, Holder, Source as Text};
use crate::layers::Gathered;
use crate::organizations::Place;
use crate::records::{ControlKind, Group, Record, Role, User, key};
use rolecall_policy::{Kind, Layers, Named, Policies, Policy};
use rolecall_wire::iam::OrderedOrganizationPolicyType;
use std::sync::Arc;

/// Everything that takes part. A policy goes by its place in `described`.
#[derive(Default)]
pub(super) struct Sources {
    described: Vec<Described>,
    identity: Vec<Named<'static>>,
    boundary: Option<Vec<Named<'static>>>,
    resource: Option<Vec<Named<'static>>>,
    /// Service control policies, level by level; none outside an organization.
    pub organization: Vec<Vec<Named<'static>>>,
}

/// How answers speak of a policy.
#[derive(Debug, Clone)]
pub(super) struct Described {
    /// `SourcePolicyId`.
    pub id: String,
    /// `SourcePolicyType`.
    pub kind: &'static str,
}

impl Sources {
    /// The policies of a principal, as they are.
    pub(super) fn gathered(&mut self, gathered: &Gathered) -> Result<(), Error> {
        for held in &gathered.identity {
            let named = self.held(held)?;
            self.identity.push(named);
        }
        if let Some(held) = &gathered.boundary {
            self.boundary = Some(vec![self.held(held)?]);
        }
        for level in &gathered.service_control {
            let level = level.iter().map(|held| self.held(held)).collect::<Result<_, _>>()?;
            self.organization.push(level);
        }
        Ok(())
    }

    /// `PolicyInputList`.
    pub(super) fn input_policies(&mut self, texts: &[String]) -> Result<(), Error> {
        for (at, text) in (1..).zip(texts) {
            let named = self.input(format!("PolicyInputList.{at}"), "none", text, Kind::Identity)?;
            self.identity.push(named);
        }
        Ok(())
    }

    /// `PermissionsBoundaryPolicyInputList`, which replaces the principal's own boundary.
    pub(super) fn boundary_input(&mut self, texts: &[String]) -> Result<(), Error> {
        match texts {
            [] => Ok(()),
            [text] => {
                let id = "PermissionsBoundaryPolicyInputList.1".to_owned();
                self.boundary = Some(vec![self.input(id, "none", text, Kind::Boundary)?]);
                Ok(())
            }
            _ => Err(invalid("Only one permissions boundary policy can be simulated.")),
        }
    }

    /// `OrderedOrganizationPolicyInputList`, from the root to the account.
    pub(super) fn organization_input(
        &mut self,
        levels: &[OrderedOrganizationPolicyType],
    ) -> Result<(), Error> {
        for (depth, level) in (1..).zip(levels) {
            let mut policies = Vec::new();
            for (at, text) in (1..).zip(&level.service_control_policy_input_list) {
                let id = format!("OrderedOrganizationPolicyInputList.{depth}.{at}");
                policies.push(self.input(id, "none", text, Kind::ServiceControl)?);
            }
            self.organization.push(policies);
        }
        Ok(())
    }

    /// `ResourcePolicy`.
    pub(super) fn resource_input(&mut self, text: Option<&str>) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        let named = self.input("ResourcePolicy".to_owned(), "resource", text, Kind::Bucket)?;
        self.resource = Some(vec![named]);
        Ok(())
    }

    /// The layers, for as long as `use_layers` takes.
    pub(super) fn with_layers<T>(&self, use_layers: impl FnOnce(&Layers<'_>) -> T) -> T {
        let levels: Vec<Policies<'_>> = self.organization.iter().map(Policies::from).collect();
        use_layers(&Layers {
            identity: Policies::from(&self.identity),
            boundary: self.boundary.as_ref().map(Policies::from),
            resource: self.resource.as_ref().map(Policies::from),
            service_control: &levels,
            ..Layers::default()
        })
    }

    /// How answers speak of a policy that a verdict names.
    pub(super) fn described(&self, policy: &str) -> Option<&Described> {
        self.described.get(policy.parse::<usize>().ok()?)
    }

    /// Every condition key and variable that the caller's policies name, each once.
    pub(super) fn context_keys(&self) -> Vec<String> {
        keys(self.identity.iter().chain(self.boundary.iter().flatten()))
    }

    /// The keys that answers may call missing: all but those of control policies.
    pub(super) fn told_keys(&self) -> Vec<String> {
        let own = self.identity.iter().chain(self.boundary.iter().flatten());
        keys(own.chain(self.resource.iter().flatten()))
    }

    fn held(&mut self, held: &Held) -> Result<Named<'static>, Error> {
        let policy = held.policy().cloned().ok_or_else(iam::policy_evaluation)?;
        Ok(self.add(describe(held), policy))
    }

    fn input(
        &mut self,
        id: String,
        kind: &'static str,
        text: &str,
        as_what: Kind,
    ) -> Result<Named<'static>, Error> {
        let policy = Policy::parse(text, as_what).map_err(|why| invalid(format!("{id}: {}", why.message)))?;
        Ok(self.add(Described { id, kind }, policy))
    }

    fn add(&mut self, described: Described, policy: Policy) -> Named<'static> {
        let label = self.described.len().to_string();
        self.described.push(described);
        Named::new(label, policy)
    }
}

fn keys<'a>(policies: impl Iterator<Item = &'a Named<'static>>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in policies.flat_map(|named| named.policy.context_keys()) {
        if !keys.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
            keys.push(key.into_owned());
        }
    }
    keys
}

/// A managed policy goes by its name; an inline one by its holder's kind, name and its own.
fn describe(held: &Held) -> Described {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    match (&held.source, &held.holder) {
        (Text::Aws(_), _) => Described { id: name(&held.id), kind: "aws-managed" },
        (Text::Managed(_), _) => Described { id: name(&held.id), kind: "user-managed" },
        (_, Holder::User(user)) => inline("user", &user.name, &held.id),
        (_, Holder::Group(group)) => inline("group", &group.name, &held.id),
        (_, Holder::Role(role)) => inline("role", &role.name, &held.id),
        (_, Holder::Session(_) | Holder::Place(_) | Holder::Nature) => {
            Described { id: held.id.clone(), kind: "none" }
        }
    }
}

fn inline(kind: &'static str, holder: &str, policy: &str) -> Described {
    Described { id: format!("{kind}_{holder}_{policy}"), kind }
}

/// The user, group or role whose policies are simulated.
pub(super) enum Source {
    User(Arc<User>),
    Group(Arc<Group>),
    Role(Arc<Role>),
}

impl Source {
    /// Finds it in the caller's account.
    ///
    /// # Errors
    /// `InvalidInput` when the ARN is of anything else, `NoSuchEntity` when it does not exist.
    pub(super) async fn load(cx: &Cx<'_>, arn: &str) -> Result<Self, Error> {
        let entity = Entity::parse(arn).filter(|entity| entity.account == cx.account().as_str());
        let entity = entity.ok_or_else(|| {
            invalid(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."))
        })?;
        let found = match entity.kind {
            "user" => find_user(cx, &entity, arn).await?.map(Self::User),
            "role" => find_role(cx, &entity, arn).await?.map(Self::Role),
            _ => {
                let found =
                    cx.system.store.cached(&key::group(cx.account(), entity.name), Group::decode).await?;
                found.map(|(group, _)| group).filter(|group| group.arn() == arn).map(Self::Group)
            }
        };
        found.ok_or_else(|| iam::no_such_entity(entity.kind, entity.name))
    }

    /// Who acts: the source itself, or whom the caller named in its place.
    pub(super) async fn acting(
        &self,
        cx: &Cx<'_>,
        caller: Option<&str>,
        with_resource: bool,
    ) -> Result<Acting, Error> {
        let own = match self {
            Self::User(user) => user.arn(),
            Self::Group(group) => group.arn(),
            Self::Role(role) => role.arn(),
        };
        Acting::named(cx, Some(caller.unwrap_or(&own)), with_resource).await
    }

    /// Its policies: a user's with those of its groups.
    pub(super) async fn gathered(&self, cx: &Cx<'_>) -> Result<Gathered, Error> {
        let mut gathered = Gathered::default();
        match self {
            Self::User(user) => gathered.user(cx.system, user).await?,
            Self::Role(role) => gathered.role(cx.system, role).await?,
            Self::Group(group) => {
                gathered.own(cx.system, &group.account, &Holder::Group(Arc::clone(group))).await?;
            }
        }
        let account = cx.account();
        if let Some(place) = Place::of(cx.system, account).await? {
            gathered.service_control = place.controls(cx.system, ControlKind::Service).await?;
        }
        Ok(gathered)
    }
}
