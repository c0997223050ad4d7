//! Access keys: whose they are, how many, and that a change holds from the next request on.

use super::{ALLOW_ALL, tag_values};
use crate::testing::World;
use rolecall_wire::Service;

const INVALID: &str = "The security token included in the request is invalid.";

#[tokio::test]
async fn a_third_key_is_too_many_whatever_their_status() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for _ in 0..2 {
        let made = world.iam("CreateAccessKey", &[("UserName", "u")]).await;
        assert_eq!((made.tag("UserName"), made.tag("Status")), (Some("u"), Some("Active")));
        let id = made.tag("AccessKeyId").unwrap();
        world.iam("UpdateAccessKey", &[("UserName", "u"), ("AccessKeyId", id), ("Status", "Inactive")]).await;
    }
    let seen = world.ask(&world.root, Service::Iam, "CreateAccessKey", &[("UserName", "u")]).await;
    seen.expect(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
    let listed = world.iam("ListAccessKeys", &[("UserName", "u")]).await;
    assert_eq!(tag_values(&listed, "Status"), ["Inactive", "Inactive"]);
    assert!(!listed.body.contains("Secret"), "{}", listed.body);
}

#[tokio::test]
async fn limits_and_names_hold_against_requests_of_one_moment() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let params = [("UserName", "u")];
    let key = || world.ask(&world.root, Service::Iam, "CreateAccessKey", &params);
    let (a, b, c, d) = tokio::join!(key(), key(), key(), key());
    assert_eq!([a, b, c, d].iter().filter(|seen| seen.status == 200).count(), 2);
    let params = [("UserName", "same")];
    let user = || world.ask(&world.root, Service::Iam, "CreateUser", &params);
    let (a, b, c, d) = tokio::join!(user(), user(), user(), user());
    let mut all: Vec<_> = [a, b, c, d].iter().map(|seen| seen.status).collect();
    all.sort_unstable();
    assert_eq!(all, [200, 409, 409, 409]);
}

#[tokio::test]
async fn a_key_switched_off_or_deleted_is_refused_on_the_next_request() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let ask = async || world.ask(&user, Service::Sts, "GetCallerIdentity", &[]).await;
    let id = user.access_key_id.as_str();
    ask().await.ok();
    let status = async |status| {
        world.iam("UpdateAccessKey", &[("UserName", "u"), ("AccessKeyId", id), ("Status", status)]).await
    };
    status("Inactive").await;
    ask().await.expect(403, "InvalidClientTokenId", INVALID);
    status("Active").await;
    ask().await.ok();
    world.iam("DeleteAccessKey", &[("UserName", "u"), ("AccessKeyId", id)]).await;
    ask().await.expect(403, "InvalidClientTokenId", INVALID);
}

#[tokio::test]
async fn a_key_is_found_under_its_owner_only() {
    let world = World::new().await;
    let key = world.user("a", None).await.access_key_id;
    world.iam("CreateUser", &[("UserName", "b")]).await;
    let sentence = format!("The Access Key with id {key} cannot be found.");
    for owner in [&[("UserName", "b")][..], &[]] {
        let params: Vec<_> = owner.iter().copied().chain([("AccessKeyId", key.as_str())]).collect();
        let seen = world.ask(&world.root, Service::Iam, "DeleteAccessKey", &params).await;
        seen.expect(404, "NoSuchEntity", &sentence);
        let params: Vec<_> = params.into_iter().chain([("Status", "Inactive")]).collect();
        let seen = world.ask(&world.root, Service::Iam, "UpdateAccessKey", &params).await;
        seen.expect(404, "NoSuchEntity", &sentence);
    }
    world.iam("DeleteAccessKey", &[("UserName", "a"), ("AccessKeyId", &key)]).await;
}

#[tokio::test]
async fn a_caller_that_names_nobody_means_itself() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let made = world.ask(&user, Service::Iam, "CreateAccessKey", &[]).await.ok();
    assert_eq!(made.tag("UserName"), Some("u"));
    assert_eq!(
        tag_values(&world.ask(&user, Service::Iam, "ListAccessKeys", &[]).await.ok(), "AccessKeyId").len(),
        2
    );
    let roots = world.iam("ListAccessKeys", &[]).await;
    assert_eq!(tag_values(&roots, "AccessKeyId"), [world.root.access_key_id.as_str()]);
    let second = world.iam("CreateAccessKey", &[]).await.credential();
    let me = world.ask(&second, Service::Iam, "GetUser", &[]).await.ok();
    assert_eq!(me.tag("Arn"), Some("arn:aws:iam::123456789012:root"));
    world.iam("DeleteAccessKey", &[("AccessKeyId", &second.access_key_id)]).await;
    world.ask(&second, Service::Iam, "GetUser", &[]).await.expect(403, "InvalidClientTokenId", INVALID);
}

#[tokio::test]
async fn the_last_use_is_told_and_an_unknown_key_sounds_forbidden() {
    let world = World::new().await;
    let user = world.user("u", None).await;
    let id = [("AccessKeyId", user.access_key_id.as_str())];
    let unused = world.iam("GetAccessKeyLastUsed", &id).await;
    assert_eq!((unused.tag("Region"), unused.tag("ServiceName")), (Some("N/A"), Some("N/A")));
    assert_eq!((unused.tag("LastUsedDate"), unused.tag("UserName")), (None, Some("u")));
    world.ask(&user, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    let mut used = world.iam("GetAccessKeyLastUsed", &id).await;
    for _ in 0..100 {
        if used.tag("LastUsedDate").is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        used = world.iam("GetAccessKeyLastUsed", &id).await;
    }
    assert_eq!((used.tag("Region"), used.tag("ServiceName")), (Some("us-east-1"), Some("sts")));
    let unknown = [("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")];
    let sentence = "User: arn:aws:iam::123456789012:root is not authorized to perform \
                    iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE";
    world.ask(&world.root, Service::Iam, "GetAccessKeyLastUsed", &unknown).await.expect(
        403,
        "AccessDenied",
        sentence,
    );
}

#[tokio::test]
async fn sts_19_a_namesake_inherits_nothing() {
    let world = World::new().await;
    let old = world.user("u", Some(ALLOW_ALL)).await;
    let session = world.ask(&old, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    world.iam("DeleteUserPolicy", &[("UserName", "u"), ("PolicyName", "inline")]).await;
    world.iam("DeleteAccessKey", &[("UserName", "u"), ("AccessKeyId", &old.access_key_id)]).await;
    world.iam("DeleteUser", &[("UserName", "u")]).await;
    let new = world.user("u", Some(ALLOW_ALL)).await;
    for who in [&old, &session] {
        let seen = world.ask(who, Service::Sts, "GetCallerIdentity", &[]).await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("InvalidClientTokenId")), "{}", seen.body);
    }
    world.ask(&new, Service::Sts, "GetCallerIdentity", &[]).await.ok();
}
