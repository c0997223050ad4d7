//! Web identity through the whole server: an issuer over TLS whose certificate no authority vouches for.

use crate::house::{House, config};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use rolecall::app::App;
use rolecall::client::{Client, Credentials, Reply};
use rolecall::config::{Mode, Throttle};
use rolecall::data_dir::DataDir;
use rolecall::tls;
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The thumbprint alone vouches for the issuer, in a production server: another one, or none, does not, and
/// keys fetched under the right one are forgotten with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_known_by_its_thumbprint_only_is_believed_by_it_and_nothing_else() {
    let house = production().await;
    let issuer = Issuer::start("certificate.pem").await;
    let (right, other) = (thumbprint("certificate.pem"), thumbprint("issued.pem"));
    let arn = register(&house, &issuer, &[]).await;
    refused(&house, &issuer).await;
    put_thumbprint(&house, &arn, &other).await;
    refused(&house, &issuer).await;
    assert_eq!(issuer.served(), 0, "nobody was asked before the certificate was believed");

    put_thumbprint(&house, &arn, &right).await;
    let session = credentials(&assume(&house, &issuer).await);
    let seen = house.client.query(&session, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    let name = "arn:aws:sts::123456789012:assumed-role/web/job";
    assert_eq!((seen.status, seen.text("Arn").as_deref()), (200, Some(name)), "{seen:?}");
    assert_eq!(issuer.served(), 2, "the configuration and the keys, over TLS");

    put_thumbprint(&house, &arn, &other).await;
    refused(&house, &issuer).await;
    put_thumbprint(&house, &arn, &right).await;
    assert_eq!(assume(&house, &issuer).await.status, 200);
}

/// OID-09: an issuer on this machine or its networks, registered by whoever may, makes a production server connect
/// to nobody, by name or by address, whatever vouches for its certificate.
#[tokio::test(flavor = "multi_thread")]
async fn oid_09_an_issuer_inside_is_not_connected_to() {
    let house = production_with(&[]).await;
    let issuer = Issuer::start("certificate.pem").await;
    register(&house, &issuer, &[thumbprint("certificate.pem")]).await;
    let seen = assume(&house, &issuer).await;
    let code = seen.text("Code");
    assert_eq!((seen.status, code.as_deref()), (400, Some("InvalidIdentityToken")), "{seen:?}");
    assert!(seen.text("Message").unwrap().starts_with("Couldn"), "{seen:?}");
    assert_eq!(issuer.came(), 0);
    let opened = production_with(&["127.0.0.0/8"]).await;
    register(&opened, &issuer, &[thumbprint("certificate.pem")]).await;
    assert_eq!(assume(&opened, &issuer).await.status, 200);
    assert!(issuer.came() > 0);
}

/// A thumbprint makes no certificate good that is over, or somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn a_thumbprint_does_not_stand_for_name_or_validity() {
    for certificate in ["expired.pem", "other-name.pem"] {
        let house = production().await;
        let issuer = Issuer::start(certificate).await;
        register(&house, &issuer, &[thumbprint(certificate)]).await;
        refused(&house, &issuer).await;
        assert_eq!(issuer.served(), 0, "{certificate}");
    }
}

