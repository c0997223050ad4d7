//! Whom a principal element names.

use super::Question;
use rolecall_policy::{Layer, Principal, PrincipalKind};

/// What a match is worth, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// The account of the caller.
    Account,
    /// The user who asked for a federated user's session.
    Parent,
    /// The role of a session.
    Role,
    /// The caller itself, or everybody.
    Direct,
}

/// A `Principal` or `NotPrincipal` element: kinds and values.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) not: bool,
    pub(crate) names: Vec<(String, String)>,
}

impl Element {
    /// What the element makes of the statement for this caller: `None` when it does not apply.
    pub(crate) fn reach(&self, allow: bool, question: &Question<'_>, layer: Layer) -> Option<Grant> {
        let caller = question.principal;
        let matches: Vec<Grant> = self.names.iter().filter_map(|name| names(name, caller)).collect();
        if !self.not {
            // Web identities and SAML callers are trusted by their provider's name only.
            let foreign = matches!(caller.kind, PrincipalKind::Federated { .. });
            if allow && foreign && layer == Layer::Trust {
                let provider =
                    |(kind, value): &(String, String)| kind == "Federated" && named_provider(value, caller);
                return self.names.iter().any(provider).then_some(Grant::Direct);
            }
            return matches.into_iter().max();
        }
        if allow {
            return matches.is_empty().then_some(Grant::Direct);
        }
        // A Deny spares nobody with a boundary, and others only if all their names are listed.
        let all = |grants: &[Grant]| grants.iter().all(|grant| matches.contains(grant));
        let everybody = self.names.iter().any(|(kind, value)| kind == "AWS" && value == "*");
        let spared = match &caller.kind {
            PrincipalKind::Anonymous => false,
            PrincipalKind::Root => all(&[Grant::Account]),
            PrincipalKind::User { .. } => all(&[Grant::Direct, Grant::Account]),
            PrincipalKind::RoleSession { .. } => all(&[Grant::Direct, Grant::Role, Grant::Account]),
            PrincipalKind::FederatedUser { user_arn, .. } if user_arn.ends_with(":root") => {
                all(&[Grant::Direct, Grant::Account])
            }
            PrincipalKind::FederatedUser { .. } => all(&[Grant::Direct, Grant::Parent, Grant::Account]),
            PrincipalKind::Federated { .. } | PrincipalKind::Service { .. } => all(&[Grant::Direct]),
        };
        (question.bounded || !(spared || everybody)).then_some(Grant::Direct)
    }
}

fn named_provider(value: &str, caller: &Principal) -> bool {
    matches!(&caller.kind, PrincipalKind::Federated { provider } if provider == value)
}

fn names((kind, value): &(String, String), caller: &Principal) -> Option<Grant> {
    if kind == "AWS" && value == "*" {
        return Some(Grant::Direct);
    }
    let direct = |yes: bool| yes.then_some(Grant::Direct);
    match (kind.as_str(), &caller.kind) {
        ("Service", PrincipalKind::Service { name }) => direct(name == value),
        ("Federated", PrincipalKind::Federated { .. }) => direct(named_provider(value, caller)),
        ("AWS", PrincipalKind::Root) => account(value, caller),
        ("AWS", PrincipalKind::User { id }) => {
            direct(value == id || *value == caller.arn).or(account(value, caller))
        }
        ("AWS", PrincipalKind::RoleSession { role_arn, role_id }) => direct(*value == caller.arn)
            .or((value == role_arn || value == role_id).then_some(Grant::Role))
            .or(account(value, caller)),
        ("AWS", PrincipalKind::FederatedUser { user_arn, user_id }) => direct(*value == caller.arn)
            .or(account(value, caller))
            .or((value == user_arn || value == user_id).then_some(Grant::Parent)),
        _ => None,
    }
}

/// An account is named by its number or by the ARN of its root, which begins with the caller's own partition.
fn account(value: &str, caller: &Principal) -> Option<Grant> {
    let account = &caller.account;
    let partition = caller.arn.split(':').nth(1).unwrap_or_default();
    let root = value == format!("arn:{partition}:iam::{account}:root");
    (value == account || root).then_some(Grant::Account)
}
