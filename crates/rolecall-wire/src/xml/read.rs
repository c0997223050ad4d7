//! The bounded XML reader: no DTD, no entities but the five, limited depth and size.

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

/// An element: its local name, its text and its children in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// The name without its namespace prefix.
    pub name: String,
    /// The namespace of the name, for the outermost element only; `None` for none.
    pub namespace: Option<String>,
    /// The attributes by their local names.
    pub attributes: Vec<(String, String)>,
    /// The text directly inside, not trimmed.
    pub text: String,
    /// The elements directly inside.
    pub children: Vec<Node>,
}

impl Node {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|c| c.name == name)
    }
}

/// Reads a document; `None` when it is not well-formed UTF-8 XML, has a DTD, another entity than
/// XML's five, more than [`MAX_ELEMENTS`] elements or deeper nesting than [`MAX_NESTING`].
pub fn parse(body: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let mut tree = Tree::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => tree.open(&tag)?,
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => tree.text(&resolve(&entity)?)?,
            Event::Decl(_) | Event::Comment(_) => {}
            Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => return tree.finish(),
        }
    }
}

/// The elements open so far and, once it is closed, the root.
#[derive(Default)]
struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        self.elements += 1;
        let room = self.open.len() < MAX_NESTING && self.elements <= MAX_ELEMENTS && self.root.is_none();
        let name = tag.local_name().into_inner().to_owned();
        let namespace = if self.open.is_empty() { namespace(tag)? } else { None };
        let attributes = attributes(tag)?;
        room.then(|| self.open.push(Node { name, namespace, attributes, ..Node::default() }))
    }

    fn close(&mut self) -> Option<()> {
        let node = self.open.pop()?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None => return text.trim().is_empty().then_some(()),
        }
        Some(())
    }

    fn finish(self) -> Option<Node> {
        if self.open.is_empty() { self.root } else { None }
    }
}

/// What the prefix of a name, or the lack of one, stands for; `None` when a prefix stands for nothing.
fn namespace(tag: &BytesStart<'_>) -> Option<Option<String>> {
    let prefix = tag.name().prefix().map(|prefix| prefix.into_inner().to_owned());
    let declared = match &prefix {
        Some(prefix) => ["xmlns:", prefix].concat(),
        None => "xmlns".to_owned(),
    };
    let attribute = tag.attributes().take(MAX_ATTRIBUTES).flatten().find(|a| a.key.into_inner() == declared);
    let Some(attribute) = attribute else { return prefix.is_none().then_some(None) };
    let value = unescape(&attribute.value).ok()?.into_owned();
    Some((!value.is_empty()).then_some(value))
}

fn attributes(tag: &BytesStart<'_>) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for attribute in tag.attributes().take(MAX_ATTRIBUTES + 1) {
        let attribute = attribute.ok()?;
        let value = unescape(&attribute.value).ok()?.into_owned();
        found.push((attribute.key.local_name().into_inner().to_owned(), value));
    }
    (found.len() <= MAX_ATTRIBUTES).then_some(found)
}

fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    if let Some(c) = entity.resolve_char_ref().ok()? {
        return Some(c.to_string());
    }
    resolve_xml_entity(entity).map(str::to_owned)
}

/// The deepest nesting read.
pub const MAX_NESTING: usize = 32;

/// The most elements read: DeleteObjects names 1,000 objects, CompleteMultipartUpload 10,000 parts.
pub const MAX_ELEMENTS: usize = 100_000;

const MAX_ATTRIBUTES: usize = 16;
