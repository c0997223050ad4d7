//! What the head of an HTTP/1 request said and hyper leaves out: of a request with both lengths it shows one (RFC 9112
//! §6.3 lets it choose), and of a target the part before a fragment. Both are refused here, so the head is listened to
//! on its way. (Of HTTP/2 nothing is listened to: it has one length, and what its paths have after a `#` is cut off
//! before anybody verifies or serves them.)

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose requests' heads are kept until they are served.
pub(crate) struct Overheard<S> {
    stream: S,
    head: Head,
    /// True when something was written since the last read: what comes next is another request, if it is none's body.
    was_answered: bool,
}

/// The head that a connection heard last.
#[derive(Clone, Default)]
pub(crate) struct Head(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// The first [`LONGEST`] bytes since the last answer.
    bytes: Vec<u8>,
    /// True once it was asked for: what follows is body.
    is_over: bool,
}

/// The target of a request had a fragment, which no request has (RFC 9112 §3.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragment;

impl<S> Overheard<S> {
    /// A connection, and the head that it will have heard last.
    pub(crate) fn new(stream: S) -> (Self, Head) {
        let head = Head::default();
        (Self { stream, head: head.clone(), was_answered: false }, head)
    }
}

impl Head {
    /// The request as its client sent it: with the length that was left out, and a word about the fragment.
    pub(crate) fn restore<B>(&self, mut request: Request<B>) -> Request<B> {
        let mut heard = self.heard();
        heard.is_over = true;
        let head = heard.head(request.method());
        if head.is_some_and(has_fragment) {
            request.extensions_mut().insert(Fragment);
        }
        // A head that was not heard, because requests were sent without waiting for answers, is not trusted.
        if request.headers().contains_key(TRANSFER_ENCODING) && head.is_none_or(has_length) {
            request.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        request
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn hear(&mut self, bytes: &[u8], is_fresh: bool) {
        if is_fresh {
            self.is_over = false;
            self.bytes.clear();
            self.bytes.shrink_to(USUAL);
        }
        if !self.is_over {
            let more = bytes.len().min(LONGEST - self.bytes.len());
            self.bytes.extend_from_slice(bytes.get(..more).unwrap_or(bytes));
        }
    }

    /// What was heard, when it begins as a request with this method does.
    fn head(&self, method: &Method) -> Option<&[u8]> {
        let head = self.bytes.trim_ascii_start();
        head.strip_prefix(method.as_str().as_bytes())?.starts_with(b" ").then_some(head)
    }
}

fn has_fragment(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').next().is_some_and(|line| line.contains(&b'#'))
}

/// True when a line before the empty one is a `Content-Length`, or there is no empty one.
fn has_length(head: &[u8]) -> bool {
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            return false;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str().as_bytes()) {
            return true;
        }
    }
    true
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let is_fresh = std::mem::take(&mut self.was_answered);
        self.head.heard().hear(buf.filled().get(before..).unwrap_or_default(), is_fresh);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.was_answered = true;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.was_answered = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Bytes that are kept: the longest head that is served.
const LONGEST: usize = crate::serve::LONGEST_HEAD;
/// Bytes that are kept for the next request.
const USUAL: usize = 2 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn restored(heard: &[&str]) -> Request<()> {
        let head = Head::default();
        for (number, piece) in heard.iter().enumerate() {
            head.heard().hear(piece.as_bytes(), number == 0);
        }
        let mut request = Request::new(());
        *request.method_mut() = Method::PUT;
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        head.restore(request)
    }

    #[test]
    fn a_second_length_is_given_back_wherever_it_stood() {
        for (heard, given_back) in [
            (&["PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"][..], false),
            (&["PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 1\r\n"], false),
            (&["PUT /b/k HTTP/1.1\r\nX: content-length:\r\n\r\n"], false),
            (&["PUT /b/k HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"], true),
            (&["\r\nPUT /b/k HTTP/1.1\nTransfer-Encoding: chunked\ncontent-LENGTH:1\n\n"], true),
            (&["PUT /b/k HTTP/1.1\r\nConte", "nt-Length: 1\r\n\r\n"], true),
            // Of these the head is not known.
            (&["PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"], true),
            (&["GET / HTTP/1.1\r\n\r\nPUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"], true),
            (&[], true),
        ] {
            assert_eq!(restored(heard).headers().contains_key(CONTENT_LENGTH), given_back, "{heard:?}");
        }
        let plain = Head::default().restore(Request::new(()));
        assert_eq!(plain.headers(), &HeaderMap::new());
    }

    #[test]
    fn a_fragment_is_told_of_the_target_alone() {
        for (heard, told) in [
            ("PUT /b/k#f HTTP/1.1\r\n\r\n", true),
            ("PUT /b/k?a=1#f HTTP/1.1\r\n\r\n", true),
            ("PUT /b/k%23f HTTP/1.1\r\nX: #\r\n\r\n#", false),
        ] {
            assert_eq!(restored(&[heard]).extensions().get::<Fragment>().is_some(), told, "{heard}");
        }
    }

    #[test]
    fn no_more_is_kept_than_a_head_can_be_long_and_nothing_of_a_body() {
        let head = Head::default();
        head.heard().hear(&vec![b'x'; LONGEST - 1], true);
        head.heard().hear(b"xx", false);
        assert_eq!(head.heard().bytes.len(), LONGEST);
        drop(head.restore(Request::new(())));
        head.heard().hear(b"GET / HTTP/1.1\r\n\r\n", true);
        assert!(head.heard().bytes.capacity() <= USUAL);
        drop(head.restore(Request::new(())));
        head.heard().hear(b"body", false);
        assert_eq!(head.heard().bytes, b"GET / HTTP/1.1\r\n\r\n");
    }
}
