//! `/livez` and `/readyz`: for probes, unsigned, and telling nothing but yes or no.

use super::host::Place;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use rolecall_core::body::AnswerBody;
use rolecall_core::{Answer, System};
use rolecall_wire::Request;

/// The answer, when the request is a probe.
pub(super) async fn answer(system: &System, request: &Request, place: &Place) -> Option<Answer> {
    let asks = matches!(request.method, Method::GET | Method::HEAD) && request.query.is_empty();
    if !asks || request.headers.contains_key(header::AUTHORIZATION) || matches!(place, Place::Bucket(_)) {
        return None;
    }
    match request.path.as_str() {
        "/livez" => Some(say(200, "ok\n")),
        "/readyz" if is_ready(system).await => Some(say(200, "ok\n")),
        "/readyz" => Some(say(503, "not ready\n")),
        _ => None,
    }
}

async fn is_ready(system: &System) -> bool {
    let day = system.clock.now().div_euclid(86_400);
    let (store, audit) = (system.is_initialised().await, system.audit.probe(day).await);
    match (store, audit) {
        (Ok(true), Ok(())) => true,
        (store, audit) => {
            tracing::warn!(?store, ?audit, "not ready");
            false
        }
    }
}

fn say(status: u16, text: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answer { status, headers, body: AnswerBody::Full(Bytes::from_static(text.as_bytes())) }
}
