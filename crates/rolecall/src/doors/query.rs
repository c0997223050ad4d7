//! The door of the query services: a bounded form in, parameters out.

use super::refusal;
use bytes::{Bytes, BytesMut};
use http::header;
use rolecall_core::body::BodyStream;
use rolecall_core::{Error, Message, limits};
use rolecall_wire::{Request, Service, query};
use std::io;
use std::time::Duration;

/// Reads the form, or takes the query string of a request without one.
pub(super) async fn message(
    request: &Request,
    service: Option<Service>,
    body: BodyStream,
) -> Result<Message, Error> {
    let body = read(request, body).await?;
    let params = if body.is_empty() {
        request.query.iter().map(|(n, v)| (n, v)).collect()
    } else {
        query::parse_form(&body)?
    };
    Ok(Message::Query { service, params, body })
}

/// The whole body, bounded in size and time.
pub(super) async fn read(request: &Request, body: BodyStream) -> Result<Bytes, Error> {
    let announced = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits::QUERY_BODY as u64) {
        return Err(refusal::body_too_large());
    }
    tokio::time::timeout(PATIENCE, collect(body)).await.map_err(|_| refusal::too_slow())?
}

async fn collect(mut body: BodyStream) -> Result<Bytes, Error> {
    let mut all = BytesMut::new();
    while let Some(piece) = body.next().await.map_err(|error| broken(&error))? {
        if all.len() + piece.len() > limits::QUERY_BODY {
            return Err(refusal::body_too_large());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

fn broken(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => refusal::too_slow(),
        _ => refusal::broken_off(),
    }
}

/// How long a whole form may take.
const PATIENCE: Duration = Duration::from_secs(30);
