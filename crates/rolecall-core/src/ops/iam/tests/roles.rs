//! Roles, trust policies and what their principals mean over time.

use crate::testing::{ACCOUNT, ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::Service;

const TRUST_ROOT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}"#;

fn trusting(principal: &str) -> String {
    TRUST_ROOT.replace(r#""123456789012""#, principal)
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

async fn role(world: &World, name: &str, trust: &str) -> Seen {
    world.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)]).await
}

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

async fn assume(world: &World, who: &Credential, role: &str) -> Seen {
    let params = [("RoleArn", role), ("RoleSessionName", "job")];
    world.ask(who, Service::Sts, "AssumeRole", &params).await
}

async fn trust_of(world: &World, name: &str) -> String {
    let seen = world.iam("GetRole", &[("RoleName", name)]).await;
    decoded(seen.tag("AssumeRolePolicyDocument").unwrap())
}

#[tokio::test]
async fn a_role_is_made_read_listed_changed_and_deleted() {
    let world = World::new().await;
    let params = [
        ("RoleName", "Admin"),
        ("Path", "/a/b/"),
        ("AssumeRolePolicyDocument", TRUST_ROOT),
        ("Description", "for tests"),
        ("MaxSessionDuration", "7200"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "x"),
        ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ];
    let made = world.iam("CreateRole", &params).await;
    assert_eq!(made.tag("Arn"), Some(arn("role/a/b", "Admin").as_str()));
    assert!(made.tag("RoleId").unwrap().starts_with("AROA"));
    assert!(made.tag("AssumeRolePolicyDocument").unwrap().starts_with("%7B%22Version%22%3A"));
    let seen = world.iam("GetRole", &[("RoleName", "Admin")]).await;
    for (tag, value) in [
        ("MaxSessionDuration", "7200"),
        ("Description", "for tests"),
        ("Key", "Team"),
        ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("Path", "/a/b/"),
    ] {
        assert_eq!(seen.tag(tag), Some(value), "{}", seen.body);
    }
    let listed = world.iam("ListRoles", &[("PathPrefix", "/a/")]).await;
    assert_eq!((listed.tag("RoleName"), listed.tag("PermissionsBoundaryArn")), (Some("Admin"), None));
    assert_eq!(world.iam("ListRoles", &[("PathPrefix", "/c/")]).await.tag("RoleName"), None);
    world.iam("UpdateRole", &[("RoleName", "Admin"), ("MaxSessionDuration", "3600")]).await;
    world.iam("UpdateRoleDescription", &[("RoleName", "Admin"), ("Description", "new")]).await;
    world
        .iam("TagRole", &[("RoleName", "Admin"), ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "y")])
        .await;
    world.iam("DeleteRolePermissionsBoundary", &[("RoleName", "Admin")]).await;
    let seen = world.iam("GetRole", &[("RoleName", "Admin")]).await;
    assert_eq!((seen.tag("MaxSessionDuration"), seen.tag("Description")), (Some("3600"), Some("new")));
    assert_eq!((seen.tag("Key"), seen.tag("Value")), (Some("TEAM"), Some("y")));
    assert_eq!(seen.tag("PermissionsBoundaryArn"), None);
    world.iam("UntagRole", &[("RoleName", "Admin"), ("TagKeys.member.1", "team")]).await;
    assert_eq!(world.iam("ListRoleTags", &[("RoleName", "Admin")]).await.tag("Key"), None);
    world.iam("DeleteRole", &[("RoleName", "Admin")]).await;
    ask(&world, "GetRole", &[("RoleName", "Admin")]).await.expect(
        404,
        "NoSuchEntity",
        "The role with name Admin cannot be found.",
    );
}

