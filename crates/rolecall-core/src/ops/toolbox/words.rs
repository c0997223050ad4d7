//! The toolbox's words for layers, effects and policies.

use crate::decisions::checks::Effect;
use crate::decisions::{Asked, Evidence, Recorded};
use rolecall_policy::{Context, Decision, Examined, Layer, Value};
use rolecall_wire::iam_toolbox::{AttachedTo, MatchedPolicy, MatchedStatement, PolicyInfo};

/// `CheckType`. A role's trust policy is the policy of a resource.
pub(super) fn check_type(layer: Layer) -> &'static str {
    match layer {
        Layer::ServiceControl => "SERVICE_CONTROL_POLICY",
        Layer::ResourceControl => "RESOURCE_CONTROL_POLICY",
        Layer::Resource | Layer::Trust => "RESOURCE",
        Layer::Session => "SESSION",
        Layer::Boundary => "PERMISSIONS_BOUNDARY",
        Layer::Identity => "PRINCIPAL",
    }
}

/// `PolicyType`.
pub(super) fn policy_type(layer: Layer) -> &'static str {
    match layer {
        Layer::ServiceControl => "SERVICE_CONTROL_POLICY",
        Layer::ResourceControl => "RESOURCE_CONTROL_POLICY",
        Layer::Resource | Layer::Trust => "RESOURCE_BASED_POLICY",
        Layer::Session => "SESSION_POLICY",
        Layer::Boundary => "PERMISSIONS_BOUNDARY",
        Layer::Identity => "IDENTITY_BASED_POLICY",
    }
}

/// `CheckEffect`.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "ALLOW",
        Effect::ExplicitDeny => "EXPLICIT_DENY",
        Effect::ImplicitDeny => "IMPLICIT_DENY",
        Effect::NoImpact => "NO_IMPACT",
    }
}

/// `EvaluatedEffect`.
pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "ALLOW",
        Decision::ExplicitDeny => "EXPLICIT_DENY",
        Decision::ImplicitDeny => "IMPLICIT_DENY",
    }
}

/// A context as a map of JSON values: a text, or a list of texts.
pub(super) fn context(context: &Context<'_>) -> Vec<(String, String)> {
    let json = |value: &Value<'_>| match value {
        Value::One(one) => serde_json::json!(one),
        Value::Many(many) => serde_json::json!(many),
    };
    context.iter().map(|(key, value)| (key.to_string(), json(value).to_string())).collect()
}

/// Statements by policy; one without a `Sid` goes by its place.
pub(super) fn matched<'a>(
    recorded: &Recorded,
    asked: &Asked,
    statements: impl Iterator<Item = &'a Examined>,
) -> Vec<MatchedPolicy> {
    let mut all: Vec<MatchedPolicy> = Vec::new();
    for examined in statements {
        let uri = recorded.uri_of(asked, examined);
        let (line, column) = examined.position;
        let statement = MatchedStatement {
            sid: Some(examined.sid.clone().unwrap_or_else(|| format!("Line{line}Column{column}"))),
            evaluated_effect: Some(if examined.deny { "DENY" } else { "ALLOW" }.to_owned()),
        };
        match all.iter_mut().find(|known| known.uri == uri) {
            Some(known) => known.matched_statements.push(statement),
            None => all.push(MatchedPolicy { uri, matched_statements: vec![statement] }),
        }
    }
    all
}

/// An entry of `policies`.
pub(super) fn policy(evidence: &Evidence) -> PolicyInfo {
    let attached = evidence.attached.iter().map(|arn| AttachedTo { arn: Some(arn.clone()) });
    PolicyInfo {
        r#type: Some(policy_type(evidence.layer).to_owned()),
        inline: Some(evidence.inline),
        uri: Some(evidence.uri.clone()),
        attached_to: attached.collect(),
        policy_source: Vec::new(),
    }
}
