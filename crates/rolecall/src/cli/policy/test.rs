//! `rolecall policy test`: policies held to a file of expectations.

use super::expectations::{self, Expectation};
use super::junit::{self, Case};
use super::known::Known;
use crate::cli::{NO, say, verdicts};
use anyhow::Result;
use clap::ValueEnum;
use rolecall_policy::{Decision, Verdict};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `rolecall policy test` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Test {
    /// File of expectations
    file: PathBuf,
    #[command(flatten)]
    known: Known,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For CI systems.
    Junit,
}

/// An expectation with what came out.
struct Outcome {
    expected: Expectation,
    verdict: Verdict,
}

impl Test {
    pub(super) fn run(self) -> Result<ExitCode> {
        let read = expectations::read(&self.file, self.known)?;
        let outcomes = read.into_iter().map(Outcome::of).collect::<Result<Vec<_>>>()?;
        let met = outcomes.iter().all(Outcome::is_met);
        say(&match self.output {
            Form::Text => text(&outcomes),
            Form::Json => json(&outcomes),
            Form::Junit => junit::suite(&self.file.display().to_string(), &cases(&outcomes)),
        })?;
        Ok(if met { ExitCode::SUCCESS } else { ExitCode::from(NO) })
    }
}

impl Outcome {
    fn of(expected: Expectation) -> Result<Self> {
        let verdict = expected.subject.ask(&expected.action, &expected.resource, &expected.keys)?;
        Ok(Self { expected, verdict })
    }

    fn is_met(&self) -> bool {
        (self.verdict.decision == Decision::Allow) == self.expected.may
    }

    fn name(&self) -> String {
        let Expectation { line, principal, may, action, resource, .. } = &self.expected;
        let verb = if *may { "may" } else { "may-not" };
        format!("{line}: {principal} {verb} {action} {resource}")
    }

    fn why(&self) -> String {
        verdicts::text(&self.expected.action, &self.expected.resource, &self.verdict)
    }
}

fn text(outcomes: &[Outcome]) -> String {
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.is_met()).collect();
    let told = failed.iter().map(|outcome| format!("FAILED {}\n{}\n", outcome.name(), outcome.why()));
    let told: String = told.collect();
    format!("{told}{} expectations, {} failed", outcomes.len(), failed.len())
}

fn json(outcomes: &[Outcome]) -> String {
    let told = outcomes.iter().map(|outcome| {
        let Expectation { line, principal, may, action, resource, .. } = &outcome.expected;
        json!({ "line": line, "principal": principal, "expected": if *may { "may" } else { "may-not" },
            "met": outcome.is_met(), "verdict": verdicts::json(action, resource, &outcome.verdict) })
    });
    format!("{:#}", json!({ "expectations": told.collect::<Vec<_>>() }))
}

fn cases(outcomes: &[Outcome]) -> Vec<Case> {
    let case = |outcome: &Outcome| Case {
        name: outcome.name(),
        failure: (!outcome.is_met()).then(|| outcome.why()),
    };
    outcomes.iter().map(case).collect()
}
