//! Bodies between hyper and the core: pieces in with a patience for each, pieces out with a length.

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use rolecall_core::Answer;
use rolecall_core::body::{AnswerBody, BodyStream};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;

/// The body of a response.
#[derive(Debug, Default)]
pub enum Outgoing {
    /// None.
    #[default]
    Empty,
    /// One piece.
    Full(Option<Bytes>),
    /// Pieces, and how many bytes are still to come.
    Stream(BodyStream, u64),
}

/// A request's body as the core reads it. Nothing is read before the core asks, so a slow reader
/// slows its sender; a sender that pauses for longer than [`PATIENCE`] has broken off.
pub fn incoming(body: Incoming) -> BodyStream {
    if body.is_end_stream() {
        return BodyStream::of(Bytes::new());
    }
    BodyStream::new(Arriving { body: Some(body), patience: None })
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The pieces of a body, in time.
struct Arriving<B> {
    /// `None` once the sender has broken off.
    body: Option<B>,
    /// Runs while nothing comes.
    patience: Option<Pin<Box<Sleep>>>,
}

impl<B> Arriving<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
            }
        }
    }
}

impl<B> Stream for Arriving<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = match self.poll_piece(cx) {
            Poll::Pending => {
                let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
                ready!(patience.as_mut().poll(cx));
                Some(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(piece) => piece,
        };
        self.patience = None;
        self.body.take_if(|_| matches!(polled, Some(Err(_))));
        Poll::Ready(polled)
    }
}

/// An answer as hyper sends it. The answer to `HEAD` keeps its length and loses its body.
pub fn response(answer: Answer, head: bool) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::from(answer.body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    *response.headers_mut() = answer.headers;
    if head {
        let length = response.body().size_hint().lower();
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
        *response.body_mut() = Outgoing::Empty;
    }
    response
}

impl From<AnswerBody> for Outgoing {
    fn from(body: AnswerBody) -> Self {
        match body {
            AnswerBody::Empty => Self::Empty,
            AnswerBody::Full(bytes) => Self::Full(Some(bytes)),
            AnswerBody::Stream(stream, length) => Self::Stream(stream, length),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Stream(stream, left) => {
                let piece = ready!(Pin::new(stream).poll_next(cx));
                Poll::Ready(piece.map(|piece| {
                    let piece = piece?;
                    *left = left.saturating_sub(piece.len() as u64);
                    Ok(Frame::data(piece))
                }))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty | Self::Full(None) | Self::Stream(_, 0) => true,
            Self::Full(Some(bytes)) => bytes.is_empty(),
            Self::Stream(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty | Self::Full(None) => SizeHint::with_exact(0),
            Self::Full(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(_, left) => SizeHint::with_exact(*left),
        }
    }
}

/// How long a sender may pause within a body.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};
    use http_body_util::StreamBody;

    /// What comes of a body whose pieces come after so many seconds each: the pieces, or that it took too long.
    async fn arrived(pauses: &'static [u64]) -> Vec<Result<Bytes, io::ErrorKind>> {
        let pieces = stream::iter(pauses).then(|seconds| async {
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
            Ok::<_, io::Error>(Frame::data(Bytes::from_static(b"piece")))
        });
        let body = Some(StreamBody::new(Box::pin(pieces)));
        let arriving = Arriving { body, patience: None };
        arriving.map(|piece| piece.map_err(|error| error.kind())).collect().await
    }

    #[tokio::test(start_paused = true)]
    async fn each_piece_has_its_own_patience_and_after_it_nothing_comes() {
        let piece = || Ok(Bytes::from_static(b"piece"));
        assert_eq!(arrived(&[0, 0]).await, [piece(), piece()]);
        assert_eq!(arrived(&[29, 29, 29]).await, [piece(), piece(), piece()]);
        assert_eq!(arrived(&[0, 31, 0]).await, [piece(), Err(io::ErrorKind::TimedOut)]);
    }
}
