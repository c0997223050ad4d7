//! Who gets past the gate: every served operation, asked by four callers, against the golden
//! `spec/authz-matrix.txt`.

mod organizations;
mod samples;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use rolecall_core::body::BodyStream;
use rolecall_core::clock::text::iso8601;
use rolecall_core::gate::{Handler, Message};
use rolecall_core::testing::{ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::sigv4::{Scope, SigningKeyCache};
use rolecall_wire::{Request, Service};
use samples::Sample;
use serde_json::json;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::{self, Write};
use std::path::PathBuf;

/// Operations that need a valid signature, or a provider's word, and no permission of the caller's own.
const FREE: [&str; 5] = [
    "AssumeRoleForInstance",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
    "GetSessionToken",
];

/// `spec/authz-matrix.txt` says of every operation which actions it asks for and what four callers are
/// told: an anonymous one, a user without policies, a user who may do everything but one of those
/// actions (each in turn), and a user who may do exactly those. `BLESS=1` writes the file anew.
#[tokio::test]
async fn esc_07_every_operation_needs_exactly_its_own_actions() {
    let (mut table, mut wrong) = (String::new(), Vec::new());
    let mut shared = HashMap::new();
    let mut handlers: Vec<_> = rolecall::operations::all().collect();
    handlers.sort_by_key(|handler| Service::ALL.iter().position(|service| *service == handler.row.service));
    for handler in handlers {
        let house = House::new(handler.row.service);
        let row = match handler.row.effect.is_read_only() {
            true => {
                if let Entry::Vacant(vacant) = shared.entry(handler.row.service) {
                    vacant.insert(house.await);
                }
                Row::of(handler, &shared[&handler.row.service]).await
            }
            false => Row::of(handler, &house.await).await,
        };
        wrong.extend(row.wrong());
        writeln!(table, "{row}").unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/authz-matrix.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(committed, table, "run `cargo xtask bless` and read the diff");
}

#[test]
fn every_sample_is_of_an_operation_that_is_served() {
    for (service, name) in samples::all() {
        assert!(
            rolecall::operations::all().any(|h| (h.row.service, h.row.name) == (service, name)),
            "{name}"
        );
    }
}

/// What each caller is told: `allowed`, or the code of an error.
struct Row {
    service: Service,
    name: &'static str,
    actions: Vec<String>,
    anonymous: String,
    none: String,
    /// One for each action that is missing.
    without: Vec<String>,
    with: String,
}

impl Row {
    async fn of(handler: &Handler, house: &House) -> Self {
        let (service, name) = (handler.row.service, handler.row.name);
        house.allow("Action", &[]).await;
        let sample = samples::of(service, name, &house.values);
        let sample = sample.unwrap_or_else(|| panic!("{name} has no sample request"));
        let ask = async |who| house.outcome(who, service, name, &sample).await;
        let (anonymous, none) = (ask(None).await, ask(Some(&house.user)).await);
        let mut without = Vec::new();
        for action in &sample.actions {
            house.allow("NotAction", std::slice::from_ref(action)).await;
            without.push(ask(Some(&house.user)).await);
        }
        house.allow("Action", &sample.actions).await;
        let with = ask(Some(&house.user)).await;
        Self { service, name, actions: sample.actions, anonymous, none, without, with }
    }

    fn wrong(&self) -> Option<String> {
        let denied = |outcome: &String| outcome == "AccessDenied";
        let free = FREE.contains(&self.name);
        let good = self.actions.is_empty() == free
            && self.anonymous != "allowed"
            && denied(&self.none) != free
            && self.without.iter().all(denied)
            && !denied(&self.with);
        (!good).then(|| format!("{self} {:?}", self.without))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, name, anonymous, none, with, .. } = self;
        let needs = if self.actions.is_empty() { "nothing".to_owned() } else { self.actions.join(" + ") };
        let without = self.without.first().map_or("-", String::as_str);
        write!(f, "{} {name}: needs {needs}; ", service.prefix())?;
        write!(f, "anonymous {anonymous}; none {none}; all but one {without}; just those {with}")
    }
}

/// A world with one of everything, and a user whose policy changes.
struct House {
    world: World,
    user: Credential,
    /// What samples name by `{name}`.
    values: HashMap<&'static str, String>,
}

impl House {
    async fn new(service: Service) -> Self {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let user = world.user("m", None).await;
        let key = world.user("keyed", None).await.access_key_id;
        if service == Service::S3 {
            return Self::with_objects(world, user).await;
        }
        if service == Service::Organizations {
            let values = Self::organization(&world).await.into_iter().collect();
            return Self { world, user, values };
        }
        for (action, params) in samples::FURNITURE {
            world.iam(action, params).await;
        }
        let mut values = HashMap::from([("key", key)]);
        if service == Service::Sts {
            values.extend(Self::organization(&world).await);
            world.iam("EnableOrganizationsRootSessions", &[]).await;
        }
        Self { world, user, values }
    }

    /// An organization with a unit, a member account, a policy and an open invitation.
    async fn organization(world: &World) -> Vec<(&'static str, String)> {
        let ask = async |action, body| world.organizations(&world.root, action, body).await.ok().json();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        ask("CreateOrganization", json!({})).await;
        let root = text(&ask("ListRoots", json!({})).await["Roots"][0]["Id"]);
        ask("EnablePolicyType", json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"})).await;
        let unit = ask("CreateOrganizationalUnit", json!({"ParentId": root, "Name": "unit"})).await;
        let made = ask("CreateAccount", json!({"Email": "a@b.example", "AccountName": "a"})).await;
        let policy =
            json!({"Name": "p", "Description": "", "Content": ALLOW_ALL, "Type": "SERVICE_CONTROL_POLICY"});
        let policy = ask("CreatePolicy", policy).await;
        ask("EnableAWSServiceAccess", json!({"ServicePrincipal": "iam.amazonaws.com"})).await;
        world.account("111122223333").await;
        let target = json!({"Target": {"Type": "ACCOUNT", "Id": "111122223333"}});
        let handshake = ask("InviteAccountToOrganization", target).await;
        vec![
            ("root", root),
            ("ou", text(&unit["OrganizationalUnit"]["Id"])),
            ("account", text(&made["CreateAccountStatus"]["AccountId"])),
            ("request", text(&made["CreateAccountStatus"]["Id"])),
            ("policy", text(&policy["Policy"]["PolicySummary"]["Id"])),
            ("handshake", text(&handshake["Handshake"]["Id"])),
        ]
    }

    async fn with_objects(world: World, user: Credential) -> Self {
        let root = Some(&world.root);
        for (method, path, headers, body) in samples::STORED {
            world.s3(root, method, path, headers, *body).await.ok();
        }
        let upload = world.s3(root, "POST", "/bucket/up?uploads", &[], "").await.ok();
        let upload = upload.tag("UploadId").unwrap().to_owned();
        let part = format!("/bucket/up?partNumber=1&uploadId={upload}");
        let part = world.s3(root, "PUT", &part, &[], "part").await.ok();
        let etag = part.headers["etag"].to_str().unwrap().to_owned();
        let values = HashMap::from([("upload", upload), ("etag", etag)]);
        Self { world, user, values }
    }

    /// Gives the user one policy: to do `actions`, or with `NotAction` everything else.
    async fn allow(&self, element: &str, actions: &[String]) {
        let actions = if actions.is_empty() { vec!["none:None".to_owned()] } else { actions.to_vec() };
        let policy = serde_json::json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", (element): actions, "Resource": "*"}]});
        let policy = policy.to_string();
        let params = [("UserName", "m"), ("PolicyName", "inline"), ("PolicyDocument", policy.as_str())];
        self.world.iam("PutUserPolicy", &params).await;
    }

    async fn outcome(
        &self,
        who: Option<&Credential>,
        service: Service,
        name: &str,
        sample: &Sample,
    ) -> String {
        let seen = match service {
            Service::S3 if name == "PostObject" => self.form(who).await,
            Service::S3 => {
                let headers: Vec<_> = sample.pairs().collect();
                self.world.s3(who, sample.method, &sample.path, &headers, sample.body.clone()).await
            }
            Service::Organizations => {
                let params = sample.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
                self.world.ask_json(who, name, params.collect()).await
            }
            Service::IamToolbox => {
                let params: Vec<_> = sample.pairs().collect();
                self.world.toolbox(who, name, &params).await
            }
            _ => {
                let params: Vec<_> = sample.pairs().collect();
                self.world.ask_as(who, service, name, &params).await
            }
        };
        outcome(&seen)
    }

    /// An upload form, which its fields sign.
    async fn form(&self, who: Option<&Credential>) -> Seen {
        let mut fields = vec![("key", "form".to_owned())];
        fields.extend(who.into_iter().flat_map(|who| self.signed_fields(who)));
        let field = |(name, value): &(&str, String)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut body: String = fields.iter().map(field).collect();
        body.push_str(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n",
        );
        let mut headers = HeaderMap::new();
        headers.insert("host", "127.0.0.1:4566".parse().unwrap());
        headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
        let request = Request::parse(Method::POST, &"/bucket".parse().unwrap(), headers).unwrap();
        let body = BodyStream::of(Bytes::from(body));
        let message = Message::Rest { bucket: Some("bucket".into()), key: None, virtual_host: false, body };
        self.world.send(request, message).await
    }

    fn signed_fields(&self, who: &Credential) -> Vec<(&'static str, String)> {
        let now = self.world.gate.system().clock.now();
        let stamp = iso8601(now).replace(['-', ':'], "");
        let scope = Scope::new(&stamp[..8], "us-east-1", "s3");
        let credential = format!("{}/{scope}", who.access_key_id);
        let policy = serde_json::json!({"expiration": iso8601(now + 60), "conditions": [
            {"bucket": "bucket"}, {"key": "form"}, {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
            {"x-amz-credential": credential}, {"x-amz-date": stamp}]});
        let policy = STANDARD.encode(policy.to_string());
        let key = SigningKeyCache::new(1).signing_key(&who.access_key_id, &who.secret, &scope);
        vec![
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", stamp),
            ("x-amz-signature", key.sign(&policy)),
            ("policy", policy),
        ]
    }
}

/// `allowed`, or the code of the error; that of the first key for an operation on many.
fn outcome(seen: &Seen) -> String {
    if let Some(code) = seen.headers.get("x-amzn-errortype") {
        return code.to_str().unwrap().trim_end_matches("Exception").to_owned();
    }
    if seen.status < 300 && !seen.body.contains("<Error>") {
        return "allowed".to_owned();
    }
    if seen.body.starts_with('{') {
        let code = seen.json()["__type"].as_str().unwrap_or_default().to_owned();
        return code.trim_end_matches("Exception").to_owned();
    }
    seen.tag("Code").unwrap_or("an error without a code").to_owned()
}
