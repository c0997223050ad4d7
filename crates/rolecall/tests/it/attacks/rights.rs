//! Attacks on decisions: policies that are gone or changed, claims in headers, names and records.

use super::{assume, trusting};
use rolecall_core::records::key;
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, World};
use rolecall_wire::Service;

/// What must be read to decide, and cannot be, is a refusal.
#[tokio::test]
async fn pol_03_a_policy_that_is_gone_allows_nothing() {
    for (action, param) in
        [("AttachUserPolicy", "PolicyArn"), ("PutUserPermissionsBoundary", "PermissionsBoundary")]
    {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let user = world.user("u", Some(ALLOW_ALL)).await;
        world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]).await;
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
        world.iam(action, &[("UserName", "u"), (param, &arn)]).await;
        world.ask(&user, Service::Iam, "ListUsers", &[]).await.ok();
        let system = world.gate.system();
        let mut txn = system.store.begin();
        txn.delete(key::policy(&system.settings.account, "p"));
        txn.commit().await.unwrap();
        let seen = world.ask(&user, Service::Iam, "ListUsers", &[]).await;
        assert!(seen.status >= 500 && seen.tag("UserName").is_none(), "{action}: {}", seen.body);
    }
}

#[tokio::test]
async fn pol_19_a_boundary_that_is_gone_is_not_no_boundary() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
    world.iam("PutUserPermissionsBoundary", &[("UserName", "u"), ("PermissionsBoundary", &arn)]).await;
    let delete = [("PolicyArn", arn.as_str())];
    assert_eq!(
        world.ask(&world.root, Service::Iam, "DeletePolicy", &delete).await.tag("Code"),
        Some("DeleteConflict")
    );
    world.ask(&user, Service::Iam, "ListUsers", &[]).await.ok();
    let system = world.gate.system();
    let mut txn = system.store.begin();
    txn.delete(key::policy(&system.settings.account, "p"));
    txn.commit().await.unwrap();
    assert!(world.ask(&user, Service::Iam, "ListUsers", &[]).await.status >= 500);
    world.iam("DeleteUserPermissionsBoundary", &[("UserName", "u")]).await;
    world.ask(&user, Service::Iam, "ListUsers", &[]).await.ok();
}

/// The policy may have held a denial, so nothing is left of what the session could do.
#[tokio::test]
async fn pol_19_a_session_whose_policy_is_deleted_can_do_nothing() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},
        "Action":"sts:AssumeRole"}]}"#;
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]).await;
    let all = [("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutRolePolicy", &all).await;
    let mut arns = Vec::new();
    for name in ["one", "two"] {
        world.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", ALLOW_ALL)]).await;
        arns.push(format!("arn:aws:iam::{ACCOUNT}:policy/{name}"));
    }
    let params = [
        ("RoleArn", "arn:aws:iam::123456789012:role/r"),
        ("RoleSessionName", "job"),
        ("PolicyArns.member.1.arn", arns[0].as_str()),
        ("PolicyArns.member.2.arn", arns[1].as_str()),
    ];
    let it = world.ask(&user, Service::Sts, "AssumeRole", &params).await.credential();
    world.ask(&it, Service::Iam, "ListUsers", &[]).await.ok();
    world.iam("DeletePolicy", &[("PolicyArn", &arns[0])]).await;
    let seen = world.ask(&it, Service::Iam, "ListUsers", &[]).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
    assert!(seen.body.contains("with an explicit deny in a session policy"), "{}", seen.body);
    let seen = world.s3(Some(&it), "GET", "/", &[], "").await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
}

#[tokio::test]
async fn pol_20_no_decision_uses_the_text_of_before() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", None).await;
    for round in 0..10 {
        let effect = if round % 2 == 0 { "Allow" } else { "Deny" };
        let policy = ALLOW_ALL.replace("Allow", effect);
        world
            .iam("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", &policy)])
            .await;
        let allowed = world.ask(&user, Service::Iam, "ListUsers", &[]).await.status == 200;
        assert_eq!(allowed, effect == "Allow", "round {round}");
    }
}

/// A policy on what the server knows of a request cannot be met by saying so.
async fn speaks_for_itself(condition: &str, met_by: &str, claims: &[(&str, &str)]) {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let policy = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}]}}"#
        )
    };
    let user = world.user("u", Some(&policy(condition))).await;
    let seen = world.s3(Some(&user), "GET", "/bucket", claims, "").await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{condition}");
    world
        .iam(
            "PutUserPolicy",
            &[("UserName", "u"), ("PolicyName", "inline"), ("PolicyDocument", &policy(met_by))],
        )
        .await;
    world.s3(Some(&user), "GET", "/bucket", claims, "").await.ok();
}

