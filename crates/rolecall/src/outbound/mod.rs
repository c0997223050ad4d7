//! The door out: how identity providers are asked for their keys. Every address is checked where it is
//! connected to, nothing is followed, and an answer is short and soon or none.

mod addresses;
mod trust;

pub use addresses::Allowed;

use crate::config::{Config, Mode};
use addresses::may_be_asked;
use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rolecall_federation::{Fetch, FetchError, LONGEST_DOCUMENT};
use rustls_pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use trust::Trust;
pub(crate) use trust::by_itself;

/// The guarded client. It sends no credentials, follows no redirect and knows no proxy.
pub struct Outbound {
    trust: Trust,
    allowed: Allowed,
    /// A development server may ask its own machine, also without TLS.
    loopback: bool,
}

/// A URL that may be asked, taken apart.
struct Place {
    secure: bool,
    host: String,
    port: u16,
    /// As the `Host` header has it.
    authority: String,
    target: String,
}

impl Outbound {
    /// The door of a server with this configuration: it trusts the system's authorities and those of
    /// `ca_bundle`.
    ///
    /// # Errors
    /// When the bundle cannot be read.
    pub fn new(config: &Config) -> Result<Self> {
        let trust = Trust::new(config.ca_bundle.as_deref()).context("the certificates that calls trust")?;
        let allowed = Allowed::parse(&config.allow_outbound)?;
        Ok(Self { trust, allowed, loopback: config.mode == Mode::Dev })
    }

    async fn fetch(&self, url: &str, thumbprints: &[String]) -> Result<Bytes, FetchError> {
        let place = Place::parse(url)?;
        let addresses = self.addresses(&place).await?;
        let stream = connect(&addresses).await?;
        if !place.secure {
            return exchange(stream, &place).await;
        }
        let name =
            ServerName::try_from(place.host.clone()).map_err(|e| FetchError::Refused(e.to_string()))?;
        let connector = TlsConnector::from(Arc::new(self.trust.config(thumbprints)));
        let stream = connector.connect(name, stream).await.map_err(|e| trust::refusal(&e))?;
        exchange(stream, &place).await
    }

    /// The addresses of a host that may be asked. What is connected to is one of these very addresses: the
    /// name is not looked up again.
    async fn addresses(&self, place: &Place) -> Result<Vec<SocketAddr>, FetchError> {
        let found = tokio::net::lookup_host((place.host.as_str(), place.port)).await.map_err(unreachable)?;
        let named = self.allowed.names(&place.host);
        let fits = |address: &SocketAddr| {
            let ip = address.ip().to_canonical();
            let own = self.loopback && ip.is_loopback();
            if place.secure { named || own || self.allowed.holds(ip) || may_be_asked(ip) } else { own }
        };
        let fitting: Vec<SocketAddr> = found.filter(fits).take(MOST_TRIED).collect();
        match fitting.is_empty() {
            false => Ok(fitting),
            true => Err(FetchError::Refused(format!("{} has no address that may be asked", place.authority))),
        }
    }
}

#[async_trait]
impl Fetch for Outbound {
    async fn get(&self, url: &str, thumbprints: &[String]) -> Result<Bytes, FetchError> {
        match tokio::time::timeout(PATIENCE, self.fetch(url, thumbprints)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(FetchError::Unreachable(format!("{url}: no answer in time"))),
        }
    }
}

impl Place {
    fn parse(url: &str) -> Result<Self, FetchError> {
        let refused = || FetchError::Refused(format!("'{url}' is not a URL that may be asked"));
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(refused)?;
        let (secure, usual) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") => (false, 80),
            _ => return Err(refused()),
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        Ok(Self {
            secure,
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            authority: authority.to_string(),
            target,
        })
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, FetchError> {
    let mut last = FetchError::Unreachable("no address".to_owned());
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = unreachable(error),
        }
    }
    Err(last)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    place: &Place,
) -> Result<Bytes, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    let connection = Ending(tokio::spawn(connection));
    let answer = sender.send_request(place.request()?).await.map_err(unreachable)?;
    if answer.status() != http::StatusCode::OK {
        let what = format!("{}: status {}", place.authority, answer.status());
        let gone = answer.status().is_client_error();
        return Err(if gone { FetchError::Unusable(what) } else { FetchError::Unreachable(what) });
    }
    let body = Limited::new(answer.into_body(), LONGEST_DOCUMENT).collect().await;
    drop(connection);
    body.map(|body| body.to_bytes()).map_err(|e| FetchError::Unreachable(e.to_string()))
}

/// A connection that ends with whoever waits for its answer.
struct Ending(tokio::task::JoinHandle<hyper::Result<()>>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Place {
    fn request(&self) -> Result<http::Request<Empty<Bytes>>, FetchError> {
        let host = HeaderValue::from_str(&self.authority).map_err(unreachable)?;
        http::Request::get(&self.target)
            .header(header::HOST, host)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("rolecall/", env!("CARGO_PKG_VERSION")))
            .body(Empty::new())
            .map_err(unreachable)
    }
}

fn unreachable(error: impl std::fmt::Display) -> FetchError {
    FetchError::Unreachable(error.to_string())
}

/// How long everything may take, from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// Addresses of one host that are tried.
const MOST_TRIED: usize = 4;

#[cfg(test)]
mod tests;
