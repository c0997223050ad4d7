//! A bucket. Names are unique in the installation.

use super::{Document, Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

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
    pub policy: Option<Document>,
    /// Its tags.
    pub tags: Tags,
}

impl Record for Bucket {
    const FORMAT: u8 = 1;
}

impl Bucket {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&self.name)
    }
}

/// The ARN of a bucket of this name.
pub fn arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}
