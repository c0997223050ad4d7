//! `rolecall policy check`: what is wrong with policies in files, or could be better.

use super::PolicyKind;
use crate::cli::NO;
use crate::cli::remote::Output;
use crate::cli::say;
use anyhow::{Context, Result};
use rolecall_policy::{Finding, Severity, check};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `rolecall policy check` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Check {
    /// Policies
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What they are used as
    #[arg(long, value_enum, default_value_t = PolicyKind::Identity)]
    kind: PolicyKind,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

impl Check {
    /// Errors and security warnings make the answer a no; other findings are advice.
    pub(super) fn run(self) -> Result<ExitCode> {
        let mut found = Vec::new();
        for path in &self.files {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            found.extend(check(&text, self.kind.into()).into_iter().map(|finding| (path.as_path(), finding)));
        }
        let bad = found.iter().any(|(_, f)| matches!(f.severity, Severity::Security | Severity::Error));
        match self.output {
            Output::Text => say(&shown(&found))?,
            Output::Json => say(&format!("{:#}", told(&found)))?,
        };
        Ok(if bad { ExitCode::from(NO) } else { ExitCode::SUCCESS })
    }
}

fn shown(found: &[(&Path, Finding)]) -> String {
    if found.is_empty() {
        return "no findings".to_owned();
    }
    let line = |(path, f): &(&Path, Finding)| {
        let (word, path) = (word(f.severity), path.display());
        format!("{path}:{}:{}: {word}: {} [{}]", f.line, f.column, f.message, f.code)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn told(found: &[(&Path, Finding)]) -> serde_json::Value {
    let findings = found.iter().map(|(path, f)| {
        json!({ "file": path.display().to_string(), "line": f.line, "column": f.column,
            "severity": word(f.severity), "code": f.code, "message": f.message })
    });
    json!({ "findings": findings.collect::<Vec<_>>() })
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Security => "security",
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    }
}
