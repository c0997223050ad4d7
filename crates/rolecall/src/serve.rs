//! The accept loop: connections, their limits, and how they end.

use crate::body;
use crate::doors::{Connection, Doors};
use crate::instances::Machine;
use crate::socket::Socket;
use crate::workers::Workers;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A listening socket.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// What is behind it.
    pub behind: Behind,
}

/// What a listener leads to.
#[derive(Clone)]
pub enum Behind {
    /// Every service, and how connections are encrypted; `None` for plain HTTP.
    Services(Option<TlsAcceptor>),
    /// The metadata of an instance.
    Metadata(Machine),
}

/// A running server.
pub struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinSet<()>,
    connections: Arc<GracefulShutdown>,
    workers: Arc<Workers>,
}

/// What every connection needs.
struct House {
    doors: Arc<Doors>,
    places: Arc<Semaphore>,
}

impl Server {
    /// Accepts connections on all listeners, at most `most` at a time.
    ///
    /// # Errors
    /// When the system refuses the threads that serve them.
    pub fn start(listeners: Vec<Listener>, doors: Arc<Doors>, most: usize) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (connections, workers) = (Arc::new(GracefulShutdown::new()), Arc::new(Workers::start()?));
        let house = Arc::new(House { doors, places: Arc::new(Semaphore::new(most)) });
        let mut accepting = JoinSet::new();
        for listener in listeners {
            let (house, connections) = (Arc::clone(&house), Arc::clone(&connections));
            let (workers, mut stopped) = (Arc::clone(&workers), stopped.clone());
            accepting.spawn(async move {
                tokio::select! {
                    () = accept(listener, &house, &workers, &connections) => {}
                    _ = stopped.changed() => {}
                }
            });
        }
        Ok(Self { stop, accepting, connections, workers })
    }

    /// Stops accepting, lets requests under way finish for at most `patience`, and tells whether all
    /// did.
    pub async fn stop(mut self, patience: Duration) -> bool {
        let _ = self.stop.send(true);
        while self.accepting.join_next().await.is_some() {}
        let Some(connections) = Arc::into_inner(self.connections) else { return false };
        let all = tokio::time::timeout(patience, connections.shutdown()).await.is_ok();
        drop(self.workers);
        all
    }
}

/// A place is taken before a connection is accepted: when all are taken, newcomers wait in the
/// kernel's queue and cost nothing here.
async fn accept(listener: Listener, house: &Arc<House>, workers: &Workers, connections: &GracefulShutdown) {
    loop {
        let Ok(place) = Arc::clone(&house.places).acquire_owned().await else { return };
        let accepted = listener.socket.accept().await;
        // Taken out of this thread's event loop: another one will watch it.
        let (stream, peer) = match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let (house, watcher, behind) = (Arc::clone(house), connections.watcher(), listener.behind.clone());
        workers.spawn(async move {
            if let Err(error) = connection(stream, peer, behind, house, watcher).await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
            drop(place);
        });
    }
}

/// Out of file descriptors, or a connection that died in the queue: the next one may do better.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn connection(
    stream: std::net::TcpStream,
    peer: SocketAddr,
    behind: Behind,
    house: Arc<House>,
    watcher: Watcher,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    let doors = Arc::clone(&house.doors);
    let tls = match behind {
        Behind::Services(Some(tls)) => tls,
        Behind::Services(None) => {
            let client = Connection::new(doors, peer.ip(), false);
            return Ok(http1(Socket::new(stream), client, watcher).await?);
        }
        Behind::Metadata(machine) => {
            machine.limit_hops(&stream)?;
            let client = Connection::to_instance(doors, peer.ip(), machine.instance);
            return Ok(http1(Socket::new(stream), client, watcher).await?);
        }
    };
    let client = Connection::new(doors, peer.ip(), true);
    let stream = tokio::time::timeout(HEAD_PATIENCE, tls.accept(Socket::new(stream))).await??;
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        return Ok(http2(stream, client, watcher).await?);
    }
    Ok(http1(stream, client, watcher).await?)
}

async fn http1(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    client: Connection,
    watcher: Watcher,
) -> hyper::Result<()> {
    let client = Arc::new(client);
    let service = service_fn(move |request| answer(Arc::clone(&client), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_header_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await
}

async fn http2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Connection,
    watcher: Watcher,
) -> hyper::Result<()> {
    let client = Arc::new(client);
    let service = service_fn(move |request| answer(Arc::clone(&client), request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_PATIENCE)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LONGEST_HEAD_H2)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await
}

async fn answer(
    client: Arc<Connection>,
    request: http::Request<Incoming>,
) -> Result<http::Response<body::Outgoing>, Infallible> {
    let head = request.method() == http::Method::HEAD;
    let answer = client.answer(request.map(body::incoming)).await;
    Ok(body::response(answer, head))
}

/// How long a client may take over a request's head or a TLS handshake.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Headers of a request.
const MOST_HEADERS: usize = 100;
/// Bytes of a request's head: a session token and 2 KiB of metadata fit many times.
const LONGEST_HEAD: usize = 64 << 10;
const LONGEST_HEAD_H2: u32 = 64 << 10;
/// Requests under way on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;
