//! SAML 2.0: an identity provider's response in, what it verifiably says out.
//!
//! The profile is narrow on purpose. A response holds exactly one assertion, plain or encrypted, as a child
//! of its root; every signature in it stands where it signs and must hold; and what is read afterwards is
//! read from the bytes that were digested, parsed anew.

mod attributes;
mod canonical;
mod certificate;
mod claims;
mod decrypt;
mod metadata;
mod replay;
mod response;
mod signature;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use claims::{Expected, Said, read as read_claims};
pub(crate) use decrypt::private_key;
pub use metadata::{Metadata, read as read_metadata};
pub use replay::Mark;
pub(crate) use replay::Redeemed;
pub use response::{Refusal, Trust, Verified, verify};
#[cfg(test)]
pub(crate) use tests::{doubles, wrappings};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why something is refused, for the operator's log; callers hear AWS's sentence.
pub type Why = &'static str;

/// Base64 with white space in it, as files and XML have it, and nothing else that is not base64.
pub(crate) fn base64_text(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// An `xs:dateTime` with its time zone, in seconds since 1970.
fn instant(text: &str) -> Option<i64> {
    text.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// XML Signature.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// SAML assertions.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML protocol.
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
