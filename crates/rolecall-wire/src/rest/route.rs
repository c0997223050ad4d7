//! Which S3 operation a request means.

use crate::error::{ApiError, s3};
use crate::operation::{Effect, Proof, Row, Service, rows};
use crate::request::Request;
use crate::sigv4::moved::is_sent;
use http::Method;
use http::header::CONTENT_TYPE;
use std::collections::BTreeSet;

/// Uploading by an HTML form, which the model leaves out: `POST /{Bucket}` with `multipart/form-data`.
pub static POST_OBJECT: Row = Row {
    service: Service::S3,
    name: "PostObject",
    method: Method::POST,
    path: BUCKET,
    query: &[],
    accepts: &[],
    header: None,
    effect: Effect::Writes,
    proof: Proof::Form,
    streams_in: true,
    streams_out: false,
    result: Some("PostResponse"),
    status: 204,
};

/// The operation a request means: of the rows with its method and kind of path whose demands it
/// meets, the one that demands most. `None` when there is none, and also when the request has a
/// sub-resource that this row does not know, so that a request for something we lack is never
/// served as something else. (`?name` without a value counts as a sub-resource of a bucket whatever its name. Of an
/// object it means nothing unless some operation has it, and reading one is not kept from by the sub-resources of
/// buckets.)
pub fn route(request: &Request, bucket: Option<&str>, key: Option<&str>) -> Option<&'static Row> {
    let path = match (bucket, key) {
        (None, None) => "/",
        (Some(_), None) => BUCKET,
        (Some(_), Some(_)) => OBJECT,
        (None, Some(_)) => return None,
    };
    if path == BUCKET && is_form_upload(request) {
        return Some(&POST_OBJECT);
    }
    let fits = |row: &&&Row| row.method == request.method && row.path == path && meets(request, row);
    // Of equals the first wins: ListBuckets over ListDirectoryBuckets, which has its own endpoints.
    let row = rows(Service::S3).iter().filter(fits).rev().max_by_key(|row| demands(row))?;
    request.query.iter().all(|(name, value)| knows(row, name, value)).then_some(*row)
}

/// Why a request that means no operation is refused.
pub fn refusal(request: &Request, bucket: Option<&str>, key: Option<&str>) -> ApiError {
    if let Some(conflict) = conflict(request, key.is_some()) {
        return conflict;
    }
    let method = |method: &Method| {
        let other = Request { method: method.clone(), ..request.clone() };
        route(&other, bucket, key).is_some()
    };
    let methods = [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::DELETE];
    let allowed: Vec<_> = methods.into_iter().filter(method).map(|method| method.to_string()).collect();
    let message = "The specified method is not allowed against this resource.";
    ApiError::new(s3::METHOD_NOT_ALLOWED, message).with_header("allow", allowed.join(", "))
}

/// Two sub-resources that no operation has together.
fn conflict(request: &Request, is_object: bool) -> Option<ApiError> {
    let path = if is_object { OBJECT } else { BUCKET };
    let all = || rows(Service::S3).iter().filter(|row| row.path == path);
    let is_resource = |name: &str| !QUALIFIERS.contains(&name) && all().any(|row| row.demands(name));
    let names = request.query.iter().map(|(name, _)| name.as_str()).filter(|name| is_resource(name));
    let names: BTreeSet<&str> = names.collect();
    let first = names.first().filter(|_| names.len() > 1)?;
    let list = names.iter().copied().collect::<Vec<_>>().join(", ");
    Some(
        ApiError::new(s3::INVALID_ARGUMENT, format!("Conflicting query string parameters: {list}"))
            .with("ArgumentName", "ResourceType")
            .with("ArgumentValue", *first),
    )
}

fn is_form_upload(request: &Request) -> bool {
    let kind = request.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let form = kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("multipart/form-data"));
    request.method == Method::POST && form && request.query.is_empty()
}

fn meets(request: &Request, row: &Row) -> bool {
    let query = |(name, value): &(&str, Option<&str>)| {
        request.query(name).is_some_and(|found| value.is_none_or(|wanted| wanted == found))
    };
    row.query.iter().all(query) && row.header.is_none_or(|name| is_sent(request, name))
}

/// A sub-resource says more than the header of a copy.
fn demands(row: &Row) -> usize {
    row.query.len() * 2 + usize::from(row.header.is_some())
}

/// True when a parameter means something to this row or to nobody.
fn knows(row: &Row, name: &str, value: &str) -> bool {
    if row.demands(name) || row.accepts.contains(&name) || is_signing_or_remark(name) {
        return true;
    }
    let mut others = rows(Service::S3).iter().filter(|other| other.demands(name));
    match row.path {
        OBJECT if is_reading(row) => others.all(|other| other.path != OBJECT),
        OBJECT => others.next().is_none(),
        _ => !value.is_empty() && others.next().is_none(),
    }
}

fn is_reading(row: &Row) -> bool {
    matches!(row.method, Method::GET | Method::HEAD)
}

impl Row {
    fn demands(&self, name: &str) -> bool {
        self.query.iter().any(|(known, _)| *known == name)
    }
}

/// `X-Amz-Signature` and its like, `x-id`, and the remarks that callers may add to presigned URLs.
fn is_signing_or_remark(name: &str) -> bool {
    name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"))
}

/// Parameters that operations demand beside their sub-resource.
const QUALIFIERS: [&str; 5] = ["annotationName", "id", "list-type", "partNumber", "select-type"];
const BUCKET: &str = "/{Bucket}";
const OBJECT: &str = "/{Bucket}/{Key+}";
