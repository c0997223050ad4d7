//! The counters, for scrapers that sign nothing. They have a listener of their own; nothing else is there, and nowhere
//! else are they told without a signature.

use super::host::Hosts;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use rolecall_core::body::AnswerBody;
use rolecall_core::{Answer, Peer, System, metrics};

/// The counters at `GET /metrics`, whatever its query; everything else is not there.
pub(super) fn answer(system: &System, hosts: &Hosts, peer: &Peer, parts: &Parts) -> Answer {
    let asks = matches!(parts.method, Method::GET | Method::HEAD) && parts.uri.path() == "/metrics";
    if asks && !is_of_a_page(hosts, peer, parts) {
        return say(200, metrics::CONTENT_TYPE, metrics::text(system).into());
    }
    say(404, "text/plain", Bytes::from_static(b"404 - Not Found\n"))
}

/// A web page that points its own name at the loopback address reads nothing, as on the other listeners.
fn is_of_a_page(hosts: &Hosts, peer: &Peer, parts: &Parts) -> bool {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    peer.address.is_loopback() && hosts.place(host).is_none()
}

fn say(status: u16, media_type: &'static str, body: Bytes) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answer { status, headers, body: AnswerBody::Full(body) }
}
