//! What a request says of its body: the values of `x-amz-content-sha256`.

use super::fault::AuthFault;
use super::key::hex;
use data_encoding::HEXLOWER;

/// The declared payload hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadHash {
    /// Nothing was declared.
    Absent,
    /// The SHA-256 of the body, which must be checked against the bytes received.
    Hex([u8; 32]),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: signed chunks.
    StreamingSigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: signed chunks and a signed trailer.
    StreamingSignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: unsigned chunks and a trailer.
    StreamingUnsignedTrailer,
}

impl PayloadHash {
    /// Reads the value of `x-amz-content-sha256`.
    ///
    /// # Errors
    /// When it is none of the values S3 documents, or one of the SigV4A forms, which are not served.
    pub fn parse(text: &str) -> Result<Self, AuthFault> {
        match text {
            UNSIGNED => Ok(Self::Unsigned),
            SIGNED => Ok(Self::StreamingSigned),
            SIGNED_TRAILER => Ok(Self::StreamingSignedTrailer),
            UNSIGNED_TRAILER => Ok(Self::StreamingUnsignedTrailer),
            ECDSA | ECDSA_TRAILER => Err(AuthFault::PayloadNotImplemented),
            hash => {
                lower_hex(hash).map(Self::Hex).ok_or_else(|| AuthFault::InvalidPayloadHash(hash.to_owned()))
            }
        }
    }

    /// The line that stands for the payload in the canonical request.
    pub fn canonical(&self) -> String {
        match self {
            Self::Hex(hash) => hex(hash),
            Self::Absent | Self::Unsigned => UNSIGNED.to_owned(),
            Self::StreamingSigned => SIGNED.to_owned(),
            Self::StreamingSignedTrailer => SIGNED_TRAILER.to_owned(),
            Self::StreamingUnsignedTrailer => UNSIGNED_TRAILER.to_owned(),
        }
    }

    /// True when the body travels in chunks that must be decoded (`aws-chunked`).
    pub fn is_streaming(&self) -> bool {
        matches!(self, Self::StreamingSigned | Self::StreamingSignedTrailer | Self::StreamingUnsignedTrailer)
    }
}

fn lower_hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    // The library takes a length that does not fit for a fault of the program.
    let fits = text.len() == out.len() * 2;
    (fits && HEXLOWER.decode_mut(text.as_bytes(), &mut out).is_ok()).then_some(out)
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const ECDSA: &str = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
const ECDSA_TRAILER: &str = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_value_reads_back_as_itself() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for text in [UNSIGNED, SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, hex] {
            assert_eq!(PayloadHash::parse(text).unwrap().canonical(), text);
        }
        for text in ["", "abc", &hex[1..], &hex.to_uppercase(), "STREAMING-"] {
            assert!(matches!(PayloadHash::parse(text), Err(AuthFault::InvalidPayloadHash(_))), "{text}");
        }
        assert!(matches!(PayloadHash::parse(ECDSA), Err(AuthFault::PayloadNotImplemented)));
        assert!(matches!(PayloadHash::parse(ECDSA_TRAILER), Err(AuthFault::PayloadNotImplemented)));
    }
}
