//! The signing side, for our own command line, load program and tests.

use super::canonical::{ALGORITHM, Parts, PathRule, canonical_request, encode, string_to_sign};
use super::key::SecretKey;
use super::payload::PayloadHash;
use super::presented::{CONTENT_SHA256, TOKEN};
use super::scope::{Scope, format_timestamp};
use super::verify::Chain;
use crate::request::Request;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use std::borrow::Cow;

/// A credential and the scope it signs for.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret: &'a SecretKey,
    /// The session token of a temporary credential.
    pub session_token: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
    /// How the path enters the canonical request.
    pub path: PathRule,
    /// The signing time in seconds since 1970.
    pub now: i64,
}

impl Signer<'_> {
    /// Adds the headers of Signature Version 4 to a request and returns the chain that signs its
    /// chunks. Every header present is signed, except those that change on the way.
    ///
    /// # Errors
    /// When the access key id or token cannot stand in a header.
    pub fn sign(&self, request: &mut Request, payload: PayloadHash) -> Result<Chain, InvalidHeaderValue> {
        let timestamp = format_timestamp(self.now);
        request.headers.remove("authorization");
        request.headers.insert("x-amz-date", HeaderValue::from_str(&timestamp)?);
        if let Some(token) = self.session_token {
            request.headers.insert(TOKEN, HeaderValue::from_str(token)?);
        }
        if self.path == PathRule::Once {
            request.headers.insert(CONTENT_SHA256.clone(), HeaderValue::from_str(&payload.canonical())?);
        }
        let signed_headers = signable(request);
        let chain = self.chain(request, &signed_headers, payload, timestamp);
        let header = format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.access_key_id,
            chain.scope,
            signed_headers.join(";"),
            chain.seed
        );
        request.headers.insert("authorization", HeaderValue::from_str(&header)?);
        Ok(chain)
    }

    /// Adds the query parameters of a presigned URL, good for `expires` seconds, to a request. All
    /// headers present are signed, so whoever uses the URL must send them.
    pub fn presign(&self, request: &mut Request, expires: i64, payload: PayloadHash) {
        let timestamp = format_timestamp(self.now);
        let signed_headers = signable(request);
        let mut add = |name: &str, value: String| request.query.push((name.to_owned(), value));
        add("X-Amz-Algorithm", ALGORITHM.to_owned());
        add("X-Amz-Credential", format!("{}/{}", self.access_key_id, self.scope(&timestamp)));
        add("X-Amz-Date", timestamp.clone());
        add("X-Amz-SignedHeaders", signed_headers.join(";"));
        add("X-Amz-Expires", expires.to_string());
        if let Some(token) = self.session_token {
            add("X-Amz-Security-Token", token.to_owned());
        }
        let chain = self.chain(request, &signed_headers, payload, timestamp);
        request.query.push(("X-Amz-Signature".to_owned(), chain.seed));
    }

    /// The signature over these headers.
    pub(super) fn chain(
        &self,
        request: &Request,
        signed: &[String],
        payload: PayloadHash,
        timestamp: String,
    ) -> Chain {
        let scope = self.scope(&timestamp).into_owned();
        let signed: Vec<Cow<'_, str>> = signed.iter().map(Cow::from).collect();
        let parts = Parts { signed_headers: &signed, path: self.path, payload: &payload.canonical() };
        let text = string_to_sign(&timestamp, &scope, &canonical_request(request, &parts));
        let key = self.secret.signing_key(&scope);
        let seed = key.sign(&text);
        Chain { key, timestamp, scope, seed }
    }

    fn scope<'a>(&'a self, timestamp: &'a str) -> Scope<'a> {
        Scope::new(timestamp.split('T').next().unwrap_or(""), self.region, self.service)
    }
}

/// Shows neither the secret nor the session token.
impl std::fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Request {
    /// The path and query as they go into a request line.
    pub fn target(&self) -> String {
        let pairs: Vec<_> = self.query.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        match pairs.as_slice() {
            [] => self.raw_path.clone(),
            pairs => format!("{}?{}", self.raw_path, pairs.join("&")),
        }
    }
}

fn signable(request: &Request) -> Vec<String> {
    let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.push("host".to_owned());
    names.retain(|name| !UNSIGNED.contains(&name.as_str()));
    names.sort_unstable();
    names.dedup();
    names
}

/// Headers that proxies and clients change after signing.
const UNSIGNED: [&str; 7] =
    ["authorization", "connection", "expect", "te", "transfer-encoding", "user-agent", "x-amzn-trace-id"];
