//! One simulation: every question is put to the engine that decides about requests, with the condition
//! keys given and no others.

use super::caller::Acting;
use super::sources::Sources;
use super::{entries, handling, invalid};
use crate::error::Error;
use crate::id::AccountId;
use rolecall_policy::{Arn, Context, Request, Verdict, catalogue, explain};
use rolecall_wire::iam::ContextEntry;

/// What both operations ask alike.
pub(super) struct Run<'a> {
    /// `ActionNames`.
    pub actions: &'a [String],
    /// `ResourceArns`; none means all.
    pub resources: &'a [String],
    /// `ResourceOwner`.
    pub owner: Option<&'a str>,
    /// `ContextEntries`.
    pub entries: &'a [ContextEntry],
    /// `ResourceHandlingOption`.
    pub handling: Option<&'a str>,
}

/// A simulation ready to be asked.
pub(super) struct Simulation {
    /// The policies.
    pub sources: Sources,
    acting: Acting,
    context: Context<'static>,
    owner: String,
}

/// The answer to one question.
pub(super) struct Asked {
    /// The resource.
    pub resource: String,
    /// The decision with its reasons.
    pub verdict: Verdict,
    /// Whether principal and resource belong to two accounts.
    pub crosses: bool,
}

impl Simulation {
    /// Puts a simulation together.
    ///
    /// # Errors
    /// `InvalidInput` for anything in it that cannot be simulated.
    pub(super) fn new(acting: Acting, sources: Sources, run: &Run<'_>) -> Result<Self, Error> {
        handling::check(run.handling, run.resources)?;
        run.actions.iter().try_for_each(|action| check_action(action))?;
        run.resources.iter().try_for_each(|resource| check_resource(resource))?;
        let owner = match run.owner {
            Some(text) => owner(text)?,
            None => acting.principal.account.clone(),
        };
        let mut context = Context::new();
        for (key, value) in &acting.keys {
            context.set(key.clone(), value.clone());
        }
        for entry in run.entries {
            put(&mut context, &entries::read(entry)?);
        }
        Ok(Self { sources, acting, context, owner })
    }

    /// Decides one action on one resource.
    pub(super) fn ask(&self, action: &str, resource: &str) -> Asked {
        let named = Arn::parse(resource).map(|arn| arn.account).filter(|account| !account.is_empty());
        let owner = named.unwrap_or(&self.owner);
        let request = Request {
            principal: &self.acting.principal,
            action,
            resource,
            resource_account: owner,
            context: &self.context,
        };
        let verdict = self.sources.with_layers(|layers| explain(&request, layers));
        Asked { resource: resource.to_owned(), verdict, crosses: owner != self.acting.principal.account }
    }
}

fn put(context: &mut Context<'static>, entry: &entries::Entry<'_>) {
    match entry.values {
        [value] if !entry.is_list => context.set(entry.key.to_owned(), value.clone()),
        values => context.set_many(entry.key.to_owned(), values.iter().cloned()),
    }
}

fn check_action(action: &str) -> Result<(), Error> {
    let well_formed = action.split_once(':').is_some_and(|(service, name)| {
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain(service) && plain(name)
    });
    let known = || {
        let (service, name) = action.split_once(':')?;
        catalogue::service(&service.to_ascii_lowercase())?.action(name)
    };
    match (well_formed, known()) {
        (false, _) => Err(invalid(format!("Invalid Action Name: {action} is not of the form service:Name."))),
        (true, None) => Err(invalid(format!("Invalid Action Name: there is no action {action}."))),
        (true, Some(_)) => Ok(()),
    }
}

fn check_resource(resource: &str) -> Result<(), Error> {
    match resource == "*" || Arn::parse(resource).is_some() {
        true => Ok(()),
        false => Err(invalid(format!("Invalid Resource Arn: {resource} is not an ARN."))),
    }
}

/// An account by its number or by its root ARN.
fn owner(text: &str) -> Result<String, Error> {
    let account = match Arn::parse(text) {
        Some(arn) if arn.service == "iam" && arn.resource == "root" => arn.account,
        Some(_) => "",
        None => text,
    };
    let account = account.parse::<AccountId>();
    account
        .map(|id| id.to_string())
        .map_err(|_| invalid(format!("Invalid ResourceOwner: {text} is not an account.")))
}
