//! A TCP connection that is closed gently, and is given up when its reader makes no progress.
//!
//! Closing a socket while the peer still sends makes the kernel reset the connection, and the peer may
//! lose the answer it was about to read (RFC 9112 §9.6). So when the server is done first, the
//! connection says goodbye and discards for a moment what still arrives.

use rolecall_core::{Background, Task};
use socket2::SockRef;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The connection.
pub(crate) struct Socket {
    stream: Option<TcpStream>,
    peer_is_done: bool,
    /// Runs while bytes wait for the reader.
    stalled: Option<Stalled>,
    background: Background,
}

/// A reader that has not taken [`ENOUGH`] yet since it made the server wait.
struct Stalled {
    patience: Pin<Box<Sleep>>,
    taken: usize,
}

impl Socket {
    /// A connection; no more than [`UNSENT`] waits for its reader in the kernel.
    pub(crate) fn new(stream: TcpStream, background: &Background) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        #[cfg(target_os = "linux")]
        SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT)?;
        #[cfg(not(target_os = "linux"))]
        SockRef::from(&stream).set_send_buffer_size(UNSENT as usize)?;
        Ok(Self { stream: Some(stream), peer_is_done: false, stalled: None, background: background.clone() })
    }

    /// The connection below.
    pub(crate) fn stream_ref(&self) -> io::Result<&TcpStream> {
        self.stream.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Holds a write against the time that its reader has.
    fn in_time(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.stalled.take_if(|stalled| stalled.has_taken(bytes));
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let stalled = self.stalled.get_or_insert_with(Stalled::begin);
                ready!(stalled.patience.as_mut().poll(cx));
                self.give_up();
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// The kernel is to keep nothing for this reader either.
    fn give_up(&mut self) {
        self.peer_is_done = true;
        let _ = self.stream.as_ref().map(TcpStream::set_zero_linger);
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = std::task::ready!(self.stream()?.poll_read(cx, buf));
        self.peer_is_done |= outcome.is_err() || buf.filled().len() == before;
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(cx, bytes);
        self.in_time(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write_vectored(cx, pieces);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing waits any more.
        self.stalled = None;
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take().filter(|_| !self.peer_is_done) else { return };
        self.background.start_until_stopped(Task::Farewell, tokio::time::timeout(LINGER, linger(stream)));
    }
}

impl Stalled {
    fn begin() -> Self {
        Self { patience: Box::pin(tokio::time::sleep(PATIENCE)), taken: 0 }
    }

    fn has_taken(&mut self, bytes: usize) -> bool {
        self.taken += bytes;
        self.taken >= ENOUGH
    }
}

async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut waste = vec![0; 16 << 10];
    while matches!(stream.read(&mut waste).await, Ok(read) if read > 0) {}
}

const LINGER: Duration = Duration::from_secs(2);
/// How long a reader may take over each [`ENOUGH`] bytes while more wait for it: 2 KiB a second.
const PATIENCE: Duration = Duration::from_secs(30);
/// What counts as progress, in bytes.
const ENOUGH: usize = 64 << 10;
/// Bytes that wait in the kernel, besides those that are on their way.
const UNSENT: u32 = 128 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    async fn pair() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        (Socket::new(stream, &Background::default()).unwrap(), peer)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up_and_little_waits_for_it() {
        let (mut socket, peer) = pair().await;
        let (begun, mut sent) = (Instant::now(), 0);
        let error = loop {
            match socket.write(&[0; 16 << 10]).await {
                Ok(bytes) => sent += bytes,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((30..32).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert!(sent < 16 << 20, "{sent} bytes");
        drop((socket, peer));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_too_little_is_given_up_and_a_slow_one_is_not() {
        for (piece, is_kept) in [(256 << 10, true), (100, false)] {
            let (mut socket, mut peer) = pair().await;
            let reading = async {
                let mut room = vec![0; piece];
                for _ in 0..20 {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                    peer.read_exact(&mut room).await.unwrap();
                }
            };
            let writing = async { while socket.write(&[0; 64 << 10]).await.is_ok() {} };
            let was_kept = tokio::select! { () = reading => true, () = writing => false };
            assert_eq!(was_kept, is_kept, "{piece} bytes in ten seconds");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_has_nothing_to_write_may_be_idle() {
        let (mut socket, mut peer) = pair().await;
        for _ in 0..3 {
            socket.write_all(b"answer").await.unwrap();
            socket.flush().await.unwrap();
            tokio::time::sleep(Duration::from_secs(100)).await;
            peer.read_exact(&mut [0; 6]).await.unwrap();
        }
    }
}
