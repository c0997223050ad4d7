//! The accept loop: connections, their limits, and how they end.

use crate::body;
use crate::doors::{Connection, Doors};
use crate::instances::Machine;
use crate::overheard::Overheard;
use crate::places::{Place, Places};
use crate::progress::{Progress, Watched};
use crate::socket::Socket;
use crate::workers::Workers;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rolecall_core::{Background, Task};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
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
    /// The counters, for scrapers.
    Metrics,
}

/// A running server.
pub struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinSet<()>,
    connections: Arc<GracefulShutdown>,
    workers: Arc<Workers>,
    house: Arc<House>,
}

/// What every connection needs.
struct House {
    doors: Arc<Doors>,
    places: Arc<Places>,
    /// Those of scrapers, who take nobody else's.
    scrapers: Arc<Places>,
    background: Background,
    stopped: watch::Receiver<bool>,
}

impl Server {
    /// Accepts connections on all listeners, as many as there are places.
    ///
    /// # Errors
    /// When the system refuses the threads that serve them.
    pub(crate) fn start(listeners: Vec<Listener>, doors: Arc<Doors>, places: Places) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (connections, workers) = (Arc::new(GracefulShutdown::new()), Arc::new(Workers::start()?));
        let background = doors.background().clone();
        let (places, scrapers) = (Arc::new(places), Arc::new(Places::new(MOST_SCRAPERS, SCRAPERS_SHARE)));
        let house = Arc::new(House { doors, places, scrapers, background, stopped: stopped.clone() });
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
        Ok(Self { stop, accepting, connections, workers, house })
    }

    /// Stops accepting, lets requests under way finish for at most `patience`, and tells whether all
    /// did. What the others have begun is finished all the same, as is the work beside requests, within
    /// [`SETTLING`]: no effect stays without its record.
    pub async fn stop(mut self, patience: Duration) -> bool {
        let _ = self.stop.send(true);
        while self.accepting.join_next().await.is_some() {}
        let Some(connections) = Arc::into_inner(self.connections) else { return false };
        let all = tokio::time::timeout(patience, connections.shutdown()).await.is_ok();
        self.workers.cut_off().await;
        let settled = self.house.background.stop(SETTLING).await;
        drop(self.workers);
        all && settled
    }
}

async fn accept(listener: Listener, house: &Arc<House>, workers: &Workers, connections: &GracefulShutdown) {
    let places = house.places_of(&listener.behind);
    loop {
        let Some(door) = places.door().await else { return };
        let accepted = listener.socket.accept().await;
        // Taken out of this thread's event loop: another one will watch it.
        let (stream, peer) = match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let Some(place) = places.enter(peer.ip(), door) else { continue };
        let guest = Guest { stream, peer, behind: listener.behind.clone(), place };
        let (house, watcher) = (Arc::clone(house), connections.watcher());
        workers.spawn(async move {
            if let Err(error) = receive(guest, &house, watcher).await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
        });
    }
}

/// Out of file descriptors, or a connection that died in the queue: the next one may do better.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

impl House {
    fn places_of(&self, behind: &Behind) -> &Arc<Places> {
        match behind {
            Behind::Services(_) | Behind::Metadata(_) => &self.places,
            Behind::Metrics => &self.scrapers,
        }
    }

    /// Waits for the first byte. Who says nothing has no request that a stop would have to wait for.
    async fn hears(&self, stream: &TcpStream) -> bool {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            heard = tokio::time::timeout(HEAD_PATIENCE, stream.readable()) => matches!(heard, Ok(Ok(()))),
            _ = stopped.changed() => false,
        }
    }
}

/// A connection that was accepted, and its place.
struct Guest {
    stream: std::net::TcpStream,
    peer: SocketAddr,
    behind: Behind,
    place: Place,
}

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Serves a connection for as long as its place is good.
async fn receive(guest: Guest, house: &House, watcher: Watcher) -> Ended {
    if guest.place.is_in_anteroom() {
        return tokio::time::timeout(ANTEROOM_PATIENCE, connection(guest, house, watcher)).await?;
    }
    connection(guest, house, watcher).await
}

async fn connection(guest: Guest, house: &House, watcher: Watcher) -> Ended {
    let Guest { stream, peer, behind, place } = guest;
    let (doors, background) = (Arc::clone(&house.doors), &house.background);
    let stream = TcpStream::from_std(stream)?;
    if !house.hears(&stream).await {
        return Ok(());
    }
    let socket = Socket::new(stream, background)?;
    let tls = match behind {
        Behind::Services(Some(tls)) => tls,
        Behind::Services(None) => {
            let client = Connection::new(doors, peer.ip(), false);
            return Ok(http1(socket, client, &place, watcher).await?);
        }
        Behind::Metrics => {
            let client = Connection::to_metrics(doors, peer.ip());
            return Ok(http1(socket, client, &place, watcher).await?);
        }
        Behind::Metadata(machine) => {
            machine.limit_hops(socket.stream_ref()?)?;
            let client = Connection::to_instance(doors, peer.ip(), machine.instance);
            return Ok(http1(socket, client, &place, watcher).await?);
        }
    };
    let client = Connection::new(doors, peer.ip(), true);
    let stream = tokio::time::timeout(HEAD_PATIENCE, tls.accept(socket)).await??;
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        return http2(stream, client, &place, background, watcher).await;
    }
    Ok(http1(stream, client, &place, watcher).await?)
}

async fn http1(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    client: Connection,
    place: &Place,
    watcher: Watcher,
) -> hyper::Result<()> {
    let client = Arc::new(client.waiting(place.is_in_anteroom()));
    let (stream, head) = Overheard::new(stream);
    let service = service_fn(move |request| answer(Arc::clone(&client), head.restore(request)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(!place.is_in_anteroom())
        .max_buf_size(MOST_BUFFERED)
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_header_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await
}

async fn http2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Connection,
    place: &Place,
    background: &Background,
    watcher: Watcher,
) -> Ended {
    let client = Arc::new(client.waiting(place.is_in_anteroom()));
    let progress = Arc::new(Progress::default());
    let moving = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (answer, progress) = (answer(Arc::clone(&client), request), Arc::clone(&moving));
        async move { answer.await.map(|answer| answer.map(|body| Watched::new(body, progress))) }
    });
    let connection = http2::Builder::new(Streams(background.clone()))
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_PATIENCE)
        .max_send_buf_size(MOST_BUFFERED)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LONGEST_HEAD_H2)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = watcher.watch(connection) => Ok(ended?),
        () = progress.stalled() => Err("nothing was read of the answers".into()),
    }
}

/// Where the requests of a shared connection run.
#[derive(Clone)]
struct Streams(Background);

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.0.start(Task::Stream, stream);
    }
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
pub(crate) const LONGEST_HEAD: usize = 64 << 10;
const LONGEST_HEAD_H2: u32 = 64 << 10;
/// How long whoever is in the anteroom may take in all.
const ANTEROOM_PATIENCE: Duration = Duration::from_secs(10);
/// Connections to the counters, and those of one address, before their anteroom.
const MOST_SCRAPERS: usize = 16;
const SCRAPERS_SHARE: usize = 8;
/// How long work that has begun, and the work beside requests, may take when the server stops.
const SETTLING: Duration = Duration::from_secs(10);
/// Bytes of a connection that wait to be sent, or to be read; a head fits twice.
const MOST_BUFFERED: usize = 128 << 10;
/// Requests under way on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;
