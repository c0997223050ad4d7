//! What a provider says of somebody.

use crate::saml::Mark;
use rolecall_policy::Value;
use std::borrow::Cow;

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
    pub keys: Vec<ConditionKey>,
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
    pub once: Option<Mark>,
}

/// A condition key and its value.
pub type ConditionKey = (Cow<'static, str>, Value<'static>);

/// Tags: keys and values.
pub type Tags = Vec<(String, String)>;
