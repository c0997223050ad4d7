//! Requests signed with Signature Version 4, ready to go on the wire.

use anyhow::{Result, anyhow};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rolecall_wire::Request;
use rolecall_wire::sigv4::canonical::{PathRule, encode};
use rolecall_wire::sigv4::key::sha256;
use rolecall_wire::sigv4::{PayloadHash, SecretKey, Signer};
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A credential.
#[derive(Debug)]
pub struct Key {
    /// The access key id.
    pub id: String,
    /// Its secret.
    pub secret: SecretKey,
    /// The session token of a temporary credential.
    pub token: Option<String>,
}

/// Who sends, and where to: everything a request needs besides what it asks.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The server, named in `Host`.
    pub address: SocketAddr,
    /// The credential.
    pub key: &'a Key,
}

impl Key {
    /// A credential that does not expire.
    pub fn new(id: &str, secret: &str) -> Self {
        Self { id: id.to_owned(), secret: SecretKey::new(secret.to_owned()), token: None }
    }

    /// The credential in an answer of `CreateAccessKey` or `AssumeRole`.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_xml(xml: &str) -> Result<Self> {
        let part = |name| element(xml, name).ok_or_else(|| anyhow!("no {name} in {xml}"));
        let mut key = Self::new(part("AccessKeyId")?, part("SecretAccessKey")?);
        key.token = element(xml, "SessionToken").map(str::to_owned);
        Ok(key)
    }
}

impl Sender<'_> {
    /// An operation of STS or IAM, as the form the SDKs post.
    ///
    /// # Errors
    /// When the credential cannot stand in a header.
    pub fn query(&self, service: &str, action: &str, params: &[(&str, &str)]) -> Result<Vec<u8>> {
        self.sign(service, Method::POST, "/", &[FORM], form(service, action, params).as_bytes())
    }

    /// An S3 request, path-style.
    ///
    /// # Errors
    /// When the credential cannot stand in a header.
    pub fn s3(&self, method: Method, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        self.sign("s3", method, path, &[], body)
    }

    fn sign(
        &self,
        service: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<u8>> {
        let headers = usual_headers(self.address, headers)?;
        let unreadable = |_| anyhow!("cannot be parsed: {path}");
        let mut request = Request::parse(method, &path.parse()?, headers).map_err(unreadable)?;
        let signer = Signer {
            access_key_id: &self.key.id,
            secret: &self.key.secret,
            session_token: self.key.token.as_deref(),
            region: "us-east-1",
            service,
            path: if service == "s3" { PathRule::Once } else { PathRule::Normalised },
            now: i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?,
        };
        signer.sign(&mut request, PayloadHash::Hex(sha256(body)))?;
        Ok(raw(&request, body))
    }
}

/// An operation of STS that needs no signature.
///
/// # Errors
/// When the address cannot stand in a header.
pub fn unsigned(to: SocketAddr, action: &str, params: &[(&str, &str)]) -> Result<Vec<u8>> {
    let body = form("sts", action, params);
    let unreadable = |_| anyhow!("cannot be parsed");
    let request =
        Request::parse(Method::POST, &"/".parse()?, usual_headers(to, &[FORM])?).map_err(unreadable)?;
    Ok(raw(&request, body.as_bytes()))
}

fn form(service: &str, action: &str, params: &[(&str, &str)]) -> String {
    let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
    let fixed = [("Action", action), ("Version", version)];
    let pairs = fixed.iter().chain(params).map(|(n, v)| format!("{}={}", encode(n), encode(v)));
    pairs.collect::<Vec<_>>().join("&")
}

fn usual_headers(to: SocketAddr, more: &[(&str, &str)]) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    let host = to.to_string();
    for (name, value) in USUAL.iter().chain(&[("host", host.as_str())]).chain(more) {
        map.insert(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
    }
    Ok(map)
}

/// The text of the first element of this name.
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

fn raw(request: &Request, body: &[u8]) -> Vec<u8> {
    let mut out = format!("{} {} HTTP/1.1\r\n", request.method, request.target()).into_bytes();
    for (name, value) in &request.headers {
        out.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if !body.is_empty() || request.method != Method::GET {
        out.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// What every SDK sends besides the signature.
const USUAL: [(&str, &str); 2] = [("accept-encoding", "identity"), ("user-agent", "rolecall-bench/1")];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
