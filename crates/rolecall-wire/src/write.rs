//! The one way an answer's members are written: generated code calls a [`Writer`], which is the XML
//! writer or, for `Accept: application/json`, the JSON writer.

/// Receives an answer's members in order.
pub trait Writer {
    /// Opens a structure; XML: `<name>`.
    fn open(&mut self, name: &str);
    /// Closes the structure opened last under `name`.
    fn close(&mut self, name: &str);
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
}
