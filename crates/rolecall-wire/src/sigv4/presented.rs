//! Which credential a request presents. Nothing at all is anonymous; anything else that cannot be
//! used is a fault, never anonymous.

use super::canonical::ALGORITHM;
use super::fault::{AuthFault, HeaderProblem, QueryProblem};
use super::payload::PayloadHash;
use super::scope::{Credential, Scope, parse_http_date, parse_timestamp};
use crate::plain::split;
use crate::request::Request;
use http::header::{AUTHORIZATION, HeaderName};
use std::borrow::Cow;

/// A credential as presented, not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented<'r> {
    /// The access key id.
    pub access_key_id: &'r str,
    /// The credential scope; `None` for Signature Version 2.
    pub scope: Option<Scope<'r>>,
    /// The signing time in seconds since 1970; `None` for Signature Version 2.
    pub timestamp: Option<i64>,
    /// The session token, of a temporary credential.
    pub session_token: Option<&'r str>,
    /// How it was presented.
    pub mechanism: Mechanism,
    /// The names of the signed headers, as sent; empty for Signature Version 2.
    pub signed_headers: Vec<Cow<'r, str>>,
    /// The signature as sent.
    pub signature: &'r str,
    /// What the request declares its body to be.
    pub payload: PayloadHash,
}

/// How a credential travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// The `Authorization` header, Signature Version 4.
    Header,
    /// A presigned URL, Signature Version 4, good for `expires` seconds from its timestamp.
    Query {
        /// Lifetime in seconds.
        expires: i64,
    },
    /// A presigned S3 URL, Signature Version 2, good until `expires` (seconds since 1970).
    V2Query {
        /// The end of its life.
        expires: i64,
    },
}

impl Mechanism {
    /// The value of the condition key `s3:authType`.
    pub const fn auth_type(self) -> &'static str {
        match self {
            Self::Header => "REST-HEADER",
            Self::Query { .. } | Self::V2Query { .. } => "REST-QUERY-STRING",
        }
    }

    /// The value of the condition key `s3:signatureversion`.
    pub const fn signature_version(self) -> &'static str {
        match self {
            Self::Header | Self::Query { .. } => ALGORITHM,
            Self::V2Query { .. } => "AWS",
        }
    }
}

impl<'r> Presented<'r> {
    /// Finds the credential of a request. `None` when it presents nothing at all.
    ///
    /// # Errors
    /// When something is presented that cannot be a usable credential.
    pub fn find(request: &'r Request) -> Result<Option<Self>, AuthFault> {
        let header = request.headers.contains_key(AUTHORIZATION);
        let (v4, v2) = (has_any(request, &V4_PARAMETERS), has_any(request, &V2_PARAMETERS));
        match (header, v4, v2) {
            (true, false, false) => from_header(request).map(Some),
            (false, true, false) => from_query(request).map(Some),
            (false, false, true) => from_v2_query(request).map(Some),
            (false, false, false) if has_token(request) => Err(AuthFault::UnsupportedMechanism),
            (false, false, false) => Ok(None),
            _ => Err(AuthFault::SeveralMechanisms),
        }
    }
}

/// Shows neither the session token nor the signature.
impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presented")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("timestamp", &self.timestamp)
            .field("mechanism", &self.mechanism)
            .field("signed_headers", &self.signed_headers)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// True for a URL that carries a credential, whole or broken.
pub(super) fn is_presigned(request: &Request) -> bool {
    has_any(request, &V4_PARAMETERS) || has_any(request, &V2_PARAMETERS)
}

fn has_any(request: &Request, names: &[&str]) -> bool {
    request.query.iter().any(|(name, _)| is_one_of(name, names))
}

/// A session token by itself proves nothing, but whoever sends one meant to be somebody.
fn has_token(request: &Request) -> bool {
    request.headers.contains_key(&TOKEN_HEADER)
        || request.query.iter().any(|(name, _)| is_one_of(name, &[TOKEN]))
}

/// The parameters count whatever their case: `x-amz-signature` is a broken credential, not none.
pub(super) fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn from_header(request: &Request) -> Result<Presented<'_>, AuthFault> {
    let header = request.header(AUTHORIZATION).ok_or(AuthFault::UnsupportedMechanism)?;
    let rest = header.strip_prefix(ALGORITHM).ok_or(AuthFault::UnsupportedMechanism)?;
    if !rest.starts_with([' ', '\t']) {
        return Err(AuthFault::UnsupportedMechanism);
    }
    let parts = HeaderParts::parse(rest, header).map_err(AuthFault::MalformedHeader)?;
    let credential = Credential::parse(parts.credential)
        .ok_or_else(|| AuthFault::MalformedHeader(HeaderProblem::Credential(parts.credential.to_owned())))?;
    Ok(Presented {
        access_key_id: credential.access_key_id,
        scope: Some(credential.scope),
        timestamp: Some(header_timestamp(request).map_err(AuthFault::MalformedHeader)?),
        session_token: request.header(&TOKEN_HEADER),
        mechanism: Mechanism::Header,
        signed_headers: header_names(parts.signed_headers),
        signature: parts.signature,
        payload: request.header(&CONTENT_SHA256).map_or(Ok(PayloadHash::Absent), PayloadHash::parse)?,
    })
}

