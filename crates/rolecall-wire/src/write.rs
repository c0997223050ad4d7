//! The one way an answer's members are written: generated code calls a [`Writer`], which is the XML
//! writer or, for `Accept: application/json`, the JSON writer.

use crate::operation::Encode;

/// Receives an answer's members in order.
pub trait Writer {
    /// Opens a structure; XML: `<name>`.
    fn open(&mut self, name: &str);
    /// Closes the structure opened last under `name`.
    fn close(&mut self, name: &str);
    /// Adds an attribute to the structure opened just now (XML only; JSON writes a member).
    fn attribute(&mut self, name: &str, value: &str);
    /// Text of the open structure itself (XML only; JSON writes a member `Value`).
    fn content(&mut self, text: &str);
    /// Opens a list; XML wraps members in `<name>` unless `flat`.
    fn open_list(&mut self, name: &str, member: &str, flat: bool);
    /// Closes the list opened last.
    fn close_list(&mut self, name: &str, flat: bool);
    /// A text member.
    fn text(&mut self, name: &str, value: &str);
    /// A whole number.
    fn integer(&mut self, name: &str, value: i64);
    /// A truth value.
    fn boolean(&mut self, name: &str, value: bool);
    /// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
    fn timestamp(&mut self, name: &str, seconds: i64);
    /// Bytes, written in base64.
    fn blob(&mut self, name: &str, value: &[u8]);
    /// Any JSON (JSON only; XML writes its text).
    fn document(&mut self, name: &str, json: &str) {
        self.text(name, json);
    }
    /// True when a map is written as one structure with a member a key, as JSON has it.
    fn has_maps(&self) -> bool {
        false
    }
}

/// Writes a structure under a name.
pub fn structure<T: Encode>(out: &mut dyn Writer, name: &str, value: &T) {
    out.open(name);
    value.body(out);
    out.close(name);
}

/// Writes a text under a name; the form [`list`] and [`map`] take for their members.
#[expect(clippy::ptr_arg, reason = "a list of texts hands its members to this as it holds them")]
pub fn text(out: &mut dyn Writer, name: &str, value: &String) {
    out.text(name, value);
}

/// Writes a whole number under a name; the form [`map`] takes for its values.
pub fn integer(out: &mut dyn Writer, name: &str, value: &i64) {
    out.integer(name, *value);
}

/// Writes a list; each member is written under `member`, or under `name` when the list is flat.
pub fn list<T>(
    out: &mut dyn Writer,
    name: &str,
    member: &str,
    items: &[T],
    each: impl Fn(&mut dyn Writer, &str, &T),
) {
    out.open_list(name, member, false);
    for item in items {
        each(out, member, item);
    }
    out.close_list(name, false);
}

/// Writes a list whose members stand side by side under the list's own name.
pub fn flat_list<T>(out: &mut dyn Writer, name: &str, items: &[T], each: impl Fn(&mut dyn Writer, &str, &T)) {
    out.open_list(name, name, true);
    for item in items {
        each(out, name, item);
    }
    out.close_list(name, true);
}

/// Writes any JSON under a name; the form [`map`] takes for its values.
#[expect(clippy::ptr_arg, reason = "as for `text`")]
pub fn document(out: &mut dyn Writer, name: &str, json: &String) {
    out.document(name, json);
}

/// Writes a map: in XML entries of `key` and `value`, in JSON an object.
pub fn map<T>(
    out: &mut dyn Writer,
    name: &str,
    entries: &[(String, T)],
    each: impl Fn(&mut dyn Writer, &str, &T),
) {
    if out.has_maps() {
        out.open(name);
        entries.iter().for_each(|(key, value)| each(out, key, value));
        return out.close(name);
    }
    out.open_list(name, "entry", false);
    for (key, value) in entries {
        out.open("entry");
        out.text("key", key);
        each(out, "value", value);
        out.close("entry");
    }
    out.close_list(name, false);
}
