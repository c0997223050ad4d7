//! Federated users: at most what the user who asked may do, under a name of their own.

use super::{denied, identity, user_arn};
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::Service;

const READ: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const WRITE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}"#;
const S3: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const ASK: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
const BOB: &str = "arn:aws:sts::123456789012:federated-user/bob";

async fn ask(world: &World, who: &Credential, params: &[(&str, &str)]) -> Seen {
    let mut all = vec![("Name", "bob")];
    all.retain(|(name, _)| params.iter().all(|(sent, _)| sent != name));
    all.extend_from_slice(params);
    world.ask(who, Service::Sts, "GetFederationToken", &all).await
}

async fn bob(world: &World, who: &Credential, params: &[(&str, &str)]) -> Credential {
    ask(world, who, params).await.ok().credential()
}

/// A world with an object in it.
async fn stocked() -> World {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/bucket/k", &[], "content").await.ok();
    world
}

/// Whether the object can be read and written.
async fn reads_and_writes(world: &World, who: &Credential) -> (bool, bool) {
    let read = world.s3(Some(who), "GET", "/bucket/k", &[], "").await;
    let write = world.s3(Some(who), "PUT", "/bucket/k", &[], "content").await;
    assert!(
        [200, 403].contains(&read.status) && [200, 403].contains(&write.status),
        "{} {}",
        read.body,
        write.body
    );
    (read.status == 200, write.status == 200)
}

async fn bucket_policy(world: &World, principal: &str) {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}}]}}"#
    );
    world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], policy).await.ok();
}

#[tokio::test]
async fn a_federated_user_may_do_what_both_the_user_and_the_session_policies_allow() {
    let world = stocked().await;
    let user = world.user("u", Some(S3)).await;
    world.iam("CreateGroup", &[("GroupName", "askers")]).await;
    world.iam("AddUserToGroup", &[("GroupName", "askers"), ("UserName", "u")]).await;
    let policy = [("GroupName", "askers"), ("PolicyName", "p"), ("PolicyDocument", ASK)];
    world.iam("PutGroupPolicy", &policy).await;
    let managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    for (params, expected) in [
        (&[][..], (false, false)),
        (&[("Policy", READ)], (true, false)),
        (&[("Policy", WRITE)], (false, true)),
        (&[("Policy", ALLOW_ALL)], (true, true)),
        (&[("PolicyArns.member.1.arn", managed)], (true, false)),
        (&[("PolicyArns.member.1.arn", managed), ("Policy", WRITE)], (true, true)),
    ] {
        let bob = bob(&world, &user, params).await;
        assert_eq!(reads_and_writes(&world, &bob).await, expected, "{params:?}");
    }
    let bob = bob(&world, &user, &[("Policy", ALLOW_ALL)]).await;
    let inline = [("UserName", "u"), ("PolicyName", "inline"), ("PolicyDocument", READ)];
    world.iam("PutUserPolicy", &inline).await;
    assert_eq!(reads_and_writes(&world, &bob).await, (true, false), "the user's policies bind at once");
    let policy = [("GroupName", "askers"), ("PolicyName", "p"), ("PolicyDocument", S3)];
    world.iam("PutGroupPolicy", &policy).await;
    assert_eq!(reads_and_writes(&world, &bob).await, (true, true), "and so do its groups'");
    let boundary = [("UserName", "u"), ("PermissionsBoundary", managed)];
    world.iam("PutUserPermissionsBoundary", &boundary).await;
    assert_eq!(reads_and_writes(&world, &bob).await, (true, false), "and its boundary");
}

#[tokio::test]
async fn without_session_policies_only_a_resource_policy_that_names_the_federated_user_helps() {
    let world = stocked().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let (bare, limited) = (bob(&world, &user, &[]).await, bob(&world, &user, &[("Policy", WRITE)]).await);
    for (principal, bare_reads, limited_reads) in [
        ("arn:aws:sts::123456789012:federated-user/alice", false, false),
        (ACCOUNT, false, false),
        (user_arn("u").as_str(), false, false),
        (BOB, true, true),
    ] {
        bucket_policy(&world, principal).await;
        assert_eq!(reads_and_writes(&world, &bare).await, (bare_reads, false), "{principal}");
        assert_eq!(reads_and_writes(&world, &limited).await, (limited_reads, true), "{principal}");
    }
}

