//! A whole system in memory for tests, and callers that sign what they send.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod answers;
mod paused;
mod standing;

pub use crate::mfa::Codes;
pub use answers::Answers;
pub use paused::Held;

use crate::audit::{Audit, MemoryLog};
use crate::body::{AnswerBody, BodyStream};
use crate::clock::Clock;
use crate::decisions::Keeping;
use crate::gate::{Call, Gate, Handler, Message};
use crate::keyring::KeyRing;
use crate::live::Live;
use crate::system::{Settings, System};
use crate::throttle::{Limits, Throttle};
use bytes::Bytes;
use data_encoding::{BASE32, BASE64};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use rolecall_federation::{Fetch, NoWayOut};
use rolecall_store::{Blobs, Store};
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::sign::Signer;
use rolecall_wire::sigv4::{PayloadHash, SecretKey, SigningKeyCache, key::sha256};
use rolecall_wire::{Request, Service};
use standing::StandingClock;
use std::sync::Arc;

/// A system with an initialised account.
pub struct World {
    /// The gate in front of it.
    pub gate: Gate,
    /// Its account's root user.
    pub root: Credential,
    /// What was recorded.
    pub audit: MemoryLog,
    waiting: Arc<paused::Waiting>,
    directory: tempfile::TempDir,
}

/// Who signs.
pub struct Credential {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: SecretKey,
    /// The session token of temporary credentials.
    pub token: Option<String>,
}

/// A virtual MFA device, as its owner has it.
pub struct Device {
    /// Its serial number.
    pub serial_number: String,
    /// What it shows.
    pub codes: Codes,
}

/// What came back.
#[derive(Debug)]
pub struct Seen {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, read to its end.
    pub body: String,
}

impl World {
    /// A world in `us-east-1` in which this crate's operations are served.
    pub async fn new() -> Self {
        Self::in_region("us-east-1").await
    }

    /// The same in another region.
    pub async fn in_region(region: &str) -> Self {
        let keeping = Keeping { in_messages: false, ..Keeping::default() };
        Self::made(region, keeping, Arc::new(NoWayOut), Limits::default()).await
    }

    /// A world that keeps decisions, and speaks of them, in its own way.
    pub async fn keeping(region: &str, keeping: Keeping) -> Self {
        Self::made(region, keeping, Arc::new(NoWayOut), Limits::default()).await
    }

    /// A world from which these servers can be reached, and that limits what its callers may send.
    pub async fn with_web(fetch: Arc<dyn Fetch>, limits: Limits) -> Self {
        let keeping = Keeping { in_messages: false, ..Keeping::default() };
        Self::made("us-east-1", keeping, fetch, limits).await
    }

    /// A world that limits what its callers may send.
    pub async fn throttled(limits: Limits) -> Self {
        Self::with_web(Arc::new(NoWayOut), limits).await
    }

    async fn made(region: &str, keeping: Keeping, fetch: Arc<dyn Fetch>, limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (audit, lines) = Audit::memory();
        let clock = Arc::new(StandingClock::default());
        let settings = Settings {
            account: ACCOUNT.parse().unwrap(),
            region: region.into(),
            s3_hosts: Vec::new(),
            saml_sign_in_urls: vec!["https://rolecall.example.org/saml".into()],
            signature_v2_urls: true,
            keeping,
            loopback_issuers: false,
            public_url: "https://rolecall.example.com".into(),
        };
        let store = paused::Paused::default();
        let waiting = store.waiting();
        let system = System {
            store: Store::on(store),
            blobs: Blobs::open(directory.path()).unwrap(),
            keys: KeyRing::generate().unwrap(),
            started: clock.now(),
            clock,
            audit,
            background: Default::default(),
            settings,
            signing_keys: SigningKeyCache::new(1000),
            sessions: Default::default(),
            live: Live::new(10_000),
            throttle: Throttle::new(limits),
            usage: Default::default(),
            metrics: Default::default(),
            decisions: Default::default(),
            fetch,
            federation: Default::default(),
            metadata: Default::default(),
        };
        let fresh = system.initialise(None).await.unwrap();
        let root = Credential {
            access_key_id: fresh.record.id.clone(),
            secret: SecretKey::new(fresh.secret.to_string()),
            token: None,
        };
        let gate = Gate::new(Arc::new(system), crate::ops::handlers());
        Self { gate, root, audit: lines, waiting, directory }
    }

    /// The same world, in which the operations of another crate are served, too.
    #[must_use]
    pub fn serving(self, more: &'static [Handler]) -> Self {
        let system = Arc::clone(self.gate.system());
        Self { gate: Gate::new(system, crate::ops::handlers().chain(more)), ..self }
    }

