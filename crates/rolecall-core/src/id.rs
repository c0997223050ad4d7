//! Identifiers: account ids, unique entity ids and access key ids, parsed once and never mixed up.

use crate::entropy::random;
use crate::error::Error;
use arrayvec::ArrayString;
use data_encoding::{BASE32, HEXLOWER};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An AWS account id: twelve decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(ArrayString<12>);

/// What a request is called in its answer, in the audit log and in the log: a UUID, or S3's 16 characters.
pub type RequestId = ArrayString<36>;

/// A string that is not what its type demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not {1}")]
pub struct NotAnId(String, &'static str);

/// What an identifier names, by its four-letter prefix (IAM User Guide, IAM identifiers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `AIDA`: a user.
    User,
    /// `AROA`: a role.
    Role,
    /// `AGPA`: a group.
    Group,
    /// `ANPA`: a managed policy.
    Policy,
    /// `AIPA`: an instance profile.
    InstanceProfile,
    /// `AKIA`: a long-term access key.
    AccessKey,
    /// `APKA`: a public key.
    PublicKey,
    /// `ASIA`: a temporary access key.
    SessionKey,
}

impl AccountId {
    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of the account's root user, which also stands for the account in policies.
    pub fn root_arn(&self) -> String {
        ["arn:aws:iam::", self.as_str(), ":root"].concat()
    }

    /// The canonical user id by which S3 names the account as an owner: 64 hex digits.
    pub fn canonical_id(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.0.as_bytes());
        HEXLOWER.encode(digest.as_ref())
    }

    fn number(&self) -> u64 {
        self.0.parse().unwrap_or(0)
    }
}

impl FromStr for AccountId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let is_one = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let id = ArrayString::from(text).ok().filter(|_| is_one);
        id.map(Self).ok_or_else(|| NotAnId(text.to_owned(), "a 12-digit account id"))
    }
}

impl TryFrom<String> for AccountId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Prefix {
    /// The four letters.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
            Self::InstanceProfile => "AIPA",
            Self::AccessKey => "AKIA",
            Self::PublicKey => "APKA",
            Self::SessionKey => "ASIA",
        }
    }
}

/// A new unique id of an entity: prefix and 17 characters of `[A-Z2-7]` (85 random bits).
///
/// # Errors
/// When the random generator fails.
pub fn unique_id(prefix: Prefix) -> Result<String, Error> {
    let text = BASE32.encode(&random::<15>()?);
    Ok(format!("{}{}", prefix.letters(), text.get(..17).unwrap_or(&text)))
}

/// The stable unique id of a policy that AWS manages, made from its ARN.
pub fn managed_policy_id(arn: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, arn.as_bytes());
    let text = BASE32.encode(digest.as_ref());
    format!("{}{}", Prefix::Policy.letters(), text.get(..17).unwrap_or(&text))
}

/// A new access key id that encodes its account: the first six of ten bytes hold
/// `1 · account (40 bits) · 7 random bits`, the rest is random.
///
/// # Errors
/// When the random generator fails.
pub fn access_key_id(prefix: Prefix, account: &AccountId) -> Result<String, Error> {
    Ok(access_key_id_from(prefix, account, random()?))
}

/// The same with random bytes that the caller has.
pub(crate) fn access_key_id_from(prefix: Prefix, account: &AccountId, noise: [u8; 5]) -> String {
    let head = 1 << 47 | account.number() << 7 | u64::from(noise[0] & 0x7f);
    let mut bytes = [0; 10];
    bytes[..6].copy_from_slice(&head.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&noise[1..]);
    let mut id = String::with_capacity(20);
    id.push_str(prefix.letters());
    BASE32.encode_append(&bytes, &mut id);
    id
}

/// The account that an access key id encodes; `None` when the id has no such form.
pub fn account_of_access_key(id: &str) -> Option<AccountId> {
    let bytes = BASE32.decode(id.get(4..20)?.as_bytes()).ok()?;
    let head = bytes.iter().take(6).fold(0_u64, |n, b| n << 8 | u64::from(*b));
    format!("{:012}", (head & 0x7fff_ffff_ff80) >> 7).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_published_key_id_names_its_account() {
        assert_eq!(account_of_access_key("ASIAQNZGKIQY56JQ7WML").unwrap().as_str(), "029608264753");
    }

    #[test]
    fn ids_have_awss_shape() {
        let id = unique_id(Prefix::Role).unwrap();
        assert_eq!((id.len(), &id[..4]), (21, "AROA"));
        assert!(managed_policy_id("arn:aws:iam::aws:policy/X").starts_with("ANPA"));
    }

    #[test]
    fn account_ids_are_twelve_ascii_digits() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for bad in ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_account_survives_its_key_id(n in 0_u64..1_000_000_000_000) {
            let account: AccountId = format!("{n:012}").parse().unwrap();
            let id = access_key_id(Prefix::SessionKey, &account).unwrap();
            prop_assert_eq!(id.len(), 20);
            prop_assert_eq!(account_of_access_key(&id).unwrap(), account);
        }
    }
}
