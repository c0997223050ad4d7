//! A SAML identity provider: whose assertions are believed, and how.

use super::{Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// A SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its name, in the case given.
    pub name: String,
    /// Its unique id, which its own sign-in URL ends with.
    pub uuid: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// When its metadata end, in seconds since 1970.
    pub valid_until: i64,
    /// The metadata document, as given.
    pub metadata: String,
    /// What the metadata say: the issuer's name.
    pub entity_id: String,
    /// What the metadata say: the certificates it signs with, DER.
    pub certificates: Vec<Vec<u8>>,
    /// Whether its assertions must be encrypted.
    pub encryption: AssertionEncryption,
    /// The keys that assertions are encrypted for, oldest first.
    pub private_keys: Vec<SealedPrivateKey>,
    /// Its tags.
    pub tags: Tags,
}

/// Whether assertions must be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionEncryption {
    /// They may be.
    Allowed,
    /// They must be.
    Required,
}

/// A private key. It is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPrivateKey {
    /// Its id.
    pub id: String,
    /// When it was added, in seconds since 1970.
    pub added: i64,
    /// PKCS #8, sealed under the ring's stored-secret key and bound to the id.
    pub sealed: Vec<u8>,
}

impl Record for SamlProvider {
    const FORMAT: u8 = 1;
}

impl SamlProvider {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.name)
    }
}

impl AssertionEncryption {
    /// The word AWS has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::Required => "Required",
        }
    }
}

/// The ARN of a SAML provider of this name.
pub(crate) fn arn(account: &AccountId, name: &str) -> String {
    format!("arn:aws:iam::{account}:saml-provider/{name}")
}

/// The account and the name in the ARN of a SAML provider.
pub(crate) fn parse_arn(arn: &str) -> Option<(AccountId, &str)> {
    let (account, name) = arn.strip_prefix("arn:aws:iam::")?.split_once(":saml-provider/")?;
    let account = account.parse().ok()?;
    (!name.is_empty() && !name.contains('/')).then_some((account, name))
}
