//! The managed policies of AWS, read-only and the same in every account.
//!
//! Their documents come from the data of the PyPI package `moto` (Apache-2.0; see `data/SOURCE`):
//! an index and, for each policy, its document deflated on its own, so that a server holds in memory
//! only what is used.

use crate::id::AccountId;
use flate2::read::DeflateDecoder;
use rolecall_policy::{Kind, Policy};
use serde::Deserialize;
use std::io::Read;
use std::sync::{LazyLock, OnceLock};

/// A policy that AWS manages.
#[derive(Debug)]
pub struct AwsPolicy {
    /// What the index says of it.
    pub entry: Entry,
    compiled: OnceLock<Option<Policy>>,
}

/// A row of the index.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its path, such as `/` or `/service-role/`.
    pub path: String,
    /// The id of its only version here, such as `v3`.
    pub version: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// When its version was made, in seconds since 1970.
    pub updated: i64,
    /// Where its deflated document starts in the data.
    pub offset: usize,
    /// How long the deflated document is.
    pub length: usize,
}

impl AwsPolicy {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{PREFIX}{}{}", self.entry.path, self.entry.name)
    }

    /// Its document's text.
    pub fn text(&self) -> Option<String> {
        let packed = DOCUMENTS.get(self.entry.offset..self.entry.offset + self.entry.length)?;
        let mut text = String::new();
        DeflateDecoder::new(packed).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Its compiled policy.
    pub fn policy(&self) -> Option<&Policy> {
        self.compiled.get_or_init(|| Policy::parse(&self.text()?, Kind::Identity).ok()).as_ref()
    }
}

/// True for the ARN of a policy that AWS manages, existing or not.
pub fn is_aws(arn: &str) -> bool {
    arn.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('/'))
}

/// The policy of an ARN.
pub fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let rest = arn.strip_prefix(PREFIX)?;
    let name = rest.rsplit('/').next()?;
    let at = POLICIES.binary_search_by(|p| p.entry.name.as_str().cmp(name)).ok()?;
    POLICIES.get(at).filter(|p| rest.strip_suffix(name) == Some(&p.entry.path))
}

/// All of them, by name.
pub fn all() -> &'static [AwsPolicy] {
    &POLICIES
}

/// The name in the ARN of a customer managed policy of an account; `None` for any other text.
pub fn local_name<'a>(account: &AccountId, arn: &'a str) -> Option<&'a str> {
    let rest = arn.strip_prefix("arn:aws:iam::")?.strip_prefix(account.as_str())?;
    rest.strip_prefix(":policy/")?.rsplit('/').next().filter(|name| !name.is_empty())
}

static POLICIES: LazyLock<Vec<AwsPolicy>> = LazyLock::new(|| {
    let mut index = String::new();
    let _ = DeflateDecoder::new(INDEX).read_to_string(&mut index);
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap_or_default();
    entries.into_iter().map(|entry| AwsPolicy { entry, compiled: OnceLock::new() }).collect()
});

const PREFIX: &str = "arn:aws:iam::aws:policy";
static INDEX: &[u8] = include_bytes!("../data/aws-managed-policies.index");
static DOCUMENTS: &[u8] = include_bytes!("../data/aws-managed-policies.documents");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_that_everybody_uses_are_there() {
        assert_eq!(all().len(), 1582);
        for (arn, version) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", "v1"),
            ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "v3"),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", "v190"),
            ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "v1"),
            ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "v46"),
        ] {
            assert_eq!(find(arn).unwrap().entry.version, version, "{arn}");
        }
        assert!(find("arn:aws:iam::aws:policy/job-function/AdministratorAccess").is_none());
        assert!(find("arn:aws:iam::123456789012:policy/AdministratorAccess").is_none());
    }

    #[test]
    fn every_one_of_them_compiles() {
        for policy in all() {
            let text = policy.text().unwrap();
            let parsed = Policy::parse(&text, Kind::Identity);
            assert!(parsed.is_ok(), "{}: {:?}", policy.arn(), parsed.err());
        }
    }

    #[test]
    fn a_local_name_is_the_last_part_of_an_arn_of_the_account() {
        let account = "123456789012".parse().unwrap();
        assert_eq!(local_name(&account, "arn:aws:iam::123456789012:policy/a/b/Name"), Some("Name"));
        assert_eq!(local_name(&account, "arn:aws:iam::210987654321:policy/Name"), None);
        assert_eq!(local_name(&account, "Name"), None);
    }
}
