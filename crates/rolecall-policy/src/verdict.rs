//! The verdict: the decision with everything that led to it. Messages, explanations and the
//! simulator are renderings of it.

use crate::grantee::Class;

/// Allowed or not, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Decision {
    /// Some policy allows it and none denies.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// No policy allows it, or a layer that must allow does not.
    #[default]
    ImplicitDeny,
}

/// A kind of policy that takes part in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// The resource's policy.
    Resource,
    /// The role's trust policy.
    Trust,
    /// Session policies.
    Session,
    /// The permissions boundary.
    Boundary,
    /// Identity policies.
    Identity,
}

/// What a layer says about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A statement allows and none denies; for control policies, on every level.
    Allows,
    /// A statement denies.
    Denies,
    /// No statement applies, or none on some level.
    Silent,
}

/// The decision and whom a denial is blamed on: all that a request needs to know on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ruling {
    /// The decision.
    pub decision: Decision,
    /// The layer that a denial is blamed on (AWS names one only).
    pub because: Option<Layer>,
}

/// What came out, and everything that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The layer that a denial is blamed on (AWS names one only).
    pub because: Option<Layer>,
    /// What each layer that exists for the request says, in the order of [`Layer`].
    pub layers: Vec<LayerOutcome>,
    /// The statements that apply, layer by layer.
    pub matched: Vec<Examined>,
    /// The statements that name action, resource and principal, but whose conditions do not hold.
    pub unmet: Vec<Examined>,
    /// Statements that would allow but for one element; at most [`NEAR_MISSES`].
    pub near: Vec<NearMiss>,
    /// Condition keys the evaluated statements asked for and the context lacked.
    pub missing: Vec<String>,
}

/// What a layer says, and each of its levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerOutcome {
    /// The layer.
    pub layer: Layer,
    /// What it says as a whole.
    pub outcome: Outcome,
    /// What its levels say, root first. Layers other than control policies have one.
    pub levels: Vec<Outcome>,
}

/// A statement with what was found about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The layer its policy belongs to.
    pub layer: Layer,
    /// The level of the layer, from 0 at the root.
    pub level: usize,
    /// The policy's ARN or name.
    pub policy: String,
    /// True when `policy` is an ARN that a message may name.
    pub managed: bool,
    /// The statement's `Sid`, if it has one.
    pub sid: Option<String>,
    /// Line and column of the statement, from 1.
    pub position: (usize, usize),
    /// Line and column after the statement's last character.
    pub end: (usize, usize),
    /// True for `Deny`.
    pub deny: bool,
    /// How closely it names the principal; `None` when it does not.
    pub class: Option<Class>,
    /// Its conditions, one by one.
    pub conditions: Vec<Tested>,
}

/// A condition with what the request has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Such as `ForAnyValue:StringLike`.
    pub operator: String,
    /// The key, as the policy spells it.
    pub key: String,
    /// The values, as the policy spells them.
    pub expected: Vec<String>,
    /// The request's values; `None` when it has none.
    pub actual: Option<Vec<String>>,
    /// True when the condition is met.
    pub holds: bool,
}

/// A statement that would allow but for one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The statement.
    pub statement: Examined,
    /// What stands in the way.
    pub element: Element,
    /// The element's entries, as they were written; for a condition, its values.
    pub expected: Vec<String>,
    /// True for `NotAction`, `NotResource` and `NotPrincipal`.
    pub negated: bool,
}

/// An element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// The condition at that place of [`Examined::conditions`].
    Condition(usize),
}

/// How many [`Verdict::near`] are kept.
pub const NEAR_MISSES: usize = 32;

impl Ruling {
    /// True when the request is allowed.
    pub fn is_allowed(self) -> bool {
        self.decision == Decision::Allow
    }
}

