//! Federation: what an identity provider vouches for, once its word is verified. OpenID Connect and SAML
//! both end in an [`Assertion`]; from there on there is one way to a session (`ops/sts/federated.rs`).

mod fetch;
pub mod issuer;
pub(crate) mod oidc;
#[cfg(any(test, feature = "testing"))]
#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a stand-in for tests, which end where they meet the unexpected"
)]
pub mod testing;

pub use fetch::{Fetch, FetchError, LONGEST as LONGEST_DOCUMENT, NoWayOut};
pub mod saml;

use crate::id::AccountId;
use crate::records::Tags;
use rolecall_policy::{Principal, PrincipalKind, Value};
use std::borrow::Cow;

/// What a running system knows of identity providers.
#[derive(Default)]
pub struct Federation {
    pub(crate) keys: oidc::Keys,
    pub(crate) redeemed: saml::Redeemed,
}

/// Who vouches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Voucher {
    /// An identity provider, for somebody it has authenticated.
    #[default]
    Provider,
    /// An AWS service, for what runs there; named like `ec2.amazonaws.com`.
    Service,
}

/// What a provider says of somebody, verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assertion {
    /// What kind of voucher it is.
    pub from: Voucher,
    /// The provider's ARN or well-known name: what `Federated` principals name, and what
    /// `aws:FederatedProvider` is in the session's requests.
    pub provider: String,
    /// Who issued it: `iss`, or the SAML issuer.
    pub issuer: String,
    /// Whom it is about: `sub`, or the SAML `NameID`.
    pub subject: String,
    /// Whom it is for: the client id, or the SAML recipient.
    pub audience: String,
    /// The name of the session, where the provider decides it (SAML).
    pub session_name: Option<String>,
    /// The condition keys it adds to the decision on the role, such as `saml:sub`.
    pub keys: Vec<(Cow<'static, str>, Value<'static>)>,
    /// Those that later requests of the session see, too.
    pub carried: Vec<(String, String)>,
    /// Session tags.
    pub tags: Tags,
    /// The keys of the tags that pass on to further sessions.
    pub transitive: Vec<String>,
    /// Who stands behind the session.
    pub source_identity: Option<String>,
    /// When a session made from it ends at the latest, in seconds since 1970.
    pub not_after: Option<i64>,
    /// What is remembered of it when it can be redeemed only once (SAML).
    pub once: Option<saml::Mark>,
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
