//! The door out against servers of our own on loopback.

use super::Outbound;
use crate::config::{Config, Mode, Overrides};
use crate::tls;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use data_encoding::HEXLOWER;
use rolecall_federation::{Fetch, FetchError};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}

fn outbound(mode: Mode, allowed: &[&str], bundle: Option<&str>) -> Outbound {
    tls::install();
    let overrides = Overrides { data_dir: Some("/nowhere".into()), ..Overrides::default() };
    let mut config = Config::load(mode, overrides, None).unwrap();
    config.allow_outbound = allowed.iter().map(|entry| (*entry).to_owned()).collect();
    config.ca_bundle = bundle.map(fixture);
    Outbound::new(&config).unwrap()
}

/// A server that gives this answer to everybody, and counts who came.
struct Server {
    port: u16,
    came: Arc<AtomicUsize>,
}

impl Server {
    async fn start(certificate: Option<&str>, answer: impl Into<Vec<u8>>) -> Self {
        tls::install();
        let acceptor = certificate.map(|name| {
            let chain = tls::certificates(&fixture(name)).unwrap();
            let key = PrivateKeyDer::from_pem_file(fixture("key.pem")).unwrap();
            let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
            TlsAcceptor::from(Arc::new(config.unwrap()))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, came) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let (answer, count) = (answer.into(), Arc::clone(&came));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, acceptor) = (answer.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let mut asked = [0; 4096];
                    match acceptor {
                        None => {
                            let _ = stream.read(&mut asked).await;
                            let _ = stream.write_all(&answer).await;
                        }
                        Some(acceptor) => {
                            let Ok(mut stream) = acceptor.accept(stream).await else { return };
                            let _ = stream.read(&mut asked).await;
                            let _ = stream.write_all(&answer).await;
                            let _ = stream.shutdown().await;
                        }
                    }
                });
            }
        });
        Self { port, came }
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn thumbprint(name: &str, at: usize) -> Vec<String> {
    let chain = tls::certificates(&fixture(name)).unwrap();
    vec![HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &chain[at]).as_ref())]
}

/// OID-09: a name or address that leads to this machine or its networks leads nowhere, unless the operator
/// says so.
#[tokio::test]
async fn oid_09_inner_addresses_are_refused_where_they_are_connected_to() {
    let server = Server::start(Some("certificate.pem"), ok("{}")).await;
    let port = server.port;
    let guarded = outbound(Mode::Serve, &[], Some("certificate.pem"));
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        format!("https://user@localhost:{port}/"),
        format!("http://localhost:{port}/"),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        String::new(),
    ] {
        let seen = guarded.get(&url, &[]).await;
        assert!(matches!(seen, Err(FetchError::Refused(_) | FetchError::Unreachable(_))), "{url}: {seen:?}");
    }
    assert_eq!(server.came(), 0, "nobody was connected to");
    let url = format!("https://localhost:{port}/");
    for allowed in ["localhost", "127.0.0.0/8"] {
        let opened = outbound(Mode::Serve, &[allowed], Some("certificate.pem"));
        assert_eq!(opened.get(&url, &[]).await.unwrap(), "{}", "{allowed}");
    }
    assert!(outbound(Mode::Serve, &["example.com", "10.0.0.0/8"], None).get(&url, &[]).await.is_err());
}

/// OID-09: what a server says of other places is not followed.
#[tokio::test]
async fn oid_09_redirects_are_not_followed() {
    let inner = Server::start(None, ok("{}")).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n",
            inner.port
        );
        let server = Server::start(Some("certificate.pem"), answer).await;
        let door = outbound(Mode::Serve, &["localhost"], Some("certificate.pem"));
        let seen = door.get(&format!("https://localhost:{}/", server.port), &[]).await;
        assert!(matches!(seen, Err(FetchError::Unreachable(_))), "{seen:?}");
        assert_eq!((server.came(), inner.came()), (1, 0));
    }
}

#[tokio::test]
async fn plain_http_is_for_a_development_servers_own_machine() {
    let server = Server::start(None, ok("{}")).await;
    let url = format!("http://localhost:{}/x", server.port);
    assert_eq!(outbound(Mode::Dev, &[], None).get(&url, &[]).await.unwrap(), "{}");
    assert!(outbound(Mode::Serve, &["localhost"], None).get(&url, &[]).await.is_err());
    let seen = outbound(Mode::Dev, &["1.1.1.1"], None).get("http://1.1.1.1/", &[]).await;
    assert!(matches!(seen, Err(FetchError::Refused(_))), "{seen:?}");
}

#[tokio::test]
async fn an_answer_is_whole_and_short_and_good_or_none() {
    let long = "x".repeat(rolecall_federation::LONGEST_DOCUMENT + 1);
    let longest = long[1..].to_owned();
    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
    let partial = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_owned();
    let garbage = "SSH-2.0-OpenSSH\r\n".to_owned();
    let door = outbound(Mode::Dev, &[], None);
    for (answer, good) in
        [(ok(&longest), true), (ok(&long), false), (missing, false), (partial, false), (garbage, false)]
    {
        let server = Server::start(None, answer).await;
        let seen = door.get(&format!("http://127.0.0.1:{}/", server.port), &[]).await;
        assert_eq!(seen.is_ok(), good, "{:?}", seen.map(|body| body.len()));
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let before = std::time::Instant::now();
    let seen = outbound(Mode::Dev, &[], None).get(&url, &[]).await;
    assert!(matches!(seen, Err(FetchError::Unreachable(_))), "{seen:?}");
    assert!(before.elapsed() < super::PATIENCE * 2);
}

/// A certificate that nobody vouches for is believed by its thumbprint, or by that of an authority that it
/// comes with; name and validity hold all the same.
#[tokio::test]
async fn a_thumbprint_vouches_for_a_certificate_and_for_nothing_else() {
    let door = outbound(Mode::Dev, &[], None);
    for (chain, prints, good) in [
        ("certificate.pem", vec![], false),
        ("certificate.pem", thumbprint("certificate.pem", 0), true),
        ("certificate.pem", thumbprint("issued.pem", 0), false),
        ("issued.pem", vec![], false),
        ("issued.pem", thumbprint("issued.pem", 0), true),
        ("issued.pem", thumbprint("issued.pem", 1), true),
        ("issued.pem", thumbprint("certificate.pem", 0), false),
        ("expired.pem", thumbprint("expired.pem", 0), false),
        ("other-name.pem", thumbprint("other-name.pem", 0), false),
    ] {
        let server = Server::start(Some(chain), ok("{}")).await;
        let seen = door.get(&format!("https://localhost:{}/", server.port), &prints).await;
        match good {
            true => assert_eq!(seen.unwrap(), "{}", "{chain}"),
            false => assert!(matches!(seen, Err(FetchError::Certificate(_))), "{chain} {prints:?}: {seen:?}"),
        }
    }
    let bundled = outbound(Mode::Dev, &[], Some("authority.pem"));
    let server = Server::start(Some("issued.pem"), ok("{}")).await;
    assert_eq!(bundled.get(&format!("https://localhost:{}/", server.port), &[]).await.unwrap(), "{}");
}
