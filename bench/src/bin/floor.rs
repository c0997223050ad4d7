//! The floor: a bare hyper server that answers every request with the same captured bytes; and, when it is given an
//! audit record, one that also does what no server like ours can leave out: it hashes what it was sent, as a signature
//! wants it, and appends the record before it answers, as our server does. It understands nothing of it.

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::digest::{self, SHA256};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rolecall_core::Audit;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::{env, fs};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> Result<()> {
    let mut words = env::args().skip(1);
    let answer = fs::read(words.next().context(USAGE)?)?;
    let answer = parse(&answer).ok_or_else(|| anyhow!("that is no HTTP/1.1 answer"))?;
    let duty = words.next().map(|record| Duty::read(Path::new(&record))).transpose()?;
    let service = Arc::new(Service { answer, duty });
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        // Asked to end, it returns from here: a profile is written at the end of `main`.
        let mut end = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = serve(service) => ended,
            _ = end.recv() => Ok(()),
        }
    })
}

/// What every request gets.
struct Service {
    answer: Response<Bytes>,
    duty: Option<Duty>,
}

/// What is done for a request besides.
struct Duty {
    record: Vec<u8>,
    log: Audit,
}

impl Duty {
    /// The log is a folder beside the record.
    fn read(record: &Path) -> Result<Self> {
        Ok(Self { record: fs::read(record)?, log: Audit::open(&record.with_extension("log"))? })
    }

    async fn done(&self, head: &request::Parts, body: &[u8]) -> Result<()> {
        let mut hash = digest::Context::new(&SHA256);
        for (name, value) in &head.headers {
            hash.update(name.as_ref());
            hash.update(value.as_bytes());
        }
        hash.update(body);
        black_box(hash.finish());
        Ok(self.log.append(&self.record, 0).await?)
    }
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

async fn serve(service: Arc<Service>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, Arc::clone(&service)));
    }
}

/// A client that goes away ends its connection and nothing else.
async fn converse(stream: TcpStream, service: Arc<Service>) {
    let respond = service_fn(|request| same_bytes(request, Arc::clone(&service)));
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), respond).await);
}

async fn same_bytes(request: Request<Incoming>, service: Arc<Service>) -> Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?;
    if let Some(duty) = &service.duty {
        duty.done(&head, &body.to_bytes()).await?;
    }
    Ok(service.answer.clone().map(Full::new))
}

const USAGE: &str = "usage: floor ANSWER [RECORD]: files with an HTTP/1.1 answer, and with an audit record";
