//! The documents by which others verify the tokens issued here: public, unsigned, and the same for everybody.

use super::host::Place;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use rolecall_core::body::AnswerBody;
use rolecall_core::federation::issuer;
use rolecall_core::{Answer, System};
use rolecall_wire::Request;

/// The answer, when the request is for a document of an issuer.
pub(super) async fn answer(system: &System, request: &Request, place: &Place) -> Option<Answer> {
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if !reads || !request.path.starts_with(issuer::PREFIX) || matches!(place, Place::Bucket(_)) {
        return None;
    }
    Some(match issuer::document(system, &request.path).await {
        Ok(Some(json)) => say(200, "application/json", Bytes::from(json)),
        Ok(None) => say(404, "text/plain", Bytes::from_static(b"no such issuer\n")),
        Err(error) => {
            tracing::error!(%error, "an issuer's document could not be made");
            say(503, "text/plain", Bytes::from_static(b"not now\n"))
        }
    })
}

/// Verifiers may keep the keys for five minutes; new ones are published before they are used.
fn say(status: u16, content_type: &'static str, body: Bytes) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let cache = if status == 200 { "public, max-age=300" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Answer { status, headers, body: AnswerBody::Full(body) }
}
