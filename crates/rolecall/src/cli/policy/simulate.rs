//! `rolecall policy simulate`: what policies in files would decide.

use super::known::Known;
use super::subject::{Keys, Subject, add_key};
use crate::cli::remote::Output;
use crate::cli::{NO, say, verdicts};
use anyhow::Result;
use rolecall_policy::{Decision, Kind};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `rolecall policy simulate` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Simulate {
    /// Who asks: an ARN, a service, or the word anonymous
    #[arg(long, value_name = "ARN", default_value = "arn:aws:iam::123456789012:user/someone")]
    principal: String,
    /// Action, such as s3:GetObject; may be given several times
    #[arg(long = "action", value_name = "SERVICE:ACTION", required = true)]
    actions: Vec<String>,
    /// ARN of a resource; may be given several times
    #[arg(long = "resource", value_name = "ARN", default_value = "*")]
    resources: Vec<String>,
    /// Account that owns resources whose ARN does not say so
    #[arg(long, value_name = "ACCOUNT")]
    owner: Option<String>,
    /// Condition key; given several times with one key, the key is multivalued
    #[arg(long = "context", value_name = "KEY=VALUE", value_parser = pair)]
    keys: Vec<(String, String)>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    known: Known,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Policies by file and layer.
#[derive(Debug, clap::Args)]
struct Files {
    /// Identity policy; may be given several times
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Permissions boundary
    #[arg(long, value_name = "FILE")]
    boundary: Vec<PathBuf>,
    /// Session policy; may be given several times
    #[arg(long, value_name = "FILE")]
    session: Vec<PathBuf>,
    /// Policy of the resource, such as a bucket's
    #[arg(long, value_name = "FILE")]
    resource_policy: Vec<PathBuf>,
    /// Trust policy of the role that is the resource
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Service control policy; each one is a level, root first
    #[arg(long, value_name = "FILE")]
    scp: Vec<PathBuf>,
    /// Resource control policy; each one is a level, root first
    #[arg(long, value_name = "FILE")]
    rcp: Vec<PathBuf>,
}

impl Simulate {
    pub(super) fn run(self) -> Result<ExitCode> {
        self.check()?;
        let subject = self.subject()?;
        let (mut allowed, mut shown, mut told) = (true, Vec::new(), Vec::new());
        for action in &self.actions {
            for resource in &self.resources {
                let verdict = subject.ask(action, resource, &Vec::new())?;
                allowed &= verdict.decision == Decision::Allow;
                shown.push(verdicts::text(action, resource, &verdict));
                told.push(verdicts::json(action, resource, &verdict));
            }
        }
        match self.output {
            Output::Text => say(&shown.join("\n\n"))?,
            Output::Json => say(&format!("{:#}", json!({ "results": told })))?,
        };
        Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::from(NO) })
    }

    /// What is asked, before any of it is answered.
    fn check(&self) -> Result<()> {
        for action in &self.actions {
            self.resources.iter().try_for_each(|resource| self.known.check(action, resource))?;
        }
        let mut keys = Keys::new();
        self.keys.iter().for_each(|(key, value)| add_key(&mut keys, key, value));
        self.known.check_keys(&keys)
    }

    fn subject(&self) -> Result<Subject> {
        let mut subject = Subject::default();
        subject.act_as(&self.principal)?;
        self.owner.iter().for_each(|owner| subject.owned_by(owner));
        self.keys.iter().for_each(|(key, value)| subject.set(key, value));
        for (kind, paths) in self.files.by_kind() {
            paths.iter().try_for_each(|path| subject.add(kind, path))?;
        }
        Ok(subject)
    }
}

impl Files {
    fn by_kind(&self) -> [(Kind, &[PathBuf]); 7] {
        [
            (Kind::Identity, &self.identity),
            (Kind::Boundary, &self.boundary),
            (Kind::Session, &self.session),
            (Kind::Bucket, &self.resource_policy),
            (Kind::Trust, &self.trust),
            (Kind::ServiceControl, &self.scp),
            (Kind::ResourceControl, &self.rcp),
        ]
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("not of the form KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
