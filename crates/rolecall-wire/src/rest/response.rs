//! An S3 answer: status, headers and body from the row and the output.

use crate::operation::{Encode, Row};
use crate::write::Writer as _;
use crate::xml::Xml;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::fmt::rfc2822::DateTimePrinter;

/// An answer, ready but for the headers every answer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers the output sets, and `Content-Type` when there is a body.
    pub headers: HeaderMap,
    /// The body; empty when there is none or when it is streamed.
    pub body: Vec<u8>,
}

/// Builds an operation's answer.
pub fn response(row: &Row, output: &dyn Encode) -> Response {
    let mut headers = HeaderMap::new();
    output.headers(&mut headers);
    let mut answer = Response { status: row.status, headers, body: Vec::new() };
    match (output.payload(), row.result) {
        (Some(payload), _) => answer.set_body("application/json", payload.to_vec()),
        (None, Some(root)) if !output.is_bodiless() => {
            answer.set_body("application/xml", document(root, row, output))
        }
        _ => {}
    }
    answer
}

impl Response {
    fn set_body(&mut self, kind: &'static str, body: Vec<u8>) {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.body = body;
    }
}

/// Sets a header to a text. One that no header can carry (a control character) is left out: what
/// cannot be sent must not become another header.
pub fn put_text(out: &mut HeaderMap, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        put(out, name, value);
    }
}

/// Sets a header to a whole number.
pub fn put_integer(out: &mut HeaderMap, name: &'static str, value: Option<i64>) {
    put_text(out, name, value.map(|v| v.to_string()).as_deref());
}

/// Sets a header to `true` or `false`.
pub fn put_boolean(out: &mut HeaderMap, name: &'static str, value: Option<bool>) {
    put_text(out, name, value.map(|v| v.to_string()).as_deref());
}

/// Sets a header to a time as HTTP writes it (RFC 9110 §5.6.7), from seconds since 1970.
pub fn put_date(out: &mut HeaderMap, name: &'static str, seconds: Option<i64>) {
    let time = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok());
    let text = time.and_then(|t| DateTimePrinter::new().timestamp_to_rfc9110_string(&t).ok());
    put_text(out, name, text.as_deref());
}

/// Sets a header to a time in ISO 8601, from seconds since 1970.
pub fn put_iso(out: &mut HeaderMap, name: &'static str, seconds: Option<i64>) {
    let time = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok());
    put_text(out, name, time.map(|t| t.to_string()).as_deref());
}

/// Sets a header for each entry, under the prefix and its key.
pub fn put_prefixed(out: &mut HeaderMap, prefix: &'static str, entries: &[(String, String)]) {
    for (key, value) in entries {
        put(out, &format!("{prefix}{key}"), value);
    }
}

fn put(out: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
        out.insert(name, value);
    }
}

fn document(root: &str, row: &Row, output: &dyn Encode) -> Vec<u8> {
    let mut out = Xml::declared();
    out.open_in(root, row.service.namespace());
    output.body(&mut out);
    out.close(root);
    out.finish()
}
