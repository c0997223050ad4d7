//! What access an edit of a policy adds and removes.
//!
//! Both policies are asked the same questions, chosen so that every combination of their action patterns,
//! resource patterns and conditions is met by one of them. A difference is told with the request that
//! shows it, so none is told that is not there.

mod actions;
mod contexts;
mod resources;

use crate::context::Context;
use crate::decide::{Finding, Layers, Request};
use crate::document::{Invalid, Kind, Policy};
use crate::principal::{Principal, PrincipalKind};
use crate::question::Lower;
use crate::verdict::Outcome;

/// Condition keys with their values; several values make a key multivalued.
pub type Keys = Vec<(String, Vec<String>)>;

/// The differences between two policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// Each with a request that shows it.
    pub changes: Vec<Change>,
    /// Whether every combination was tried.
    pub complete: bool,
}

/// One difference: the same for every action of a class, shown by one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the old policy says to the request.
    pub before: Outcome,
    /// What the new policy says.
    pub after: Outcome,
    /// The actions that both policies treat alike; the first is the request's.
    pub actions: Vec<String>,
    /// Who asks.
    pub principal: String,
    /// The resource asked for.
    pub resource: String,
    /// The condition keys that it takes.
    pub keys: Keys,
}

/// How much is tried before it is given up.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many states of the resource patterns are looked at.
    pub states: usize,
    /// How many questions are asked.
    pub questions: usize,
}

impl Effort {
    /// For somebody who waits for it.
    pub const GREAT: Self = Self { states: 50_000, questions: 50_000_000 };
    /// A fraction of a second.
    pub const SMALL: Self = Self { states: 1_000, questions: 20_000 };
}

/// Compares two policies of one kind; `None` is no policy.
///
/// # Errors
/// When one of them is invalid.
pub fn diff(kind: Kind, old: Option<&str>, new: Option<&str>, effort: Effort) -> Result<Diff, Invalid> {
    let parse = |text: Option<&str>| text.map(|text| Policy::parse(text, kind)).transpose();
    let pair = Pair { old: parse(old)?, new: parse(new)? };
    let resources = resources::of(pair.both(), effort.states);
    let contexts = contexts::of(old.into_iter().chain(new), &resources.variables);
    let actions = actions::of(pair.both());
    let mut asking = Asking { left: effort.questions, changes: Vec::new(), pair: &pair };
    for principal in principals(kind, &pair) {
        let contexts: Vec<_> = contexts.all.iter().map(|keys| (keys, context(&principal, keys))).collect();
        for class in &actions {
            resources
                .witnesses
                .iter()
                .for_each(|resource| asking.about(&principal, class, resource, &contexts));
        }
    }
    let complete = resources.complete && contexts.complete && asking.left > 0;
    Ok(Diff { changes: asking.changes, complete })
}

impl Change {
    /// True when it lets more pass.
    pub fn adds(&self) -> bool {
        self.after == Outcome::Allows || (self.before == Outcome::Denies && self.after == Outcome::Silent)
    }

    /// What changes, in words.
    pub fn what(&self) -> &'static str {
        match (self.before, self.after) {
            (_, Outcome::Denies) => "now denied, whatever other policies allow",
            (Outcome::Denies, Outcome::Allows) => "allowed, and denied before",
            (Outcome::Denies, _) => "denied no more",
            (_, Outcome::Allows) => "now allowed",
            (_, Outcome::Silent) => "allowed no more",
        }
    }

    /// The first few of the actions, and how many more.
    pub fn some_actions(&self) -> String {
        let first: Vec<&str> = self.actions.iter().take(SHOWN).map(String::as_str).collect();
        match self.actions.len().saturating_sub(SHOWN) {
            0 => first.join(", "),
            more => format!("{} and {more} more", first.join(", ")),
        }
    }
}

struct Pair {
    old: Option<Policy>,
    new: Option<Policy>,
}

impl Pair {
    fn both(&self) -> impl Iterator<Item = &Policy> {
        self.old.iter().chain(&self.new)
    }
}

struct Asking<'p> {
    left: usize,
    changes: Vec<Change>,
    pair: &'p Pair,
}

impl Asking<'_> {
    /// The first request that shows each kind of change.
    fn about(
        &mut self,
        who: &Principal,
        class: &[String],
        resource: &str,
        contexts: &[(&Keys, Context<'_>)],
    ) {
        let Some(action) = class.first() else { return };
        let mut known: Vec<(Outcome, Outcome)> = Vec::new();
        for (keys, context) in contexts {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            let account = &who.account;
            let request = Request { principal: who, action, resource, resource_account: account, context };
            let (before, after) =
                (says(self.pair.old.as_ref(), &request), says(self.pair.new.as_ref(), &request));
            if before != after && !known.contains(&(before, after)) {
                known.push((before, after));
                let (principal, resource) = (name(who), resource.to_owned());
                let (actions, keys) = (class.to_vec(), (*keys).clone());
                self.changes.push(Change { before, after, actions, principal, resource, keys });
            }
        }
    }
}

fn says(policy: Option<&Policy>, request: &Request<'_>) -> Outcome {
    let lower = Lower::of(request);
    let question = lower.question(request, &Layers::default());
    Finding::of(policy.into_iter().flat_map(Policy::statements), &question).outcome()
}

fn context<'a>(principal: &'a Principal, keys: &'a Keys) -> Context<'a> {
    let mut context = Context::new();
    for (key, value) in principal.keys() {
        context.set(key, value);
    }
    for (key, values) in keys {
        match values.as_slice() {
            [value] => context.set(key.as_str(), value.as_str()),
            many => context.set_many(key.as_str(), many.iter().map(String::as_str)),
        }
    }
    context
}

/// A user for policies that belong to somebody; for a resource's everybody it names, and a stranger.
fn principals(kind: Kind, pair: &Pair) -> Vec<Principal> {
    let mut all: Vec<Principal> = Vec::new();
    if !matches!(kind, Kind::Bucket | Kind::Trust | Kind::ResourceControl) {
        all.extend(Principal::parse("arn:aws:iam::123456789012:user/someone"));
        return all;
    }
    let strangers = ["arn:aws:iam::999999999999:user/stranger", "anonymous"];
    let strangers = strangers.into_iter().filter_map(Principal::parse);
    for principal in strangers.chain(pair.both().flat_map(Policy::principals).filter_map(named)) {
        if !all.contains(&principal) {
            all.push(principal);
        }
    }
    all
}

/// Somebody whom an entry of a principal element names.
fn named((kind, value): (&str, &str)) -> Option<Principal> {
    if kind == "Federated" {
        let kind = PrincipalKind::Federated { provider: value.to_owned() };
        return Some(Principal { kind, account: String::new(), arn: value.to_owned() });
    }
    let account = value.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(value);
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    match is_account {
        true => Principal::parse(&format!("arn:aws:iam::{account}:user/someone")),
        false => Principal::parse(value),
    }
}

fn name(principal: &Principal) -> String {
    if principal.arn.is_empty() { "anonymous".to_owned() } else { principal.arn.clone() }
}

/// Actions told by name.
const SHOWN: usize = 6;

#[cfg(test)]
mod tests;
