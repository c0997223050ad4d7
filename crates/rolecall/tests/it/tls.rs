//! TLS: both protocols of HTTP, and files that cannot be used.

use crate::house::{House, config, plain_listener};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rolecall::app::App;
use rolecall::client::Client;
use rolecall::config::Listen;
use rolecall::tls::Certificate;
use rolecall_wire::Service;
use rustls::DigitallySignedStruct;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread")]
async fn http_1_and_2_are_served_over_tls_and_the_audit_log_knows() {
    rolecall::tls::install();
    let files = tempfile::tempdir().unwrap();
    let listen = listener(files.path());
    let house = House::with(|config| config.listen = vec![plain_listener(), listen]).await;
    let port = house.app.addresses()[1].port();
    let connector = rolecall::tls::connector(&certificate()).unwrap();
    let client = Client::new(&format!("https://localhost:{port}"), "us-east-1", Some(connector)).unwrap();
    let seen = client.query(&house.root, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    assert_eq!(over_http2(port).await, "ok\n");
}

async fn over_http2(port: u16) -> String {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate()).unwrap()).unwrap();
    let mut tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(tls)).connect(name, stream).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request =
        http::Request::get(format!("https://localhost:{port}/livez")).body(Empty::<bytes::Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_files_that_cannot_be_used_are_refused() {
    rolecall::tls::install();
    let files = tempfile::tempdir().unwrap();
    let good = listener(files.path());
    let key = good.tls_key.clone().unwrap();
    let refused = |listen: Listen, because: &'static str| async move {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(&directory);
        config.listen = vec![listen];
        let Err(error) = App::start(&config).await else { panic!("started in spite of: {because}") };
        assert!(format!("{error:#}").contains(because), "{error:#}");
    };
    refused(Listen { tls_certificate: Some(key.clone()), ..good.clone() }, "no certificate in it").await;
    refused(Listen { tls_certificate: None, ..good.clone() }, "go together").await;
    refused(Listen { tls_key: Some("/nowhere/key.pem".into()), ..good.clone() }, "/nowhere/key.pem").await;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(good, "chmod 600").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_12_a_key_that_its_group_may_read_is_taken_and_one_for_everybody_is_not() {
    rolecall::tls::install();
    let files = tempfile::tempdir().unwrap();
    let listen = listener(files.path());
    let key = listen.tls_key.clone().unwrap();
    for (mode, good) in [(0o640, true), (0o440, true), (0o644, false), (0o660, false)] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(Certificate::load(&listen).is_ok(), good, "{mode:o}");
    }
}

