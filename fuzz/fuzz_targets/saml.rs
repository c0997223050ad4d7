//! Any text as a response and as metadata, and a signed response changed at will: reading ends, and nothing is
//! believed but what was signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_federation::saml::{Trust, Verified, read_metadata, verify};
use std::sync::LazyLock;

/// A signed document, and what is believed of it.
struct Known {
    text: &'static str,
    believed: Verified,
}

static CERTIFICATES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| read_metadata(METADATA, ISSUED).unwrap().certificates);
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let documents = [include_str!("../../crates/rolecall-federation/src/saml/testdata/assertion-signed.xml"), include_str!("../../crates/rolecall-federation/src/saml/testdata/both-signed.xml")];
    documents.map(|text| Known { text, believed: read(text).unwrap() }).into()
});

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert!(read(text).is_none_or(|seen| KNOWN.iter().any(|known| known.believed.assertion == seen.assertion)));
    let _ = read_metadata(text, ISSUED);
    for known in KNOWN.iter() {
        let seen = read(&changed(known.text, text));
        assert!(seen.is_none_or(|seen| seen.assertion == known.believed.assertion));
    }
});

fn read(text: &str) -> Option<Verified> {
    let trust = Trust { certificates: &CERTIFICATES, private_keys: &[], must_encrypt: false, now: ISSUED };
    verify(text, &trust).ok()
}

/// The document with pieces of it replaced: the characters of an edit say where,
/// from where or how much, and what with: a piece of the document itself, or the rest of the edit up to a tab.
fn changed(document: &str, edits: &str) -> String {
    let mut text = document.to_owned();
    for edit in edits.split('\t').take(4) {
        let mut numbers = edit.chars().map(|c| c as usize);
        let mut place = || (numbers.next().unwrap_or(0) & 0x7f) * 64 + (numbers.next().unwrap_or(0) & 0x3f);
        let (at, from) = (place(), place());
        let with: String = match edit.chars().nth(4) {
            Some('=') => document.chars().skip(from).take(400).collect(),
            _ => edit.chars().skip(5).collect(),
        };
        let length = from % 256;
        let (head, tail) = (text.chars().take(at), text.chars().skip(at + length));
        text = head.chain(with.chars()).chain(tail).collect();
    }
    text
}

const METADATA: &str = include_str!("../../crates/rolecall-federation/src/saml/testdata/metadata-rsa.xml");
/// The start of 2040, when the documents were issued.
const ISSUED: i64 = 2_208_988_800;