#[tokio::test]
async fn pol_11_headers_do_not_become_condition_keys() {
    let claims = [
        ("userid", "AIDAADMIN"),
        ("groups", "admins"),
        ("aws-principalarn", "arn:aws:iam::123456789012:role/admin"),
        ("principaltag-team", "red"),
        ("x-amz-meta-aws-principaltag-team", "red"),
        ("username", "admin"),
    ];
    for (wanted, met_by) in [
        (r#"{"StringEquals":{"aws:userid":"AIDAADMIN"}}"#, r#"{"StringLike":{"aws:userid":"AIDA*"}}"#),
        (r#"{"StringEquals":{"aws:username":"admin"}}"#, r#"{"StringEquals":{"aws:username":"u"}}"#),
        (
            r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
            r#"{"Null":{"aws:PrincipalTag/team":"true"}}"#,
        ),
        (
            r#"{"ArnLike":{"aws:PrincipalArn":"*:role/admin"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/u"}}"#,
        ),
    ] {
        speaks_for_itself(wanted, met_by, &claims).await;
    }
}

#[tokio::test]
async fn pol_12_the_source_address_is_the_sockets() {
    let claims = [
        ("x-forwarded-for", "10.0.0.5"),
        ("forwarded", "for=10.0.0.5;proto=https"),
        ("x-real-ip", "10.0.0.5"),
    ];
    let (wanted, met_by) =
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#);
    speaks_for_itself(wanted, met_by, &claims).await;
    let (wanted, met_by) =
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, r#"{"Bool":{"aws:SecureTransport":"false"}}"#);
    speaks_for_itself(wanted, met_by, &[("x-forwarded-proto", "https")]).await;
}

#[tokio::test]
async fn esc_03_nobody_loosens_its_own_bonds() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", None).await;
    let boundary = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    world.iam("PutUserPermissionsBoundary", &[("UserName", "u"), ("PermissionsBoundary", boundary)]).await;
    let attempts: [(&str, &[(&str, &str)]); 5] = [
        ("DeleteUserPermissionsBoundary", &[]),
        (
            "PutUserPermissionsBoundary",
            &[("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
        ("PutUserPolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
        ("AttachUserPolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")]),
        ("CreateAccessKey", &[]),
    ];
    for (action, more) in attempts {
        let params = [&[("UserName", "u")], more].concat();
        let seen = world.ask(&user, Service::Iam, action, &params).await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{action}");
    }
    let shown = world.iam("GetUser", &[("UserName", "u")]).await;
    assert_eq!(shown.tag("PermissionsBoundaryArn"), Some(boundary));
}

#[tokio::test]
async fn s3a_09_what_only_servers_may_say_is_not_taken_from_clients() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    for (header, value) in [
        ("x-amz-server-side-encryption-aws-kms-key-id", "x"),
        ("x-amz-server-side-encryption-customer-key", "x"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
    ] {
        let seen = world.s3(root, "PUT", "/bucket/k", &[(header, value)], "x").await;
        assert_eq!((seen.status, seen.tag("Code")), (501, Some("NotImplemented")), "{header}");
        assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.status, 404, "{header}");
    }
    let internal = [
        ("x-minio-internal-server-side-encryption-iv", "x"),
        ("x-rolecall-owner", "x"),
        ("x-amz-replication-status", "REPLICA"),
    ];
    world.s3(root, "PUT", "/bucket/k", &internal, "x").await.ok();
    let seen = world.s3(root, "GET", "/bucket/k", &[], "").await.ok();
    assert!(internal.iter().all(|(name, _)| !seen.headers.contains_key(*name)), "{:?}", seen.headers);
}

#[tokio::test]
async fn nam_02_separators_and_wildcards_are_in_no_name() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let trust = trusting(ACCOUNT);
    for name in ["a:b", "a/b", "a*", "a?", "${a}", "a\r\nb", "a b", "ａ", "a\0"] {
        let calls: [(&str, &[(&str, &str)]); 4] = [
            ("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &trust)]),
            ("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", ALLOW_ALL)]),
            ("CreateInstanceProfile", &[("InstanceProfileName", name)]),
            ("PutUserPolicy", &[("UserName", "u"), ("PolicyName", name), ("PolicyDocument", ALLOW_ALL)]),
        ];
        for (action, params) in calls {
            let seen = world.ask(&world.root, Service::Iam, action, params).await;
            assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{action} {name:?}");
        }
    }
    world.iam("CreateRole", &[("RoleName", "a"), ("AssumeRolePolicyDocument", &trust)]).await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/a");
    for name in ["a:b", "a/b", "a*", "a b", "ａ1", "a\r\n"] {
        let seen = world
            .ask(&user, Service::Sts, "AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", name)])
            .await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{name:?}");
    }
    assume(&world, &user, "a").await;
}

#[tokio::test]
async fn nam_03_one_event_is_one_line_whatever_is_in_it() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    let before = world.records().len();
    let agent = [("user-agent", "a\tb\"}{\"eventName\":\"x")];
    for path in ["/bucket/a%0D%0A%7B%7D", "/bucket/%1B%5B31m%22%2C", "/bucket/%E2%80%A8"] {
        world.s3(root, "PUT", path, &agent, "x").await.ok();
    }
    let name = "x\r\n{\"eventName\":\"forged\"}";
    world.ask(&world.root, Service::Iam, "CreateUser", &[("UserName", name)]).await;
    let records = world.records();
    assert_eq!(records.len(), before + 4);
    assert_eq!(records[before]["requestParameters"]["key"], "a\r\n{}");
    assert_eq!(records[before + 3]["eventName"], "CreateUser");
}

#[tokio::test]
async fn aud_02_a_record_shows_what_was_done_and_no_decoy() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    world.user("victim", None).await;
    let junk: Vec<_> = (0..500).map(|n| (format!("Junk{n}"), "x".to_owned())).collect();
    let mut params: Vec<_> = junk.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    params.extend([("UserName", "victim"), ("userName", "decoy")]);
    world.iam("GetUser", &params).await;
    let line = world.audit.text().lines().last().unwrap().to_owned();
    assert!(line.contains(r#""userName":"victim""#) && !line.contains("decoy"), "{line}");
    world.ask_as(None, Service::Iam, "GetUser", &params).await;
    let line = world.audit.text().lines().last().unwrap().to_owned();
    assert!(line.contains("MissingAuthenticationToken") && line.len() < 4096, "{line}");
}
