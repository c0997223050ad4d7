//! An identity provider's metadata (SAML 2.0 Metadata, §2.3 and §2.4): whose word is taken, signed by
//! which keys, and how long.

use super::certificate::SigningCertificate;
use super::xml::{self, Name};
use super::{Why, base64_text, instant};
use uppsala::{Document, NodeId};

/// What of the metadata matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The issuer's name: `entityID`.
    pub entity_id: String,
    /// The certificates it signs with, DER.
    pub certificates: Vec<Vec<u8>>,
    /// When the metadata end, in seconds since 1970, if they say so.
    pub valid_until: Option<i64>,
}

/// Reads a metadata document as of `now`.
///
/// # Errors
/// When it is no `EntityDescriptor` of an identity provider, has run out, or no certificate in it can be
/// used now.
pub fn read(text: &str, now: i64) -> Result<Metadata, Why> {
    let document = xml::parse(text.trim_start_matches('\u{feff}'), LONGEST)?;
    let root = xml::root(&document, (MD, "EntityDescriptor"))?;
    let entity_id = xml::attribute(&document, root, "entityID").unwrap_or_default();
    if entity_id.is_empty() || entity_id.chars().count() > LONGEST_NAME {
        return Err("the entityID is missing or too long");
    }
    let providers = xml::children(&document, root, PROVIDER);
    if providers.is_empty() {
        return Err("there is no IDPSSODescriptor");
    }
    let valid_until = until(&document, root, &providers)?;
    if valid_until.is_some_and(|end| end <= now) {
        return Err("the metadata's validUntil has passed");
    }
    let certificates = certificates(&document, &providers)?;
    check(&certificates, now)?;
    Ok(Metadata { entity_id: entity_id.to_owned(), certificates, valid_until })
}

/// The earliest `validUntil`.
fn until(document: &Document<'_>, root: NodeId, providers: &[NodeId]) -> Result<Option<i64>, Why> {
    let nodes = std::iter::once(&root).chain(providers);
    let texts = nodes.filter_map(|node| xml::attribute(document, *node, "validUntil"));
    let ends: Result<Vec<i64>, Why> = texts.map(|t| instant(t).ok_or("validUntil is no time")).collect();
    Ok(ends?.into_iter().min())
}

/// Those for signing: keys without a use are for everything.
fn certificates(document: &Document<'_>, providers: &[NodeId]) -> Result<Vec<Vec<u8>>, Why> {
    let mut found = Vec::new();
    for key in providers.iter().flat_map(|provider| xml::children(document, *provider, (MD, "KeyDescriptor")))
    {
        if xml::attribute(document, key, "use").is_some_and(|usage| usage != "signing") {
            continue;
        }
        let info = xml::children(document, key, (DS, "KeyInfo"));
        let data = info.iter().flat_map(|node| xml::children(document, *node, (DS, "X509Data")));
        for node in data.flat_map(|node| xml::children(document, node, (DS, "X509Certificate"))) {
            let der = base64_text(&xml::text(document, node)).ok_or("a certificate is not base64")?;
            if !found.contains(&der) {
                found.push(der);
            }
        }
    }
    Ok(found)
}

fn check(certificates: &[Vec<u8>], now: i64) -> Result<(), Why> {
    if certificates.is_empty() || certificates.len() > MOST_CERTIFICATES {
        return Err("there is no certificate for signing, or there are more than 16");
    }
    let read: Result<Vec<_>, Why> = certificates.iter().map(|der| SigningCertificate::read(der)).collect();
    let usable = read?.iter().any(|certificate| certificate.is_valid(now));
    usable.then_some(()).ok_or("every certificate for signing has expired or is not yet valid")
}

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = super::DS;
const PROVIDER: Name = (MD, "IDPSSODescriptor");
/// The longest document, in characters (IAM API Reference, CreateSAMLProvider).
const LONGEST: usize = 10_000_000;
/// The longest `entityID`, in characters (SAML 2.0 Metadata, §2.2.1).
const LONGEST_NAME: usize = 1024;
/// The most certificates: each is tried on every assertion.
const MOST_CERTIFICATES: usize = 16;
