//! TLS: both protocols of HTTP, and files that cannot be used.

use crate::house::{House, config, plain_listener};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rolecall::app::App;
use rolecall::client::Client;
use rolecall::config::Listen;
use rolecall_wire::Service;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