/// ESC-10: names are unique in any case and a look-alike is not the thing.
#[tokio::test]
async fn names_are_unique_in_any_case_and_found_only_as_spelled() {
    let world = World::new().await;
    role(&world, "Admin", TRUST_ROOT).await;
    let params = [("RoleName", "aDMIN"), ("AssumeRolePolicyDocument", TRUST_ROOT)];
    let taken = "Role with name aDMIN already exists.";
    ask(&world, "CreateRole", &params).await.expect(409, "EntityAlreadyExists", taken);
    let missing = "The role with name admin cannot be found.";
    ask(&world, "GetRole", &[("RoleName", "admin")]).await.expect(404, "NoSuchEntity", missing);
    ask(&world, "DeleteRole", &[("RoleName", "admin")]).await.expect(404, "NoSuchEntity", missing);
    world.iam("GetRole", &[("RoleName", "Admin")]).await;
    for name in ["Admin ", "Ädmin", "a/b", "a*", ""] {
        let params = [("RoleName", name), ("AssumeRolePolicyDocument", TRUST_ROOT)];
        assert_eq!(ask(&world, "CreateRole", &params).await.tag("Code"), Some("ValidationError"), "{name:?}");
    }
}

/// POL-02, and the sentences of AWS about trust policies.
#[tokio::test]
async fn a_trust_policy_that_does_not_hold_is_refused_and_nothing_is_stored() {
    let world = World::new().await;
    let ghost = arn("user", "ghost");
    let long = trusting(&format!("[{}]", vec![r#""123456789012""#; 200].join(",")));
    let cases = [
        (
            "no JSON".to_owned(),
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json".to_owned(),
        ),
        (
            trusting(&format!("{ghost:?}")),
            400,
            "MalformedPolicyDocument",
            format!("Invalid principal in policy: \"AWS\":\"{ghost}\""),
        ),
        (
            trusting("[]"),
            400,
            "MalformedPolicyDocument",
            "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: \
             The passed in policy has a statement with no principals!"
                .into(),
        ),
        (
            TRUST_ROOT.replace("\"Action\"", "\"Resource\":\"*\",\"Action\""),
            400,
            "MalformedPolicyDocument",
            "Has prohibited field Resource".into(),
        ),
        (
            TRUST_ROOT.replace("\"Effect\"", "\"effect\""),
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.".into(),
        ),
        (long, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048".into()),
    ];
    role(&world, "good", TRUST_ROOT).await;
    for (trust, status, code, message) in &cases {
        let params = [("RoleName", "r"), ("AssumeRolePolicyDocument", trust.as_str())];
        ask(&world, "CreateRole", &params).await.expect(*status, code, message);
        let params = [("RoleName", "good"), ("PolicyDocument", trust.as_str())];
        ask(&world, "UpdateAssumeRolePolicy", &params).await.expect(*status, code, message);
    }
    assert_eq!(ask(&world, "GetRole", &[("RoleName", "r")]).await.status, 404);
    assert_eq!(trust_of(&world, "good").await, trusting(&format!("\"arn:aws:iam::{ACCOUNT}:root\"")));
}

/// White space does not count.
#[tokio::test]
async fn a_trust_policy_may_be_blank_for_long() {
    let world = World::new().await;
    let trust = TRUST_ROOT.replace(',', &format!(",{}", " ".repeat(4000)));
    role(&world, "r", &trust).await;
}

#[tokio::test]
async fn principals_that_stand_for_themselves_are_taken_as_they_are() {
    let world = World::new().await;
    for (n, principal) in [
        r#"{"AWS":"*"}"#,
        r#"{"AWS":"arn:aws:iam::999999999999:root"}"#,
        r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/Nobody/s"}"#,
        r#"{"AWS":"AIDAQ3EGUGLGWKJ5SXJXF"}"#,
        r#"{"Service":"ec2.amazonaws.com"}"#,
        r#"{"Federated":"www.amazon.com"}"#,
        r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/Corp"}"#,
    ]
    .iter()
    .enumerate()
    {
        let trust = TRUST_ROOT.replace(r#"{"AWS":"123456789012"}"#, principal);
        let trust = if principal.contains("Federated") {
            trust.replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
        } else {
            trust
        };
        let name = format!("r{n}");
        role(&world, &name, &trust).await;
        assert_eq!(trust_of(&world, &name).await, trust);
    }
    let foreign = trusting(r#""arn:aws:iam::999999999999:user/ghost""#);
    let params = [("RoleName", "r"), ("AssumeRolePolicyDocument", foreign.as_str())];
    assert_eq!(ask(&world, "CreateRole", &params).await.tag("Code"), Some("MalformedPolicyDocument"));
}

/// STS-19: a namesake does not inherit trust, and the reader sees whom the policy means.
#[tokio::test]
async fn trust_in_a_user_ends_with_the_user() {
    let world = World::new().await;
    let alice = world.user("alice", None).await;
    let id = world.iam("GetUser", &[("UserName", "alice")]).await.tag("UserId").unwrap().to_owned();
    let trust = trusting(&format!("{:?}", arn("user", "alice")));
    role(&world, "r", &trust).await;
    assert_eq!(trust_of(&world, "r").await, trust);
    assume(&world, &alice, &arn("role", "r")).await.ok();
    world.iam("DeleteAccessKey", &[("UserName", "alice"), ("AccessKeyId", &alice.access_key_id)]).await;
    world.iam("DeleteUser", &[("UserName", "alice")]).await;
    assert_eq!(trust_of(&world, "r").await, trusting(&format!("{id:?}")));
    let namesake = world.user("alice", None).await;
    assert_eq!(assume(&world, &namesake, &arn("role", "r")).await.tag("Code"), Some("AccessDenied"));
    assert_eq!(trust_of(&world, "r").await, trusting(&format!("{id:?}")));
    world.iam("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trust)]).await;
    assume(&world, &namesake, &arn("role", "r")).await.ok();
}

/// STS-19: sessions of a deleted role do not revive with its namesake.
#[tokio::test]
async fn sessions_end_with_their_role() {
    let world = World::new().await;
    let alice = world.user("alice", Some(ALLOW_ALL)).await;
    let trust = trusting(&format!("{:?}", arn("user", "alice")));
    role(&world, "r", &trust).await;
    let session = assume(&world, &alice, &arn("role", "r")).await.ok().credential();
    world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    world.iam("DeleteRole", &[("RoleName", "r")]).await;
    assert_eq!(world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.status, 403);
    role(&world, "r", &trust).await;
    assert_eq!(world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.status, 403);
    let again = assume(&world, &alice, &arn("role", "r")).await.ok().credential();
    world.ask(&again, Service::Sts, "GetCallerIdentity", &[]).await.ok();
}

#[tokio::test]
async fn a_role_with_policies_stays() {
    let world = World::new().await;
    role(&world, "r", TRUST_ROOT).await;
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    world.iam("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", policy)]).await;
    let delete = || ask(&world, "DeleteRole", &[("RoleName", "r")]);
    delete().await.expect(409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    world.iam("DetachRolePolicy", &[("RoleName", "r"), ("PolicyArn", policy)]).await;
    world.iam("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", NOTHING)]).await;
    delete().await.expect(409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    world.iam("DeleteRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]).await;
    delete().await.ok();
}

#[tokio::test]
async fn a_boundary_must_be_a_policy_that_exists() {
    let world = World::new().await;
    role(&world, "r", TRUST_ROOT).await;
    let put = |arn: &'static str| {
        let world = &world;
        async move {
            let params = [("RoleName", "r"), ("PermissionsBoundary", arn)];
            ask(world, "PutRolePermissionsBoundary", &params).await
        }
    };
    put("arn:aws:iam::123456789012:policy/Nothing").await.expect(
        404,
        "NoSuchEntity",
        "Scope ARN: ARN does not exist or is not attachable.",
    );
    let not_a_policy = "arn:aws:iam::123456789012:role/r";
    let invalid = format!("ARN {not_a_policy} is not valid.");
    put(not_a_policy).await.expect(400, "InvalidInput", &invalid);
    put("arn:aws:iam::aws:policy/ReadOnlyAccess").await.ok();
}

#[tokio::test]
async fn an_instance_profile_holds_one_role_that_stays_as_long() {
    let world = World::new().await;
    role(&world, "r", TRUST_ROOT).await;
    let profile = ("InstanceProfileName", "P");
    let made = world.iam("CreateInstanceProfile", &[profile, ("Path", "/x/")]).await;
    assert_eq!(made.tag("Arn"), Some(arn("instance-profile/x", "P").as_str()));
    assert!(made.tag("InstanceProfileId").unwrap().starts_with("AIPA"));
    let taken = "Instance Profile p already exists.";
    ask(&world, "CreateInstanceProfile", &[("InstanceProfileName", "p")]).await.expect(
        409,
        "EntityAlreadyExists",
        taken,
    );
    world.iam("AddRoleToInstanceProfile", &[profile, ("RoleName", "r")]).await;
    ask(&world, "AddRoleToInstanceProfile", &[profile, ("RoleName", "r")]).await.expect(
        409,
        "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    );
    let held = "Cannot delete entity, must remove roles from instance profile first.";
    ask(&world, "DeleteRole", &[("RoleName", "r")]).await.expect(409, "DeleteConflict", held);
    ask(&world, "DeleteInstanceProfile", &[profile]).await.expect(409, "DeleteConflict", held);
    for (action, params) in [
        ("GetInstanceProfile", vec![profile]),
        ("ListInstanceProfiles", vec![("PathPrefix", "/x/")]),
        ("ListInstanceProfilesForRole", vec![("RoleName", "r")]),
    ] {
        let seen = world.iam(action, &params).await;
        assert_eq!(
            (seen.tag("InstanceProfileName"), seen.tag("RoleName")),
            (Some("P"), Some("r")),
            "{action}"
        );
    }
    let tag = [profile, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    world.iam("TagInstanceProfile", &tag).await;
    assert_eq!(world.iam("ListInstanceProfileTags", &[profile]).await.tag("Key"), Some("k"));
    world.iam("UntagInstanceProfile", &[profile, ("TagKeys.member.1", "K")]).await;
    assert_eq!(world.iam("ListInstanceProfileTags", &[profile]).await.tag("Key"), None);
    world.iam("RemoveRoleFromInstanceProfile", &[profile, ("RoleName", "r")]).await;
    let gone = "Role r in Instance Profile P cannot be found.";
    ask(&world, "RemoveRoleFromInstanceProfile", &[profile, ("RoleName", "r")]).await.expect(
        404,
        "NoSuchEntity",
        gone,
    );
    world.iam("DeleteRole", &[("RoleName", "r")]).await;
    world.iam("DeleteInstanceProfile", &[profile]).await;
    let missing = "Instance Profile P cannot be found.";
    ask(&world, "GetInstanceProfile", &[profile]).await.expect(404, "NoSuchEntity", missing);
}

/// ESC-01: a role is put into a profile only by who may pass it.
#[tokio::test]
async fn filling_a_profile_passes_the_role() {
    let world = World::new().await;
    role(&world, "r", TRUST_ROOT).await;
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "P")]).await;
    let params = [("InstanceProfileName", "P"), ("RoleName", "r")];
    let text = ALLOW_ALL.replace("\"Action\":\"*\"", "\"NotAction\":\"iam:PassRole\"");
    let without = world.user("without", Some(&text)).await;
    let seen = world.ask(&without, Service::Iam, "AddRoleToInstanceProfile", &params).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")));
    let with = world.user("with", Some(ALLOW_ALL)).await;
    world.ask(&with, Service::Iam, "AddRoleToInstanceProfile", &params).await.ok();
}

#[tokio::test]
async fn an_account_holds_a_thousand_roles_and_not_one_more() {
    let world = World::new().await;
    let create = |n: usize| {
        let (world, name) = (&world, format!("role-{n}"));
        async move {
            let params = [("RoleName", name.as_str()), ("AssumeRolePolicyDocument", ANYBODY)];
            world.ask(&world.root, Service::Iam, "CreateRole", &params).await
        }
    };
    for n in 0..1000 {
        create(n).await.ok();
    }
    create(1000).await.expect(409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000");
    world.iam("DeleteRole", &[("RoleName", "role-7")]).await;
    create(1000).await.ok();
}

const ANYBODY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

/// The answer to a creation shows the trust policy as it was sent: an account stays a bare number in it.
#[tokio::test]
async fn creating_a_role_echoes_its_trust_policy_as_sent() {
    let world = World::new().await;
    let sent = TRUST_ROOT.replace(r#","Statement""#, r#" , "Statement""#);
    let made = role(&world, "r", &sent).await;
    assert_eq!(decoded(made.tag("AssumeRolePolicyDocument").unwrap()), sent);
    assert!(trust_of(&world, "r").await.contains("arn:aws:iam::123456789012:root"));
}
