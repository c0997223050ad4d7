//! The door of the query services: a bounded form in, parameters out.

use super::refusal;
use bytes::{Bytes, BytesMut};
use http::header;
use rolecall_core::body::BodyStream;
use rolecall_core::{Error, Message, limits};
use rolecall_wire::{Request, Service, query};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
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
    let mut collecting = pin!(collect(body));
    // Mostly it came with the head, and needs no timer.
    let arrived = poll_fn(|cx| Poll::Ready(collecting.as_mut().poll(cx))).await;
    if let Poll::Ready(body) = arrived {
        return body;
    }
    tokio::time::timeout(PATIENCE, collecting).await.map_err(|_| refusal::too_slow())?
}

/// What comes in one piece is not copied.
async fn collect(mut body: BodyStream) -> Result<Bytes, Error> {
    let first = next(&mut body, 0).await?.unwrap_or_default();
    let Some(second) = next(&mut body, first.len()).await? else { return Ok(first) };
    let mut all = BytesMut::from([first, second].concat().as_slice());
    while let Some(piece) = next(&mut body, all.len()).await? {
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

/// The next piece after this many bytes.
async fn next(body: &mut BodyStream, before: usize) -> Result<Option<Bytes>, Error> {
    let piece = body.next().await.map_err(|error| broken(&error))?;
    match piece {
        Some(piece) if before + piece.len() > limits::QUERY_BODY => Err(refusal::body_too_large()),
        piece => Ok(piece),
    }
}

fn broken(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => refusal::too_slow(),
        _ => refusal::broken_off(),
    }
}

/// How long a whole form may take.
const PATIENCE: Duration = Duration::from_secs(30);
