//! A multipart upload under way and its parts, and what remains of one that was completed.

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

/// An upload that was completed: what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completed {
    /// The bucket of the object.
    pub bucket: String,
    /// When that was created, in milliseconds since 1970: one of the same name made later is another.
    pub bucket_created_ms: i64,
    /// The key of the object.
    pub key: String,
    /// The SHA-256 of the numbers and entity tags of the parts named.
    pub parts: [u8; 32],
    /// The entity tag of the object, without quotes.
    pub etag: String,
    /// The checksum of the object.
    pub checksum: Option<Checksum>,
}

impl Record for Completed {
    const FORMAT: u8 = 1;
}

impl Upload {
    /// True when the object's checksum will be that of its parts' checksums.
    pub(crate) fn is_composite(&self) -> bool {
        self.checksum_type.as_deref() == Some("COMPOSITE")
    }
}

impl Record for Upload {
    const FORMAT: u8 = 1;
}

impl Record for Part {
    const FORMAT: u8 = 1;
}
