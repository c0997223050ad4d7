//! XML as federation reads it: one parser (uppsala) for metadata and assertions, without document types,
//! processing instructions, deep nesting or repeated ids, so that nothing is left to interpret twice.

use super::Why;
use std::collections::HashSet;
use uppsala::parser::Parser;
use uppsala::{Document, NodeId, NodeKind};

/// A namespace and a local name.
pub(super) type Name = (&'static str, &'static str);

/// Parses a document, which must be text of at most `most` characters.
///
/// # Errors
/// When it is longer, declares a document type, is not well-formed, is nested deeply, has hundreds of
/// attributes on an element, holds a processing instruction, uses an id twice, or names a namespace at length.
pub(super) fn parse(text: &str, most: usize) -> Result<Document<'_>, Why> {
    if text.len() > most && text.chars().count() > most {
        return Err("the document is too long");
    }
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err("the document declares a document type");
    }
    // No '<' stands within a tag, so a tag and the text behind it lie between two of them.
    if text.split('<').any(|piece| piece.bytes().filter(|byte| *byte == b'=').count() > MOST_ATTRIBUTES) {
        return Err("an element has too many attributes");
    }
    let parser = Parser::new().with_forbid_dtd(true).with_max_depth(DEPTH).with_max_entity_expansion(0);
    let document = parser.parse(text).map_err(|_| "the document is not well-formed XML")?;
    check_nodes(&document)?;
    Ok(document)
}

/// The root element.
///
/// # Errors
/// When it has another name.
pub(super) fn root(document: &Document<'_>, name: Name) -> Result<NodeId, Why> {
    let root = document.document_element().filter(|node| is(document, *node, name));
    root.ok_or("the root element is another one")
}

/// True when the node is an element of this name.
pub(super) fn is(document: &Document<'_>, node: NodeId, (namespace, local): Name) -> bool {
    document.element(node).is_some_and(|element| element.matches_name_ns(namespace, local))
}

/// The elements of this name anywhere in the document.
pub(super) fn all(document: &Document<'_>, (namespace, local): Name) -> Vec<NodeId> {
    document.get_elements_by_tag_name_ns(namespace, local)
}

/// The child elements.
pub(super) fn elements<'d>(document: &'d Document<'_>, node: NodeId) -> impl Iterator<Item = NodeId> + 'd {
    document.children_iter(node).filter(|child| document.element(*child).is_some())
}

/// The child elements of this name.
pub(super) fn children(document: &Document<'_>, node: NodeId, (namespace, local): Name) -> Vec<NodeId> {
    document.child_elements_by_name_ns(node, namespace, local)
}

/// The one child element of this name, if there is any.
///
/// # Errors
/// When there are several.
pub(super) fn child(document: &Document<'_>, node: NodeId, name: Name) -> Result<Option<NodeId>, Why> {
    match children(document, node, name).as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err("an element that comes once comes several times"),
    }
}

/// The one child element of this name.
///
/// # Errors
/// When there is none, or several.
pub(super) fn only(document: &Document<'_>, node: NodeId, name: Name) -> Result<NodeId, Why> {
    child(document, node, name)?.ok_or("an element is missing")
}

/// The value of an attribute that is in no namespace.
pub(super) fn attribute<'d>(document: &'d Document<'_>, node: NodeId, name: &str) -> Option<&'d str> {
    let attributes = &document.element(node)?.attributes;
    let found = attributes.iter().find(|a| a.name.namespace_uri.is_none() && a.name.local_name == name);
    found.map(|attribute| attribute.value.as_ref())
}

/// The whole text below a node, joined over comments and CDATA sections, without white space around it.
pub(super) fn text(document: &Document<'_>, node: NodeId) -> String {
    let text = document.text_content_deep(node);
    text.trim_matches(|c: char| c.is_ascii_whitespace()).to_owned()
}

fn check_nodes(document: &Document<'_>) -> Result<(), Why> {
    let mut ids = HashSet::new();
    for node in document.descendants(document.root()) {
        match document.node_kind(node) {
            Some(NodeKind::ProcessingInstruction(_)) => {
                return Err("the document holds a processing instruction");
            }
            Some(NodeKind::Element(element)) => {
                if element.namespace_declarations.iter().any(|(_, uri)| uri.len() > LONGEST_NAMESPACE) {
                    return Err("the name of a namespace is too long");
                }
                let named = element.attributes.iter().filter(|a| IDS.contains(&a.name.local_name.as_ref()));
                for id in named {
                    if !ids.insert(id.value.as_ref()) {
                        return Err("an id comes twice");
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Attributes that some reader of XML takes for an element's id.
const IDS: [&str; 5] = ["ID", "Id", "id", "iD", "AssertionID"];
/// The most attributes and namespaces on an element: the parser compares each with each.
const MOST_ATTRIBUTES: usize = 256;
/// The longest name of a namespace, in bytes: canonicalisation repeats it on every element that uses it.
const LONGEST_NAMESPACE: usize = 256;
/// The deepest nesting; what identity providers write is less than half as deep.
const DEPTH: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Why {
        parse(text, 10_000).map(drop).unwrap_err()
    }

    #[test]
    fn sam_03_document_types_are_refused_before_parsing() {
        assert!(parse("<r>text</r>", 100).is_ok());
        for text in [
            "<!DOCTYPE r><r/>",
            "<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><r>&e;</r>",
            "<!DOCTYPE r SYSTEM \"http://127.0.0.1/x.dtd\"><r/>",
            "<!DOCTYPE r [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>",
            "<r><!ENTITY e \"x\"></r>",
        ] {
            assert_eq!(refused(text), "the document declares a document type", "{text}");
        }
        for text in ["<r>&e;</r>", "<!doctype r><r/>", "<r a=\"&e;\"/>"] {
            assert_eq!(refused(text), "the document is not well-formed XML", "{text}");
        }
    }

    #[test]
    fn ids_are_unique_in_every_spelling() {
        assert!(parse("<r ID=\"a\"><s ID=\"b\"/></r>", 100).is_ok());
        for text in [
            "<r ID=\"a\"><s ID=\"a\"/></r>",
            "<r ID=\"a\"><s id=\"a\"/></r>",
            "<r ID=\"a\" Id=\"a\"/>",
            "<r ID=\"a\"><s xml:id=\"a\"/></r>",
            "<r ID=\"a\"><s xmlns:x=\"y\" x:ID=\"a\"/></r>",
        ] {
            assert_eq!(refused(text), "an id comes twice", "{text}");
        }
    }

    #[test]
    fn processing_instructions_and_depth_are_refused() {
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(parse(&deep(60), 10_000).is_ok());
        assert_eq!(refused(&deep(70)), "the document is not well-formed XML");
        assert_eq!(refused("<r><?php x?></r>"), "the document holds a processing instruction");
        assert_eq!(refused(&" ".repeat(10_001)), "the document is too long");
    }

    #[test]
    fn text_is_whole_and_attributes_are_plain() {
        let document = parse("<r xmlns:x=\"y\" x:a=\"1\" b=\"2\"> ad<!-- x -->min<![CDATA[@x]]> </r>", 1000);
        let document = document.unwrap();
        let root = document.document_element().unwrap();
        assert_eq!(text(&document, root), "admin@x");
        assert_eq!((attribute(&document, root, "a"), attribute(&document, root, "b")), (None, Some("2")));
    }
}
