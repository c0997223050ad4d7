//! A response's way from text to what is verified: shape, signatures, decryption.

use super::canonical::{self, canonical, text};
use super::certificate::SigningCertificate;
use super::decrypt::{self, ENCRYPTED_ASSERTION};
use super::signature::{self, SIGNATURE};
use super::xml::{self, Name};
use super::{Refusal, SAML, SAMLP, Why};
use bergshamra::xml::nodeset::NodeSet;
use uppsala::{Document, NodeId};
use zeroize::Zeroizing;

/// What a provider's responses are held to.
pub struct Trust<'a> {
    /// The certificates of its metadata, DER.
    pub certificates: &'a [Vec<u8>],
    /// The keys that assertions are encrypted for, PKCS #8.
    pub private_keys: &'a [Zeroizing<Vec<u8>>],
    /// Whether assertions must be encrypted.
    pub must_encrypt: bool,
    /// Seconds since 1970.
    pub now: i64,
}

/// A response whose signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The response. Signed, when the provider signs responses; then these are the digested bytes.
    pub response: String,
    /// The assertion alone: digested bytes, or the element within them.
    pub assertion: String,
}

/// Verifies a response.
///
/// # Errors
/// When nobody vouches for it, or it vouches for nobody.
pub fn verify(text: &str, trust: &Trust<'_>) -> Result<Verified, Refusal> {
    let certificates: Vec<SigningCertificate> = trust
        .certificates
        .iter()
        .filter_map(|der| SigningCertificate::read(der).ok())
        .filter(|certificate| certificate.is_valid(trust.now))
        .collect();
    let document = xml::parse(text, LONGEST)?;
    check_status(&document)?;
    let (root, encrypted) = check_shape(&document)?;
    if trust.must_encrypt && !encrypted {
        return Err("the assertion is not encrypted, as the provider requires".into());
    }
    let signed_response = signature::verified(&document, root, &certificates)?;
    let is_signed = signed_response.is_some();
    let mut response = signed_response.unwrap_or_else(|| text.to_owned());
    if encrypted {
        response = decrypted(&response, trust)?;
    }
    let assertion = assertion(&response, is_signed, &certificates)?;
    Ok(Verified { response, assertion })
}

/// Responses of failure hold no assertion, and mostly no signature.
fn check_status(document: &Document<'_>) -> Result<(), Refusal> {
    let root = xml::root(document, (SAMLP, "Response"))?;
    let status = xml::only(document, root, (SAMLP, "Status"))?;
    let code = xml::only(document, status, (SAMLP, "StatusCode"))?;
    if xml::attribute(document, code, "Value") == Some(SUCCESS) { Ok(()) } else { Err(Refusal::Rejected) }
}

fn decrypted(response: &str, trust: &Trust<'_>) -> Result<String, Why> {
    let document = xml::parse(response, canonical::LONGEST)?;
    decrypt::in_place(response, &document, trust.private_keys)
}

/// The assertion: its own digested bytes when it is signed, else the element of a signed response.
fn assertion(response: &str, is_signed: bool, certificates: &[SigningCertificate]) -> Result<String, Why> {
    let document = xml::parse(response, canonical::LONGEST)?;
    let (root, encrypted) = check_shape(&document)?;
    if encrypted {
        return Err("the assertion is encrypted twice");
    }
    let assertion = xml::only(&document, root, ASSERTION)?;
    match signature::verified(&document, assertion, certificates)? {
        Some(bytes) => Ok(bytes),
        None if is_signed => Ok(alone(&document, assertion)?),
        None => Err("neither the response nor the assertion is signed"),
    }
}

/// An element as a document of its own, with the namespaces that it uses.
fn alone(document: &Document<'_>, element: NodeId) -> Result<String, Why> {
    let nodes = NodeSet::tree_without_comments(element, document);
    text(canonical(document, &nodes, &[])?)
}

/// A `Response` with one assertion, or one encrypted one, as its child; no other anywhere; and signatures
/// only where they sign: in the response and in the assertion. Tells whether it is encrypted.
fn check_shape(document: &Document<'_>) -> Result<(NodeId, bool), Why> {
    let root = xml::root(document, (SAMLP, "Response"))?;
    let plain = xml::all(document, ASSERTION);
    let encrypted = xml::all(document, ENCRYPTED_ASSERTION);
    let (assertion, is_encrypted) = match (plain.as_slice(), encrypted.as_slice()) {
        ([one], []) => (*one, false),
        ([], [one]) => (*one, true),
        _ => return Err("there is not exactly one assertion"),
    };
    if document.parent(assertion) != Some(root) {
        return Err("the assertion is not a child of the response");
    }
    let stands_well = |node: &NodeId| {
        document.parent(*node).is_some_and(|parent| parent == root || (parent == assertion && !is_encrypted))
    };
    if xml::all(document, SIGNATURE).iter().all(stands_well) {
        Ok((root, is_encrypted))
    } else {
        Err("a signature stands elsewhere than in what it signs")
    }
}

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const ASSERTION: Name = (SAML, "Assertion");
/// The longest document, in characters: what the model allows of base64.
const LONGEST: usize = 100_000;
