//! What had to allow a request, one requirement at a time, and what came of each (IAM Toolbox API
//! Reference, Check).

use rolecall_policy::{Class, Decision, Layer, Outcome, PrincipalKind, Verdict};

/// One requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Check {
    /// The layer that had to allow, or could have denied.
    pub layer: Layer,
    /// What came of it.
    pub effect: Effect,
}

/// What came of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A statement allows.
    Allow,
    /// A statement denies.
    ExplicitDeny,
    /// An `Allow` was needed and there is none.
    ImplicitDeny,
    /// Nothing was said, and nothing had to be.
    NoImpact,
}

/// The requirements of a decision, in the order in which AWS lists them. `crosses` tells whether principal
/// and resource belong to two accounts.
pub(crate) fn of(verdict: &Verdict, principal: &PrincipalKind, crosses: bool) -> Vec<Check> {
    let mandatory = verdict.outcome(Layer::Trust).is_some();
    let granted = verdict.decision == Decision::Allow || (!crosses && has_direct_grant(verdict));
    let check = |layer: Layer| {
        let outcome = verdict.layers.iter().find(|found| found.layer == layer).map(|found| found.outcome);
        let effect = match outcome {
            Some(Outcome::Allows) => Effect::Allow,
            Some(Outcome::Denies) => Effect::ExplicitDeny,
            // A role's trust policy is the policy of the resource.
            _ if layer == Layer::Resource && mandatory => return None,
            _ if !applies(layer, outcome, principal, crosses) => return None,
            _ if granted && layer > Layer::Trust => Effect::NoImpact,
            _ => Effect::ImplicitDeny,
        };
        Some(Check { layer, effect })
    };
    ORDER.into_iter().filter_map(check).collect()
}

/// Whether a layer that says nothing is a requirement at all.
fn applies(layer: Layer, outcome: Option<Outcome>, principal: &PrincipalKind, crosses: bool) -> bool {
    let has_policies = matches!(
        principal,
        PrincipalKind::User { .. } | PrincipalKind::RoleSession { .. } | PrincipalKind::FederatedUser { .. }
    );
    match layer {
        Layer::Resource => crosses || !(has_policies || matches!(principal, PrincipalKind::Root)),
        Layer::Identity => has_policies,
        Layer::Session | Layer::Boundary | Layer::ServiceControl | Layer::ResourceControl | Layer::Trust => {
            outcome.is_some()
        }
    }
}

/// A resource's policy that names the principal itself needs nobody else's consent within an account.
fn has_direct_grant(verdict: &Verdict) -> bool {
    verdict.matched.iter().any(|m| m.layer == Layer::Resource && !m.deny && m.class == Some(Class::Direct))
}

const ORDER: [Layer; 7] = [
    Layer::ResourceControl,
    Layer::ServiceControl,
    Layer::Resource,
    Layer::Trust,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
];