/// With the limits that a server has by itself, a fleet behind one address is let in for as many good tokens as it
/// has, and one that keeps sending bad ones is not listened to for long.
#[tokio::test(flavor = "multi_thread")]
async fn dos_07_good_tokens_from_one_address_are_not_limited_and_bad_ones_are() {
    let house = production().await;
    let issuer = Issuer::start("certificate.pem").await;
    register(&house, &issuer, &[thumbprint("certificate.pem")]).await;
    for _ in 0..600 {
        assert_eq!(assume(&house, &issuer).await.status, 200);
    }
    let stranger = Issuer { keys: new_keys(), ..issuer };
    let mut looked_at = 0;
    while assume(&house, &stranger).await.text("Code").as_deref() == Some("InvalidIdentityToken") {
        looked_at += 1;
        assert!(looked_at < 2_000, "guessing is limited");
    }
    assert!(looked_at >= 500, "{looked_at}");
    let seen = house.client.query(&house.root, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(seen.status, 200, "signed callers of the same address are not touched: {seen:?}");
}

async fn refused(house: &House, issuer: &Issuer) {
    let seen = assume(house, issuer).await;
    let said = (seen.status, seen.text("Code"), seen.text("Message"));
    let message = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
    assert_eq!(said.0, 400, "{seen:?}");
    assert_eq!(said.1.as_deref(), Some("InvalidIdentityToken"), "{seen:?}");
    assert_eq!(said.2.map(|text| text.replace("&apos;", "'")).as_deref(), Some(message));
}

/// A server as `rolecall serve` starts it, which may reach this machine by name.
async fn production() -> House {
    production_with(&["localhost"]).await
}

async fn production_with(allowed: &[&str]) -> House {
    tls::install();
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(&directory);
    config.mode = Mode::Serve;
    config.throttle = Throttle::default();
    config.allow_outbound = allowed.iter().map(|entry| (*entry).to_owned()).collect();
    drop(DataDir::at(&config.data_dir).create(&config).await.unwrap());
    let app = App::start(&config).await.unwrap();
    let root = DataDir::at(&config.data_dir).read_root().unwrap();
    let secret = SecretKey::new(root.secret.to_string());
    let root = Credentials { access_key_id: root.access_key_id, secret, session_token: None };
    let client = Client::new(&format!("http://{}", app.addresses()[0]), "us-east-1", None).unwrap();
    House { app, config, root, client, directory }
}

/// Registers the issuer, and a role that trusts whomever it calls alice.
async fn register(house: &House, issuer: &Issuer, thumbprints: &[String]) -> String {
    let url = issuer.url();
    let mut params = vec![("Url", url.as_str()), ("ClientIDList.member.1", "app")];
    params.extend(thumbprints.iter().map(|print| ("ThumbprintList.member.1", print.as_str())));
    let made = ok(house, "CreateOpenIDConnectProvider", &params).await;
    let arn = made.text("OpenIDConnectProviderArn").unwrap();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{}:sub", issuer.name()): "alice"}}}]});
    let trust = trust.to_string();
    ok(house, "CreateRole", &[("RoleName", "web"), ("AssumeRolePolicyDocument", &trust)]).await;
    arn
}

async fn put_thumbprint(house: &House, arn: &str, print: &str) {
    let params = [("OpenIDConnectProviderArn", arn), ("ThumbprintList.member.1", print)];
    ok(house, "UpdateOpenIDConnectProviderThumbprint", &params).await;
}

async fn ok(house: &House, action: &str, params: &[(&str, &str)]) -> Reply {
    let seen = house.client.query(&house.root, Service::Iam, action, params).await.unwrap();
    assert_eq!(seen.status, 200, "{action}: {seen:?}");
    seen
}

/// The signature that comes along is nobody's: the call needs none and looks at none.
async fn assume(house: &House, issuer: &Issuer) -> Reply {
    let nobody = Credentials {
        access_key_id: "AKIAXXXXXXXXXXXXXXXX".into(),
        secret: SecretKey::new("none".into()),
        session_token: None,
    };
    let token = issuer.token();
    let role = "arn:aws:iam::123456789012:role/web";
    let params = [("RoleArn", role), ("RoleSessionName", "job"), ("WebIdentityToken", token.as_str())];
    house.client.query(&nobody, Service::Sts, "AssumeRoleWithWebIdentity", &params).await.unwrap()
}

fn credentials(seen: &Reply) -> Credentials {
    assert_eq!(seen.status, 200, "{seen:?}");
    let text = |name| seen.text(name).unwrap();
    let secret = SecretKey::new(text("SecretAccessKey"));
    Credentials { access_key_id: text("AccessKeyId"), secret, session_token: Some(text("SessionToken")) }
}

/// An issuer on this machine, with a certificate of the fixtures.
struct Issuer {
    port: u16,
    keys: EcdsaKeyPair,
    came: Arc<AtomicUsize>,
    served: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start(certificate: &str) -> Self {
        let chain = chain(certificate);
        let key = PrivateKeyDer::from_pem_file(fixture("key.pem")).unwrap();
        let acceptor = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let acceptor = TlsAcceptor::from(Arc::new(acceptor.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let issuer = Self { port, keys: new_keys(), came: Arc::default(), served: Arc::default() };
        let (about, jwks) = (issuer.about(), issuer.jwks());
        let (came, served) = (Arc::clone(&issuer.came), Arc::clone(&issuer.served));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                came.fetch_add(1, Ordering::SeqCst);
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut asked = [0; 4096];
                let read = stream.read(&mut asked).await.unwrap_or_default();
                let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
                let body = if asked.starts_with("GET /keys ") { &jwks } else { &about }.to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                served.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        issuer
    }

    /// How often somebody has connected.
    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// How many documents it has given out.
    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    fn name(&self) -> String {
        format!("localhost:{}", self.port)
    }

    fn url(&self) -> String {
        format!("https://{}", self.name())
    }

    fn about(&self) -> Value {
        json!({"issuer": self.url(), "jwks_uri": format!("{}/keys", self.url())})
    }

    fn jwks(&self) -> Value {
        let (x, y) = self.keys.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": encode(x), "y": encode(y)}]})
    }

    fn token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({"iss": self.url(), "sub": "alice", "aud": "app", "iat": now, "exp": now + 600});
        let header = json!({"alg": "ES256", "kid": "k"});
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.keys.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode(signature))
    }
}

fn new_keys() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn thumbprint(certificate: &str) -> String {
    HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &chain(certificate)[0]).as_ref())
}

fn chain(certificate: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(fixture(certificate)).unwrap().map(Result::unwrap).collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}