#[tokio::test]
async fn a_federated_user_of_root_has_its_session_policies_and_an_hour() {
    let world = stocked().await;
    for (asked, lasts) in [(None, 3600), (Some("900"), 900), (Some("129600"), 3600)] {
        let params: Vec<_> = asked.map(|asked| ("DurationSeconds", asked)).into_iter().collect();
        let bob = bob(&world, &world.root, &params).await;
        assert_eq!(identity(&world, &bob).await.ok().tag("Arn"), Some(BOB));
        world.pass(lasts - 1);
        identity(&world, &bob).await.ok();
        world.pass(1);
        assert_eq!(identity(&world, &bob).await.tag("Code"), Some("ExpiredToken"), "{asked:?}");
    }
    let reader = bob(&world, &world.root, &[("Policy", READ)]).await;
    assert_eq!(reads_and_writes(&world, &reader).await, (true, false));
    assert_eq!(reads_and_writes(&world, &bob(&world, &world.root, &[]).await).await, (false, false));
}

#[tokio::test]
async fn a_federated_user_ends_with_its_user_and_is_not_revived_by_a_namesake() {
    let world = stocked().await;
    let user = world.user("u", None).await;
    let inline = [("UserName", "u"), ("PolicyName", "inline"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutUserPolicy", &inline).await;
    let bob = bob(&world, &user, &[("Policy", ALLOW_ALL)]).await;
    assert_eq!(reads_and_writes(&world, &bob).await, (true, true));
    let key = [("UserName", "u"), ("AccessKeyId", user.access_key_id.as_str())];
    world.iam("DeleteAccessKey", &key).await;
    assert_eq!(reads_and_writes(&world, &bob).await, (true, true), "a key less does not end it");
    world.iam("DeleteUserPolicy", &inline[..2]).await;
    world.iam("DeleteUser", &inline[..1]).await;
    for _ in 0..2 {
        assert_eq!(identity(&world, &bob).await.tag("Code"), Some("InvalidClientTokenId"));
        assert_eq!(reads_and_writes(&world, &bob).await, (false, false));
        world.user("u", Some(ALLOW_ALL)).await;
        world.iam("DeleteUserPolicy", &inline[..2]).await;
        let keys = world.iam("ListAccessKeys", &inline[..1]).await;
        let key = [inline[0], ("AccessKeyId", keys.tag("AccessKeyId").unwrap())];
        world.iam("PutUserPolicy", &inline).await;
        assert_eq!(identity(&world, &bob).await.tag("Code"), Some("InvalidClientTokenId"));
        world.iam("DeleteUserPolicy", &inline[..2]).await;
        world.iam("DeleteAccessKey", &key).await;
        world.iam("DeleteUser", &inline[..1]).await;
    }
}

#[tokio::test]
async fn iam_and_all_but_one_operation_of_sts_are_closed() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let bob = bob(&world, &user, &[("Policy", ALLOW_ALL)]).await;
    let who = identity(&world, &bob).await.ok();
    let parts = (who.tag("UserId"), who.tag("Account"), who.tag("Arn"));
    assert_eq!(parts, (Some("123456789012:bob"), Some(ACCOUNT), Some(BOB)));
    for action in ["ListUsers", "GetUser", "CreateUser"] {
        let seen = world.ask(&bob, Service::Iam, action, &[("UserName", "u")]).await;
        seen.expect(403, "InvalidClientTokenId", "The security token included in the request is invalid");
    }
    for (action, params) in [
        ("GetFederationToken", &[("Name", "eve")][..]),
        ("GetSessionToken", &[]),
        ("AssumeRole", &[("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "job")]),
        ("GetAccessKeyInfo", &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")]),
    ] {
        let seen = world.ask(&bob, Service::Sts, action, params).await;
        seen.expect(403, "AccessDenied", &format!("Cannot call {action} with session credentials"));
    }
}

#[tokio::test]
async fn asking_needs_permission_for_the_name_and_for_tags() {
    const NAMED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::123456789012:federated-user/bob"}]}"#;
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let nobody = world.user("nobody", None).await;
    denied(&ask(&world, &nobody, &[]).await, "sts:GetFederationToken");
    let user = world.user("u", Some(NAMED)).await;
    ask(&world, &user, &[]).await.ok();
    denied(&ask(&world, &user, &[("Name", "eve")]).await, "sts:GetFederationToken");
    let tag = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    denied(&ask(&world, &user, &tag).await, "sts:TagSession");
    let asker = world.user("asker", Some(ASK)).await;
    ask(&world, &asker, &tag).await.ok();
}

#[tokio::test]
async fn conditions_see_a_federated_user_with_the_tags_of_both() {
    let world = stocked().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let tags = [("UserName", "u"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    world.iam("TagUser", &tags).await;
    let more = [("UserName", "u"), ("Tags.member.1.Key", "Floor"), ("Tags.member.1.Value", "1")];
    world.iam("TagUser", &more).await;
    for (condition, holds) in [
        (r#"{"StringEquals":{"aws:PrincipalType":"FederatedUser"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:sts::123456789012:federated-user/bob"}}"#, true),
        (r#"{"StringEquals":{"aws:userid":"123456789012:bob"}}"#, true),
        (r#"{"Null":{"aws:username":"true"}}"#, true),
        (r#"{"Null":{"aws:TokenIssueTime":"false"}}"#, true),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"blue"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"red"}}"#, false),
        (r#"{"StringEquals":{"aws:PrincipalTag/Floor":"1"}}"#, true),
    ] {
        let policy = READ.replace("\"Effect\"", &format!("\"Condition\":{condition},\"Effect\""));
        let tag =
            [("Policy", policy.as_str()), ("Tags.member.1.Key", "tEAM"), ("Tags.member.1.Value", "blue")];
        let bob = bob(&world, &user, &tag).await;
        assert_eq!(reads_and_writes(&world, &bob).await, (holds, false), "{condition}");
    }
}

#[tokio::test]
async fn how_much_is_packed_is_told_and_limited() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    assert_eq!(ask(&world, &user, &[]).await.tag("PackedPolicySize"), Some("0"));
    let packed = ask(&world, &user, &[("Policy", READ)]).await.ok();
    let percent: u32 = packed.tag("PackedPolicySize").unwrap().parse().unwrap();
    assert!((1..20).contains(&percent), "{percent}");
    let again = ask(&world, &user, &[("Policy", READ), ("MinimumSessionTokenSize", "3000")]).await.ok();
    assert_eq!(
        again.tag("PackedPolicySize"),
        packed.tag("PackedPolicySize"),
        "the measure is the same each time"
    );
    let size = |seen: &Seen| seen.tag("SessionTokenSize").unwrap().parse::<usize>().unwrap();
    assert_eq!(size(&packed), packed.tag("SessionToken").unwrap().len());
    assert!(size(&packed) < 1000 && size(&again) >= 3000);
    identity(&world, &again.credential()).await.ok();
    let twice = [
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "A"),
        ("Tags.member.2.Value", "2"),
    ];
    ask(&world, &user, &twice).await.expect(
        400,
        "InvalidParameterValue",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
    assert_eq!(ask(&world, &user, &[("Policy", "{")]).await.tag("Code"), Some("MalformedPolicyDocument"));
    for (name, value) in
        [("Name", "b"), ("Name", "a b"), ("DurationSeconds", "899"), ("DurationSeconds", "129601")]
    {
        assert_eq!(
            ask(&world, &user, &[(name, value)]).await.tag("Code"),
            Some("ValidationError"),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_federated_user_leaves_its_name_and_its_users_in_the_record() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let bob = bob(&world, &user, &[]).await;
    identity(&world, &bob).await.ok();
    let record = world.records().pop().unwrap();
    let at = |path: &str| {
        record.pointer(&format!("/userIdentity{path}")).and_then(|v| v.as_str()).unwrap_or_default()
    };
    assert_eq!((at("/type"), at("/principalId"), at("/arn")), ("FederatedUser", "123456789012:bob", BOB));
    let issuer = "/sessionContext/sessionIssuer";
    assert_eq!(at(&format!("{issuer}/type")), "IAMUser");
    assert_eq!(at(&format!("{issuer}/arn")), user_arn("u"));
}
