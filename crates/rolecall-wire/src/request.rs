//! An HTTP request as parsed once: the verifier, the router and the decoders all read these values
//! and nothing else, so what was signed is what is served.

use crate::error::{ApiError, ErrorCode};
use crate::params::Params;
use http::header::{AsHeaderName, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Uri};
use memchr::{memchr, memchr2};

/// An HTTP request without its body, parsed.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path exactly as sent (percent-encoded, no query).
    pub raw_path: String,
    /// The path percent-decoded once; never normalised.
    pub path: String,
    /// Query parameters in the order sent, percent-decoded once. A name without `=` has the value
    /// `""`. `+` in the query is a literal plus sign unless the service says otherwise. No name
    /// occurs twice.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The `Host` header or HTTP/2 authority, as the client signed it.
    pub host: String,
}

/// Everything a generated decoder may read.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The request.
    pub request: &'a Request,
    /// The parameters of a query operation, in the order sent (form body or query string).
    pub params: &'a Params,
    /// The bucket a REST request addresses, from the host or the path.
    pub bucket: Option<&'a str>,
    /// The object key a REST request addresses.
    pub key: Option<&'a str>,
    /// The request body when it is a message (empty for streamed payloads).
    pub body: &'a [u8],
}

impl Request {
    /// Parses a request's head.
    ///
    /// # Errors
    /// 400 when the path or query is not valid percent-encoded UTF-8, a query parameter or a header
    /// that decides anything is repeated, or such a header is not text.
    pub fn parse(method: Method, uri: &Uri, headers: HeaderMap) -> Result<Self, ApiError> {
        let authority = uri.authority().map(http::uri::Authority::as_str);
        Self::from_parts(method, uri.path(), uri.query().unwrap_or(""), headers, authority)
    }

    /// Parses a request's head from the pieces of its target: the raw path, the raw query without
    /// its `?`, and the authority of an absolute or HTTP/2 target.
    ///
    /// # Errors
    /// As [`Request::parse`].
    pub fn from_parts(
        method: Method,
        raw_path: &str,
        raw_query: &str,
        headers: HeaderMap,
        authority: Option<&str>,
    ) -> Result<Self, ApiError> {
        let path = percent_decode(raw_path).ok_or_else(invalid_uri)?;
        let query = parse_query(raw_query).ok_or_else(invalid_uri)?;
        refuse_repeated_parameters(&query)?;
        refuse_doubtful_headers(&headers)?;
        let host = host(&headers, authority)?;
        Ok(Self { method, raw_path: raw_path.to_owned(), path, query, headers, host })
    }

    /// The only value of a header as text; `None` when absent.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The first value of a query parameter (names are case-sensitive).
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Shows the address only: headers and query can carry credentials.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Decodes percent-encoding once (RFC 3986 §2.1). `None` when an escape is broken or the result is
/// not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    push_decoded(&mut out, text.as_bytes(), false)?;
    String::from_utf8(out).ok()
}

/// Appends what percent-encoded bytes stand for; in a form `+` is a space. `None` when an escape is broken.
pub(crate) fn push_decoded(out: &mut Vec<u8>, mut bytes: &[u8], form: bool) -> Option<()> {
    let mark = |bytes: &[u8]| if form { memchr2(b'%', b'+', bytes) } else { memchr(b'%', bytes) };
    while let Some(at) = mark(bytes) {
        let (plain, rest) = bytes.split_at_checked(at)?;
        out.extend_from_slice(plain);
        let (byte, rest) = match rest {
            [b'%', high, low, rest @ ..] => (hex_digit(*high)? << 4 | hex_digit(*low)?, rest),
            [b'+', rest @ ..] => (b' ', rest),
            _ => return None,
        };
        out.push(byte);
        bytes = rest;
    }
    out.extend_from_slice(bytes);
    Some(())
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn parse_query(raw: &str) -> Option<Vec<(String, String)>> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent_decode(name)?, percent_decode(value)?))
        })
        .collect()
}

