//! What a verified token is not: a principal of its subject's name.

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
