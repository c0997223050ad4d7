//! Bodies on their way in and out.

use bytes::Bytes;
use futures_util::Stream;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// A body as it arrives from or leaves for a socket.
///
/// The mutex is never locked: it only makes a request that holds a body shareable between threads.
pub struct BodyStream(Mutex<Pieces>);

type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

impl BodyStream {
    /// A body from a stream of its pieces.
    pub fn new(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(stream)))
    }

    /// A body that is all there.
    pub fn of(bytes: Bytes) -> Self {
        Self::new(futures_util::stream::iter([Ok(bytes)]))
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the sender breaks off.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        use futures_util::StreamExt;
        self.pieces().next().await.transpose()
    }

    fn pieces(&mut self) -> &mut Pieces {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for BodyStream {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.pieces().as_mut().poll_next(cx)
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyStream")
    }
}

/// The body of an answer.
#[derive(Debug, Default)]
pub enum AnswerBody {
    /// None.
    #[default]
    Empty,
    /// All there.
    Full(Bytes),
    /// Streamed, of a known length in bytes.
    Stream(BodyStream, u64),
}
