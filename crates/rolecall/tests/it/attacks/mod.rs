//! Attacks that need more than one operation, each beside what an honest caller may do.

mod bearer;
mod rights;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use rolecall_core::body::BodyStream;
use rolecall_core::keyring::KeyRing;
use rolecall_core::records::key;
use rolecall_core::session::{self, Subject};
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Credential, World};
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::sign::Signer;
use rolecall_wire::sigv4::{PayloadHash, SecretKey};
use rolecall_wire::{Request, Service};

fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

/// A world with the user `u` and a session of the role `r`, which trusts `u` and may do everything.
async fn world() -> (World, Credential, Credential) {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", None).await;
    let trust = trusting(&format!("arn:aws:iam::{ACCOUNT}:user/u"));
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]).await;
    world
        .iam("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)])
        .await;
    let session = assume(&world, &user, "r").await;
    (world, user, session)
}

async fn assume(world: &World, who: &Credential, role: &str) -> Credential {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "job")];
    world.ask(who, Service::Sts, "AssumeRole", &params).await.ok().credential()
}

async fn code(world: &World, who: &Credential, service: Service, action: &str) -> Option<String> {
    world.ask(who, service, action, &[]).await.tag("Code").map(str::to_owned)
}

#[tokio::test]
async fn sig_03_an_unknown_key_is_nobody() {
    let (world, user, _) = world().await;
    for id in ["AKIAIOSFODNN7EXAMPLE", "*", "root", "AKIA", "ASIAIOSFODNN7EXAMPLE"] {
        let who = Credential { access_key_id: id.into(), secret: SecretKey::new("x".into()), token: None };
        let iam = code(&world, &who, Service::Iam, "ListUsers").await;
        assert_eq!(iam.as_deref(), Some("InvalidClientTokenId"), "{id}");
        let sts = code(&world, &who, Service::Sts, "GetCallerIdentity").await;
        assert_eq!(sts.as_deref(), Some("InvalidClientTokenId"), "{id}");
        let s3 = world.s3(Some(&who), "GET", "/", &[], "").await;
        assert_eq!((s3.status, s3.tag("Code")), (403, Some("InvalidAccessKeyId")), "{id}");
    }
    assert_eq!(code(&world, &user, Service::Sts, "GetCallerIdentity").await, None);
}

#[tokio::test]
async fn nam_06_a_key_id_is_a_key_id_and_no_filter() {
    let (world, _, _) = world().await;
    let unknown =
        Credential { access_key_id: "AKIANOBODY".into(), secret: SecretKey::new("x".into()), token: None };
    let expected = world.ask(&unknown, Service::Iam, "ListUsers", &[]).await;
    for id in ["*)(uid=*", "'OR'1'='1", "a;DROP--", "..", "%2a", "a\u{27}"] {
        let who = Credential {
            access_key_id: id.into(),
            ..Credential { secret: SecretKey::new("x".into()), token: None, access_key_id: String::new() }
        };
        let seen = world.ask(&who, Service::Iam, "ListUsers", &[]).await;
        assert_eq!(
            (seen.status, seen.tag("Code"), seen.tag("Message")),
            (expected.status, expected.tag("Code"), expected.tag("Message")),
            "{id}"
        );
    }
    world.iam("ListUsers", &[]).await;
}

#[tokio::test]
async fn sig_06_an_archive_is_an_object_like_any_other() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    let wrong = Credential {
        access_key_id: world.root.access_key_id.clone(),
        secret: SecretKey::new("x".into()),
        token: None,
    };
    for header in ["x-amz-meta-snowball-auto-extract", "x-amz-meta-minio-snowball-prefix"] {
        let seen = world.s3(Some(&wrong), "PUT", "/bucket/a.tar", &[(header, "true")], "archive").await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("SignatureDoesNotMatch")));
        let seen = world.s3(None, "PUT", "/bucket/a.tar", &[(header, "true")], "archive").await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")));
    }
    assert_eq!(world.s3(root, "GET", "/bucket/a.tar", &[], "").await.status, 404);
    world
        .s3(root, "PUT", "/bucket/a.tar", &[("x-amz-meta-snowball-auto-extract", "true")], "archive")
        .await
        .ok();
    assert_eq!(world.s3(root, "GET", "/bucket/a.tar", &[], "").await.body, "archive");
}