/// A parameter sent twice can be verified as one value and served as the other; names that decide
/// who calls what are compared without regard to case, since some readers do so.
fn refuse_repeated_parameters(query: &[(String, String)]) -> Result<(), ApiError> {
    if query.len() < 2 {
        return Ok(());
    }
    let mut names: Vec<_> = query.iter().map(|(name, _)| comparable(name)).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
        None => Ok(()),
        Some(name) => Err(invalid_request(format!("The parameter '{name}' was sent more than once."))),
    }
}

fn comparable(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("x-amz-") || CONTROL_PARAMETERS.contains(&lower.as_str()) {
        return lower;
    }
    name.to_owned()
}

fn refuse_doubtful_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        let message = "The request has both a Content-Length and a Transfer-Encoding.";
        return Err(invalid_request(message.to_owned()));
    }
    // Mostly none is repeated, and all are text.
    if headers.len() == headers.keys_len() && headers.values().all(|value| value.to_str().is_ok()) {
        return Ok(());
    }
    for name in headers.keys().filter(|name| decides(name)) {
        let mut values = headers.get_all(name).iter();
        let text = values.next().is_some_and(|value| value.to_str().is_ok());
        if !text {
            return Err(invalid_request(format!("The header '{name}' is not text.")));
        }
        if values.next().is_some() {
            return Err(invalid_request(format!("The header '{name}' was sent more than once.")));
        }
    }
    Ok(())
}

fn decides(name: &HeaderName) -> bool {
    let name = name.as_str();
    let listed = LIST_HEADERS.contains(&name) || name.starts_with("x-amz-meta-");
    CONTROL_HEADERS.contains(&name) || (name.starts_with("x-amz-") && !listed)
}

/// The authority of the target and the `Host` header must agree when both are there
/// (RFC 9112 §3.2.2, RFC 9113 §8.3.1).
fn host(headers: &HeaderMap, authority: Option<&str>) -> Result<String, ApiError> {
    let header = headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
    match (header, authority) {
        (Some(header), Some(authority)) if !header.eq_ignore_ascii_case(authority) => {
            Err(invalid_request("The Host header and the request target name different hosts.".to_owned()))
        }
        (Some(host), _) | (None, Some(host)) => Ok(host.to_owned()),
        (None, None) => Err(invalid_request("The request names no host.".to_owned())),
    }
}

fn invalid_uri() -> ApiError {
    ApiError::new(ErrorCode::sender("InvalidURI", 400), "Couldn't parse the specified URI.")
}

fn invalid_request(message: String) -> ApiError {
    ApiError::new(ErrorCode::sender("InvalidRequest", 400), message)
}

/// Query parameters, in lower case, that decide who calls what.
const CONTROL_PARAMETERS: [&str; 7] =
    ["action", "version", "awsaccesskeyid", "signature", "expires", "signaturemethod", "signatureversion"];

/// Headers that may be sent once only, besides those that begin with `x-amz-`.
const CONTROL_HEADERS: [&str; 8] = [
    "authorization",
    "host",
    "date",
    "content-length",
    "content-md5",
    "content-type",
    "content-range",
    "range",
];

