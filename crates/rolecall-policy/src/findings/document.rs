//! Findings about the document as a whole: its version, its size, its statements among each other.

use super::Report;
use crate::document::{Kind, Policy};
use crate::json::Position;
use crate::syntax::{Clause, Draft, List, Test, WhoShape};

pub(super) fn check(draft: &Draft, text: &str, report: &mut Report) {
    version(draft, report);
    size(draft, text, report);
    sids(draft, report);
    repetitions(draft, report);
}

fn version(draft: &Draft, report: &mut Report) {
    match &draft.version {
        Some(version) if version.value == "2012-10-17" => {}
        Some(version) => report.suggestion(
            "OLD_VERSION",
            version.at,
            "In version 2008-10-17 policy variables are plain text; write \"Version\": \"2012-10-17\".",
        ),
        None => report.warning(
            "MISSING_VERSION",
            draft.at,
            "Without Version the document counts as 2008-10-17, which has no variables; \
             add \"Version\": \"2012-10-17\".",
        ),
    }
}

/// Quotas (IAM and AWS STS quotas; Amazon S3, bucket policies; AWS Organizations quotas).
fn size(draft: &Draft, text: &str, report: &mut Report) {
    let (code, most) = match report.kind {
        Kind::Identity | Kind::Boundary => ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", 6144),
        Kind::Session => ("POLICY_SIZE_EXCEEDS_SESSION_POLICY_QUOTA", 2048),
        Kind::Trust => ("POLICY_SIZE_EXCEEDS_TRUST_POLICY_QUOTA", 2048),
        Kind::Bucket => ("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", 20_480),
        Kind::ServiceControl => ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", 5120),
        Kind::ResourceControl => ("POLICY_SIZE_EXCEEDS_RCP_QUOTA", 5120),
    };
    let size = Policy::size(text);
    if size > most {
        let message = format!(
            "The policy has {size} characters without white space, {most} are the quota; split it or shorten it."
        );
        report.warning(code, draft.at, message);
    }
}

fn sids(draft: &Draft, report: &mut Report) {
    let sids: Vec<_> = draft.clauses.iter().filter_map(|clause| clause.sid.as_ref()).collect();
    for (n, sid) in sids.iter().enumerate() {
        let earlier = sids.iter().take(n).any(|other| other.value == sid.value);
        if sid.value.is_empty() {
            report.suggestion("EMPTY_SID_VALUE", sid.at, "The Sid is empty; give it a name or leave it out.");
        } else if earlier && report.kind == Kind::Bucket {
            let message = format!("An earlier statement has the Sid {:?}; give each its own.", sid.value);
            report.warning("UNIQUE_SIDS_RECOMMENDED", sid.at, message);
        }
    }
}

fn repetitions(draft: &Draft, report: &mut Report) {
    let meanings: Vec<String> = draft.clauses.iter().map(meaning).collect();
    for (n, clause) in draft.clauses.iter().enumerate() {
        let Some(earlier) = meanings.iter().take(n).position(|other| Some(other) == meanings.get(n)) else {
            continue;
        };
        let Position { line, .. } = draft.clauses.get(earlier).map_or(clause.at, |clause| clause.at);
        let message = format!("The statement says what the one in line {line} says; remove one of them.");
        report.suggestion("REDUNDANT_STATEMENT", clause.at, message);
    }
}

/// What a statement says, without its Sid and in an order of its own.
fn meaning(clause: &Clause) -> String {
    let mut tests: Vec<String> = clause.conditions.iter().map(test).collect();
    tests.sort();
    let who = clause.principal.as_ref().map(|who| (who.negated, shape(&who.shape)));
    let (actions, resources) = (list(clause.action.as_ref(), true), list(clause.resource.as_ref(), false));
    format!("{} {who:?} {actions:?} {resources:?} {tests:?}", clause.effect.value)
}

fn list(list: Option<&List>, fold: bool) -> Option<(bool, Vec<String>)> {
    let list = list?;
    let text = |value: &String| if fold { value.to_ascii_lowercase() } else { value.clone() };
    Some((list.negated, sorted(list.items.iter().map(|item| text(&item.value)))))
}

fn test(test: &Test) -> String {
    let values = sorted(test.values.iter().map(|value| value.value.clone()));
    format!("{} {} {values:?}", test.operator.value.to_ascii_lowercase(), test.key.to_ascii_lowercase())
}

fn shape(shape: &WhoShape) -> Vec<String> {
    match shape {
        WhoShape::Bare(text) => vec![format!("AWS {text}")],
        WhoShape::Kinds(kinds) => {
            let values = kinds.iter().flat_map(|(kind, values)| values.iter().map(move |v| (kind, v)));
            sorted(values.map(|(kind, value)| format!("{kind} {}", value.value)))
        }
        WhoShape::Other => Vec::new(),
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}
