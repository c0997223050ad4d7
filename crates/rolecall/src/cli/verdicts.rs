//! A verdict told to people and to programs.

use rolecall_policy::{Decision, Examined, Layer, Outcome, Tested, Verdict};
use serde_json::{Value, json};
use std::fmt::Write;

/// A verdict in a few lines: the decision, what each layer says, and the statements that decided.
pub(super) fn text(action: &str, resource: &str, verdict: &Verdict) -> String {
    let mut out = format!("{}  {action} on {resource}", decision(verdict.decision));
    for found in &verdict.layers {
        let _ = write!(out, "\n  {:<24}{}", layer(found.layer), outcome(found.outcome));
        for examined in verdict.matched.iter().filter(|m| m.layer == found.layer) {
            let _ = write!(out, "\n    {}", statement(examined));
        }
        for examined in verdict.unmet.iter().filter(|m| m.layer == found.layer) {
            let _ = write!(out, "\n    {} does not apply:", statement(examined));
            for test in examined.conditions.iter().filter(|test| !test.holds) {
                let _ = write!(out, "\n      {}", condition(test));
            }
        }
    }
    if !verdict.missing.is_empty() {
        let _ = write!(out, "\n  not given: {}", verdict.missing.join(", "));
    }
    out
}

/// The same for programs.
pub(super) fn json(action: &str, resource: &str, verdict: &Verdict) -> Value {
    let layers = verdict.layers.iter().map(|found| {
        let of = |list: &[Examined]| {
            list.iter().filter(|m| m.layer == found.layer).map(statement_json).collect::<Vec<_>>()
        };
        json!({ "layer": layer(found.layer), "outcome": outcome(found.outcome),
            "matched": of(&verdict.matched), "unmet": of(&verdict.unmet) })
    });
    json!({ "action": action, "resource": resource, "decision": decision_json(verdict.decision),
        "because": verdict.because.map(layer), "layers": layers.collect::<Vec<_>>(), "missing": verdict.missing })
}

/// A statement by effect, policy and place.
pub(super) fn statement(examined: &Examined) -> String {
    let effect = if examined.deny { "Deny" } else { "Allow" };
    let sid = examined.sid.as_ref().map(|sid| format!(" \"{sid}\"")).unwrap_or_default();
    let (line, column) = examined.position;
    let policy = if examined.policy.is_empty() { "inline" } else { &examined.policy };
    format!("{effect}{sid} at {policy}:{line}:{column}")
}

/// A condition with what it wants and what there is.
pub(super) fn condition(test: &Tested) -> String {
    let actual = match &test.actual {
        None => "the request has none".to_owned(),
        Some(values) => format!("the request has {}", values.join(", ")),
    };
    format!("{} {}: wants {}; {actual}", test.operator, test.key, test.expected.join(" or "))
}

fn statement_json(examined: &Examined) -> Value {
    let conditions = examined.conditions.iter().map(|test| {
        json!({ "operator": test.operator, "key": test.key, "expected": test.expected,
            "actual": test.actual, "holds": test.holds })
    });
    json!({ "effect": if examined.deny { "Deny" } else { "Allow" }, "policy": examined.policy,
        "sid": examined.sid, "line": examined.position.0, "column": examined.position.1,
        "conditions": conditions.collect::<Vec<_>>() })
}

/// The decision in a word.
pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "denied, explicitly",
        Decision::ImplicitDeny => "denied, as nothing allows it",
    }
}

fn decision_json(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

/// What a layer says, in a word.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allows => "allows",
        Outcome::Denies => "denies",
        Outcome::Silent => "is silent",
    }
}

/// A layer's name.
pub(super) fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::ServiceControl => "service control policy",
        Layer::ResourceControl => "resource control policy",
        Layer::Resource => "resource policy",
        Layer::Trust => "trust policy",
        Layer::Session => "session policy",
        Layer::Boundary => "permissions boundary",
        Layer::Identity => "identity policy",
    }
}
