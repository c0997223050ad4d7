//! Whether the answers of a connection that many requests share are read: a reader may keep such a connection alive
//! and take nothing of what was asked for.

use crate::body::Outgoing;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The answers of a connection: how many are not wholly taken, and how often a piece was.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    open: AtomicUsize,
    taken: AtomicU64,
}

/// An answer's body, in pieces of at most [`PIECE`], each of which counts as progress.
#[derive(Debug)]
pub(crate) struct Watched {
    body: Outgoing,
    /// The rest of a piece that was longer.
    rest: Bytes,
    progress: Arc<Progress>,
}

impl Progress {
    /// Returns when answers were to be taken and nothing was for a whole [`PATIENCE`].
    pub(crate) async fn stalled(&self) {
        let mut last = None;
        loop {
            let now = self.taken.load(Ordering::Relaxed);
            if self.open.load(Ordering::Relaxed) > 0 && last == Some(now) {
                return;
            }
            last = (self.open.load(Ordering::Relaxed) > 0).then_some(now);
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

impl Watched {
    /// An answer's body, watched.
    pub(crate) fn new(body: Outgoing, progress: Arc<Progress>) -> Self {
        progress.open.fetch_add(1, Ordering::Relaxed);
        Self { body, rest: Bytes::new(), progress }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.progress.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.rest.is_empty() {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(piece))) => self.rest = piece,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        self.progress.taken.fetch_add(1, Ordering::Relaxed);
        let length = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.size_hint().lower() + self.rest.len() as u64;
        SizeHint::with_exact(left)
    }
}

/// How long nothing may be taken.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is handed over at once, in bytes: all that a request can keep waiting when its reader takes nothing.
const PIECE: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_body_comes_whole_in_small_pieces() {
        let sent = Bytes::from((0..40_000u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>());
        let mut body = Watched::new(Outgoing::Full(Some(sent.clone())), Arc::default());
        let mut seen = Vec::new();
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() <= PIECE);
            seen.extend_from_slice(&piece);
            assert_eq!(body.size_hint().exact(), Some((sent.len() - seen.len()) as u64));
        }
        assert!(seen == sent && body.is_end_stream());
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_nobody_takes_are_noticed_and_those_taken_slowly_are_not() {
        let progress = Arc::new(Progress::default());
        let waited = |seconds| tokio::time::timeout(Duration::from_secs(seconds), progress.stalled());
        assert!(waited(600).await.is_err(), "nothing is asked for");
        let mut body = Watched::new(Outgoing::Full(Some(vec![0; 1 << 20].into())), Arc::clone(&progress));
        let slowly = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(29)).await;
                body.frame().await.unwrap().unwrap();
            }
        };
        tokio::select! { () = progress.stalled() => panic!("it is taken"), () = slowly => {} }
        assert!(waited(61).await.is_ok());
        drop(body);
        assert!(waited(600).await.is_err(), "it is over");
    }
}
