//! An HTTP request as parsed once: the verifier, the router and the decoders all read these values
//! and nothing else, so what was signed is what is served.

use crate::error::ApiError;
use http::{HeaderMap, Method};

/// An HTTP request without its body, parsed.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path exactly as sent (percent-encoded, no query).
    pub raw_path: String,
    /// The path percent-decoded once; never normalised.
    pub path: String,
    /// Query parameters in the order sent, percent-decoded once. A name without `=` has the value
    /// `""`. `+` in the query is a literal plus sign unless the service says otherwise.
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
    pub params: &'a [(String, String)],
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
    /// 400 when the path or query is not valid percent-encoded UTF-8, or a header that decides
    /// anything is duplicated or not text.
    pub fn parse(_method: Method, _uri: &http::Uri, _headers: HeaderMap) -> Result<Self, ApiError> {
        Err(ApiError::new(crate::ErrorCode::sender("NotBuilt", 500), "request parser"))
    }

    /// The only value of a header as text; `None` when absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The first value of a query parameter (names are case-sensitive).
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
