//! An identity provider for tests: the documents that signxml signed, and a signer of its own for what those
//! do not say. All of them are issued at the start of 2040.

use super::canonical::canonical;
use super::xml;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra::xml::nodeset::NodeSet;

/// A document of `testdata`.
macro_rules! document {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/federation/saml/testdata/", $name))
    };
}
pub(crate) use document;

/// When the documents were issued, in seconds since 1970.
pub(crate) const ISSUED: i64 = 2_208_988_800;
/// The provider whose metadata `metadata-rsa.xml` is.
pub(crate) const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/ADFS";
/// The role that the documents name.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/ADFS-Production";

/// What a response says, before it is signed.
pub(crate) struct Draft {
    text: String,
}

impl Draft {
    /// One that is right in everything.
    pub(crate) fn new() -> Self {
        let text = document!("unsigned.xml")
            .replace("</saml:Issuer><samlp:Status>", "</saml:Issuer><!--response--><samlp:Status>");
        Self {
            text: text
                .replace("</saml:Issuer><saml:Subject>", "</saml:Issuer><!--assertion--><saml:Subject>"),
        }
    }

    /// The same with one text in place of another, which must be there.
    pub(crate) fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.text.contains(old), "{old}");
        self.text = self.text.replace(old, new);
        self
    }

    /// The same with one more attribute of AWS's.
    pub(crate) fn attribute(self, name: &str, values: &[&str]) -> Self {
        self.named(&format!("https://aws.amazon.com/SAML/Attributes/{name}"), values)
    }

    /// The same with one more attribute.
    pub(crate) fn named(self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|v| format!("<saml:AttributeValue>{v}</saml:AttributeValue>"));
        let values: String = values.collect();
        let more =
            format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute></saml:AttributeStatement>");
        self.with("</saml:AttributeStatement>", &more)
    }

    /// The document with its assertion signed.
    pub(crate) fn signed(self) -> String {
        signed(&self.text, "assertion")
    }

    /// The document with its response signed.
    pub(crate) fn signed_response(self) -> String {
        signed(&self.text, "response")
    }
}

/// A document as requests carry it.
pub(crate) fn posted(text: &str) -> String {
    STANDARD.encode(text)
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
    let der = super::private_key(document!("key-signing.pem")).unwrap();
    let key = RsaKeyPair::from_pkcs8(&der).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    STANDARD.encode(signature)
}