/// Headers that begin with `x-amz-` and are lists, which a client may spread over several lines.
const LIST_HEADERS: [&str; 2] = ["x-amz-object-attributes", "x-amz-optional-object-attributes"];

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn parse(target: &str, headers: &[(&str, &str)]) -> Result<Request, ApiError> {
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("h"));
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Request::parse(Method::GET, &target.parse().unwrap(), map)
    }

    #[test]
    fn sig_21_the_path_is_decoded_once_and_never_normalised() {
        for (raw, path) in [
            ("/b/a%2Fb", "/b/a/b"),
            ("/b//a", "/b//a"),
            ("/b/./../%2e%2e/a", "/b/./../../a"),
            ("/b/a+b%20c", "/b/a+b c"),
            ("/b/%252e", "/b/%2e"),
        ] {
            let request = parse(raw, &[]).unwrap();
            assert_eq!((request.raw_path.as_str(), request.path.as_str()), (raw, path));
        }
    }

    #[test]
    fn sig_21_broken_escapes_and_bytes_that_are_not_utf8_are_refused() {
        for raw in ["/b/%zz", "/b/%2", "/b/%", "/b/%ff", "/b?x=%c3%28", "/b?%f=1"] {
            let error = parse(raw, &[]).unwrap_err();
            assert_eq!((error.code.code, error.code.status), ("InvalidURI", 400), "{raw}");
            assert_eq!(error.message, "Couldn't parse the specified URI.");
        }
    }

    #[test]
    fn sig_22_query_parameters_keep_their_order_and_a_semicolon_separates_nothing() {
        let request = parse("/?b=1;c=2&a&=x&d=%26%3D&e=1+2", &[]).unwrap();
        let pairs: Vec<_> = request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("b", "1;c=2"), ("a", ""), ("", "x"), ("d", "&="), ("e", "1+2")]);
    }

    #[test]
    fn sig_22_repeated_parameters_are_refused() {
        for raw in ["/?Action=A&Action=B", "/?Action=A&action=B", "/?X-Amz-Date=1&x-amz-date=1", "/?k=1&k=1"]
        {
            assert_eq!(parse(raw, &[]).unwrap_err().code.status, 400, "{raw}");
        }
        assert!(parse("/?Action=A&Version=B&k=1&K=2", &[]).is_ok());
    }

    #[test]
    fn deciding_headers_may_be_sent_once_only() {
        for name in
            ["Authorization", "Content-Length", "Content-MD5", "X-Amz-Date", "x-amz-decoded-content-length"]
        {
            assert!(parse("/", &[(name, "1")]).is_ok(), "{name}");
            assert_eq!(parse("/", &[(name, "1"), (name, "1")]).unwrap_err().code.status, 400, "{name}");
        }
        assert!(
            parse("/", &[("x-amz-meta-a", "1"), ("x-amz-meta-a", "2"), ("accept", "a"), ("accept", "b")])
                .is_ok()
        );
    }

    /// Two readers could see two bodies (RFC 9112 §6.1).
    #[test]
    fn a_body_has_one_length() {
        assert!(parse("/", &[("transfer-encoding", "chunked")]).is_ok());
        let error = parse("/", &[("content-length", "1"), ("transfer-encoding", "chunked")]).unwrap_err();
        assert_eq!((error.code.code, error.code.status), ("InvalidRequest", 400));
    }

    #[test]
    fn metadata_may_be_any_bytes_but_deciding_headers_are_text() {
        for (name, good) in [("x-amz-meta-name", true), ("x-amz-date", false), ("authorization", false)] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("h"));
            headers.insert(name, HeaderValue::from_bytes("\u{e9}".as_bytes()).unwrap());
            let result = Request::from_parts(Method::PUT, "/b/k", "", headers, None);
            assert_eq!(result.is_ok(), good, "{name}");
        }
    }

    #[test]
    fn the_host_is_one() {
        assert_eq!(parse("http://H/x", &[]).unwrap().host, "h");
        assert_eq!(parse("http://other/x", &[]).unwrap_err().code.status, 400);
        assert!(Request::from_parts(Method::GET, "/", "", HeaderMap::new(), None).is_err());
        assert_eq!(
            Request::from_parts(Method::GET, "/", "", HeaderMap::new(), Some("a:1")).unwrap().host,
            "a:1"
        );
    }

    #[test]
    fn debug_shows_no_credential() {
        let request = parse("/p?X-Amz-Signature=qqq", &[("authorization", "zzz")]).unwrap();
        let shown = format!("{request:?}");
        assert!(shown.contains("/p") && !shown.contains("qqq") && !shown.contains("zzz"));
    }

    proptest! {
        #[test]
        fn never_panics(path in "\\PC*", query in "\\PC*") {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("h"));
            let _ = Request::from_parts(Method::GET, &path, &query, headers, None);
        }
    }
}
