//! Federation, as this server takes part in it: what it knows of identity providers, those they vouch for, and its
//! own word. What providers say is verified by rolecall-federation; from an [`Assertion`] on there is one way to a
//! session (`ops/sts/federated.rs`).

pub mod issuer;
#[cfg(test)]
pub(crate) mod testing;

use crate::id::AccountId;
use rolecall_federation::{Assertion, Voucher, oidc, saml};
use rolecall_policy::{Principal, PrincipalKind};

/// What a running system knows of identity providers.
#[derive(Default)]
pub struct Federation {
    pub(crate) keys: oidc::Keys,
    pub(crate) redeemed: saml::Redeemed,
}

/// Somebody whom a provider vouches for, as a decision sees him.
#[derive(Debug, Clone)]
pub(crate) struct Federated {
    /// What the provider says.
    pub assertion: Assertion,
    /// The principal of the decision: matched by `Federated` or `Service` principals of the provider's name only.
    pub principal: Principal,
}

impl Federated {
    /// The one an assertion is about, asking for a role of `account`.
    pub(crate) fn new(account: &AccountId, assertion: Assertion) -> Self {
        let name = assertion.provider.clone();
        let (kind, account) = match assertion.from {
            Voucher::Provider => (PrincipalKind::Federated { provider: name }, account.to_string()),
            Voucher::Service => (PrincipalKind::Service { name }, String::new()),
        };
        let principal = Principal { kind, account, arn: assertion.provider.clone() };
        Self { assertion, principal }
    }
}
