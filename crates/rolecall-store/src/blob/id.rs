//! The name of a blob: 128 random bits.

use data_encoding::HEXLOWER;
use std::fmt;
use std::io;
use std::str::FromStr;

/// A blob's random id: 32 lowercase hexadecimal digits as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(String);

/// The text is not 32 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a blob id is 32 lowercase hexadecimal digits")]
pub struct BadBlobId;

impl BlobId {
    /// The id as text, for records.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id nobody has.
    pub(super) fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
        Ok(Self(HEXLOWER.encode(&bytes)))
    }

    /// The folder it lies in: its first two digits.
    pub(super) fn folder(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

impl FromStr for BlobId {
    type Err = BadBlobId;

    fn from_str(text: &str) -> Result<Self, BadBlobId> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 32 && text.bytes().all(digit) { Ok(Self(text.into())) } else { Err(BadBlobId) }
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
