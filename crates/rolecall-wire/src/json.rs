//! The JSON that STS answers with when a caller sends `Accept: application/json`.

use crate::error::ApiError;
use crate::operation::{Encode, Row};
use crate::write::Writer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A query operation's answer in JSON.
pub fn query_response(row: &Row, output: &dyn Encode, request_id: &str) -> Vec<u8> {
    let mut out = Json::new();
    let response = format!("{}Response", row.name);
    out.open(&response);
    if let Some(result) = row.result {
        out.open(result);
        output.body(&mut out);
        out.close(result);
    }
    out.open("ResponseMetadata");
    out.text("RequestId", request_id);
    out.close("ResponseMetadata");
    out.close(&response);
    out.finish()
}

/// A query service's error in JSON.
pub fn query_error(error: &ApiError, request_id: &str) -> Vec<u8> {
    let mut out = Json::new();
    out.open("Error");
    out.text("Code", error.code.code);
    out.text("Message", &error.message);
    out.text("Type", crate::xml::fault(error.code.fault));
    out.close("Error");
    out.text("RequestId", request_id);
    out.finish()
}

/// Writes JSON into memory: structures are objects, lists arrays, times seconds since 1970.
#[derive(Debug)]
pub struct Json {
    out: Vec<u8>,
    /// The open containers, outermost first: true for an array.
    arrays: Vec<bool>,
    /// True when the next member is its container's first.
    first: bool,
}

impl Json {
    /// An open object.
    pub fn new() -> Self {
        Self { out: b"{".to_vec(), arrays: vec![false], first: true }
    }

    /// The document.
    pub fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn member(&mut self, name: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        if self.arrays.last() != Some(&true) {
            self.string(name);
            self.out.push(b':');
        }
    }

    fn begin(&mut self, name: &str, array: bool) {
        self.member(name);
        self.out.push(if array { b'[' } else { b'{' });
        self.arrays.push(array);
        self.first = true;
    }

    fn end(&mut self) {
        let array = self.arrays.pop() == Some(true);
        self.out.push(if array { b']' } else { b'}' });
        self.first = false;
    }

    fn string(&mut self, value: &str) {
        // Writing a text into memory cannot fail.
        serde_json::to_writer(&mut self.out, value).unwrap_or_default();
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer for Json {
    fn open(&mut self, name: &str) {
        self.begin(name, false);
    }

    fn close(&mut self, _name: &str) {
        self.end();
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text(name, value);
    }

    fn content(&mut self, text: &str) {
        self.text("Value", text);
    }

    fn open_list(&mut self, name: &str, _member: &str, _flat: bool) {
        self.begin(name, true);
    }

    fn close_list(&mut self, _name: &str, _flat: bool) {
        self.end();
    }

    fn text(&mut self, name: &str, value: &str) {
        self.member(name);
        self.string(value);
    }

    fn integer(&mut self, name: &str, value: i64) {
        self.member(name);
        self.out.extend_from_slice(value.to_string().as_bytes());
    }

    fn boolean(&mut self, name: &str, value: bool) {
        self.member(name);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn timestamp(&mut self, name: &str, seconds: i64) {
        self.integer(name, seconds);
    }

    fn blob(&mut self, name: &str, value: &[u8]) {
        self.text(name, &STANDARD.encode(value));
    }
}

#[cfg(test)]
mod tests;