impl Verdict {
    /// True when the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.decision == Decision::Allow
    }

    /// The same without the explanation.
    pub fn ruling(&self) -> Ruling {
        Ruling { decision: self.decision, because: self.because }
    }

    /// The statements that decided: for an explicit deny only denials.
    pub fn deciding(&self) -> impl Iterator<Item = &Examined> {
        self.matched.iter().filter(|m| m.deny || self.decision != Decision::ExplicitDeny)
    }

    /// What a layer says; `None` when it does not exist for the request.
    pub fn outcome(&self, layer: Layer) -> Option<Outcome> {
        self.layers.iter().find(|found| found.layer == layer).map(|found| found.outcome)
    }

    /// The reason part of AWS's denial message, such as `because no identity-based policy allows
    /// the s3:GetObject action`; `None` when allowed (IAM User Guide, Troubleshoot access denied
    /// error messages).
    pub fn reason(&self, action: &str) -> Option<String> {
        let layer = self.because?;
        match self.decision {
            Decision::Allow => None,
            Decision::ImplicitDeny => Some(format!("because no {} allows the {action} action", layer.name())),
            Decision::ExplicitDeny => {
                let policy = self.named(layer).map(|arn| format!(": {arn}")).unwrap_or_default();
                Some(format!("with an explicit deny in {} {}{policy}", layer.article(), layer.name()))
            }
        }
    }

    /// The denying policy's ARN, where a message may name it.
    fn named(&self, layer: Layer) -> Option<&str> {
        let nameable = !matches!(layer, Layer::Resource | Layer::Trust);
        let denial = self.matched.iter().find(|m| m.layer == layer && m.deny && nameable)?;
        denial.managed.then_some(denial.policy.as_str())
    }
}

impl Layer {
    fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Session => "session policy",
            Self::Boundary => "permissions boundary",
            Self::Identity => "identity-based policy",
        }
    }

    fn article(self) -> &'static str {
        match self {
            Self::Trust => "the",
            Self::Identity => "an",
            _ => "a",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(decision: Decision, layer: Layer, managed: bool) -> Verdict {
        let matched = Examined {
            layer,
            level: 0,
            policy: "arn:aws:iam::123456789012:policy/p".into(),
            managed,
            sid: None,
            position: (1, 1),
            end: (1, 2),
            deny: true,
            class: Some(Class::Direct),
            conditions: Vec::new(),
        };
        Verdict { decision, because: Some(layer), matched: vec![matched], ..Verdict::default() }
    }

    #[test]
    fn reasons_are_those_of_aws() {
        for (layer, implicit, explicit) in [
            (
                Layer::Identity,
                "because no identity-based policy allows the X action",
                "with an explicit deny in an identity-based policy",
            ),
            (
                Layer::Boundary,
                "because no permissions boundary allows the X action",
                "with an explicit deny in a permissions boundary",
            ),
            (
                Layer::Session,
                "because no session policy allows the X action",
                "with an explicit deny in a session policy",
            ),
            (
                Layer::Resource,
                "because no resource-based policy allows the X action",
                "with an explicit deny in a resource-based policy",
            ),
            (
                Layer::Trust,
                "because no role trust policy allows the X action",
                "with an explicit deny in the role trust policy",
            ),
            (
                Layer::ServiceControl,
                "because no service control policy allows the X action",
                "with an explicit deny in a service control policy",
            ),
            (
                Layer::ResourceControl,
                "because no resource control policy allows the X action",
                "with an explicit deny in a resource control policy",
            ),
        ] {
            let reason = |decision, managed| verdict(decision, layer, managed).reason("X");
            assert_eq!(reason(Decision::ImplicitDeny, true).as_deref(), Some(implicit));
            assert_eq!(reason(Decision::ExplicitDeny, false).as_deref(), Some(explicit));
            assert_eq!(reason(Decision::Allow, false), None);
        }
    }

    #[test]
    fn explicit_denials_name_a_managed_policy() {
        let reason = |layer| verdict(Decision::ExplicitDeny, layer, true).reason("X").unwrap();
        assert!(
            reason(Layer::Boundary).ends_with("a permissions boundary: arn:aws:iam::123456789012:policy/p")
        );
        assert!(reason(Layer::Resource).ends_with("a resource-based policy"));
    }
}
