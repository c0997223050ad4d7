//! An OpenID Connect provider: an issuer whose tokens an account's roles may trust.

use super::{Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An IAM OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// The account it belongs to.
    pub account: AccountId,
    /// The issuer, exactly as tokens must name it, scheme included.
    pub issuer: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// The audiences it is registered for.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates that vouch for its HTTPS, 40 lower-case hex digits each.
    pub thumbprints: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Record for OidcProvider {
    const FORMAT: u8 = 1;
}

impl OidcProvider {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.account, self.name())
    }

    /// The issuer without its scheme: how ARNs and condition keys name it.
    pub fn name(&self) -> &str {
        name(&self.issuer)
    }
}

/// An issuer without its scheme.
pub(crate) fn name(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, name)| name)
}

/// The ARN of a provider of this name.
pub(crate) fn arn(account: &AccountId, name: &str) -> String {
    ["arn:aws:iam::", account.as_str(), ":oidc-provider/", name].concat()
}
