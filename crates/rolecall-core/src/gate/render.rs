//! Answers and errors in the form of their protocol.

use super::call::Answer;
use super::cx::Cx;
use super::handler::Reply;
use crate::audit::{Trail, response_elements};
use crate::body::AnswerBody;
use crate::error::Error;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use rolecall_wire::error::common::SERVICE_UNAVAILABLE;
use rolecall_wire::operation::Encode;
use rolecall_wire::rest::response;
use rolecall_wire::{ApiError, Effect, Protocol, Service, json, xml};

/// The answer of an operation that succeeded.
pub(super) fn success<O: Encode>(cx: &mut Cx<'_>, reply: Reply<O>) -> Answer {
    if cx.row.service != Service::S3 && cx.row.effect != Effect::Reads {
        cx.response = Some(response_elements(&reply.output));
    }
    match cx.row.service.protocol() {
        Protocol::Query if cx.wants_json && speaks_json(cx.row.service) => full(
            reply.status.unwrap_or(cx.row.status),
            "application/json",
            json::query_response(cx.row, &reply.output, &cx.request_id),
            cx.row.service,
            &cx.request_id,
        ),
        Protocol::Query => {
            let body = xml::query_response(cx.row, &reply.output, &cx.request_id);
            full(cx.row.status, "text/xml", body, cx.row.service, &cx.request_id)
        }
        Protocol::RestJson => {
            let body = json::response(&reply.output);
            full(cx.row.status, "application/json", body, cx.row.service, &cx.request_id)
        }
        Protocol::Json => {
            let body = json::response(&reply.output);
            full(cx.row.status, JSON, body, cx.row.service, &cx.request_id)
        }
        Protocol::RestXml => rest(cx, reply),
    }
}

/// The query services that answer in JSON when asked to; IAM does not.
fn speaks_json(service: Service) -> bool {
    matches!(service, Service::Sts | Service::Rolecall)
}

fn rest<O: Encode>(cx: &Cx<'_>, reply: Reply<O>) -> Answer {
    let written = response(cx.row, &reply.output);
    let mut headers = written.headers;
    headers.extend(reply.headers);
    ids(&mut headers, Service::S3, &cx.request_id);
    let body = match reply.body {
        AnswerBody::Empty if !written.body.is_empty() => AnswerBody::Full(Bytes::from(written.body)),
        body => body,
    };
    Answer { status: reply.status.unwrap_or(written.status), headers, body }
}

/// The answer that tells an error; the record remembers it.
pub(super) fn error(trail: &mut Trail, error: Error, wants_json: bool) -> Answer {
    if let Error::Internal(cause) = &error {
        tracing::error!(
            cause,
            operation = &*trail.operation,
            request_id = &*trail.request_id,
            "a request failed"
        );
    }
    let error = error.into_answer(trail.service);
    let answer = tell(trail, &error, wants_json);
    trail.error = Some(error);
    answer
}

/// The answer when no audit record can be written.
pub(super) fn unavailable(trail: &Trail, wants_json: bool) -> Answer {
    let message = "The request has failed due to a temporary failure of the server.";
    tell(trail, &ApiError::new(SERVICE_UNAVAILABLE, message), wants_json)
}

fn tell(trail: &Trail, error: &ApiError, wants_json: bool) -> Answer {
    let (service, id) = (trail.service, &trail.request_id);
    match service.protocol() {
        Protocol::RestXml => {
            let body = xml::s3_error(error, id, &host_id(id));
            let mut answer = full(error.code.status, "application/xml", body, service, id);
            for (name, value) in &error.headers {
                answer
                    .headers
                    .extend(HeaderValue::from_str(value).map(|value| (HeaderName::from_static(name), value)));
            }
            answer
        }
        Protocol::Json => {
            let (status, body) = json::error(error);
            full(status, JSON, body, service, id)
        }
        Protocol::RestJson => rest_error(error, service, id),
        Protocol::Query if wants_json && speaks_json(service) => {
            full(error.code.status, "application/json", json::query_error(error, id), service, id)
        }
        Protocol::Query => {
            full(error.code.status, "text/xml", xml::query_error(service, error, id), service, id)
        }
    }
}

fn rest_error(error: &ApiError, service: Service, request_id: &str) -> Answer {
    let (code, body) = json::rest_error(error);
    let mut answer = full(error.code.status, "application/json", body, service, request_id);
    let kind = HeaderName::from_static("x-amzn-errortype");
    answer.headers.insert(kind, HeaderValue::from_static(code));
    answer
}

fn full(
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
    service: Service,
    request_id: &str,
) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    ids(&mut headers, service, request_id);
    Answer { status, headers, body: AnswerBody::Full(Bytes::from(body)) }
}

fn ids(headers: &mut HeaderMap, service: Service, request_id: &str) {
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if service == Service::S3 {
        put(&S3_REQUEST_ID, request_id);
        put(&S3_HOST_ID, &host_id(request_id));
    } else {
        put(&REQUEST_ID, request_id);
    }
}

/// S3's second id: made from the first, so that both name the same record.
fn host_id(request_id: &str) -> String {
    use base64::Engine;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, request_id.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest)
}

/// The media type of the services that always speak JSON.
const JSON: &str = "application/x-amz-json-1.1";
static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
static S3_HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
