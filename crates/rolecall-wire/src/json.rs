//! JSON: what STS answers with when a caller sends `Accept: application/json`, and the messages of the
//! services that speak it always.

mod parameters;

pub use parameters::parameters;

use crate::error::{ApiError, Fault, common};
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

/// The answer of a service that always speaks JSON: the members alone.
pub fn response(output: &dyn Encode) -> Vec<u8> {
    let mut out = Json::new();
    output.body(&mut out);
    out.finish()
}

/// The error of a service that always speaks JSON (AWS JSON 1.1 protocol): the code in `__type`, the
/// sentence, and the error's own members. The caller's errors all travel with status 400.
pub fn error(error: &ApiError) -> (u16, Vec<u8>) {
    let mut out = Json::new();
    out.text("__type", code(error.code.code));
    out.text("Message", &error.message);
    for (name, value) in &error.fields {
        out.text(name, value);
    }
    let status = if error.code.fault == Fault::Sender { 400 } else { error.code.status };
    (status, out.finish())
}

/// The error of a service that speaks JSON by method and path (AWS restJson1 protocol): the status and the
/// code that the model says, the code in a header, the sentence in the body.
pub fn rest_error(error: &ApiError) -> (&'static str, Vec<u8>) {
    let mut out = Json::new();
    out.text("message", &error.message);
    (rest_code(error.code.code), out.finish())
}

fn rest_code(code: &'static str) -> &'static str {
    match code {
        "InternalFailure" => "InternalServerException",
        "ValidationError" | "MalformedQueryString" => "ValidationException",
        _ => self::code(code),
    }
}

/// The names that these services have for what any request can meet.
fn code(code: &'static str) -> &'static str {
    CODES.iter().find(|(query, _)| query.code == code).map_or(code, |(_, json)| json)
}

const CODES: [(crate::error::ErrorCode, &str); 11] = [
    (common::ACCESS_DENIED, "AccessDeniedException"),
    (common::EXPIRED_TOKEN, "ExpiredTokenException"),
    (common::INCOMPLETE_SIGNATURE, "IncompleteSignatureException"),
    (common::INTERNAL_FAILURE, "ServiceException"),
    (common::INVALID_ACTION, "UnknownOperationException"),
    (common::INVALID_CLIENT_TOKEN_ID, "UnrecognizedClientException"),
    (common::INVALID_PARAMETER_VALUE, "InvalidInputException"),
    (common::MALFORMED_QUERY_STRING, "SerializationException"),
    (common::MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationTokenException"),
    (common::SIGNATURE_DOES_NOT_MATCH, "InvalidSignatureException"),
    (common::VALIDATION_ERROR, "InvalidInputException"),
];

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

    fn document(&mut self, name: &str, json: &str) {
        self.member(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    fn has_maps(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
