//! The published signing vectors, the attack rows, and the texts, each with its positive control.

mod rows;
mod vectors;

use super::key::{SecretKey, SigningKeyCache, sha256};
use super::payload::PayloadHash;
use super::presented::Presented;
use super::sign::Signer;
use super::verify::{Rules, Verified};
use super::{AuthFault, canonical::PathRule};
use crate::operation::Service;
use crate::{ApiError, Request};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

pub(super) const NOW: i64 = 1_440_938_160;
pub(super) const ID: &str = "AKIDEXAMPLE";

pub(super) fn secret() -> SecretKey {
    SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned())
}

pub(super) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    Request::from_parts(method.parse::<Method>().unwrap(), path, query, map, None).unwrap()
}

/// The request as the server would see it: parsed again from its own line and headers.
pub(super) fn resend(request: &Request) -> Request {
    let target = request.target();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Request::from_parts(request.method.clone(), path, query, request.headers.clone(), None).unwrap()
}

pub(super) fn signer<'a>(service: &'a str, secret: &'a SecretKey) -> Signer<'a> {
    let path = if service == "s3" { PathRule::Once } else { PathRule::Normalised };
    Signer { access_key_id: ID, secret, session_token: None, region: "us-east-1", service, path, now: NOW }
}

pub(super) fn verify(request: &Request, rules: &Rules<'_>) -> Result<Verified, AuthFault> {
    let presented = Presented::find(request)?.expect("a credential is presented");
    presented.verify(request, &secret(), &SigningKeyCache::new(16), rules)
}

pub(super) fn s3(request: &Request, now: i64) -> Result<Verified, ApiError> {
    verify(request, &Rules::s3(now)).map_err(|fault| fault.to_error(Service::S3))
}

pub(super) fn sts(request: &Request, now: i64, body: &[u8]) -> Result<Verified, ApiError> {
    verify(request, &Rules::query("sts", now, sha256(body))).map_err(|fault| fault.to_error(Service::Sts))
}

/// A signed `PUT` of an object, with an unsigned payload.
pub(super) fn put() -> Request {
    let mut request = request("PUT", "/bucket/key", &[("host", "s3.example"), ("x-amz-meta-a", "1")]);
    signer("s3", &secret()).sign(&mut request, PayloadHash::Unsigned).unwrap();
    request
}

/// A presigned `GET` of an object, good for an hour.
pub(super) fn presigned() -> Request {
    let mut request = request("GET", "/bucket/key", &[("host", "s3.example")]);
    signer("s3", &secret()).presign(&mut request, 3600, PayloadHash::Unsigned);
    request
}

/// A signed call of STS and its body.
pub(super) fn call() -> (Request, &'static [u8]) {
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = request("POST", "/", &[("host", "sts.example"), ("content-type", "text/plain")]);
    signer("sts", &secret()).sign(&mut request, PayloadHash::Hex(sha256(body))).unwrap();
    (request, body)
}

pub(super) fn set(request: &mut Request, name: &'static str, value: &str) {
    request.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
}

pub(super) fn code(result: Result<Verified, ApiError>) -> (u16, &'static str, String) {
    let error = result.expect_err("the request must be refused");
    (error.code.status, error.code.code, error.message.into_owned())
}