/// Files that change are followed without a word, a broken one leaves the certificate before in force, and a
/// connection of before goes on.
#[tokio::test(flavor = "multi_thread")]
async fn item_4_a_certificate_is_exchanged_while_it_serves() {
    rolecall::tls::install();
    let files = tempfile::tempdir().unwrap();
    let listen = own_listener(files.path());
    let (chain, key) = (listen.tls_certificate.clone().unwrap(), listen.tls_key.clone().unwrap());
    let mut house = House::with(|config| config.listen = vec![plain_listener(), listen]).await;
    let port = house.app.addresses()[1].port();
    let before = presented(port).await;
    let mut open = connect(port).await;
    let (new_chain, new_key) = fresh_certificate(files.path());

    // The chain alone: it does not fit the key that is there.
    std::fs::rename(&new_chain, &chain).unwrap();
    let wanted = house.config.clone();
    let failed = house.app.reload(&wanted).await.failed;
    assert!(failed.len() == 1 && failed[0].contains("do not go together"), "{failed:?}");
    assert_eq!(presented(port).await, before, "the one before goes on");

    // With its key it is taken as soon as somebody looks.
    std::fs::rename(&new_key, &key).unwrap();
    let mut now = presented(port).await;
    for _ in 0..150 {
        if now != before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        now = presented(port).await;
    }
    assert_ne!(now, before, "the files were followed");
    assert_eq!(livez(&mut open).await, "ok\n", "a connection of before");

    // Told to, it does not wait.
    let third = fresh_certificate(files.path());
    std::fs::rename(third.0, &chain).unwrap();
    std::fs::rename(third.1, &key).unwrap();
    let reloaded = house.app.reload(&wanted).await;
    assert_eq!((reloaded.failed.len(), reloaded.taken.len(), reloaded.left.len()), (0, 1, 0), "{reloaded:?}");
    assert_ne!(presented(port).await, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_4_what_a_running_server_can_take_over_is_taken_and_the_rest_is_named() {
    let mut house = House::new().await;
    let wanted = rolecall::config::Config {
        drain_seconds: 77,
        max_connections: 3,
        region: "eu-west-1".into(),
        ..house.config.clone()
    };
    let reloaded = house.app.reload(&wanted).await;
    assert_eq!(reloaded.taken, ["drain_seconds"]);
    assert_eq!(reloaded.left, ["max_connections", "region"]);
    let again = house.app.reload(&wanted).await;
    assert_eq!((again.taken.len(), again.left.len()), (0, 2), "said as long as it is so");
}

/// A self-signed certificate and its key, made now.
fn fresh_certificate(directory: &Path) -> (PathBuf, PathBuf) {
    let (chain, key) = (directory.join("fresh.pem"), directory.join("fresh.key"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-out"])
        .arg(&chain)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    (chain, key)
}

/// A listener whose files are nobody else's.
fn own_listener(directory: &Path) -> Listen {
    let listen = listener(directory);
    let chain = directory.join("certificate.pem");
    std::fs::copy(certificate(), &chain).unwrap();
    Listen { tls_certificate: Some(chain), ..listen }
}

/// What the server shows who it is by.
async fn presented(port: u16) -> Vec<u8> {
    let stream = connect(port).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

async fn connect(port: u16) -> tokio_rustls::client::TlsStream<tokio::net::TcpStream> {
    let trust = rustls::ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(trust)).connect(name, stream).await.unwrap()
}

async fn livez(stream: &mut tokio_rustls::client::TlsStream<tokio::net::TcpStream>) -> String {
    let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).split("\r\n\r\n").nth(1).unwrap_or_default().to_owned()
}

/// Believes every certificate: which one is shown is what is asked.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn listener(directory: &Path) -> Listen {
    let key = directory.join("key.pem");
    std::fs::copy(fixture("key.pem"), &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    Listen { address: ([127, 0, 0, 1], 0).into(), tls_certificate: Some(certificate()), tls_key: Some(key) }
}

fn certificate() -> PathBuf {
    fixture("certificate.pem")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}

/// A listener that shows this certificate, and the port that it has.
async fn showing(certificate: &str) -> (House, u16, tempfile::TempDir) {
    rolecall::tls::install();
    let files = tempfile::tempdir().unwrap();
    let listen = Listen { tls_certificate: Some(fixture(certificate)), ..listener(files.path()) };
    let house = House::with(|config| config.listen = vec![plain_listener(), listen]).await;
    let port = house.app.addresses()[1].port();
    (house, port, files)
}

/// What our client makes of a server: its HTTP status, or what it tells.
async fn asked(house: &House, endpoint: &str, bundle: &str) -> Result<u16, String> {
    let connector = rolecall::tls::connector(&fixture(bundle)).unwrap();
    let client = Client::new(endpoint, "us-east-1", Some(connector)).unwrap();
    let asked = client.query(&house.root, Service::Sts, "GetCallerIdentity", &[]).await;
    asked.map(|reply| reply.status).map_err(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_with_tls_is_told_as_what_it_is() {
    for (certificate, bundle, told) in [
        ("issued.pem", "certificate.pem", "no authority that is known vouches for it"),
        ("self-signed.pem", "certificate.pem", "no authority that is known vouches for it"),
        ("expired.pem", "expired.pem", "has expired"),
        ("other-name.pem", "other-name.pem", "is for another name"),
    ] {
        let (house, port, _files) = showing(certificate).await;
        let error = asked(&house, &format!("https://localhost:{port}"), bundle).await.unwrap_err();
        assert!(error.contains(told) && !error.contains("running there"), "{certificate}: {error}");
    }
    let (house, port, _files) = showing("certificate.pem").await;
    let plain = house.address().port();
    let error = asked(&house, &format!("http://localhost:{port}"), "certificate.pem").await.unwrap_err();
    assert!(error.contains(&format!("write https://localhost:{port}")), "{error}");
    let error = asked(&house, &format!("https://127.0.0.1:{plain}"), "certificate.pem").await.unwrap_err();
    assert!(error.contains(&format!("write http://127.0.0.1:{plain}")), "{error}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = asked(&house, &format!("http://{free}"), "certificate.pem").await.unwrap_err();
    assert!(error.contains("nothing listens at") && error.contains("running there"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_believed_by_its_authority_or_by_standing_in_the_bundle_itself() {
    for (certificate, bundle) in [
        ("issued.pem", "authority.pem"),
        ("issued.pem", "issued.pem"),
        ("certificate.pem", "certificate.pem"),
        ("self-signed.pem", "self-signed.pem"),
    ] {
        let (house, port, _files) = showing(certificate).await;
        let status = asked(&house, &format!("https://127.0.0.1:{port}"), bundle).await;
        assert_eq!(status, Ok(200), "{certificate} by {bundle}");
    }
}
