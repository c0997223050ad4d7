//! `rolecall policy diff`: what access an edit of a policy adds and removes.
//!
//! Both policies are asked the same questions, chosen so that every combination of their action patterns,
//! resource patterns and conditions is met by one of them. A difference is told with the request that
//! shows it, so none is told that is not there.

mod actions;
mod contexts;
mod resources;

use super::subject::{Keys, Subject, load};
use super::{NO, PolicyKind};
use crate::cli::remote::Output;
use crate::cli::say;
use anyhow::{Context, Result};
use rolecall_policy::{Kind, Outcome, Policy};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `rolecall policy diff` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Diff {
    /// The policy before the edit
    old: PathBuf,
    /// The policy after it
    new: PathBuf,
    /// What it is used as
    #[arg(long, value_enum, default_value_t = PolicyKind::Identity)]
    kind: PolicyKind,
    /// How to print the differences
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// One difference: the same for every action of a class, shown by one request.
struct Change {
    before: Outcome,
    after: Outcome,
    actions: Vec<String>,
    principal: String,
    resource: String,
    keys: Keys,
}

/// The questions, and whether they are all there are.
struct Questions {
    principals: Vec<String>,
    actions: Vec<Vec<String>>,
    resources: Vec<String>,
    contexts: Vec<Keys>,
    complete: bool,
}

impl Diff {
    pub(super) fn run(self) -> Result<ExitCode> {
        let kind = self.kind.into();
        let policies = [Side::load(kind, &self.old)?, Side::load(kind, &self.new)?];
        let questions = Questions::of(kind, &policies);
        let changes = changes(&questions, &policies)?;
        match self.output {
            Output::Text => say(&shown(&changes, questions.complete))?,
            Output::Json => say(&format!("{:#}", told(&changes, questions.complete)))?,
        };
        Ok(if changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NO) })
    }
}

/// One of the two policies.
struct Side {
    text: String,
    policy: Policy,
    kind: Kind,
    path: PathBuf,
}

impl Side {
    fn load(kind: Kind, path: &Path) -> Result<Self> {
        let policy = load(kind, path)?;
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Self { text, policy, kind, path: path.to_owned() })
    }

    /// The policy alone, asked by a principal.
    fn subject(&self, principal: &str) -> Result<Subject> {
        let mut subject = Subject::default();
        subject.act_as(principal)?;
        subject.add(self.kind, &self.path)?;
        Ok(subject)
    }
}

impl Questions {
    fn of(kind: Kind, sides: &[Side; 2]) -> Self {
        let resources = resources::of(sides.iter().map(|side| &side.policy));
        let contexts = contexts::of(sides.iter().map(|side| side.text.as_str()), &resources.variables);
        Self {
            principals: principals(kind, sides),
            actions: actions::of(sides.iter().map(|side| &side.policy)),
            resources: resources.witnesses,
            contexts: contexts.all,
            complete: resources.complete && contexts.complete,
        }
    }
}

/// A user for policies that belong to somebody; for a resource's everybody it names, and a stranger.
fn principals(kind: Kind, sides: &[Side; 2]) -> Vec<String> {
    if !matches!(kind, Kind::Bucket | Kind::Trust | Kind::ResourceControl) {
        return vec!["arn:aws:iam::123456789012:user/someone".to_owned()];
    }
    let mut all = vec!["arn:aws:iam::999999999999:user/stranger".to_owned(), "anonymous".to_owned()];
    for (_, name) in sides.iter().flat_map(|side| side.policy.principals()) {
        let account = name.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(name);
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let name = if is_account { format!("arn:aws:iam::{account}:user/someone") } else { name.to_string() };
        if !all.contains(&name) && super::principal::read(&name).is_ok() {
            all.push(name);
        }
    }
    all
}

/// The first request that shows each kind of change, for every class of actions, resource and principal.
fn changes(questions: &Questions, [old, new]: &[Side; 2]) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for principal in &questions.principals {
        let (old, new) = (old.subject(principal)?, new.subject(principal)?);
        for class in &questions.actions {
            for resource in &questions.resources {
                changes.extend(shown_by(questions, &old, &new, (principal, class, resource))?);
            }
        }
    }
    Ok(changes)
}

/// Principal, actions and resource of some questions.
type About<'a> = (&'a String, &'a Vec<String>, &'a String);

fn shown_by(questions: &Questions, old: &Subject, new: &Subject, about: About<'_>) -> Result<Vec<Change>> {
    let (principal, actions, resource) = about;
    let Some(action) = actions.first() else { return Ok(Vec::new()) };
    let mut changes: Vec<Change> = Vec::new();
    for keys in &questions.contexts {
        let before = says(old, action, resource, keys)?;
        let after = says(new, action, resource, keys)?;
        let known = changes.iter().any(|change| (change.before, change.after) == (before, after));
        if before != after && !known {
            changes.push(Change {
                before,
                after,
                actions: actions.clone(),
                principal: principal.clone(),
                resource: resource.clone(),
                keys: keys.clone(),
            });
        }
    }
    Ok(changes)
}

/// What the only policy of a subject says.
fn says(subject: &Subject, action: &str, resource: &str, keys: &Keys) -> Result<Outcome> {
    let verdict = subject.ask(action, resource, keys)?;
    let own = verdict.layers.iter().find(|found| found.outcome != Outcome::Silent);
    Ok(own.map_or(Outcome::Silent, |found| found.outcome))
}

fn shown(changes: &[Change], complete: bool) -> String {
    let mut out = String::new();
    for change in changes {
        let (mark, what) = change.what();
        let _ = writeln!(out, "{mark} {what}: {}", some(&change.actions));
        let with: Vec<String> = change.keys.iter().map(|(k, v)| format!(" {k}={}", v.join(","))).collect();
        let with = if with.is_empty() { String::new() } else { format!(" with{}", with.concat()) };
        let action = change.actions.first().map(String::as_str).unwrap_or_default();
        let _ = writeln!(out, "    shown by {action} on {} by {}{with}", change.resource, change.principal);
    }
    if changes.is_empty() {
        out.push_str("no difference found\n");
    }
    if !complete {
        out.push_str("the policies have too many combinations: not all of them were tried\n");
    }
    out.trim_end().to_owned()
}

fn told(changes: &[Change], complete: bool) -> Value {
    let changes = changes.iter().map(|change| {
        let keys: serde_json::Map<String, Value> =
            change.keys.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
        json!({ "change": change.what().1, "before": word(change.before), "after": word(change.after),
            "actions": change.actions, "shownBy": { "principal": change.principal,
            "action": change.actions.first(), "resource": change.resource, "context": keys } })
    });
    json!({ "changes": changes.collect::<Vec<_>>(), "complete": complete })
}

impl Change {
    fn what(&self) -> (char, &'static str) {
        match (self.before, self.after) {
            (_, Outcome::Denies) => ('-', "now denied, whatever other policies allow"),
            (Outcome::Denies, Outcome::Allows) => ('+', "allowed, and denied before"),
            (Outcome::Denies, _) => ('+', "denied no more"),
            (_, Outcome::Allows) => ('+', "now allowed"),
            (_, Outcome::Silent) => ('-', "allowed no more"),
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allows => "allows",
        Outcome::Denies => "denies",
        Outcome::Silent => "silent",
    }
}

/// The first few, and how many more.
fn some(actions: &[String]) -> String {
    let first: Vec<&str> = actions.iter().take(SHOWN).map(String::as_str).collect();
    match actions.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Actions told by name.
const SHOWN: usize = 6;

#[cfg(test)]
mod tests;
