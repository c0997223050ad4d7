//! A multipart upload under way, and its parts.

use super::{Checksum, Content, ObjectHeaders, Record, Tags};
use serde::{Deserialize, Serialize};

/// A multipart upload that was created and neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// Its id.
    pub id: String,
    /// The key the object will have.
    pub key: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// The ARN of who created it.
    pub initiator: String,
    /// The headers the object will have.
    pub headers: ObjectHeaders,
    /// The tags the object will have.
    pub tags: Tags,
    /// The checksum algorithm asked for.
    pub checksum_algorithm: Option<String>,
    /// `FULL_OBJECT` or `COMPOSITE`.
    pub checksum_type: Option<String>,
}

/// One uploaded part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Its number, 1 to 10000.
    pub number: u32,
    /// Its size in bytes.
    pub size: u64,
    /// The MD5 of its bytes in hex.
    pub etag: String,
    /// When it was written, in milliseconds since 1970.
    pub modified_ms: i64,
    /// The checksum sent with it.
    pub checksum: Option<Checksum>,
    /// Where its bytes are.
    pub content: Content,
}

impl Record for Upload {
    const FORMAT: u8 = 1;
}

impl Record for Part {
    const FORMAT: u8 = 1;
}
