//! Metadata documents, good and bad.

use super::document;
use crate::saml::read_metadata;
use crate::saml::testing::ISSUED;

#[test]
fn metadata_say_who_signs_with_what() {
    let metadata = read_metadata(document("metadata-rsa.xml"), ISSUED).unwrap();
    assert_eq!(metadata.entity_id, "http://adfs.example.com/adfs/services/trust");
    assert_eq!((metadata.certificates.len(), metadata.valid_until), (1, None));
    let marked = format!("\u{feff}<?xml version=\"1.0\"?>{}", document("metadata-rsa.xml"));
    assert_eq!(read_metadata(&marked, ISSUED).unwrap(), metadata, "as AD FS exports it");
    let good = document("metadata-rsa.xml");
    let until = |time: &str| {
        good.replacen("<EntityDescriptor ", &format!("<EntityDescriptor validUntil=\"{time}\" "), 1)
    };
    let ends = read_metadata(&until("2040-01-01T00:00:01Z"), ISSUED).unwrap().valid_until;
    assert_eq!(ends, Some(ISSUED + 1));
    assert_eq!(
        read_metadata(&until("2040-01-01T00:00:00Z"), ISSUED).unwrap_err(),
        "the metadata's validUntil has passed"
    );
}

#[test]
fn metadata_that_cannot_be_used_are_refused() {
    let good = document("metadata-rsa.xml");
    read_metadata(good, ISSUED).unwrap();
    let certificate = |text: &str| {
        let start = good.find("<X509Certificate>").unwrap() + "<X509Certificate>".len();
        let end = good.find("</X509Certificate>").unwrap();
        good.replace(&good[start..end], text)
    };
    for (text, why) in [
        (String::new(), "the document is not well-formed XML"),
        (good.replace("</EntityDescriptor>", ""), "the document is not well-formed XML"),
        (format!("<!DOCTYPE x>{good}"), "the document declares a document type"),
        (good.replace("EntityDescriptor", "EntitiesDescriptor"), "the root element is another one"),
        (good.replace("entityID=", "entityId="), "the entityID is missing or too long"),
        (good.replace("IDPSSODescriptor", "SPSSODescriptor"), "there is no IDPSSODescriptor"),
        (
            good.replace("use=\"signing\"", "use=\"encryption\""),
            "there is no certificate for signing, or there are more than 16",
        ),
        (certificate("not base64!"), "a certificate is not base64"),
        (certificate("AAAA"), "a certificate is malformed"),
        (
            good.replacen("<EntityDescriptor ", "<EntityDescriptor validUntil=\"soon\" ", 1),
            "validUntil is no time",
        ),
    ] {
        assert_eq!(read_metadata(&text, ISSUED).unwrap_err(), why);
    }
    let expired = "every certificate for signing has expired or is not yet valid";
    assert_eq!(read_metadata(good, 4_000_000_000).unwrap_err(), expired);
    assert_eq!(read_metadata(good, 0).unwrap_err(), expired);
}
