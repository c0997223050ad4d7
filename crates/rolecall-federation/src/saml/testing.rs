//! An identity provider for tests: the documents that signxml signed, and a signer of its own for what those
//! do not say. All of them are issued at the start of 2040.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests alone use it, those of other crates, too"
)]

mod wrapping;

pub use wrapping::{doubles, wrappings};

use super::canonical::canonical;
use super::xml;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra::xml::nodeset::NodeSet;

/// When the documents were issued, in seconds since 1970.
pub const ISSUED: i64 = 2_208_988_800;
/// The provider whose metadata `metadata-rsa.xml` is.
pub const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/ADFS";
/// The role that the documents name.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/ADFS-Production";

/// What a response says, before it is signed.
pub struct Draft {
    text: String,
}

impl Draft {
    /// One that is right in everything.
    pub fn good() -> Self {
        let text = document("unsigned.xml")
            .replace("</saml:Issuer><samlp:Status>", "</saml:Issuer><!--response--><samlp:Status>");
        Self {
            text: text
                .replace("</saml:Issuer><saml:Subject>", "</saml:Issuer><!--assertion--><saml:Subject>"),
        }
    }

    /// The same with one text in place of another, which must be there.
    pub fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.text.contains(old), "{old}");
        self.text = self.text.replace(old, new);
        self
    }

    /// The same with one more attribute of AWS's.
    pub fn attribute(self, name: &str, values: &[&str]) -> Self {
        self.named(&format!("https://aws.amazon.com/SAML/Attributes/{name}"), values)
    }

    /// The same with one more attribute.
    pub fn named(self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|v| format!("<saml:AttributeValue>{v}</saml:AttributeValue>"));
        let values: String = values.collect();
        let more =
            format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute></saml:AttributeStatement>");
        self.with("</saml:AttributeStatement>", &more)
    }

    /// The document with its assertion signed.
    pub fn signed(self) -> String {
        signed(&self.text, "assertion")
    }

    /// The document with its response signed.
    pub fn signed_response(self) -> String {
        signed(&self.text, "response")
    }
}

/// A document as requests carry it.
pub fn posted(text: &str) -> String {
    STANDARD.encode(text)
}

/// A document of `testdata`.
pub const fn document(name: &str) -> &'static str {
    let mut n = 0;
    while !is_same(DOCUMENTS[n].0, name) {
        n += 1;
    }
    DOCUMENTS[n].1
}

/// Whether two texts are the same, also in a constant.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut n = 0;
    while n < one.len() && n < other.len() && one[n] == other[n] {
        n += 1;
    }
    n == one.len() && n == other.len()
}

/// Fills the mark of an element with a signature by the key of `metadata-rsa.xml`.
fn signed(text: &str, what: &str) -> String {
    let document = xml::parse(text, 1_000_000).unwrap();
    let root = document.document_element().unwrap();
    let element = match what {
        "response" => root,
        _ => xml::only(&document, root, (super::SAML, "Assertion")).unwrap(),
    };
    let bytes = canonical(&document, &NodeSet::tree_without_comments(element, &document), &[]).unwrap();
    let id = xml::attribute(&document, element, "ID").unwrap();
    let info = signed_info(id, &STANDARD.encode(digest(&SHA256, &bytes)));
    let signature = sign(info.as_bytes());
    let info = info.replace(&format!(" xmlns:ds=\"{}\"", super::DS), "");
    let signature = format!(
        "<ds:Signature xmlns:ds=\"{}\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue></ds:Signature>",
        super::DS
    );
    text.replacen(&format!("<!--{what}-->"), &signature, 1)
}

fn signed_info(id: &str, digest: &str) -> String {
    format!(
        "<ds:SignedInfo xmlns:ds=\"{}\"><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
         </ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">\
         </ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform \
         Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform \
         Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{digest}\
         </ds:DigestValue></ds:Reference></ds:SignedInfo>",
        super::DS
    )
}

fn sign(message: &[u8]) -> String {
    let der = super::private_key(document("key-signing.pem")).unwrap();
    let key = RsaKeyPair::from_pkcs8(&der).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    STANDARD.encode(signature)
}

const DOCUMENTS: [(&str, &str); 20] = [
    ("assertion-signed.xml", include_str!("testdata/assertion-signed.xml")),
    ("both-signed.xml", include_str!("testdata/both-signed.xml")),
    ("ecdsa-sha256.xml", include_str!("testdata/ecdsa-sha256.xml")),
    ("encrypted-cbc.xml", include_str!("testdata/encrypted-cbc.xml")),
    ("encrypted-gcm.xml", include_str!("testdata/encrypted-gcm.xml")),
    ("key-decryption.pem", include_str!("testdata/key-decryption.pem")),
    ("key-signing.pem", include_str!("testdata/key-signing.pem")),
    ("metadata-ec.xml", include_str!("testdata/metadata-ec.xml")),
    ("metadata-rsa.xml", include_str!("testdata/metadata-rsa.xml")),
    ("metadata-rsa1024.xml", include_str!("testdata/metadata-rsa1024.xml")),
    ("refused-encrypted-unsigned.xml", include_str!("testdata/refused-encrypted-unsigned.xml")),
    ("refused-hmac.xml", include_str!("testdata/refused-hmac.xml")),
    ("refused-inclusive.xml", include_str!("testdata/refused-inclusive.xml")),
    ("refused-other-key.xml", include_str!("testdata/refused-other-key.xml")),
    ("refused-sha1-digest.xml", include_str!("testdata/refused-sha1-digest.xml")),
    ("refused-sha1.xml", include_str!("testdata/refused-sha1.xml")),
    ("response-signed.xml", include_str!("testdata/response-signed.xml")),
    ("rsa-sha512.xml", include_str!("testdata/rsa-sha512.xml")),
    ("rsa1024.xml", include_str!("testdata/rsa1024.xml")),
    ("unsigned.xml", include_str!("testdata/unsigned.xml")),
];
