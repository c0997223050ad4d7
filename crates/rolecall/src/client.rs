//! A small client of AWS-form services, for our own commands: one request a connection, signed with
//! the same code that the server verifies with.

use crate::trouble::told;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rolecall_core::clock::{Clock, SystemClock};
use rolecall_wire::sigv4::canonical::{PathRule, encode};
use rolecall_wire::sigv4::{PayloadHash, SecretKey, Signer, key::sha256};
use rolecall_wire::{Request, Service, xml};
use rustls_pki_types::ServerName;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// A server, and how to reach it.
#[derive(Clone)]
pub struct Client {
    authority: Authority,
    tls: Option<TlsConnector>,
    region: String,
}

/// Who signs.
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// Its secret.
    pub secret: SecretKey,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What a server says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The error's code.
    pub code: String,
    /// Its sentence.
    pub message: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

impl Clone for Credentials {
    fn clone(&self) -> Self {
        Self {
            access_key_id: self.access_key_id.clone(),
            secret: SecretKey::new(self.secret.expose().to_owned()),
            session_token: self.session_token.clone(),
        }
    }
}

impl Client {
    /// A client of the server at a URL such as `http://127.0.0.1:4566`. HTTPS needs `tls`.
    ///
    /// # Errors
    /// When the URL has no host, another scheme, or HTTPS without certificates to trust.
    pub fn new(endpoint: &str, region: &str, tls: Option<TlsConnector>) -> Result<Self> {
        let uri: Uri = endpoint.parse().with_context(|| format!("'{endpoint}' is not a URL"))?;
        let authority = uri.authority().with_context(|| format!("'{endpoint}' names no host"))?.clone();
        let tls = match (uri.scheme_str(), tls) {
            (Some("http"), _) => None,
            (Some("https"), Some(tls)) => Some(tls),
            (Some("https"), None) => bail!("{endpoint}: nothing is trusted for https"),
            _ => bail!("'{endpoint}' is neither an http nor an https URL"),
        };
        Ok(Self { authority, tls, region: region.to_owned() })
    }

    /// Asks for a query operation and reads the answer's result.
    ///
    /// # Errors
    /// As [`Client::query`], and what the server said when it refused.
    pub async fn result(
        &self,
        who: &Credentials,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<serde_json::Value> {
        let (mut request, body) = self.form(service, action, params)?;
        request.headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        let reply = self.send(Some(who), service, request, body).await?;
        let said: serde_json::Value =
            serde_json::from_slice(&reply.body).with_context(|| reply.is_not_ours())?;
        if let Some(message) = said.pointer("/Error/Message").and_then(|m| m.as_str()) {
            let code = said.pointer("/Error/Code").and_then(|c| c.as_str()).unwrap_or_default();
            return Err(Refused { code: code.to_owned(), message: message.to_owned() }.into());
        }
        let path = format!("/{action}Response/{action}Result");
        Ok(said.pointer(&path).cloned().unwrap_or_default())
    }

    /// Asks for a query operation.
    ///
    /// # Errors
    /// When the server cannot be reached or does not answer in HTTP.
    pub async fn query(
        &self,
        who: &Credentials,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Reply> {
        let (request, body) = self.form(service, action, params)?;
        self.send(Some(who), service, request, body).await
    }

    fn form(&self, service: Service, action: &str, params: &[(&str, &str)]) -> Result<(Request, Bytes)> {
        let pairs = [("Action", action), ("Version", service.version())];
        let pairs =
            pairs.iter().chain(params).map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut request = self.request(Method::POST, "/")?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        request.headers.insert(http::header::CONTENT_TYPE, form);
        Ok((request, body.into()))
    }

    /// Sends an S3 request; anonymous without credentials. `target` is `/bucket/key?query`.
    ///
    /// # Errors
    /// As [`Client::query`].
    pub async fn s3(
        &self,
        who: Option<&Credentials>,
        method: Method,
        target: &str,
        body: Bytes,
    ) -> Result<Reply> {
        let request = self.request(method, target)?;
        self.send(who, Service::S3, request, body).await
    }

    /// A request to this server, to add headers to.
    ///
    /// # Errors
    /// When the target is not a path with an optional query.
    pub fn request(&self, method: Method, target: &str) -> Result<Request> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, HeaderValue::from_str(self.authority.as_str())?);
        Ok(Request::parse(method, &target.parse()?, headers)?)
    }

