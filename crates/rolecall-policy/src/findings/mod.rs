//! Findings: what is wrong with a policy, or better avoided, for people who write one.
//!
//! The codes are those of AWS's Access Analyzer where it has one for the matter (IAM User Guide, Access
//! Analyzer policy check reference). Decisions do not depend on them.

mod actions;
mod conditions;
mod denials;
mod document;
mod passing;
mod principals;
mod refusal;
mod resources;
mod tenants;
mod values;
mod variables;

use crate::document::Kind;
use crate::json::Position;
use crate::pattern::Pattern;
use crate::syntax::{Clause, Draft, List};

/// One thing that is wrong or could be better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a form that does not change.
    pub code: &'static str,
    /// Line of what it is about, from 1.
    pub line: usize,
    /// Column, in characters from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy lets in more, or keeps out less, than its author probably wants.
    Security,
    /// The document is refused, or a part of it never does what it says.
    Error,
    /// Probably a mistake.
    Warning,
    /// Could be written better.
    Suggestion,
}

/// Everything there is to say about a document of that kind, in the order of the text.
pub fn check(text: &str, kind: Kind) -> Vec<Finding> {
    let mut report = Report { kind, found: Vec::new() };
    if let Some(draft) = refusal::read(text, &mut report) {
        document::check(&draft, text, &mut report);
        for clause in &draft.clauses {
            statement(clause, &draft, &mut report);
        }
    }
    report.found.sort_by_key(|finding| (finding.line, finding.column, finding.severity));
    report.found
}

fn statement(clause: &Clause, draft: &Draft, report: &mut Report) {
    actions::check(clause, report);
    passing::check(clause, report);
    resources::check(clause, report);
    principals::check(clause, report);
    conditions::check(clause, report);
    values::check(clause, report);
    variables::check(clause, draft, report);
    denials::check(clause, draft, report);
}

/// What was found so far.
struct Report {
    kind: Kind,
    found: Vec<Finding>,
}

impl Report {
    fn security(&mut self, code: &'static str, at: Position, message: impl Into<String>) {
        self.add(Severity::Security, code, at, message.into());
    }

    fn error(&mut self, code: &'static str, at: Position, message: impl Into<String>) {
        self.add(Severity::Error, code, at, message.into());
    }

    fn warning(&mut self, code: &'static str, at: Position, message: impl Into<String>) {
        self.add(Severity::Warning, code, at, message.into());
    }

    fn suggestion(&mut self, code: &'static str, at: Position, message: impl Into<String>) {
        self.add(Severity::Suggestion, code, at, message.into());
    }

    fn add(&mut self, severity: Severity, code: &'static str, at: Position, message: String) {
        let (line, column) = (at.line, at.column);
        let known = |f: &Finding| f.code == code && f.line == line && f.column == column;
        if !self.found.iter().any(known) {
            self.found.push(Finding { severity, code, line, column, message });
        }
    }
}

/// True when a pattern, in which `*` and `?` are wildcards, fits a text.
fn covers(pattern: &str, text: &str) -> bool {
    Pattern::glob(pattern).fits(text)
}

fn allows(clause: &Clause) -> bool {
    clause.effect.value.eq_ignore_ascii_case("Allow")
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The list, if it is not one of exceptions.
fn positive(list: Option<&List>) -> Option<&List> {
    list.filter(|list| !list.negated)
}

/// True when the list names everything.
fn is_everything(list: Option<&List>) -> bool {
    positive(list).is_some_and(|list| list.items.iter().any(|text| text.value == "*"))
}

#[cfg(test)]
mod tests;
