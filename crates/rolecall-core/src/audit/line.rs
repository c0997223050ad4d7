//! A line of JSON, written member by member without a tree in between.

use super::redact::{HIDDEN, shown};
use rolecall_wire::operation::Encode;
use rolecall_wire::plain::is_free_of;
use rolecall_wire::write::Writer;

/// The members of an answer as JSON, secrets hidden.
pub(crate) fn response_elements(output: &impl Encode) -> Vec<u8> {
    let mut line = Line::begin();
    output.body(&mut line);
    line.finish()
}

/// A name of ours as it stands on a line, with the comma before it: made by [`name!`].
#[derive(Clone, Copy)]
pub(super) struct Name(pub(super) &'static str);

/// Writes a name down, when the program is compiled.
macro_rules! name {
    ($name:literal) => {
        $crate::audit::line::Name(concat!(",\"", $name, "\":"))
    };
}
pub(super) use name;

/// One JSON object under way. Members of an answer come in through [`Writer`], in AWS's capitals, and go out in
/// CloudTrail's lower camel case with secrets hidden.
pub(super) struct Line {
    out: Vec<u8>,
    /// For every open structure, whether it is a list.
    open: Vec<bool>,
    /// Whether a member precedes the next one in its structure.
    follows: bool,
}

impl Line {
    /// Begins an object.
    pub(super) fn begin() -> Self {
        let (mut out, mut open) = (Vec::with_capacity(TYPICAL), Vec::with_capacity(DEPTH));
        out.push(b'{');
        open.push(false);
        Self { out, open, follows: false }
    }

    /// Ends the object, and whatever is still open in it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while let Some(list) = self.open.pop() {
            self.out.push(if list { b']' } else { b'}' });
        }
        self.out
    }

    /// A text member under exactly this name.
    pub(super) fn put(&mut self, name: Name, value: &str) {
        self.own_name(name);
        self.string(value);
    }

    /// A text member under a name that was sent.
    pub(super) fn put_given(&mut self, name: &str, value: &str) {
        self.comma();
        self.string(name);
        self.out.push(b':');
        self.string(value);
    }

    /// The same, the name's first letter small: `RoleArn` becomes `roleArn`.
    pub(super) fn put_given_camel(&mut self, name: &str, value: &str) {
        self.comma();
        let before = self.out.len();
        self.string(name);
        if let Some(first) = self.out.get_mut(before + 1) {
            first.make_ascii_lowercase();
        }
        self.out.push(b':');
        self.string(value);
    }

    /// The same, when there is a value.
    pub(super) fn put_some(&mut self, name: Name, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A member that is `true`, `false` or `null`.
    pub(super) fn put_word(&mut self, name: Name, word: &'static str) {
        self.own_name(name);
        self.out.extend_from_slice(word.as_bytes());
    }

    /// Opens a structure under exactly this name; ended by [`Line::end`].
    pub(super) fn structure(&mut self, name: Name) {
        self.own_name(name);
        self.enter(b'{', false);
    }

    /// Ends the structure or list opened last.
    pub(super) fn end(&mut self) {
        if let Some(list) = self.open.pop() {
            self.out.push(if list { b']' } else { b'}' });
        }
        self.follows = true;
    }

    /// A member of what this line was given, ready written.
    pub(super) fn put_written(&mut self, name: Name, json: &[u8]) {
        self.own_name(name);
        self.out.extend_from_slice(json);
    }

    fn enter(&mut self, mark: u8, list: bool) {
        self.out.push(mark);
        self.open.push(list);
        self.follows = false;
    }

    /// The first member of its structure has no comma before it.
    fn own_name(&mut self, Name(written): Name) {
        let follows = std::mem::replace(&mut self.follows, true);
        self.out.extend_from_slice(written.as_bytes().get(usize::from(!follows)..).unwrap_or_default());
    }

    /// The comma if one is due, and the name, which stands for itself, unless this is a list's member. Gives the
    /// place where the name begins.
    fn name(&mut self, name: &str) -> Option<usize> {
        self.comma();
        if self.open.last() == Some(&true) {
            return None;
        }
        self.out.push(b'"');
        let at = self.out.len();
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        Some(at)
    }

    fn comma(&mut self) {
        if std::mem::replace(&mut self.follows, true) {
            self.out.push(b',');
        }
    }

    fn string(&mut self, text: &str) {
        // What does not stand for itself in a string of JSON (RFC 8259 §7).
        if is_free_of(text.as_bytes(), b' ', [b'"', b'\\']) {
            self.out.reserve(text.len() + 2);
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            return self.out.push(b'"');
        }
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }

    /// As [`Line::name`], for a member of an answer: the name in lower camel case.
    fn camel_name(&mut self, name: &str) {
        let at = self.name(name);
        if let Some(first) = at.and_then(|at| self.out.get_mut(at)) {
            first.make_ascii_lowercase();
        }
    }
}

impl Writer for Line {
    fn open(&mut self, name: &str) {
        self.camel_name(name);
        self.enter(b'{', false);
    }

    fn close(&mut self, _name: &str) {
        self.end();
    }

    fn attribute(&mut self, _name: &str, _value: &str) {}

    fn content(&mut self, text: &str) {
        self.put(name!("value"), text);
    }

    fn open_list(&mut self, name: &str, _member: &str, _flat: bool) {
        self.camel_name(name);
        self.enter(b'[', true);
    }

    fn close_list(&mut self, _name: &str, _flat: bool) {
        self.end();
    }

    fn text(&mut self, name: &str, value: &str) {
        self.camel_name(name);
        self.string(&shown(name, value));
    }

    fn integer(&mut self, name: &str, value: i64) {
        self.camel_name(name);
        let _ = serde_json::to_writer(&mut self.out, &value);
    }

    fn boolean(&mut self, name: &str, value: bool) {
        self.camel_name(name);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn timestamp(&mut self, name: &str, seconds: i64) {
        self.camel_name(name);
        self.string(&crate::clock::text::iso8601(seconds));
    }

    fn blob(&mut self, name: &str, _value: &[u8]) {
        self.camel_name(name);
        self.string(HIDDEN);
    }
}

/// Room for most records, in bytes.
const TYPICAL: usize = 2048;
/// Structures that are open at once in most records.
const DEPTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn members_structures_and_lists_nest_and_secrets_are_hidden() {
        let mut line = Line::begin();
        line.put_given("a\"b", "line\nbreak");
        line.structure(name!("response"));
        line.open("Credentials");
        line.text("SecretAccessKey", "very secret");
        line.integer("Size", 7);
        line.close("Credentials");
        line.open_list("Tags", "member", false);
        line.open("member");
        line.text("Key", "k");
        line.close("member");
        line.text("member", "plain");
        line.close_list("Tags", false);
        line.end();
        line.put_word(name!("readOnly"), "true");
        let value: Value = serde_json::from_slice(&line.finish()).unwrap();
        let credentials = json!({"secretAccessKey": "HIDDEN_DUE_TO_SECURITY_REASONS", "size": 7});
        let response = json!({"credentials": credentials, "tags": [{"key": "k"}, "plain"]});
        assert_eq!(value, json!({"a\"b": "line\nbreak", "response": response, "readOnly": true}));
    }
}
