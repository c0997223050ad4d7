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
    /// True for `Deny`.
    pub deny: bool,
}

/// What came out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The layer that a denial is blamed on (AWS names one only).
    pub because: Option<Layer>,
    /// The statements that decided: for an explicit deny only denials.
    pub matched: Vec<Matched>,
    /// Condition keys the evaluated statements asked for and the context lacked.
    pub missing: Vec<String>,
}

impl Verdict {
    /// True when the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.decision == Decision::Allow
    }

    /// The reason part of AWS's denial message, such as `because no identity-based policy allows
    /// the s3:GetObject action`; `None` when allowed.
    pub fn reason(&self, _action: &str) -> Option<String> {
        None
    }
}
