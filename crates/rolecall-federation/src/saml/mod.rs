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
mod refusal;
mod replay;
mod response;
mod signature;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod xml;

pub use claims::{Expected, RolePair, Said};
pub use decrypt::private_key;
pub use metadata::{Metadata, read as read_metadata};
pub use refusal::Refusal;
pub use replay::{Mark, Redeemed};
pub use response::{Trust, Verified, verify};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why something is refused, in words for the operator's log.
pub type Why = &'static str;

/// What a response says, as it was posted (base64), once it is verified.
///
/// # Errors
/// When nobody vouches for it, it vouches for nobody, or it does not say what it must.
pub fn read(posted: &str, trust: &Trust<'_>, expected: &Expected<'_>) -> Result<Said, Refusal> {
    let text = base64_text(posted).and_then(|bytes| String::from_utf8(bytes).ok());
    claims::read(&verify(&text.ok_or(Refusal::NotBase64)?, trust)?, expected)
}

/// Base64 with white space in it, as files and XML have it, and nothing else that is not base64.
fn base64_text(text: &str) -> Option<Vec<u8>> {
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
