//! The scenes of S3 that play at the door: signatures, presigned URLs, and denials.

use bytes::Bytes;
use rolecall_core::body::BodyStream;
use rolecall_core::gate::Message;
use rolecall_core::records::{self, Document, Role, key};
use rolecall_core::testing::{ALLOW_ALL, Credential, Seen, World, head};
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::sign::Signer;
use rolecall_wire::sigv4::{PayloadHash, SecretKey};
use rolecall_wire::{Request, Service};

/// Plays a situation, if it is one of these.
pub(super) async fn play(world: &World, situation: &str) -> Option<Seen> {
    Some(match situation {
        "user or role session, an explicit Deny in the bucket policy" => denied_by_the_bucket(world).await,
        "plain denial, older or cross-account wording" => from_another_account(world).await,
        "body does not fit the XML schema" => {
            let body = "<Tagging><TagSet><Tag><Value>1</Value></Tag></TagSet></Tagging>";
            world.s3(Some(&world.root), "PUT", "/bucket?tagging", &[], body).await
        }
        "signature wrong" => signed(world, "a wrong secret").await,
        "presigned v2 URL lacks a parameter" => {
            world.s3(None, "GET", "/bucket/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x", &[], "").await
        }
        _ => return presigned(world, situation).await,
    })
}

async fn presigned(world: &World, situation: &str) -> Option<Seen> {
    let mut request = head("GET", "/bucket/k", &[]);
    signer(world, &world.root.secret).presign(&mut request, 60, PayloadHash::Unsigned);
    match situation {
        "presigned URL past its time" => world.pass(61),
        "presigned URL, an x-amz- header sent that was not signed" => {
            request.headers.insert("x-amz-acl", "private".parse().unwrap());
        }
        "presigned v4 URL lacks a parameter" => request.query.retain(|(name, _)| name != "X-Amz-Date"),
        "X-Amz-Credential malformed" => {
            let credential = request.query.iter_mut().find(|(name, _)| name == "X-Amz-Credential");
            credential.unwrap().1 = "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1".into();
        }
        _ => return None,
    }
    Some(send(world, request).await)
}

async fn signed(world: &World, secret: &str) -> Seen {
    let secret = SecretKey::new(secret.to_owned());
    let mut request = head("GET", "/bucket/k", &[]);
    signer(world, &secret).sign(&mut request, PayloadHash::Unsigned).unwrap();
    send(world, request).await
}

fn signer<'a>(world: &'a World, secret: &'a SecretKey) -> Signer<'a> {
    Signer {
        access_key_id: &world.root.access_key_id,
        secret,
        session_token: None,
        region: "us-east-1",
        service: "s3",
        path: PathRule::Once,
        now: world.gate.system().clock.signing_now(),
    }
}

async fn send(world: &World, request: Request) -> Seen {
    let (bucket, key) = (Some("bucket".into()), Some("k".into()));
    let body = BodyStream::of(Bytes::new());
    world.send(request, Message::Rest { bucket, key, virtual_host: false, body }).await
}

async fn denied_by_the_bucket(world: &World) -> Seen {
    let user = world.user("u", Some(ALLOW_ALL)).await;
    world.s3(Some(&user), "GET", "/bucket/k", &[], "").await.ok();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"}]}"#;
    world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], policy).await.ok();
    world.s3(Some(&user), "GET", "/bucket/k", &[], "").await
}

/// A session of a role of another account, put into the store directly.
async fn from_another_account(world: &World) -> Seen {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
    let role = Role {
        account: "999999999999".parse().unwrap(),
        name: "far".into(),
        path: "/".into(),
        id: "AROAFARFARFARFARFARFA".into(),
        created: 0,
        description: None,
        max_session_duration: 3600,
        trust: Document::new(TRUST),
        tags: Vec::new(),
        boundary: None,
        attached: Vec::new(),
        inline: Vec::new(),
    };
    world.account("999999999999").await;
    let mut txn = world.gate.system().store.begin();
    records::write(&mut txn, key::role(&role.account, &role.name), &role).unwrap();
    txn.commit().await.unwrap();
    let session = assumed(world, &role.arn()).await;
    world.s3(Some(&session), "GET", "/bucket/k", &[], "").await
}

async fn assumed(world: &World, arn: &str) -> Credential {
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let params = [("RoleArn", arn), ("RoleSessionName", "job")];
    world.ask(&user, Service::Sts, "AssumeRole", &params).await.ok().credential()
}