#[tokio::test]
async fn pre_04_a_url_is_worth_what_its_session_is_worth() {
    let (world, _, session) = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    world.s3(root, "PUT", "/bucket/k", &[], "content").await.ok();
    let get = async || {
        let mut headers = HeaderMap::new();
        headers.insert("host", "127.0.0.1:4566".parse().unwrap());
        let mut request = Request::parse(Method::GET, &"/bucket/k".parse().unwrap(), headers).unwrap();
        let signer = Signer {
            access_key_id: &session.access_key_id,
            secret: &session.secret,
            session_token: session.token.as_deref(),
            region: "us-east-1",
            service: "s3",
            path: PathRule::Once,
            now: world.gate.system().clock.now(),
        };
        signer.presign(&mut request, 600_000, PayloadHash::Unsigned);
        let body = BodyStream::of(bytes::Bytes::new());
        let (bucket, key) = (Some("bucket".to_owned()), Some("k".to_owned()));
        world
            .send(request, rolecall_core::gate::Message::Rest { bucket, key, virtual_host: false, body })
            .await
    };
    assert_eq!(get().await.ok().body, "content");
    world.iam("DeleteRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]).await;
    assert_eq!((get().await.status, get().await.tag("Code")), (403, Some("AccessDenied")));
    let again = [("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutRolePolicy", &again).await;
    assert_eq!(get().await.ok().body, "content");
    world.pass(3600);
    assert_eq!(get().await.tag("Code"), Some("ExpiredToken"));
}

#[tokio::test]
async fn sts_01_a_right_to_assume_is_not_trust() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("u", Some(ALLOW_ALL)).await;
    world.user("other", None).await;
    for (name, principal) in [("theirs", "other"), ("ours", "u")] {
        let trust = trusting(&format!("arn:aws:iam::{ACCOUNT}:user/{principal}"));
        world.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &trust)]).await;
    }
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/theirs");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "job")];
    let seen = world.ask(&caller, Service::Sts, "AssumeRole", &params).await;
    assert_eq!(
        (seen.status, seen.tag("Code"), seen.tag("SecretAccessKey")),
        (403, Some("AccessDenied"), None)
    );
    assume(&world, &caller, "ours").await;
}

#[tokio::test]
async fn sts_09_a_session_policy_binds_s3_and_chains_as_well() {
    let (world, user, free) = world().await;
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let second = trusting(ACCOUNT);
    world.iam("CreateRole", &[("RoleName", "second"), ("AssumeRolePolicyDocument", &second)]).await;
    let narrow =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}]}"#;
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/r");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "job"), ("Policy", narrow)];
    let bound = world.ask(&user, Service::Sts, "AssumeRole", &params).await.ok().credential();
    let chain = format!("arn:aws:iam::{ACCOUNT}:role/second");
    let chain = [("RoleArn", chain.as_str()), ("RoleSessionName", "job")];
    let key = [("UserName", "u")];
    for (who, status) in [(&bound, 403), (&free, 200)] {
        assert_eq!(world.s3(Some(who), "GET", "/bucket", &[], "").await.status, status);
        assert_eq!(world.ask(who, Service::Sts, "AssumeRole", &chain).await.status, status);
        assert_eq!(world.ask(who, Service::Iam, "CreateAccessKey", &key).await.status, status);
        assert_eq!(world.ask(who, Service::Iam, "GetUser", &key).await.status, 200);
    }
}

#[tokio::test]
async fn sts_16_a_token_that_its_holder_made_is_nothing() {
    let (world, user, session) = world().await;
    let claims = world.gate.system().sessions.open(
        &world.gate.system().keys,
        &session.access_key_id,
        session.token.as_deref().unwrap(),
    );
    let mut claims = claims.unwrap().session.clone();
    claims.expires += 1_000_000;
    claims.subject = Subject::Root;
    let minted = session::mint(&KeyRing::generate().unwrap(), &claims).unwrap();
    let plain = STANDARD.encode(postcard::to_stdvec(&claims).unwrap());
    for (token, secret) in [
        (minted.session_token.clone(), minted.secret_access_key.to_string()),
        (minted.session_token, user.secret.expose().to_owned()),
        (plain.clone(), user.secret.expose().to_owned()),
        (plain, session.secret.expose().to_owned()),
    ] {
        let (access_key_id, token) = (session.access_key_id.clone(), Some(token));
        let forged = Credential { access_key_id, secret: SecretKey::new(secret), token };
        assert_eq!(
            code(&world, &forged, Service::Iam, "ListUsers").await.as_deref(),
            Some("InvalidClientTokenId")
        );
        assert_eq!(world.s3(Some(&forged), "GET", "/", &[], "").await.tag("Code"), Some("InvalidToken"));
    }
    assert_eq!(code(&world, &session, Service::Iam, "ListUsers").await, None);
}

#[tokio::test]
async fn sec_03_nothing_of_one_installation_opens_another() {
    let (ours, our_user, _) = world().await;
    let (theirs, _, their_session) = world().await;
    for foreign in [&theirs.root, &their_session] {
        assert_eq!(
            code(&ours, foreign, Service::Sts, "GetCallerIdentity").await.as_deref(),
            Some("InvalidClientTokenId")
        );
        assert_eq!(code(&theirs, foreign, Service::Sts, "GetCallerIdentity").await, None);
    }
    assert_eq!(code(&ours, &our_user, Service::Sts, "GetCallerIdentity").await, None);
}

