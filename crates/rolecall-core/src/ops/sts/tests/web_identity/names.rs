//! What a verified token is not: a principal of its subject's name, or a credential.

use super::{identity, show};
use crate::federation::testing::{ISSUER, claims, federated_world, provider_arn, trusting, with};
use crate::testing::{ACCOUNT, World};
use rolecall_wire::Service;
use serde_json::json;

/// STS-25: whom a provider calls root or admin is somebody of the provider's.
#[tokio::test]
async fn sts_25_a_subject_named_like_a_principal_is_none() {
    let (world, _web, signer) = federated_world().await;
    let admin = world.user("admin", Some(crate::testing::ALLOW_ALL)).await;
    trusting(&world, "any", &provider_arn(ISSUER), &json!({})).await;
    let user_arn = format!("arn:aws:iam::{ACCOUNT}:user/admin");
    let root_arn = format!("arn:aws:iam::{ACCOUNT}:root");
    for subject in ["root", "admin", ACCOUNT, &user_arn, &root_arn, &admin.access_key_id] {
        let token = signer.token("k1", &with(claims(&world), json!({"sub": subject})));
        let session = show(&world, "any", &token, &[]).await.ok().credential();
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/any/job");
        assert_eq!(identity(&world, &session).await, arn, "{subject}");
        let seen = world.ask(&session, Service::Iam, "ListUsers", &[]).await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{subject}");
        refused_as_absent(&world, &token).await;
    }
    world.ask(&admin, Service::Iam, "ListUsers", &[]).await.ok();
}

/// STS-05: to a verified token, too, a role that is not there sounds like one that does not trust it.
async fn refused_as_absent(world: &World, token: &str) {
    for role in ["web", "absent"] {
        let seen = show(world, role, token, &[]).await;
        seen.expect(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
}

/// TRU-11: an ID token is for `AssumeRoleWithWebIdentity` and opens nothing by itself, wherever it is shown.
#[tokio::test]
async fn tru_11_a_token_shown_as_a_bearers_opens_nothing() {
    let (world, _web, signer) = federated_world().await;
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
    let session = show(&world, "web", &token, &[]).await.ok().credential();
    let seen = world.s3(Some(&session), "GET", "/bucket/k", &[], "").await;
    assert_eq!((seen.status, seen.body.as_str()), (200, "content"), "by way of the role's trust it does");
}
