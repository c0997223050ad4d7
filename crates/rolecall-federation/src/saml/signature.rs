//! One enveloped signature (XML Signature 1.1, §4 and §6; SAML 2.0 Core, §5.4): verified over exactly the
//! bytes that are handed back.
//!
//! The library canonicalises; what may stand in a signature is decided here, because XML Signature can also
//! fetch, transform and find keys in the document, none of which an identity provider needs.

use super::canonical::{canonical, text};
use super::certificate::{Method, SigningCertificate};
use super::xml::{self, Name};
use super::{DS, Why, base64_text};
use aws_lc_rs::digest;
use bergshamra::xml::nodeset::NodeSet;
use uppsala::{Document, NodeId};

/// The canonical form of `element` without its signature, when it carries one and that holds under one of
/// the certificates; `None` when it carries none.
///
/// # Errors
/// When it is signed in any other way than SAML prescribes, or the signature does not hold.
pub(super) fn verified(
    document: &Document<'_>,
    element: NodeId,
    certificates: &[SigningCertificate],
) -> Result<Option<String>, Why> {
    let Some(signature) = xml::child(document, element, SIGNATURE)? else { return Ok(None) };
    check_parts(document, signature, &[SIGNED_INFO, SIGNATURE_VALUE, (DS, "KeyInfo")])?;
    let info = xml::only(document, signature, SIGNED_INFO)?;
    check_parts(document, info, &[CANONICALIZATION, SIGNATURE_METHOD, REFERENCE])?;
    let bytes = digested(document, element, signature, xml::only(document, info, REFERENCE)?)?;
    let method = algorithm(document, xml::only(document, info, SIGNATURE_METHOD)?);
    let method = Method::of(method).ok_or_else(|| unknown_method(method))?;
    let prefixes = exclusive(document, xml::only(document, info, CANONICALIZATION)?)?;
    let signed = canonical(document, &NodeSet::tree_without_comments(info, document), &prefixes)?;
    let value = base64_of(document, xml::only(document, signature, SIGNATURE_VALUE)?)?;
    if !certificates.iter().any(|c| c.verifies(method, &signed, &value)) {
        return Err("the signature is none of the provider's keys'");
    }
    text(bytes).map(Some)
}

/// The canonical form of the element that the reference names, whose digest is the one signed.
fn digested(
    document: &Document<'_>,
    element: NodeId,
    signature: NodeId,
    reference: NodeId,
) -> Result<Vec<u8>, Why> {
    check_parts(document, reference, &[TRANSFORMS, DIGEST_METHOD, DIGEST_VALUE])?;
    let id = xml::attribute(document, element, "ID").filter(|id| !id.is_empty());
    let named = xml::attribute(document, reference, "URI").and_then(|uri| uri.strip_prefix('#'));
    if id.is_none() || id != named {
        return Err("the signature's reference is not to the element it stands in");
    }
    let prefixes = transforms(document, xml::only(document, reference, TRANSFORMS)?)?;
    let mut covered = NodeSet::tree_without_comments(element, document);
    covered.remove_id(signature);
    document.descendants(signature).into_iter().for_each(|node| covered.remove_id(node));
    let bytes = canonical(document, &covered, &prefixes)?;
    let method = hash(algorithm(document, xml::only(document, reference, DIGEST_METHOD)?));
    let method = method.ok_or("the digest method is below SHA-256")?;
    let expected = base64_of(document, xml::only(document, reference, DIGEST_VALUE)?)?;
    let same = digest::digest(method, &bytes).as_ref() == expected;
    same.then_some(bytes).ok_or("the digest is another one")
}

/// Enveloped signature, then exclusive canonicalisation, and nothing else; gives the latter's prefixes.
fn transforms(document: &Document<'_>, node: NodeId) -> Result<Vec<String>, Why> {
    check_parts(document, node, &[TRANSFORM])?;
    match xml::children(document, node, TRANSFORM).as_slice() {
        [enveloped, canonical] if algorithm(document, *enveloped) == ENVELOPED => {
            check_parts(document, *enveloped, &[])?;
            exclusive(document, *canonical)
        }
        _ => Err("the transforms are not enveloped-signature and exclusive canonicalisation"),
    }
}

/// The prefixes that exclusive canonicalisation treats as inclusive (Exclusive XML Canonicalization, §4).
fn exclusive(document: &Document<'_>, node: NodeId) -> Result<Vec<String>, Why> {
    if algorithm(document, node) != EXCLUSIVE {
        return Err("the canonicalisation is not the exclusive one without comments");
    }
    check_parts(document, node, &[INCLUSIVE_NAMESPACES])?;
    let list = xml::child(document, node, INCLUSIVE_NAMESPACES)?;
    let list = list.and_then(|list| xml::attribute(document, list, "PrefixList")).unwrap_or_default();
    let prefixes: Vec<String> = list.split_ascii_whitespace().map(str::to_owned).collect();
    if prefixes.len() > MOST_PREFIXES { Err("the list of prefixes is too long") } else { Ok(prefixes) }
}

/// Refuses children of other names.
fn check_parts(document: &Document<'_>, node: NodeId, known: &[Name]) -> Result<(), Why> {
    let stranger = |child: NodeId| !known.iter().any(|name| xml::is(document, child, *name));
    if xml::elements(document, node).any(stranger) {
        return Err("the signature holds what no signature of SAML holds");
    }
    Ok(())
}

fn algorithm<'d>(document: &'d Document<'_>, node: NodeId) -> &'d str {
    xml::attribute(document, node, "Algorithm").unwrap_or_default()
}

/// AWS does not say whether it takes RSASSA-PSS; who uses it is told what to change.
fn unknown_method(uri: &str) -> Why {
    match uri.to_ascii_lowercase().ends_with("mgf1") || uri.contains("rsa-pss") {
        true => {
            "the signature method is RSASSA-PSS, which is not taken; let the provider sign with RSASSA-PKCS1-v1_5"
        }
        false => "the signature method is not RSA (PKCS #1 v1.5) or ECDSA with SHA-2",
    }
}

fn base64_of(document: &Document<'_>, node: NodeId) -> Result<Vec<u8>, Why> {
    base64_text(&xml::text(document, node)).ok_or("a value of the signature is not base64")
}

fn hash(uri: &str) -> Option<&'static digest::Algorithm> {
    Some(match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => &digest::SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
        _ => return None,
    })
}

/// The element of a signature.
pub(super) const SIGNATURE: Name = (DS, "Signature");
const SIGNED_INFO: Name = (DS, "SignedInfo");
const SIGNATURE_VALUE: Name = (DS, "SignatureValue");
const CANONICALIZATION: Name = (DS, "CanonicalizationMethod");
const SIGNATURE_METHOD: Name = (DS, "SignatureMethod");
const REFERENCE: Name = (DS, "Reference");
const TRANSFORMS: Name = (DS, "Transforms");
const TRANSFORM: Name = (DS, "Transform");
const DIGEST_METHOD: Name = (DS, "DigestMethod");
const DIGEST_VALUE: Name = (DS, "DigestValue");
const INCLUSIVE_NAMESPACES: Name = (EXCLUSIVE, "InclusiveNamespaces");
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Every element of a document looks at each of them.
const MOST_PREFIXES: usize = 32;
