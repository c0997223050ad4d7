//! Encrypted assertions (XML Encryption 1.1): a content key under the provider's RSA key, the assertion
//! under the content key.

use super::xml::{self, Name};
use super::{DS, SAML, Why, base64_text};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use bergshamra::crypto::cipher;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use uppsala::{Document, NodeId};
use zeroize::Zeroizing;

/// The text of a response with its encrypted assertion decrypted in place, by the first of `keys` (PKCS #8)
/// that can.
///
/// # Errors
/// When the encryption is of a kind that is not served, or no key opens it. The reasons are for the log
/// only: callers learn the same of all of them.
pub(super) fn in_place(
    text: &str,
    document: &Document<'_>,
    keys: &[Zeroizing<Vec<u8>>],
) -> Result<String, Why> {
    let [encrypted] = xml::all(document, ENCRYPTED_ASSERTION)[..] else {
        return Err("there is not exactly one encrypted assertion");
    };
    let plain = decrypt(document, encrypted, keys)?;
    let plain = std::str::from_utf8(&plain).map_err(|_| "the decrypted assertion is not text")?;
    let place = document.node_range(encrypted).ok_or("the encrypted assertion has no place")?;
    let (before, after) = (text.get(..place.start), text.get(place.end..));
    let (Some(before), Some(after)) = (before, after) else {
        return Err("the encrypted assertion has no place");
    };
    Ok([before, without_declaration(plain), after].concat())
}

/// A private key given as PEM (PKCS #8, or PKCS #1 as older tools write it), as PKCS #8.
pub fn private_key(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let der = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
        PrivateKeyDer::Pkcs8(key) => Zeroizing::new(key.secret_pkcs8_der().to_vec()),
        PrivateKeyDer::Pkcs1(key) => wrapped(key.secret_pkcs1_der()),
        _ => return None,
    };
    let key = PrivateDecryptingKey::from_pkcs8(&der).ok()?;
    let fits = key.key_size_bits() <= LARGEST_KEY;
    fits.then(|| AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'static>>::as_der(&key).ok()).flatten().map(|_| der)
}

fn decrypt(document: &Document<'_>, encrypted: NodeId, keys: &[Zeroizing<Vec<u8>>]) -> Result<Vec<u8>, Why> {
    let data = xml::only(document, encrypted, (ENC, "EncryptedData"))?;
    let algorithm = method(document, data)?;
    let length = content_key_length(algorithm).ok_or("the assertion is not encrypted with AES")?;
    let [sealed_key] = xml::all(document, (ENC, "EncryptedKey"))[..] else {
        return Err("there is not exactly one encrypted key");
    };
    let key = content_key(document, sealed_key, keys)?;
    if key.len() != length {
        return Err("the content key has another length than its algorithm's");
    }
    let cipher = cipher::from_uri(algorithm).map_err(|_| "the cipher is not served")?;
    cipher.decrypt(&key, &cipher_value(document, data)?).map_err(|_| "the assertion cannot be decrypted")
}

fn content_key(
    document: &Document<'_>,
    node: NodeId,
    keys: &[Zeroizing<Vec<u8>>],
) -> Result<Zeroizing<Vec<u8>>, Why> {
    let oaep = oaep(document, node)?;
    let sealed = cipher_value(document, node)?;
    let open = |key: &Zeroizing<Vec<u8>>| {
        let key = OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(key).ok()?).ok()?;
        let mut plain = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key.decrypt(oaep, &sealed, &mut plain, None).ok()?.len();
        plain.truncate(length);
        Some(plain)
    };
    keys.iter().find_map(open).ok_or("no private key opens the content key")
}

/// RSA-OAEP with one hash for both of its uses, SHA-1 unless named (XML Encryption 1.1, §5.5.2). Its hash
/// needs no collision resistance.
fn oaep(document: &Document<'_>, node: NodeId) -> Result<&'static OaepAlgorithm, Why> {
    let (uri, method) = (method(document, node)?, xml::only(document, node, METHOD)?);
    let named = |name: Name| -> Result<Option<&str>, Why> {
        let found = xml::child(document, method, name)?;
        Ok(found.and_then(|node| xml::attribute(document, node, "Algorithm")))
    };
    let digest = named((DS, "DigestMethod"))?.and_then(hash_name).unwrap_or("sha1");
    let mask = match uri {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => "sha1",
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => {
            named((ENC11, "MGF"))?.and_then(hash_name).unwrap_or("sha1")
        }
        _ => return Err("the content key is not encrypted with RSA-OAEP"),
    };
    match (digest, mask) {
        ("sha1", "sha1") => Ok(&OAEP_SHA1_MGF1SHA1),
        ("sha256", "sha256") => Ok(&OAEP_SHA256_MGF1SHA256),
        ("sha384", "sha384") => Ok(&OAEP_SHA384_MGF1SHA384),
        ("sha512", "sha512") => Ok(&OAEP_SHA512_MGF1SHA512),
        _ => Err("RSA-OAEP with two different hashes is not served"),
    }
}

/// `sha256` of both `…xmlenc#sha256` and `…xmlenc11#mgf1sha256`.
fn hash_name(uri: &str) -> Option<&str> {
    uri.rsplit_once('#').map(|(_, name)| name.strip_prefix("mgf1").unwrap_or(name))
}

fn content_key_length(uri: &str) -> Option<usize> {
    Some(match uri {
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" | "http://www.w3.org/2009/xmlenc11#aes128-gcm" => 16,
        "http://www.w3.org/2001/04/xmlenc#aes192-cbc" | "http://www.w3.org/2009/xmlenc11#aes192-gcm" => 24,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" | "http://www.w3.org/2009/xmlenc11#aes256-gcm" => 32,
        _ => return None,
    })
}

fn method<'d>(document: &'d Document<'_>, node: NodeId) -> Result<&'d str, Why> {
    let method = xml::only(document, node, METHOD)?;
    xml::attribute(document, method, "Algorithm").ok_or("an encryption method has no algorithm")
}

fn cipher_value(document: &Document<'_>, node: NodeId) -> Result<Vec<u8>, Why> {
    let data = xml::only(document, node, (ENC, "CipherData"))?;
    let value = xml::only(document, data, (ENC, "CipherValue"))?;
    base64_text(&xml::text(document, value)).ok_or("a cipher value is not base64")
}

fn without_declaration(plain: &str) -> &str {
    let declared = plain.trim_start_matches('\u{feff}').trim_start();
    declared.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(declared, |(_, rest)| rest)
}

/// PKCS #8 around an RSA key in PKCS #1 (RFC 5208, §5).
fn wrapped(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = Zeroizing::new(der(0x04, pkcs1));
    let body = Zeroizing::new([VERSION_AND_ALGORITHM, key.as_slice()].concat());
    Zeroizing::new(der(0x30, &body))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    let head = match u8::try_from(content.len()) {
        Ok(short @ ..=0x7f) => vec![tag, short],
        _ => [&[tag, 0x80 | u8::try_from(significant.len()).unwrap_or(8)], significant.as_slice()].concat(),
    };
    [head.as_slice(), content].concat()
}

/// The element around an encrypted assertion.
pub(super) const ENCRYPTED_ASSERTION: Name = (SAML, "EncryptedAssertion");
const METHOD: Name = (ENC, "EncryptionMethod");
const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const ENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// Larger keys make a decryption, which anybody can ask for, too dear. In bits.
const LARGEST_KEY: usize = 4096;
/// Version 0 and `rsaEncryption`.
const VERSION_AND_ALGORITHM: &[u8] = &[
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
    0x00,
];
