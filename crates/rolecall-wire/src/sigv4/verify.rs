//! Whether a presented credential holds: scope, signed headers, time, then the signature itself.

use super::canonical::{Parts, PathRule, canonical_request, string_to_sign};
use super::fault::{AuthFault, Mismatch, QueryProblem, ScopePart};
use super::key::{SecretKey, SigningKey, SigningKeyCache, TERMINATOR, hex, is_same};
use super::payload::PayloadHash;
use super::presented::{Mechanism, Presented};
use super::scope::{Scope, format_timestamp};
use crate::request::Request;
use std::borrow::Cow;

/// What an endpoint demands of a signature.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The service the scope must name.
    pub service: &'a str,
    /// The regions the scope may name; `None` for any.
    pub regions: Option<&'a [&'a str]>,
    /// The server's time in seconds since 1970.
    pub now: i64,
    /// How far the signing time may be from now, in seconds.
    pub skew: i64,
    /// The longest life of a presigned URL, in seconds.
    pub longest_url: i64,
    /// How the path enters the canonical request.
    pub path: PathRule,
    /// Where the payload hash comes from.
    pub body: Body,
    /// The bucket when the host names it (virtual-hosted style), for Signature Version 2.
    pub virtual_bucket: Option<&'a str>,
}

/// Where the payload hash of the canonical request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// From what the request declares, which the reader of the body must then hold it to (S3).
    Declared,
    /// From the body received, whose SHA-256 this is (every other service).
    Sha256([u8; 32]),
}

impl<'a> Rules<'a> {
    /// S3's rules: declared payload, path encoded once, 15 minutes, presigned URLs up to a week.
    pub fn s3(now: i64) -> Self {
        Self {
            service: "s3",
            regions: None,
            now,
            skew: 900,
            longest_url: 604_800,
            path: PathRule::Once,
            body: Body::Declared,
            virtual_bucket: None,
        }
    }

    /// The rules of a query service whose whole body hashes to `body_sha256`: normalised path, five
    /// minutes, presigned URLs up to 15 minutes.
    pub fn query(service: &'a str, now: i64, body_sha256: [u8; 32]) -> Self {
        let body = Body::Sha256(body_sha256);
        let path = PathRule::Normalised;
        Self { service, skew: 300, longest_url: 900, path, body, ..Self::s3(now) }
    }

    /// The same rules for certain regions only; the first is named in errors.
    #[must_use]
    pub fn in_regions(self, regions: &'a [&'a str]) -> Self {
        Self { regions: Some(regions), ..self }
    }

    /// The same rules for a request whose host names `bucket`.
    #[must_use]
    pub fn with_virtual_bucket(self, bucket: Option<&'a str>) -> Self {
        Self { virtual_bucket: bucket, ..self }
    }
}

/// A signature that holds.
#[derive(Debug, Clone)]
pub struct Verified {
    /// How the credential was presented.
    pub mechanism: Mechanism,
    /// What the body is declared to be; the reader of the body must hold it to that.
    pub payload: PayloadHash,
    /// What the chunks of a signed stream are verified with; `None` when the body is no such stream.
    pub chain: Option<Box<Chain>>,
    /// Milliseconds since signing, the value of `s3:signatureAge`; `None` for Signature Version 2.
    pub signature_age: Option<i64>,
}

/// The beginning of a chain of chunk signatures.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The key of the scope.
    pub key: SigningKey,
    /// The signing time, `YYYYMMDDTHHMMSSZ`.
    pub timestamp: String,
    /// The scope.
    pub scope: Scope<'static>,
    /// The signature of the request, the seed of the chain.
    pub seed: String,
}