    /// Where its blobs are.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Holds the next commit of a key that contains `what`, until something else was done before it:
    /// `join!(request, world.before_commit_of("bucket").meanwhile(async { … }))`.
    pub fn before_commit_of(&self, what: &str) -> Held {
        Held::next(&self.waiting, what)
    }

    /// Lets time pass, which stands still otherwise.
    pub fn pass(&self, seconds: i64) {
        assert!(self.gate.system().clock.advance(seconds));
    }

    /// Sends a query operation as a POST form.
    pub async fn ask(
        &self,
        who: &Credential,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
    ) -> Seen {
        self.ask_as(Some(who), service, action, params).await
    }

    /// The same; without a credential it is anonymous.
    pub async fn ask_as(
        &self,
        who: Option<&Credential>,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
    ) -> Seen {
        self.ask_with(who, service, action, params, &[]).await
    }

    /// The same with headers.
    pub async fn ask_with(
        &self,
        who: Option<&Credential>,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Seen {
        let mut pairs = vec![("Action", action), ("Version", service.version())];
        pairs.extend_from_slice(params);
        let form: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        let body = Bytes::from(form.join("&"));
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let mut request = head("POST", "/", &[&form, headers].concat());
        if let Some(who) = who {
            self.sign(who, service, &mut request, PayloadHash::Hex(sha256(&body)));
        }
        let message = Message::Query { service: Some(service), params: pairs.into_iter().collect(), body };
        self.send(request, message).await
    }

    /// Asks the IAM toolbox; the parameters are those of its path and query.
    pub async fn toolbox(&self, who: Option<&Credential>, operation: &str, params: &[(&str, &str)]) -> Seen {
        let service = Service::IamToolbox;
        let row = rolecall_wire::operation::find(service, operation).unwrap();
        let mut request = head("GET", &row.path.replace("{authorizationId}", "id"), &[]);
        if let Some(who) = who {
            self.sign(who, service, &mut request, PayloadHash::Hex(sha256(b"")));
        }
        let params = params.iter().copied().collect();
        let operation = operation.to_owned();
        self.send(request, Message::Json { service, operation, params, body: Bytes::new() }).await
    }

    /// Sends an IAM operation as the account's root user and expects it to succeed.
    pub async fn iam(&self, action: &str, params: &[(&str, &str)]) -> Seen {
        let seen = self.ask(&self.root, Service::Iam, action, params).await;
        assert_eq!(seen.status, 200, "{action}: {}", seen.body);
        seen
    }

    /// Sends an S3 request; without a credential it is anonymous. `path` is path-style, with query.
    pub async fn s3(
        &self,
        who: Option<&Credential>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Seen {
        let body = body.into();
        let mut request = head(method, path, headers);
        if let Some(who) = who {
            self.sign(who, Service::S3, &mut request, PayloadHash::Hex(sha256(&body)));
        }
        let mut parts = request.path.trim_start_matches('/').splitn(2, '/');
        let part = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
        let (bucket, key) = (part(parts.next()), part(parts.next()));
        let message = Message::Rest { bucket, key, virtual_host: false, body: BodyStream::of(body) };
        self.send(request, message).await
    }

    /// Creates a user with an access key and an optional inline policy.
    pub async fn user(&self, name: &str, policy: Option<&str>) -> Credential {
        self.iam("CreateUser", &[("UserName", name)]).await;
        if let Some(policy) = policy {
            let params = [("UserName", name), ("PolicyName", "inline"), ("PolicyDocument", policy)];
            self.iam("PutUserPolicy", &params).await;
        }
        self.iam("CreateAccessKey", &[("UserName", name)]).await.credential()
    }

    /// Creates an account; its root user's key.
    pub async fn account(&self, id: &str) -> Credential {
        let seen = self.ask(&self.root, Service::Rolecall, "CreateAccount", &[("AccountId", id)]).await;
        seen.ok().credential()
    }

    /// Sends an Organizations operation; the body is JSON.
    pub async fn organizations(&self, who: &Credential, action: &str, body: serde_json::Value) -> Seen {
        let params = rolecall_wire::json::parameters(body.to_string().as_bytes()).unwrap();
        self.ask_json(Some(who), action, params).await
    }

    /// Sends an Organizations operation with these members; without a credential it is anonymous.
    pub async fn ask_json(
        &self,
        who: Option<&Credential>,
        action: &str,
        params: Vec<(String, String)>,
    ) -> Seen {
        let (body, service) = (Bytes::from("{}"), Service::Organizations);
        let target = format!("AWSOrganizationsV20161128.{action}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let mut request = head("POST", "/", &headers);
        if let Some(who) = who {
            self.sign(who, service, &mut request, PayloadHash::Hex(sha256(&body)));
        }
        self.send(
            request,
            Message::Json {
                service,
                operation: action.to_owned(),
                params: params.into_iter().collect(),
                body,
            },
        )
        .await
    }

    /// Creates a virtual MFA device and enables it for a user, or for root by the account's id.
    pub async fn device(&self, user: &str, name: &str) -> Device {
        let device = self.new_device(name).await;
        let now = self.gate.system().clock.now();
        let codes = (device.codes.at(now - 30), device.codes.at(now));
        let params = [
            ("UserName", user),
            ("SerialNumber", device.serial_number.as_str()),
            ("AuthenticationCode1", codes.0.as_str()),
            ("AuthenticationCode2", codes.1.as_str()),
        ];
        self.iam("EnableMFADevice", &params).await;
        self.pass(30);
        device
    }

    /// Creates a virtual MFA device.
    pub async fn new_device(&self, name: &str) -> Device {
        let created = self.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]).await;
        let seed = BASE64.decode(created.tag("Base32StringSeed").unwrap().as_bytes()).unwrap();
        let codes = Codes::of(&BASE32.decode(&seed).unwrap()).unwrap();
        Device { serial_number: created.tag("SerialNumber").unwrap().to_owned(), codes }
    }

    /// The audit records so far.
    pub fn records(&self) -> Vec<serde_json::Value> {
        self.audit.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Signs the head of a request.
    pub fn sign(&self, who: &Credential, service: Service, request: &mut Request, payload: PayloadHash) {
        let path = if service == Service::S3 { PathRule::Once } else { PathRule::Normalised };
        let signer = Signer {
            access_key_id: &who.access_key_id,
            secret: &who.secret,
            session_token: who.token.as_deref(),
            region: &self.gate.system().settings.region,
            service: service.prefix(),
            path,
            now: self.gate.system().clock.signing_now(),
        };
        signer.sign(request, payload).unwrap();
    }

    /// Sends a request, and reads the answer to its end.
    pub async fn send(&self, request: Request, message: Message) -> Seen {
        let request_id = crate::entropy::uuid();
        let call = Call { request, message, peer: [127, 0, 0, 1].into(), secure: false, request_id };
        let answer = self.gate.serve(call).await;
        let body = match answer.body {
            AnswerBody::Empty => Vec::new(),
            AnswerBody::Full(bytes) => bytes.to_vec(),
            AnswerBody::Stream(mut stream, length) => {
                let mut all = Vec::new();
                while let Some(piece) = stream.next().await.unwrap() {
                    all.extend_from_slice(&piece);
                }
                assert_eq!(all.len() as u64, length);
                all
            }
        };
        let body = String::from_utf8_lossy(&body).into_owned();
        Seen { status: answer.status, headers: answer.headers, body }
    }
}

impl Device {
    /// The code it shows now, on a world's clock.
    pub fn code(&self, world: &World) -> String {
        self.codes.at(world.gate.system().clock.now())
    }
}

impl Seen {
    /// The text of the first element of this name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    /// The answer as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// Expects an error of a service that speaks JSON.
    #[track_caller]
    pub fn expect_json(&self, code: &str, message: &str) {
        let seen = self.json();
        let texts = (seen["__type"].as_str(), seen["Message"].as_str());
        assert_eq!((self.status, texts), (400, (Some(code), Some(message))), "{}", self.body);
    }

    /// The credentials in an answer.
    pub fn credential(&self) -> Credential {
        Credential {
            access_key_id: self.tag("AccessKeyId").unwrap().to_owned(),
            secret: SecretKey::new(self.tag("SecretAccessKey").unwrap().to_owned()),
            token: self.tag("SessionToken").map(str::to_owned),
        }
    }

    /// Expects an error of this status, code and message.
    #[track_caller]
    pub fn expect(&self, status: u16, code: &str, message: &str) {
        let unescaped = self.tag("Message").unwrap_or_default().replace("&quot;", "\"").replace("&amp;", "&");
        let unescaped = unescaped.replace("&apos;", "'").replace("&lt;", "<").replace("&gt;", ">");
        assert_eq!(
            (self.status, self.tag("Code"), unescaped.as_str()),
            (status, Some(code), message),
            "{}",
            self.body
        );
    }

    /// Expects success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self
    }
}

/// The head of a request to the server.
pub fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
    let mut map = HeaderMap::new();
    map.insert("host", HeaderValue::from_static("127.0.0.1:4566"));
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    let uri: Uri = path.parse().unwrap();
    Request::parse(Method::try_from(method).unwrap(), &uri, map).unwrap()
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The account of a test system.
pub const ACCOUNT: &str = "123456789012";
/// A policy that allows everything.
pub const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
