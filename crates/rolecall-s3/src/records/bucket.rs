//! A bucket. Names are unique in the installation.

use super::{Document, Record, Tags};
use rolecall_core::id::AccountId;
pub(crate) use rolecall_core::target::PublicAccess;
use rolecall_core::target::{BucketPolicy, ResourcePolicy};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it and its objects.
    pub owner: AccountId,
    /// The region it is in.
    pub region: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// Its policy.
    pub policy: Option<Arc<Document>>,
    /// True when its policy is public.
    pub policy_is_public: bool,
    /// Its tags.
    pub tags: Tags,
    /// What it blocks of public access; `None` when that was deleted, which blocks nothing.
    pub public_access: Option<PublicAccess>,
}

impl Record for Bucket {
    const FORMAT: u8 = 1;
}

impl Bucket {
    /// True when a public policy gives other accounts, and callers without one, nothing.
    pub fn is_restricted(&self) -> bool {
        self.policy_is_public && self.public_access.is_some_and(|set| set.restrict)
    }

    /// What a decision on it, or on an object in it, reads of it.
    pub fn resource_policy(&self) -> ResourcePolicy {
        ResourcePolicy::Bucket(BucketPolicy {
            document: self.policy.clone(),
            restricted: self.is_restricted(),
            public_access: self.public_access.unwrap_or_default(),
        })
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.name)
    }
}

/// The ARN of a bucket of this name.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}