/// A byte now and then, for ever.
fn trickle() -> BodyStream {
    BodyStream::new(futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        Some((Ok(bytes::Bytes::from_static(b"-")), ()))
    }))
}

#[tokio::test(start_paused = true)]
async fn dos_01_a_message_that_trickles_in_is_given_up() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    for (method, path, kind) in [
        ("PUT", "/bucket?tagging", "application/xml"),
        ("POST", "/bucket?delete", "application/xml"),
        ("POST", "/bucket", "multipart/form-data; boundary=b"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("host", "127.0.0.1:4566".parse().unwrap());
        headers.insert("content-type", kind.parse().unwrap());
        let request = Request::parse(method.parse().unwrap(), &path.parse().unwrap(), headers).unwrap();
        let (bucket, body) = (Some("bucket".to_owned()), trickle());
        let message = rolecall_core::gate::Message::Rest { bucket, key: None, virtual_host: false, body };
        let answer =
            tokio::time::timeout(std::time::Duration::from_secs(70), world.send(request, message)).await;
        assert_eq!(answer.expect("an answer in time").tag("Code"), Some("RequestTimeout"), "{method} {path}");
    }
}

#[tokio::test]
async fn sec_02_every_installation_has_a_root_key_of_its_own() {
    let (one, other) = (
        World::new().await.serving(rolecall_s3::HANDLERS),
        World::new().await.serving(rolecall_s3::HANDLERS),
    );
    assert_ne!(one.root.access_key_id, other.root.access_key_id);
    assert_ne!(one.root.secret.expose(), other.root.secret.expose());
    assert_eq!(one.root.secret.expose().len(), 40);
}

#[tokio::test]
async fn esc_12_of_two_that_initialise_at_once_one_succeeds() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let system = world.gate.system();
    assert!(system.initialise(None).await.is_err(), "it is closed from the first time on");
    let mut txn = system.store.begin();
    txn.delete(key::installation());
    txn.delete(key::account(&system.settings.account));
    let email = rolecall_core::records::Account::new(system.settings.account.clone(), 0).email;
    txn.delete(key::account_email(&email));
    txn.commit().await.unwrap();
    let outcomes = futures_util::future::join_all((0..8).map(|_| system.initialise(None))).await;
    let made: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    assert_eq!(system.root_key_ids().await.unwrap().unwrap(), [made[0].record.id.clone()]);
    assert!(system.initialise(None).await.is_err());
}

/// A whole scenario, with its failures; then everything that was written down or shown is searched for
/// every secret that was handed out.
#[tokio::test]
async fn sec_01_no_secret_is_written_down() {
    let (world, user, session) = world().await;
    let again =
        world.ask(&session, Service::Iam, "CreateAccessKey", &[("UserName", "u")]).await.ok().credential();
    let token = world.ask(&user, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    let mut shown = String::new();
    for who in [&user, &session, &again, &token] {
        let wrong = Credential {
            access_key_id: who.access_key_id.clone(),
            secret: SecretKey::new("wrong".into()),
            token: who.token.clone(),
        };
        world.s3(Some(who), "GET", "/", &[], "").await;
        world.s3(Some(&wrong), "GET", "/", &[], "").await;
        shown += &world.ask(&wrong, Service::Iam, "ListUsers", &[]).await.body;
        shown += &format!("{:?}", who.secret);
    }
    world.pass(90_000);
    shown += &world.ask(&session, Service::Iam, "ListUsers", &[]).await.body;
    let log = world.audit.text();
    for who in [&world.root, &user, &session, &again, &token] {
        assert!(log.contains(&who.access_key_id), "the search finds what is there");
        for secret in [Some(who.secret.expose()), who.token.as_deref()].into_iter().flatten() {
            assert!(!log.contains(secret) && !shown.contains(secret));
        }
    }
}

/// Compiles only while [`SecretKey`] can neither be displayed nor serialised: a second way to fill the
/// blank would make it ambiguous.
#[test]
fn sec_06_a_secret_has_no_text() {
    trait Unless<Which> {
        fn lacks_it() {}
    }
    struct Displayed;
    struct Serialised;
    impl<T> Unless<()> for T {}
    impl<T: std::fmt::Display> Unless<Displayed> for T {}
    impl<T: serde::Serialize> Unless<Serialised> for T {}
    <SecretKey as Unless<_>>::lacks_it();
    <session::Credentials as Unless<_>>::lacks_it();
    assert!(!format!("{:?}", SecretKey::new("the secret".into())).contains("the secret"));
}