struct HeaderParts<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> HeaderParts<'a> {
    fn parse(rest: &'a str, header: &str) -> Result<Self, HeaderProblem> {
        let mut found: [Option<&'a str>; 3] = [None; 3];
        for part in split(rest, b',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| HeaderProblem::NotKeyValue {
                part: part.to_owned(),
                header: header.to_owned(),
            })?;
            let at = HEADER_PARTS.iter().position(|known| *known == name);
            match at.and_then(|at| found.get_mut(at)) {
                Some(slot @ None) => *slot = Some(value),
                _ => return Err(HeaderProblem::UnexpectedPart(name.to_owned())),
            }
        }
        let given = |value: Option<&'a str>, name| {
            value.filter(|text| !text.is_empty()).ok_or(HeaderProblem::Missing(name))
        };
        let [credential, signed_headers, signature] = found;
        let [credential_name, signed_headers_name, signature_name] = HEADER_PARTS;
        Ok(Self {
            credential: given(credential, credential_name)?,
            signed_headers: given(signed_headers, signed_headers_name)?,
            signature: given(signature, signature_name)?,
        })
    }
}

fn header_timestamp(request: &Request) -> Result<i64, HeaderProblem> {
    let unreadable = |text: &str| HeaderProblem::Date(text.to_owned());
    if let Some(text) = request.header(&DATE) {
        return parse_timestamp(text).ok_or_else(|| unreadable(text));
    }
    let text = request.header(http::header::DATE).ok_or(HeaderProblem::NoDate)?;
    parse_http_date(text).ok_or_else(|| unreadable(text))
}

fn from_query(request: &Request) -> Result<Presented<'_>, AuthFault> {
    let given = |name| request.query(name).ok_or(AuthFault::IncompleteQuery);
    let [algorithm, credential, date, expires, signed_headers, signature] = [
        given("X-Amz-Algorithm")?,
        given("X-Amz-Credential")?,
        given("X-Amz-Date")?,
        given("X-Amz-Expires")?,
        given("X-Amz-SignedHeaders")?,
        given("X-Amz-Signature")?,
    ];
    if algorithm != ALGORITHM {
        return Err(AuthFault::QueryParameter(QueryProblem::Algorithm));
    }
    let credential =
        Credential::parse(credential).ok_or(AuthFault::QueryParameter(QueryProblem::Credential))?;
    let timestamp = parse_timestamp(date).ok_or(AuthFault::QueryParameter(QueryProblem::Date))?;
    let declared = request.query("X-Amz-Content-Sha256").or_else(|| request.header(&CONTENT_SHA256));
    Ok(Presented {
        access_key_id: credential.access_key_id,
        scope: Some(credential.scope),
        timestamp: Some(timestamp),
        session_token: query_token(request)?,
        mechanism: Mechanism::Query { expires: parse_expires(expires)? },
        signed_headers: header_names(signed_headers),
        signature,
        payload: declared.map_or(Ok(PayloadHash::Absent), PayloadHash::parse)?,
    })
}

/// The token may come in the query, or in a (signed) header; two tokens are one too many.
fn query_token(request: &Request) -> Result<Option<&str>, AuthFault> {
    match (request.query("X-Amz-Security-Token"), request.header(&TOKEN_HEADER)) {
        (Some(_), Some(_)) => Err(AuthFault::SeveralMechanisms),
        (query, header) => Ok(query.or(header)),
    }
}

fn parse_expires(text: &str) -> Result<i64, AuthFault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AuthFault::QueryParameter(QueryProblem::ExpiresNotNumber));
    }
    match text.parse::<i64>() {
        Ok(seconds) if seconds >= 1 => Ok(seconds),
        Err(_) if !text.starts_with('-') => Ok(i64::MAX),
        _ => Err(AuthFault::QueryParameter(QueryProblem::ExpiresNotPositive)),
    }
}

fn from_v2_query(request: &Request) -> Result<Presented<'_>, AuthFault> {
    let given = |name| request.query(name).filter(|v| !v.is_empty()).ok_or(AuthFault::IncompleteV2Query);
    let (id, signature, expires) = (given("AWSAccessKeyId")?, given("Signature")?, given("Expires")?);
    let token = (request.query(TOKEN), request.header(&TOKEN_HEADER));
    if let (Some(_), Some(_)) = token {
        return Err(AuthFault::SeveralMechanisms);
    }
    let expires = expires.parse().map_err(|_| AuthFault::InvalidV2Expires(expires.to_owned()))?;
    Ok(Presented {
        access_key_id: id,
        scope: None,
        timestamp: None,
        session_token: token.0.or(token.1),
        mechanism: Mechanism::V2Query { expires },
        signed_headers: Vec::new(),
        signature,
        payload: PayloadHash::Unsigned,
    })
}

fn header_names(list: &str) -> Vec<Cow<'_, str>> {
    split(list, b';').map(Cow::Borrowed).collect()
}

pub(crate) const TOKEN: &str = "x-amz-security-token";
pub(crate) static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static TOKEN_HEADER: HeaderName = HeaderName::from_static(TOKEN);
static DATE: HeaderName = HeaderName::from_static("x-amz-date");
const HEADER_PARTS: [&str; 3] = ["Credential", "SignedHeaders", "Signature"];

/// Any of these makes a request one with a presigned credential, whole or broken.
pub(super) const V4_PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];
const V2_PARAMETERS: [&str; 3] = ["AWSAccessKeyId", "Signature", "Expires"];
