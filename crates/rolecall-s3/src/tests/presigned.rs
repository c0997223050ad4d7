//! Presigned URLs: what they carry in their query counts as if it were a header.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rolecall_core::body::BodyStream;
use rolecall_core::gate::Message;
use rolecall_core::testing::{ALLOW_ALL, Credential, Seen, World, head};
use rolecall_wire::Request;
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::{PayloadHash, Signer};

async fn world() -> World {
    let world = World::new().await.serving(crate::HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world
}

async fn send(world: &World, request: Request, body: &str) -> Seen {
    let mut parts = request.path.trim_start_matches('/').splitn(2, '/').map(str::to_owned);
    let (bucket, key) = (parts.next(), parts.next());
    let body = BodyStream::of(body.to_owned().into());
    world.send(request, Message::Rest { bucket, key, virtual_host: false, body }).await
}

/// Signature Version 4, as the SDKs for JavaScript, PHP and Ruby presign.
async fn v4(world: &World, who: &Credential, method: &str, target: &str, body: &str) -> Seen {
    let mut request = head(method, target, &[]);
    let signer = Signer {
        access_key_id: &who.access_key_id,
        secret: &who.secret,
        session_token: who.token.as_deref(),
        region: "us-east-1",
        service: "s3",
        path: PathRule::Once,
        now: world.gate.system().clock.now(),
    };
    signer.presign(&mut request, 60, PayloadHash::Unsigned);
    send(world, request, body).await
}

/// Signature Version 2, as boto3 presigns; `lines` are the `x-amz-` lines of the string to sign.
async fn v2(world: &World, method: &str, target: &str, lines: &str, body: &str) -> Seen {
    let mut request = head(method, target, &[]);
    let expires = (world.gate.system().clock.now() + 60).to_string();
    let kind = request.query("content-type").unwrap_or_default().to_owned();
    let text = format!("{method}\n\n{kind}\n{expires}\n{lines}{}", request.path);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, world.root.secret.expose().as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    let id = world.root.access_key_id.clone();
    let credential = [("AWSAccessKeyId", id), ("Signature", signature), ("Expires", expires)];
    request.query.extend(credential.map(|(name, value)| (name.to_owned(), value)));
    send(world, request, body).await
}

const PUT: &str = "/bucket/k?x-amz-meta-Color=red&x-amz-tagging=a%3Db&x-amz-storage-class=STANDARD_IA\
                   &X-Amz-Checksum-Crc32=y%2FQ5Jg%3D%3D&X-Amz-Sdk-Checksum-Algorithm=CRC32\
                   &x-amz-expected-bucket-owner=123456789012&x-id=PutObject";

#[tokio::test]
async fn what_a_presigned_url_carries_is_stored_with_the_object() {
    let world = world().await;
    let root = Some(&world.root);
    v4(&world, &world.root, "PUT", PUT, "123456789").await.ok();
    let seen = world.s3(root, "GET", "/bucket/k", &[("x-amz-checksum-mode", "ENABLED")], "").await.ok();
    for (name, value) in [
        ("x-amz-meta-color", "red"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("x-amz-tagging-count", "1"),
    ] {
        assert_eq!(seen.headers[name], value, "{name}");
    }
    let target = "/bucket/v2?x-amz-meta-a=b&x-amz-acl=private&content-type=text/x";
    v2(&world, "PUT", target, "x-amz-acl:private\nx-amz-meta-a:b\n", "body").await.ok();
    let seen = world.s3(root, "GET", "/bucket/v2", &[], "").await.ok();
    assert_eq!(
        (&seen.headers["x-amz-meta-a"], &seen.headers["content-type"]),
        (&"b".parse().unwrap(), &"text/x".parse().unwrap())
    );
}

#[tokio::test]
async fn what_a_presigned_url_carries_is_held_to() {
    let world = world().await;
    for (query, status, code) in [
        ("x-amz-expected-bucket-owner=111111111111", 403, "AccessDenied"),
        ("x-amz-expected-bucket-owner=x", 400, "InvalidBucketOwnerAWSAccountID"),
        ("x-amz-checksum-crc32=AAAAAA%3D%3D", 400, "BadDigest"),
        ("x-amz-sdk-checksum-algorithm=SHA1", 400, "InvalidRequest"),
        ("x-amz-acl=public-read", 400, "AccessControlListNotSupported"),
        ("x-amz-grant-read=id%3D1", 400, "AccessControlListNotSupported"),
        ("x-amz-server-side-encryption=aws:kms", 501, "NotImplemented"),
        ("X-Amz-Object-Lock-Mode=GOVERNANCE", 501, "NotImplemented"),
        ("x-amz-storage-class=NONE", 400, "InvalidStorageClass"),
        ("x-amz-tagging=a%3D1%26a%3D2", 400, "InvalidArgument"),
        ("x-amz-content-sha256=UNSIGNED-PAYLOAD&x-amz-newer=1", 501, "NotImplemented"),
    ] {
        let seen = v4(&world, &world.root, "PUT", &format!("/bucket/k?{query}"), "123456789").await;
        assert_eq!((seen.status, seen.tag("Code")), (status, Some(code)), "{query}: {}", seen.body);
        let read = world.s3(Some(&world.root), "GET", "/bucket/k", &[], "").await;
        assert_eq!(read.status, 404, "{query} stored something");
    }
    let owner = "x-amz-expected-bucket-owner:111111111111\n";
    let target = "/bucket/k?x-amz-expected-bucket-owner=111111111111";
    assert_eq!(v2(&world, "PUT", target, owner, "body").await.status, 403);
    let lines = "x-amz-newer:1\n";
    assert_eq!(v2(&world, "PUT", "/bucket/k?x-amz-newer=1", lines, "body").await.status, 501);
}

#[tokio::test]
async fn a_presigned_url_is_decided_by_what_it_carries() {
    let world = world().await;
    let deny = r#"{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{
        "s3:x-amz-storage-class":"STANDARD_IA"}}},{"Effect":"Deny","Action":"s3:PutObjectTagging","Resource":"*"}"#;
    let policy = ALLOW_ALL.replace("\"Statement\":[", &format!("\"Statement\":[{deny},"));
    let who = world.user("who", Some(&policy)).await;
    for (query, allowed) in [
        ("x-amz-storage-class=STANDARD", true),
        ("x-amz-storage-class=STANDARD_IA", false),
        ("x-amz-tagging=a%3Db", false),
    ] {
        let seen = v4(&world, &who, "PUT", &format!("/bucket/k?{query}"), "x").await;
        assert_eq!(seen.status == 200, allowed, "{query}: {}", seen.body);
    }
}

#[tokio::test]
async fn a_presigned_copy_copies() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket/from", &[], "content").await.ok();
    v4(&world, &world.root, "PUT", "/bucket/to?x-amz-copy-source=bucket%2Ffrom", "").await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket/to", &[], "").await.ok().body, "content");
}
