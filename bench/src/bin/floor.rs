//! The floor: a bare hyper server that answers every request with the same captured bytes.

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io::Read;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> Result<()> {
    let answer = Arc::new(read_answer()?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        // Asked to end, it returns from here: a profile is written at the end of `main`.
        let mut end = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = serve(answer) => ended,
            _ = end.recv() => Ok(()),
        }
    })
}

/// The file named on the command line, or standard input: an HTTP answer as it travelled.
fn read_answer() -> Result<Response<Bytes>> {
    let mut raw = Vec::new();
    match std::env::args().nth(1) {
        Some(path) => raw = std::fs::read(&path).with_context(|| path)?,
        None => drop(std::io::stdin().read_to_end(&mut raw)?),
    }
    parse(&raw).ok_or_else(|| anyhow!("usage: floor [FILE with an HTTP/1.1 answer]"))
}

fn parse(raw: &[u8]) -> Option<Response<Bytes>> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (str::from_utf8(raw.get(..end)?).ok()?, raw.get(end + 4..)?);
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Response::builder().status(status).body(Bytes::copy_from_slice(body)).ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (HeaderName::try_from(name).ok()?, HeaderValue::try_from(value.trim()).ok()?);
        answer.headers_mut().append(name, value);
    }
    // hyper writes the date itself, as it does for the server.
    answer.headers_mut().remove("date");
    Some(answer)
}

async fn serve(answer: Arc<Response<Bytes>>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, Arc::clone(&answer)));
    }
}

/// A client that goes away ends its connection and nothing else.
async fn converse(stream: TcpStream, answer: Arc<Response<Bytes>>) {
    let respond = service_fn(|request| same_bytes(request, Arc::clone(&answer)));
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), respond).await);
}

async fn same_bytes(
    request: http::Request<Incoming>,
    answer: Arc<Response<Bytes>>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    Ok((*answer).clone().map(Full::new))
}
