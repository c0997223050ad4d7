//! Exclusive canonicalisation without comments (Exclusive XML Canonicalization 1.0), within bounds: it
//! writes a namespace wherever it is used, so what it makes can be longer than what it is made of.

use super::Why;
use bergshamra::c14n::{C14nMode, C14nSink, canonicalize_doc_to};
use bergshamra::xml::nodeset::NodeSet;
use uppsala::Document;

/// The canonical form of some nodes of a document. An error, and nothing at all, refuse.
///
/// # Errors
/// When it is empty or longer than [`LONGEST`], or the library fails.
pub(super) fn canonical(
    document: &Document<'_>,
    nodes: &NodeSet,
    prefixes: &[String],
) -> Result<Vec<u8>, Why> {
    let mut bounded = Bounded::default();
    canonicalize_doc_to(document, C14nMode::Exclusive, Some(nodes), prefixes, &mut bounded)
        .map_err(|_| "the document cannot be canonicalised")?;
    match bounded {
        Bounded { overflows: true, .. } => Err("the canonical form is too long"),
        Bounded { bytes, .. } if bytes.is_empty() => Err("there is nothing to digest"),
        Bounded { bytes, .. } => Ok(bytes),
    }
}

/// Canonical bytes as text, to be parsed again.
///
/// # Errors
/// When they are none, which no parsed document gives.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, Why> {
    String::from_utf8(bytes).map_err(|_| "the canonical form is not text")
}

/// Takes in so many bytes and no more.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    overflows: bool,
}

impl C14nSink for Bounded {
    fn write(&mut self, more: &[u8]) {
        self.overflows |= self.bytes.len() + more.len() > LONGEST;
        if !self.overflows {
            self.bytes.extend_from_slice(more);
        }
    }
}

/// The longest canonical form, in bytes.
pub(super) const LONGEST: usize = 400_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::xml;

    #[test]
    fn sam_05_nothing_and_too_much_are_errors() {
        let users = format!("<r xmlns:n=\"urn:{}\">{}</r>", "x".repeat(200), "<n:a/>".repeat(3_000));
        let document = xml::parse(&users, 100_000).unwrap();
        let all = NodeSet::all(&document);
        assert_eq!(canonical(&document, &all, &[]).unwrap_err(), "the canonical form is too long");
        assert_eq!(canonical(&document, &NodeSet::new(), &[]).unwrap_err(), "there is nothing to digest");
        let document = xml::parse("<r b='2' a='1'/>", 100).unwrap();
        let bytes = canonical(&document, &NodeSet::all(&document), &[]).unwrap();
        assert_eq!(text(bytes).unwrap(), "<r a=\"1\" b=\"2\"></r>");
    }
}
