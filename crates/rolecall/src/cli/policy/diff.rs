//! `rolecall policy diff`: what access an edit of a policy adds and removes.

use super::PolicyKind;
use super::subject::load;
use crate::cli::NO;
use crate::cli::remote::Output;
use crate::cli::say;
use anyhow::{Context, Result};
use rolecall_policy::diff::{Effort, diff};
use rolecall_policy::{Kind, Outcome};
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

impl Diff {
    pub(super) fn run(self) -> Result<ExitCode> {
        let kind = self.kind.into();
        let (old, new) = (read(kind, &self.old)?, read(kind, &self.new)?);
        let found = diff(kind, Some(&old), Some(&new), Effort::GREAT)?;
        match self.output {
            Output::Text => say(&shown(&found))?,
            Output::Json => say(&format!("{:#}", told(&found)))?,
        };
        Ok(if found.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NO) })
    }
}

/// The text of a policy that is one; an error names line and column.
fn read(kind: Kind, path: &Path) -> Result<String> {
    load(kind, path)?;
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn shown(found: &rolecall_policy::diff::Diff) -> String {
    let mut out = String::new();
    for change in &found.changes {
        let mark = if change.adds() { '+' } else { '-' };
        let _ = writeln!(out, "{mark} {}: {}", change.what(), change.some_actions());
        let with: Vec<String> = change.keys.iter().map(|(k, v)| format!(" {k}={}", v.join(","))).collect();
        let with = if with.is_empty() { String::new() } else { format!(" with{}", with.concat()) };
        let action = change.actions.first().map(String::as_str).unwrap_or_default();
        let _ = writeln!(out, "    shown by {action} on {} by {}{with}", change.resource, change.principal);
    }
    if found.changes.is_empty() {
        out.push_str("no difference found\n");
    }
    if !found.complete {
        out.push_str("the policies have too many combinations: not all of them were tried\n");
    }
    out.trim_end().to_owned()
}

fn told(found: &rolecall_policy::diff::Diff) -> Value {
    let changes = found.changes.iter().map(|change| {
        let keys: serde_json::Map<String, Value> =
            change.keys.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
        json!({ "change": change.what(), "before": word(change.before), "after": word(change.after),
            "actions": change.actions, "shownBy": { "principal": change.principal,
            "action": change.actions.first(), "resource": change.resource, "context": keys } })
    });
    json!({ "changes": changes.collect::<Vec<_>>(), "complete": found.complete })
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allows => "allows",
        Outcome::Denies => "denies",
        Outcome::Silent => "silent",
    }
}
