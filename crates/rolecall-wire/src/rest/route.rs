//! Which S3 operation a request means.

use crate::operation::{Row, Service, rows};
use crate::request::Request;
use crate::sigv4::moved::is_sent;
use http::Method;
use http::header::CONTENT_TYPE;

/// Uploading by an HTML form, which the model leaves out: `POST /{Bucket}` with `multipart/form-data`.
pub static POST_OBJECT: Row = Row {
    service: Service::S3,
    name: "PostObject",
    method: Method::POST,
    path: BUCKET,
    query: &[],
    accepts: &[],
    header: None,
    unsigned: false,
    streams_in: true,
    streams_out: false,
    result: Some("PostResponse"),
    status: 204,
};

/// The operation a request means: of the rows with its method and kind of path whose demands it
/// meets, the one that demands most. `None` when there is none, and also when the request has a
/// sub-resource that this row does not know, so that a request for something we lack is never
/// served as something else. (`?name` without a value counts as a sub-resource whatever its name.)
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
    let demanded = |row: &Row| row.query.iter().any(|(n, _)| *n == name);
    if demanded(row) || row.accepts.contains(&name) || is_signing_or_remark(name) {
        return true;
    }
    !value.is_empty() && !rows(Service::S3).iter().any(|row| demanded(row))
}

/// `X-Amz-Signature` and its like, `x-id`, and the remarks that callers may add to presigned URLs.
fn is_signing_or_remark(name: &str) -> bool {
    name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"))
}

const BUCKET: &str = "/{Bucket}";
const OBJECT: &str = "/{Bucket}/{Key+}";
