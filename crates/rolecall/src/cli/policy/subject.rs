//! Who asks, and the policies that apply, read from files.

use super::principal;
use anyhow::{Context as _, Result, anyhow};
use rolecall_policy::{
    Arn, Context, Kind, Layers, Named, Policies, Policy, Principal, Request, Verdict, explain,
};
use std::path::Path;

/// Everything that decides but action and resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    principal: Option<Principal>,
    owner: Option<String>,
    keys: Keys,
    identity: Vec<Named<'static>>,
    boundary: Option<Vec<Named<'static>>>,
    session: Option<Vec<Named<'static>>>,
    resource: Option<Vec<Named<'static>>>,
    trust: Option<Vec<Named<'static>>>,
    service_control: Vec<Vec<Named<'static>>>,
    resource_control: Vec<Vec<Named<'static>>>,
}

/// Condition keys with their values; several values make a key multivalued.
pub(super) type Keys = Vec<(String, Vec<String>)>;

impl Subject {
    /// Reads who asks.
    ///
    /// # Errors
    /// When the text names no principal.
    pub(super) fn act_as(&mut self, text: &str) -> Result<()> {
        self.principal = Some(principal::read(text)?);
        Ok(())
    }

    /// Says whose the resources are that do not say so themselves.
    pub(super) fn owned_by(&mut self, account: &str) {
        self.owner = Some(account.to_owned());
    }

    /// Sets a condition key for every request.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        add_key(&mut self.keys, key, value);
    }

    /// Adds the policy of a file. Every file of a control policy is a level of its own, root first.
    ///
    /// # Errors
    /// When the file cannot be read or is no such policy; the message names line and column.
    pub(super) fn add(&mut self, kind: Kind, path: &Path) -> Result<()> {
        let named = Named::new(path.display().to_string(), load(kind, path)?);
        match kind {
            Kind::Identity => self.identity.push(named),
            Kind::Boundary => self.boundary.get_or_insert_default().push(named),
            Kind::Session => self.session.get_or_insert_default().push(named),
            Kind::Bucket => self.resource.get_or_insert_default().push(named),
            Kind::Trust => self.trust.get_or_insert_default().push(named),
            Kind::ServiceControl => self.service_control.push(vec![named]),
            Kind::ResourceControl => self.resource_control.push(vec![named]),
        }
        Ok(())
    }

    /// Decides, with some condition keys besides.
    ///
    /// # Errors
    /// When nobody asks.
    pub(super) fn ask(&self, action: &str, resource: &str, besides: &Keys) -> Result<Verdict> {
        let principal = self.principal.as_ref().context("no principal: say who asks")?;
        let context = self.context(principal, besides);
        let owner = Arn::parse(resource).map(|arn| arn.account).filter(|account| !account.is_empty());
        let owner = owner.or(self.owner.as_deref()).unwrap_or(&principal.account);
        let request = Request { principal, action, resource, resource_account: owner, context: &context };
        Ok(self.with_layers(|layers| explain(&request, layers)))
    }

    fn context(&self, principal: &Principal, besides: &Keys) -> Context<'static> {
        let mut context = Context::new();
        for (key, value) in principal.keys() {
            context.set(key, value);
        }
        for (key, values) in self.keys.iter().chain(besides) {
            match values.as_slice() {
                [value] => context.set(key.clone(), value.clone()),
                many => context.set_many(key.clone(), many.iter().cloned()),
            }
        }
        context
    }

    fn with_layers<T>(&self, look: impl FnOnce(&Layers<'_>) -> T) -> T {
        let service: Vec<Policies<'_>> = self.service_control.iter().map(Policies::from).collect();
        let resource: Vec<Policies<'_>> = self.resource_control.iter().map(Policies::from).collect();
        look(&Layers {
            identity: Policies::from(&self.identity),
            boundary: self.boundary.as_ref().map(Policies::from),
            session: self.session.as_ref().map(Policies::from),
            resource: self.resource.as_ref().map(Policies::from),
            trust: self.trust.as_ref().map(Policies::from),
            service_control: &service,
            resource_control: &resource,
        })
    }
}

/// Reads a policy from a file.
///
/// # Errors
/// When the file cannot be read or is no such policy; the message names line and column.
pub(super) fn load(kind: Kind, path: &Path) -> Result<Policy> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Policy::parse(&text, kind).map_err(|why| {
        anyhow!("{}:{}:{}: {} ({})", path.display(), why.line, why.column, why.message, why.detail)
    })
}

/// Adds a value to a key.
pub(super) fn add_key(keys: &mut Keys, key: &str, value: &str) {
    match keys.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
        Some((_, values)) => values.push(value.to_owned()),
        None => keys.push((key.to_owned(), vec![value.to_owned()])),
    }
}
