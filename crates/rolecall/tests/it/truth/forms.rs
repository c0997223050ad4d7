//! The scenes of browsers' upload forms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rolecall_core::body::BodyStream;
use rolecall_core::clock::text::iso8601;
use rolecall_core::gate::Message;
use rolecall_core::testing::{Seen, World, head};
use rolecall_wire::sigv4::{Scope, SigningKeyCache};

type Fields = Vec<(&'static str, String)>;

/// Plays a situation, if it is one of these. With nothing wrong the form is taken.
pub(super) async fn play(world: &World, situation: &str) -> Option<Seen> {
    assert_eq!(post(world, &form(world, 60), "file").await.status, 204);
    let mut fields = form(world, 60);
    match situation {
        "policy expired" => return Some(post(world, &form(world, -60), "file").await),
        "file above content-length-range" => {
            return Some(post(world, &fields, "more than twenty bytes").await);
        }
        "a policy condition does not hold" => {
            fields.retain(|(name, _)| *name != "key");
            fields.push(("key", "elsewhere".into()));
        }
        "signature field missing" => fields.retain(|(name, _)| *name != "x-amz-signature"),
        _ => return None,
    }
    Some(post(world, &fields, "file").await)
}

/// A form that may upload up to 20 bytes below `u/`.
fn form(world: &World, lifetime: i64) -> Fields {
    let now = world.gate.system().clock.now();
    let stamp = iso8601(now).replace(['-', ':'], "");
    let date = stamp.get(..8).unwrap().to_owned();
    let credential = format!("{}/{date}/us-east-1/s3/aws4_request", world.root.access_key_id);
    let policy = format!(
        r#"{{"expiration":"{}","conditions":[{{"bucket":"bucket"}},["starts-with","$key","u/"],
        ["content-length-range",1,20],{{"x-amz-algorithm":"AWS4-HMAC-SHA256"}},
        {{"x-amz-credential":"{credential}"}},{{"x-amz-date":"{stamp}"}}]}}"#,
        iso8601(now + lifetime)
    );
    let policy = STANDARD.encode(policy);
    let scope = Scope {
        date: date.into(),
        region: "us-east-1".into(),
        service: "s3".into(),
        terminator: "aws4_request".into(),
    };
    let key = SigningKeyCache::new(1).signing_key(&world.root.access_key_id, &world.root.secret, &scope);
    let signature = key.sign(&policy);
    vec![
        ("key", "u/f".into()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".into()),
        ("x-amz-credential", credential),
        ("x-amz-date", stamp),
        ("policy", policy),
        ("x-amz-signature", signature),
    ]
}

async fn post(world: &World, fields: &Fields, file: &str) -> Seen {
    let field = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n")
    };
    let mut body: String = fields.iter().map(|(name, value)| field(&format!("{name:?}"), value)).collect();
    body.push_str(&field("\"file\"; filename=\"f\"", file));
    body.push_str("--b--\r\n");
    let request = head("POST", "/bucket", &[("content-type", "multipart/form-data; boundary=b")]);
    let body = BodyStream::of(Bytes::from(body));
    let message = Message::Rest { bucket: Some("bucket".into()), key: None, virtual_host: false, body };
    world.send(request, message).await
}