impl Presented<'_> {
    /// Verifies the credential with the secret of its access key.
    ///
    /// # Errors
    /// The first thing that does not hold. Nothing of the request may be acted upon then.
    pub fn verify(
        &self,
        request: &Request,
        secret: &SecretKey,
        keys: &SigningKeyCache,
        rules: &Rules<'_>,
    ) -> Result<Verified, AuthFault> {
        let (Some(scope), Some(timestamp)) = (&self.scope, self.timestamp) else {
            return self.verify_v2(request, secret, rules);
        };
        check_scope_elements(scope, timestamp, rules, self.mechanism != Mechanism::Header)?;
        check_signed_headers(request, &self.signed_headers)?;
        self.check_time(timestamp, rules)?;
        let payload = self.canonical_payload(rules)?;
        let key = keys.signing_key(self.access_key_id, secret, scope);
        let parts = Parts { signed_headers: &self.signed_headers, path: rules.path, payload: &payload };
        let canonical = canonical_request(request, &parts);
        let date = format_timestamp(timestamp);
        let text = string_to_sign(&date, scope, &canonical);
        let computed = key.sign(&text);
        if !is_same(&computed, self.signature) || !is_orderly(request, &self.signed_headers) {
            return Err(self.mismatch(text, canonical));
        }
        let streams = self.payload.is_streaming();
        let chain = streams.then(|| {
            let scope = scope.clone().into_owned();
            Box::new(Chain { key, timestamp: date, scope, seed: computed })
        });
        Ok(self.verified(chain, Some(rules.now.saturating_sub(timestamp).saturating_mul(1000))))
    }

    fn check_time(&self, signed_at: i64, rules: &Rules<'_>) -> Result<(), AuthFault> {
        let (now, allowed) = (rules.now, rules.skew);
        let Mechanism::Query { expires } = self.mechanism else {
            let skewed = now.abs_diff(signed_at) > allowed.unsigned_abs();
            return if skewed { Err(AuthFault::Skewed { signed_at, now, allowed }) } else { Ok(()) };
        };
        if expires > rules.longest_url {
            return Err(AuthFault::QueryParameter(QueryProblem::ExpiresTooLong(rules.longest_url)));
        }
        if signed_at.saturating_sub(now) > allowed {
            return Err(AuthFault::NotYetValid { signed_at, now, allowed });
        }
        let expired_at = signed_at.saturating_add(expires);
        if now > expired_at {
            return Err(AuthFault::UrlExpired { expired_at, now, lifetime: Some(expires) });
        }
        Ok(())
    }

    fn canonical_payload(&self, rules: &Rules<'_>) -> Result<String, AuthFault> {
        match (rules.body, self.payload, self.mechanism) {
            (Body::Sha256(hash), _, _) => Ok(hex(&hash)),
            (Body::Declared, PayloadHash::Absent, Mechanism::Header) => Err(AuthFault::MissingPayloadHash),
            (Body::Declared, payload, _) => Ok(payload.canonical()),
        }
    }

    pub(super) fn mismatch(&self, string_to_sign: String, canonical_request: Vec<u8>) -> AuthFault {
        AuthFault::SignatureMismatch(Box::new(Mismatch {
            access_key_id: self.access_key_id.to_owned(),
            provided: self.signature.to_owned(),
            string_to_sign,
            canonical_request,
        }))
    }

    pub(super) fn verified(&self, chain: Option<Box<Chain>>, signature_age: Option<i64>) -> Verified {
        let payload = match self.payload {
            PayloadHash::Absent => PayloadHash::Unsigned,
            declared => declared,
        };
        Verified { mechanism: self.mechanism, payload, chain, signature_age }
    }
}

pub(super) fn check_scope_elements(
    scope: &Scope<'_>,
    timestamp: i64,
    rules: &Rules<'_>,
    in_query: bool,
) -> Result<(), AuthFault> {
    match scope_problem(scope, timestamp, rules) {
        Some(part) => Err(AuthFault::WrongScope { part, in_query }),
        None => Ok(()),
    }
}

fn scope_problem(scope: &Scope<'_>, timestamp: i64, rules: &Rules<'_>) -> Option<ScopePart> {
    let got = |text: &str| text.to_owned();
    if scope.terminator != TERMINATOR {
        return Some(ScopePart::Terminator(got(&scope.terminator)));
    }
    if scope.service != rules.service {
        let expecting = rules.service.to_owned();
        return Some(ScopePart::Service { got: got(&scope.service), expecting });
    }
    if let Some(regions) = rules.regions
        && !regions.contains(&&*scope.region)
    {
        let expecting = regions.first().copied().unwrap_or_default().to_owned();
        return Some(ScopePart::Region { got: got(&scope.region), expecting });
    }
    (!scope.is_on_day_of(timestamp)).then(|| ScopePart::Date { got: got(&scope.date), signed_at: timestamp })
}

/// Signed headers are named in small letters, in order, once, and are all there: nothing else is what AWS signs, and
/// what is computed for it here may not be what the signer meant.
fn is_orderly(request: &Request, signed: &[Cow<'_, str>]) -> bool {
    let is_there = |name: &str| name == "host" || request.headers.contains_key(name);
    let is_small = |name: &str| !name.bytes().any(|byte| byte.is_ascii_uppercase());
    signed.is_sorted_by(|a, b| a < b) && signed.iter().all(|name| is_small(name) && is_there(name))
}

/// The host and every `x-amz-*` header decide what a request means, so all of them must be signed.
fn check_signed_headers(request: &Request, signed: &[Cow<'_, str>]) -> Result<(), AuthFault> {
    let is_signed = |name: &str| signed.iter().any(|s| s == name);
    let sent = request.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    let unsigned: Vec<_> =
        std::iter::once("host").chain(sent).filter(|name| !is_signed(name)).map(str::to_owned).collect();
    if unsigned.is_empty() { Ok(()) } else { Err(AuthFault::HeadersNotSigned(unsigned)) }
}
