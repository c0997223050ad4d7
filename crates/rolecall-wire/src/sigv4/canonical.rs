//! The canonical request and the string to sign, rebuilt from parsed values
//! (IAM User Guide, "Create a signed AWS API request", steps 1–3).

use super::key::{hex, sha256};
use super::scope::Scope;
use crate::plain::is_free_of;
use crate::request::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// How the path enters the canonical request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathRule {
    /// As S3 does it: decoded and encoded once, segments left as they are.
    Once,
    /// The path as sent encoded again, segments left as they are.
    Twice,
    /// As every other service does it: dot segments and empty segments resolved
    /// (RFC 3986 §5.2.4), then the path as sent encoded again.
    Normalised,
}

/// What a signature is computed over, besides the request's own values.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The names of the signed headers, in lower case.
    pub signed_headers: &'a [Cow<'a, str>],
    /// How the path is written.
    pub path: PathRule,
    /// The payload hash line, such as 64 hex digits or `UNSIGNED-PAYLOAD`.
    pub payload: &'a str,
}

/// The canonical request. Header values go in as the bytes they are.
pub fn canonical_request(request: &Request, parts: &Parts<'_>) -> Vec<u8> {
    let mut names: Vec<&str> = parts.signed_headers.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.dedup();
    let mut out = Vec::with_capacity(TYPICAL);
    push_all(&mut out, [request.method.as_str(), "\n"]);
    push_path(&mut out, request, parts.path);
    push_all(&mut out, ["\n", &canonical_query(&request.query), "\n"]);
    for name in &names {
        push_all(&mut out, [name, ":"]);
        push_header(&mut out, request, name);
        out.push(b'\n');
    }
    for (n, name) in names.iter().enumerate() {
        push_all(&mut out, [if n == 0 { "\n" } else { ";" }, name]);
    }
    push_all(&mut out, [if names.is_empty() { "\n\n" } else { "\n" }, parts.payload]);
    out
}

/// The string to sign for a canonical request.
pub fn string_to_sign(timestamp: &str, scope: &Scope<'_>, canonical_request: &[u8]) -> String {
    let hash = hex(&sha256(canonical_request));
    let [date, region, service, terminator] = scope.elements();
    [ALGORITHM, "\n", timestamp, "\n", date, "/", region, "/", service, "/", terminator, "\n", &hash].concat()
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).collect()
}

/// Percent-encodes a path, keeping its slashes.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED_PATH).collect()
}

fn push_all<const N: usize>(out: &mut Vec<u8>, texts: [&str; N]) {
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}

/// The value of a header in canonical form: values of the same name joined with commas, outer blanks
/// removed, inner runs of blanks made one space.
fn push_header(out: &mut Vec<u8>, request: &Request, name: &str) {
    if name == "host" {
        return push_squeezed(out, request.host.as_bytes());
    }
    for (n, value) in request.headers.get_all(name).iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        push_squeezed(out, value.as_bytes());
    }
}

fn push_squeezed(out: &mut Vec<u8>, value: &[u8]) {
    if is_free_of(value, 0, [b' ', b'\t']) {
        return out.extend_from_slice(value);
    }
    let words = value.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (n, word) in words.enumerate() {
        if n > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

fn push_path(out: &mut Vec<u8>, request: &Request, rule: PathRule) {
    let path = match rule {
        PathRule::Once => Cow::from(&request.path),
        PathRule::Twice => Cow::from(&request.raw_path),
        PathRule::Normalised if request.raw_path == "/" => Cow::from("/"),
        PathRule::Normalised => Cow::from(normalise(&request.raw_path)),
    };
    for piece in utf8_percent_encode(&path, ENCODED_PATH) {
        out.extend_from_slice(piece.as_bytes());
    }
}

fn normalise(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let directory = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if directory && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// Sorted by encoded name, then by encoded value; the signature itself is left out.
fn canonical_query(query: &[(String, String)]) -> String {
    let signed = query.iter().filter(|(name, _)| name != "X-Amz-Signature");
    let mut pairs: Vec<_> = signed.map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort_unstable();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| name + "=" + &value).collect();
    pairs.join("&")
}

/// The one algorithm this crate verifies and signs with.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Room for the canonical request of most calls, in bytes.
const TYPICAL: usize = 1024;

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ENCODED_PATH: &AsciiSet = &ENCODED.remove(b'/');
