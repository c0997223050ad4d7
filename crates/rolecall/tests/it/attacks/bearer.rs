//! What a verified token is not: a credential.

use rolecall_core::federation::testing::{claims, federated_world};
use rolecall_core::testing::ACCOUNT;
use rolecall_wire::Service;
use serde_json::json;

/// TRU-11: an ID token is for `AssumeRoleWithWebIdentity` and opens nothing by itself, wherever it is shown.
#[tokio::test]
async fn tru_11_a_token_shown_as_a_bearers_opens_nothing() {
    let (world, _web, signer) = federated_world().await;
    let world = world.serving(rolecall_s3::HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    world.s3(root, "PUT", "/bucket/k", &[], "content").await.ok();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/web")},
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]});
    world.s3(root, "DELETE", "/bucket?publicAccessBlock", &[], "").await;
    world.s3(root, "PUT", "/bucket?policy", &[], policy.to_string()).await.ok();
    let token = signer.token("k1", &claims(&world));
    let bearer = format!("Bearer {token}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("authorization", &format!("bearer {token}")),
        ("authorization", &token),
        ("x-amz-security-token", &token),
        ("x-amz-web-identity-token", &token),
        ("cookie", &format!("id_token={token}")),
    ] {
        let headers = [(name, value)];
        let seen = world.s3(None, "GET", "/bucket/k", &headers, "").await;
        assert!([400, 403].contains(&seen.status) && seen.body != "content", "{name}: {}", seen.body);
        for (service, action) in [(Service::Sts, "GetCallerIdentity"), (Service::Iam, "ListUsers")] {
            let seen = world.ask_with(None, service, action, &[], &headers).await;
            assert!([400, 403].contains(&seen.status), "{name} {action}: {}", seen.body);
            assert!(seen.tag("Arn").is_none(), "{}", seen.body);
        }
    }
    let shown = world.s3(None, "GET", "/bucket", &[("authorization", bearer.as_str())], "").await;
    assert!([400, 403].contains(&shown.status), "what was presented is not passed over: {}", shown.body);
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/web");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "job"), ("WebIdentityToken", &token)];
    let session = world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await.ok();
    let session = session.credential();
    let seen = world.s3(Some(&session), "GET", "/bucket/k", &[], "").await;
    assert_eq!((seen.status, seen.body.as_str()), (200, "content"), "by way of the role's trust it does");
}
