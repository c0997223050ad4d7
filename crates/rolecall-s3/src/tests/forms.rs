//! Browsers' upload forms: what was signed is stored where it was signed for, and nothing else.

use crate::HANDLERS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use rolecall_core::body::BodyStream;
use rolecall_core::clock::text::iso8601;
use rolecall_core::gate::Message;
use rolecall_core::testing::{Credential, Seen, World};
use rolecall_wire::Request;
use rolecall_wire::sigv4::Scope;
use rolecall_wire::sigv4::SigningKeyCache;

/// A form for `bucket` that may upload 1 to 20 bytes of text below `u/`.
fn fields(world: &World, who: &Credential, lifetime: i64) -> Vec<(String, String)> {
    let now = world.gate.system().clock.now();
    let stamp = iso8601(now).replace(['-', ':'], "");
    let date = stamp.get(..8).unwrap().to_owned();
    let credential = format!("{}/{date}/us-east-1/s3/aws4_request", who.access_key_id);
    let policy = format!(
        r#"{{"expiration":"{}","conditions":[{{"bucket":"bucket"}},["starts-with","$key","u/"],
        ["eq","$Content-Type","text/plain"],["content-length-range",1,20],
        {{"x-amz-algorithm":"AWS4-HMAC-SHA256"}},{{"x-amz-credential":"{credential}"}},{{"x-amz-date":"{stamp}"}}]}}"#,
        iso8601(now + lifetime)
    );
    let policy = STANDARD.encode(policy);
    let scope = Scope {
        date: date.into(),
        region: "us-east-1".into(),
        service: "s3".into(),
        terminator: "aws4_request".into(),
    };
    let signature =
        SigningKeyCache::new(1).signing_key(&who.access_key_id, &who.secret, &scope).sign(&policy);
    [
        ("key", "u/${filename}"),
        ("Content-Type", "text/plain"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", &credential),
        ("x-amz-date", &stamp),
        ("policy", &policy),
        ("x-amz-signature", &signature),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn with(mut fields: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

async fn post(world: &World, bucket: &str, fields: &[(String, String)], name: &str, file: &str) -> Seen {
    let mut body = String::new();
    for (field, value) in fields {
        body.push_str(&format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{file}\r\n--b--\r\n"
    ));
    let mut headers = HeaderMap::new();
    headers.insert("host", "127.0.0.1:4566".parse().unwrap());
    headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
    let uri = format!("/{bucket}").parse().unwrap();
    let request = Request::parse(Method::POST, &uri, headers).unwrap();
    let body = BodyStream::of(Bytes::from(body));
    let message = Message::Rest { bucket: Some(bucket.into()), key: None, virtual_host: false, body };
    world.send(request, message).await
}

#[tokio::test]
async fn pre_07_only_what_was_signed_is_stored() {
    let world = World::new().await.serving(HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    world.s3(root, "PUT", "/other", &[], "").await.ok();
    let idle = world.user("idle", None).await;
    let good = fields(&world, &world.root, 60);
    let unsigned: Vec<_> = good.iter().filter(|(name, _)| name == "key").cloned().collect();
    for (bucket, fields, file, status) in [
        ("bucket", with(good.clone(), "acl", "private"), "x", 403),
        ("bucket", with(good.clone(), "key", "v/x"), "x", 403),
        ("bucket", with(good.clone(), "Content-Type", "text/html"), "x", 403),
        ("bucket", good.clone(), "more than twenty bytes", 400),
        ("bucket", good.clone(), "", 400),
        ("bucket", self::fields(&world, &world.root, -60), "x", 403),
        ("bucket", with(good.clone(), "x-amz-signature", &"0".repeat(64)), "x", 403),
        ("bucket", unsigned, "x", 403),
        ("bucket", self::fields(&world, &idle, 60), "x", 403),
        ("other", good.clone(), "x", 403),
        ("bucket", with(good.clone(), "bucket", "other"), "x", 403),
    ] {
        let seen = post(&world, bucket, &fields, "f", file).await;
        assert_eq!(seen.status, status, "{bucket} {file}: {}", seen.body);
    }
    for bucket in ["bucket", "other"] {
        let listed = world.s3(root, "GET", &format!("/{bucket}?list-type=2"), &[], "").await.ok();
        assert_eq!(listed.tag("KeyCount"), Some("0"));
    }
    let seen = post(&world, "bucket", &good, "../f", "hello").await;
    assert_eq!(seen.status, 204, "{}", seen.body);
    let stored = world.s3(root, "GET", "/bucket/u/../f", &[], "").await.ok();
    assert_eq!(
        (stored.body.as_str(), &stored.headers["content-type"]),
        ("hello", &"text/plain".parse::<http::HeaderValue>().unwrap())
    );
}
