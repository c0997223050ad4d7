//! The verdict: the decision with everything that led to it. Messages, explanations and the
//! simulator are renderings of it.

/// Allowed or not, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// A statement that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The layer its policy belongs to.
    pub layer: Layer,
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

/// What came out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The layer that a denial is blamed on (AWS names one only).
    pub because: Option<Layer>,
    /// The statements that apply, layer by layer; for an explicit deny only denials.
    pub matched: Vec<Matched>,
    /// What each layer that exists for the request says, in the order of [`Layer`].
    pub layers: Vec<(Layer, Outcome)>,
    /// Condition keys the evaluated statements asked for and the context lacked.
    pub missing: Vec<String>,
}

impl Verdict {
    /// True when the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.decision == Decision::Allow
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
        let matched = Matched {
            layer,
            policy: "arn:aws:iam::123456789012:policy/p".into(),
            managed,
            sid: None,
            position: (1, 1),
            end: (1, 2),
            deny: true,
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
