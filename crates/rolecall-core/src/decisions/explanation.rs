//! A recorded decision as a JSON document: what `rolecall why` draws, and what programs read.

use super::checks::Effect;
use super::{Asked, Recorded, authorization_id, edits};
use crate::clock::text::iso8601;
use crate::error::Error;
use rolecall_policy::{
    Context, Decision, Element, Examined, Layer, NearMiss, Outcome, PrincipalKind, Tested, Value, Verdict,
};
use serde_json::{Map, Value as Json, json};

impl Recorded {
    /// Everything there is to say about the decision.
    ///
    /// # Errors
    /// When a policy of the resource is unreadable.
    pub(crate) fn explanation(&self) -> Result<Json, Error> {
        let evaluations = self.asked.iter().map(|asked| self.evaluation(asked));
        let policies = self.policies().into_iter().map(|policy| {
            json!({ "uri": policy.uri, "layer": layer(policy.layer), "title": policy.title,
                "inline": policy.inline, "attachedTo": policy.attached, "text": policy.text })
        });
        Ok(json!({
            "requestId": self.request_id,
            "authorizationId": authorization_id(&self.request_id),
            "time": iso8601(self.at),
            "operation": format!("{}:{}", self.service.prefix(), self.operation),
            "principal": { "arn": self.principal.arn, "account": self.principal.account,
                "kind": kind(&self.principal.kind) },
            "context": context(&self.context),
            "evaluations": evaluations.collect::<Result<Vec<_>, _>>()?,
            "policies": policies.collect::<Vec<_>>(),
        }))
    }

    fn evaluation(&self, asked: &Asked) -> Result<Json, Error> {
        let verdict = self.verdict(asked)?;
        let checks = self.checks(asked, &verdict);
        let shown = checks.iter().map(|check| {
            let of = |list: &[Examined]| {
                let list = list.iter().filter(|examined| examined.layer == check.layer);
                list.map(|examined| self.statement(asked, examined)).collect::<Vec<_>>()
            };
            json!({ "layer": layer(check.layer), "effect": effect(check.effect),
                "levels": levels(&verdict, check.layer),
                "matched": of(&verdict.matched), "unmet": of(&verdict.unmet) })
        });
        let plans = if verdict.is_allowed() { None } else { Some(edits::of(self, asked)) };
        let near = verdict.near.iter().map(|near| self.near(asked, near));
        Ok(json!({
            "action": asked.target.action,
            "resource": asked.target.resource,
            "resourceAccount": asked.owner,
            "decision": decision(verdict.decision),
            "because": verdict.because.map(layer),
            "layers": shown.collect::<Vec<_>>(),
            "nearMisses": near.collect::<Vec<_>>(),
            "missingKeys": verdict.missing,
            "context": context(&asked.context),
            "edits": plans.as_ref().map_or(&[][..], |plans| &plans.edits),
            "alternative": plans.as_ref().map_or(&[][..], |plans| &plans.alternative),
            "noEdit": plans.as_ref().and_then(|plans| plans.why_not.as_deref()),
        }))
    }

    fn statement(&self, asked: &Asked, examined: &Examined) -> Json {
        json!({
            "policy": self.uri_of(asked, examined),
            "sid": examined.sid,
            "effect": if examined.deny { "Deny" } else { "Allow" },
            "start": { "line": examined.position.0, "column": examined.position.1 },
            "end": { "line": examined.end.0, "column": examined.end.1 },
            "names": examined.class.map(|class| format!("{class:?}")),
            "conditions": examined.conditions.iter().map(condition).collect::<Vec<_>>(),
        })
    }

    fn near(&self, asked: &Asked, near: &NearMiss) -> Json {
        json!({ "statement": self.statement(asked, &near.statement), "element": element(&near.element),
            "wants": near.expected, "negated": near.negated })
    }
}

fn kind(kind: &PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Anonymous => "anonymous",
        PrincipalKind::Root => "root",
        PrincipalKind::User { .. } => "user",
        PrincipalKind::RoleSession { .. } => "role session",
        PrincipalKind::FederatedUser { .. } => "federated user",
        PrincipalKind::Federated { .. } => "identity of a provider",
        PrincipalKind::Service { .. } => "service",
    }
}

fn condition(test: &Tested) -> Json {
    json!({ "operator": test.operator, "key": test.key, "expected": test.expected, "actual": test.actual,
        "holds": test.holds })
}

fn context(context: &Context<'_>) -> Json {
    let json = |value: &Value<'_>| match value {
        Value::One(one) => json!(one),
        Value::Many(many) => json!(many),
    };
    context.iter().map(|(key, value)| (key.to_string(), json(value))).collect::<Map<_, _>>().into()
}

fn levels(verdict: &Verdict, layer: Layer) -> Vec<&'static str> {
    let found = verdict.layers.iter().find(|found| found.layer == layer);
    let name = |outcome: &Outcome| match outcome {
        Outcome::Allows => "allows",
        Outcome::Denies => "denies",
        Outcome::Silent => "is silent",
    };
    found.map(|found| found.levels.iter().map(name).collect()).unwrap_or_default()
}

/// A layer's name in this document.
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

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allows",
        Effect::ExplicitDeny => "denies",
        Effect::ImplicitDeny => "does not allow",
        Effect::NoImpact => "is not needed",
    }
}

fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

fn element(element: &Element) -> String {
    format!("{element:?}")
}
