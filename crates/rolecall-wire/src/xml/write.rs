//! The XML writer.

use crate::plain::is_free_of;
use crate::time;
use crate::write::Writer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// Writes XML into memory. Whatever a text holds, the document stays well-formed.
#[derive(Debug)]
pub struct Xml {
    out: String,
    /// Whether times have digits after the second.
    milliseconds: bool,
}

impl Xml {
    /// A document of a query service.
    pub fn new() -> Self {
        Self { out: String::with_capacity(TYPICAL), milliseconds: false }
    }

    /// A document of S3: with the XML declaration, and times to the millisecond.
    pub fn declared() -> Self {
        Self { out: DECLARATION.to_owned(), milliseconds: true }
    }

    /// Opens a structure and declares its namespace.
    pub fn open_in(&mut self, name: &str, namespace: &str) {
        self.open(name);
        self.attribute("xmlns", namespace);
    }

    /// The document.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.content(text);
        self.close(name);
    }
}

impl Default for Xml {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer for Xml {
    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.pop();
        if name.starts_with("xsi:") {
            self.out.push_str(XSI);
        }
        self.out.extend([" ", name, "=\""]);
        self.content(value);
        self.out.push_str("\">");
    }

    fn content(&mut self, text: &str) {
        if text.is_ascii() && is_free_of(text.as_bytes(), b' ', *b"<>&\"") {
            return self.out.push_str(text);
        }
        for c in text.chars() {
            match escape(c) {
                Some(escaped) => self.out.push_str(escaped),
                None => self.out.push(c),
            }
        }
    }

    fn open_list(&mut self, name: &str, _member: &str, flat: bool) {
        if !flat {
            self.open(name);
        }
    }

    fn close_list(&mut self, name: &str, flat: bool) {
        if !flat {
            self.close(name);
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        self.leaf(name, value);
    }

    fn integer(&mut self, name: &str, value: i64) {
        self.open(name);
        // Writing to memory does not fail.
        let _ = write!(self.out, "{value}");
        self.close(name);
    }

    fn boolean(&mut self, name: &str, value: bool) {
        self.leaf(name, if value { "true" } else { "false" });
    }

    fn timestamp(&mut self, name: &str, seconds: i64) {
        self.open(name);
        time::push_civil(&mut self.out, seconds);
        self.out.push_str(if self.milliseconds { ".000Z" } else { "Z" });
        self.close(name);
    }

    fn blob(&mut self, name: &str, value: &[u8]) {
        self.leaf(name, &STANDARD.encode(value));
    }
}

/// How a character is written that cannot stand for itself.
const fn escape(c: char) -> Option<&'static str> {
    match c {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        '"' => Some("&quot;"),
        '\r' => Some("&#xD;"),
        // XML 1.0 §2.2 has no way to write these, so the reader sees that one was here.
        '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => Some("\u{FFFD}"),
        _ => None,
    }
}

/// Room for the answer of most calls, in bytes.
const TYPICAL: usize = 2048;
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const XSI: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
