//! Documents that other programs signed and encrypted, and what must not pass for them.

mod bounds;
mod metadata;
mod wrapping;

use super::testing::{Draft, ISSUED, document};
use super::{Refusal, Trust, read_metadata, verify};
use crate::saml::response::Verified;
use base64::Engine;
use proptest::prelude::*;
use zeroize::Zeroizing;

/// What `verify` says under the metadata given.
fn verified(text: &str, metadata: &str) -> Result<Verified, Refusal> {
    let metadata = read_metadata(metadata, ISSUED).unwrap();
    let key = super::private_key(document("key-decryption.pem")).unwrap();
    let private_keys: [Zeroizing<Vec<u8>>; 1] = [key];
    let trust = Trust {
        certificates: &metadata.certificates,
        private_keys: &private_keys,
        must_encrypt: false,
        now: ISSUED,
    };
    verify(text, &trust)
}

fn ours(text: &str) -> Result<Verified, Refusal> {
    verified(text, document("metadata-rsa.xml"))
}

fn refused(text: &str) -> &'static str {
    match ours(text).unwrap_err() {
        Refusal::Invalid(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_signxml_signs_and_xmlsec1_encrypts_is_believed() {
    let rsa = document("metadata-rsa.xml");
    for (name, text, metadata) in [
        ("assertion signed", document("assertion-signed.xml"), rsa),
        ("response signed", document("response-signed.xml"), rsa),
        ("both signed", document("both-signed.xml"), rsa),
        ("SHA-512", document("rsa-sha512.xml"), rsa),
        ("RSA of 1024 bits", document("rsa1024.xml"), document("metadata-rsa1024.xml")),
        ("ECDSA", document("ecdsa-sha256.xml"), document("metadata-ec.xml")),
        ("encrypted, GCM", document("encrypted-gcm.xml"), rsa),
        ("encrypted, CBC, both signed", document("encrypted-cbc.xml"), rsa),
    ] {
        let verified = verified(text, metadata).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert!(verified.assertion.starts_with("<saml:Assertion "), "{name}");
        assert!(verified.assertion.contains(">alice</saml:NameID>"), "{name}");
        let foreign = super::read_metadata(metadata, ISSUED).unwrap();
        let trust = Trust {
            certificates: &foreign.certificates,
            private_keys: &[],
            must_encrypt: false,
            now: i64::MAX,
        };
        assert!(verify(text, &trust).is_err(), "{name}: no certificate is in force");
    }
}

#[test]
fn sam_08_only_the_providers_keys_and_sha_2_count() {
    ours(document("assertion-signed.xml")).unwrap();
    for (text, why) in [
        (document("refused-other-key.xml"), "the signature is none of the provider's keys'"),
        (document("refused-sha1.xml"), "the digest method is below SHA-256"),
        (document("refused-sha1-digest.xml"), "the digest method is below SHA-256"),
        (document("refused-hmac.xml"), "the signature method is not RSA (PKCS #1 v1.5) or ECDSA with SHA-2"),
        (document("refused-inclusive.xml"), "the canonicalisation is not the exclusive one without comments"),
        (document("unsigned.xml"), "neither the response nor the assertion is signed"),
        (document("refused-encrypted-unsigned.xml"), "neither the response nor the assertion is signed"),
    ] {
        assert_eq!(refused(text), why);
    }
    let rsa_sha1 = document("assertion-signed.xml").replace("xmldsig-more#rsa-sha256", "xmldsig#rsa-sha1");
    assert_eq!(refused(&rsa_sha1), "the signature method is not RSA (PKCS #1 v1.5) or ECDSA with SHA-2");
    let good = document("assertion-signed.xml");
    let md5 = good.replace("2001/04/xmldsig-more#rsa-sha256", "2001/04/xmldsig-more#rsa-md5");
    assert_eq!(refused(&md5), "the signature method is not RSA (PKCS #1 v1.5) or ECDSA with SHA-2");
    for pss in ["2007/05/xmldsig-more#rsa-pss", "2007/05/xmldsig-more#sha256-rsa-MGF1"] {
        let why = refused(&good.replace("2001/04/xmldsig-more#rsa-sha256", pss));
        assert!(why.contains("RSASSA-PSS") && why.contains("PKCS1-v1_5"), "{pss}: {why}");
    }
    for other in [document("metadata-ec.xml"), document("metadata-rsa1024.xml")] {
        let why = verified(document("assertion-signed.xml"), other).unwrap_err();
        assert_eq!(why, Refusal::Invalid("the signature is none of the provider's keys'"));
    }
}

#[test]
fn sam_05_what_cannot_be_canonicalised_is_refused() {
    let good = Draft::good().signed();
    ours(&good).unwrap();
    let list = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let prefixes = "<e:InclusiveNamespaces xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"";
    let many = format!("{list}{prefixes}{}\"/>", "p ".repeat(33));
    assert_eq!(refused(&good.replace(list, &many)), "the list of prefixes is too long");
    let digest = |text: &str| {
        base64::engine::general_purpose::STANDARD
            .encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
    };
    let start = good.find("<ds:DigestValue>").unwrap() + "<ds:DigestValue>".len();
    let of_nothing = [&good[..start], &digest(""), &good[good.find("</ds:DigestValue>").unwrap()..]].concat();
    assert_eq!(refused(&of_nothing), "the digest is another one");
    let emptied = good.replace("exc-c14n#\"></ds:Transform>", "exc-c14n#WithComments\"></ds:Transform>");
    assert_eq!(refused(&emptied), "the canonicalisation is not the exclusive one without comments");
    for transform in ["REC-xslt-19991116", "REC-xpath-19991116", "xmldsig-filter2"] {
        let uri = format!("http://www.w3.org/TR/1999/{transform}");
        let changed = good.replace("http://www.w3.org/2000/09/xmldsig#enveloped-signature", &uri);
        assert_eq!(
            refused(&changed),
            "the transforms are not enveloped-signature and exclusive canonicalisation"
        );
    }
}

#[test]
fn sam_04_text_is_whole_over_comments_and_sections() {
    let signed = Draft::good()
        .with(">alice</saml:NameID>", ">admin<!-- x -->.evil<![CDATA[@x]]></saml:NameID>")
        .signed();
    let verified = ours(&signed).unwrap();
    assert!(verified.assertion.contains(">admin.evil@x</saml:NameID>"), "{}", verified.assertion);
    let cut = signed.replace("admin<!-- x -->.evil<![CDATA[@x]]>", "admin.evil<!-- -->@x");
    assert_eq!(ours(&cut).unwrap().assertion, verified.assertion, "comments change nothing");
    for changed in ["admin<!-- .evil -->", "admin", "admin<?x .evil@x?>"] {
        assert!(ours(&signed.replace("admin<!-- x -->.evil<![CDATA[@x]]>", changed)).is_err(), "{changed}");
    }
}

#[test]
fn an_encrypted_assertion_needs_the_right_key_and_can_be_demanded() {
    let metadata = read_metadata(document("metadata-rsa.xml"), ISSUED).unwrap();
    let right = super::private_key(document("key-decryption.pem")).unwrap();
    let wrong = super::private_key(document("key-signing.pem")).unwrap();
    let verify = |text: &str, keys: &[Zeroizing<Vec<u8>>], must_encrypt| {
        verify(
            text,
            &Trust { certificates: &metadata.certificates, private_keys: keys, must_encrypt, now: ISSUED },
        )
    };
    let (encrypted, plain) = (document("encrypted-gcm.xml"), document("assertion-signed.xml"));
    let both = [wrong.clone(), right.clone()];
    for keys in [&both[1..], &both[..]] {
        assert!(verify(encrypted, keys, true).is_ok());
        assert!(verify(plain, keys, false).is_ok());
        let why = verify(plain, keys, true).unwrap_err();
        assert_eq!(why, Refusal::Invalid("the assertion is not encrypted, as the provider requires"));
    }
    for keys in [&both[..1], &[]] {
        let why = verify(encrypted, keys, false).unwrap_err();
        assert_eq!(why, Refusal::Invalid("no private key opens the content key"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is changed: either the response is refused, or exactly what was signed is read.
    #[test]
    fn sam_01_no_change_is_read(at: prop::sample::Index, with in "[ -~]{0,4}", cut in 0_usize..6) {
        for text in [document("assertion-signed.xml"), document("response-signed.xml")] {
            let at = at.index(text.len());
            let end = (at + cut).min(text.len());
            let changed = [&text[..at], with.as_str(), &text[end..]].concat();
            if let Ok(seen) = ours(&changed) {
                prop_assert_eq!(&seen.assertion, &ours(text).unwrap().assertion);
            }
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        prop_assert!(ours(&text).is_err());
    }
}