    /// Signs a request and sends it.
    ///
    /// # Errors
    /// As [`Client::query`].
    pub async fn send(
        &self,
        who: Option<&Credentials>,
        service: Service,
        mut request: Request,
        body: Bytes,
    ) -> Result<Reply> {
        if let Some(who) = who {
            let signer = Signer {
                access_key_id: &who.access_key_id,
                secret: &who.secret,
                session_token: who.session_token.as_deref(),
                region: &self.region,
                service: service.prefix(),
                path: if service == Service::S3 { PathRule::Once } else { PathRule::Normalised },
                now: SystemClock::default().now(),
            };
            signer.sign(&mut request, PayloadHash::Hex(sha256(&body)))?;
        }
        let user_agent = HeaderValue::from_static(concat!("rolecall/", env!("CARGO_PKG_VERSION")));
        request.headers.insert(http::header::USER_AGENT, user_agent);
        self.exchange(request, body).await
    }

    async fn exchange(&self, request: Request, body: Bytes) -> Result<Reply> {
        let target = request.target();
        let mut message = http::Request::new(Full::new(body));
        *message.method_mut() = request.method;
        *message.uri_mut() = target.parse()?;
        *message.headers_mut() = request.headers;
        let exchange = async {
            let stream = TcpStream::connect(self.address()).await?;
            match &self.tls {
                None => speak(stream, message).await,
                Some(tls) => {
                    let name = ServerName::try_from(self.host().to_owned())?;
                    speak(tls.connect(name, stream).await?, message).await
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, exchange).await.map_err(anyhow::Error::from);
        match outcome.and_then(|outcome| outcome) {
            Ok(reply) => Ok(reply),
            Err(error) => Err(told(error, &self.authority, self.address(), self.tls.is_some()).await),
        }
    }

    fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    fn address(&self) -> (&str, u16) {
        (self.host(), self.authority.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 }))
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    message: http::Request<Full<Bytes>>,
) -> Result<Reply> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with this exchange, however that ends.
    let mut exchange = JoinSet::new();
    exchange.spawn(connection);
    let (head, body) = sender.send_request(message).await?.into_parts();
    let body = Limited::new(body, LONGEST).collect().await.map_err(|e| anyhow::anyhow!("the body: {e}"))?;
    Ok(Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
}

impl Reply {
    /// True when the operation was done.
    pub fn is_success(&self) -> bool {
        self.status < 300
    }

    /// What stands there instead of an answer of ours.
    fn is_not_ours(&self) -> String {
        format!(
            "the answer (HTTP status {}) is not of a Rolecall server; is another program there?",
            self.status
        )
    }

    /// The text of the first element with this name.
    pub fn text(&self, name: &str) -> Option<String> {
        find(&xml::parse(&self.body)?, name)
    }

    /// The members of a list of structures: the name and text of each one's elements.
    pub fn members(&self, list: &str) -> Vec<Vec<(String, String)>> {
        let document = xml::parse(&self.body);
        let found = document.as_ref().and_then(|document| element(document, list));
        let members = found.map(|list| list.children.as_slice()).unwrap_or_default();
        members
            .iter()
            .map(|m| m.children.iter().map(|c| (c.name.clone(), c.text.clone())).collect())
            .collect()
    }

    /// The error: code and message.
    pub fn error(&self) -> Option<(String, String)> {
        Some((self.text("Code")?, self.text("Message")?))
    }

    /// The credentials in the answer of `CreateAccessKey` or `AssumeRole`.
    ///
    /// # Errors
    /// When there are none.
    pub fn credentials(&self) -> Result<Credentials> {
        let text = |name| self.text(name).with_context(|| format!("the answer has no {name}"));
        Ok(Credentials {
            access_key_id: text("AccessKeyId")?,
            secret: SecretKey::new(text("SecretAccessKey")?),
            session_token: self.text("SessionToken"),
        })
    }

    /// The value of a header.
    pub fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(HeaderName::from_static(name))?.to_str().ok()
    }

    /// The answer itself when the operation was done.
    ///
    /// # Errors
    /// What the server said otherwise.
    pub fn done(self) -> Result<Self> {
        match self.error() {
            _ if self.is_success() => Ok(self),
            Some((code, message)) => Err(Refused { code, message }.into()),
            None => bail!(self.is_not_ours()),
        }
    }
}

fn element<'n>(node: &'n xml::Node, name: &str) -> Option<&'n xml::Node> {
    if node.name == name { Some(node) } else { node.children.iter().find_map(|child| element(child, name)) }
}

fn find(node: &xml::Node, name: &str) -> Option<String> {
    if node.name == name {
        return Some(node.text.clone());
    }
    node.children.iter().find_map(|child| find(child, name))
}

const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer our commands read.
const LONGEST: usize = 16 << 20;
