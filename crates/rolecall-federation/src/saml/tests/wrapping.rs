//! Signature wrapping, and doubles of what comes once: refused.

use super::{document, ours, refused};
use crate::saml::testing::{doubles, wrappings};

#[test]
fn sam_01_wrapped_signatures_are_refused() {
    for good in [document("assertion-signed.xml"), document("response-signed.xml")] {
        assert!(ours(good).unwrap().assertion.contains(">alice<"));
    }
    for (name, text) in wrappings() {
        assert!(text.contains(">admin<"), "{name}");
        assert!(ours(&text).is_err(), "{name}");
        assert_ne!(refused(&text), "the document is not well-formed XML", "{name} is well-formed");
    }
}

#[test]
fn sam_02_what_comes_once_comes_once() {
    ours(document("both-signed.xml")).unwrap();
    for (name, text) in doubles() {
        assert!(ours(&text).is_err(), "{name}");
        assert_ne!(refused(&text), "the document is not well-formed XML", "{name} is well-formed");
    }
}
