//! Managed policies: their versions, their holders, and what may not be done to them.

use crate::testing::{ACCOUNT, ALLOW_ALL, Seen, World};
use rolecall_wire::Service;

const READ: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

async fn policy(world: &World, name: &str, document: &str) -> Seen {
    world.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await
}

#[tokio::test]
async fn a_policy_is_made_read_tagged_and_deleted() {
    let world = World::new().await;
    let params = [
        ("PolicyName", "P"),
        ("Path", "/a/"),
        ("PolicyDocument", READ),
        ("Description", "reads"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    let made = world.iam("CreatePolicy", &params).await;
    let arn = arn("a/P");
    assert_eq!(made.tag("Arn"), Some(arn.as_str()));
    let seen = world.iam("GetPolicy", &[("PolicyArn", &arn)]).await;
    for (tag, value) in [
        ("PolicyName", "P"),
        ("Path", "/a/"),
        ("DefaultVersionId", "v1"),
        ("AttachmentCount", "0"),
        ("PermissionsBoundaryUsageCount", "0"),
        ("IsAttachable", "true"),
        ("Description", "reads"),
        ("Key", "k"),
    ] {
        assert_eq!(seen.tag(tag), Some(value), "{}", seen.body);
    }
    let version = world.iam("GetPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]).await;
    assert!(version.tag("Document").unwrap().starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"));
    assert_eq!(version.tag("IsDefaultVersion"), Some("true"));
    world.iam("UntagPolicy", &[("PolicyArn", &arn), ("TagKeys.member.1", "K")]).await;
    assert_eq!(world.iam("ListPolicyTags", &[("PolicyArn", &arn)]).await.tag("Key"), None);
    let again = [("PolicyName", "p"), ("PolicyDocument", READ)];
    let taken = "A policy called p already exists. Duplicate names are not allowed.";
    ask(&world, "CreatePolicy", &again).await.expect(409, "EntityAlreadyExists", taken);
    world.iam("DeletePolicy", &[("PolicyArn", &arn)]).await;
    let gone = format!("Policy {arn} was not found.");
    ask(&world, "GetPolicy", &[("PolicyArn", &arn)]).await.expect(404, "NoSuchEntity", &gone);
    ask(&world, "DeletePolicy", &[("PolicyArn", &arn)]).await.expect(404, "NoSuchEntity", &gone);
}

/// POL-20: a decision after the answer uses the new text.
#[tokio::test]
async fn the_version_in_force_decides_from_the_next_request_on() {
    let world = World::new().await;
    let user = world.user("u", None).await;
    policy(&world, "P", READ).await;
    let arn = arn("P");
    world.iam("AttachUserPolicy", &[("UserName", "u"), ("PolicyArn", &arn)]).await;
    let reads = || world.ask(&user, Service::Iam, "GetUser", &[]);
    reads().await.ok();
    let none = READ.replace("iam:GetUser", "iam:GetGroup");
    let made = world.iam("CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", &none)]).await;
    assert_eq!((made.tag("VersionId"), made.tag("IsDefaultVersion")), (Some("v2"), Some("false")));
    reads().await.ok();
    world.iam("SetDefaultPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v2")]).await;
    assert_eq!(reads().await.tag("Code"), Some("AccessDenied"));
    world.iam("SetDefaultPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]).await;
    reads().await.ok();
}

#[tokio::test]
async fn five_versions_whose_numbers_are_never_used_again() {
    let world = World::new().await;
    policy(&world, "P", READ).await;
    let arn = arn("P");
    let create =
        async || ask(&world, "CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", READ)]).await;
    for n in 2..=5 {
        assert_eq!(create().await.ok().tag("VersionId"), Some(format!("v{n}").as_str()));
    }
    create().await.expect(
        409,
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
         existing version.",
    );
    let delete = |id: &'static str| {
        let (world, arn) = (&world, &arn);
        async move { ask(world, "DeletePolicyVersion", &[("PolicyArn", arn.as_str()), ("VersionId", id)]).await }
    };
    delete("v1").await.expect(409, "DeleteConflict", "Cannot delete the default version of a policy.");
    delete("v5").await.ok();
    assert_eq!(create().await.ok().tag("VersionId"), Some("v6"));
    let missing = format!("Policy {arn} version v5 does not exist or is not attachable.");
    delete("v5").await.expect(404, "NoSuchEntity", &missing);
    let listed = world.iam("ListPolicyVersions", &[("PolicyArn", &arn), ("MaxItems", "1")]).await;
    assert_eq!((listed.tag("VersionId"), listed.tag("IsTruncated")), (Some("v6"), Some("true")));
    let several = "This policy has more than one version. Before you delete a policy, you must delete the \
                   policy's versions. The default version is deleted with the policy.";
    ask(&world, "DeletePolicy", &[("PolicyArn", &arn)]).await.expect(409, "DeleteConflict", several);
}

/// POL-19: what is attached, or somebody's boundary, cannot go away under it.
#[tokio::test]
async fn a_policy_in_use_stays_and_knows_its_holders() {
    let world = World::new().await;
    policy(&world, "P", READ).await;
    let arn = arn("P");
    world.iam("CreateUser", &[("UserName", "Alice")]).await;
    let role = [("RoleName", "Role"), ("AssumeRolePolicyDocument", TRUST), ("PermissionsBoundary", &arn)];
    world.iam("CreateRole", &role).await;
    world.iam("AttachUserPolicy", &[("UserName", "Alice"), ("PolicyArn", &arn)]).await;
    let seen = world.iam("GetPolicy", &[("PolicyArn", &arn)]).await;
    let counts = (seen.tag("AttachmentCount"), seen.tag("PermissionsBoundaryUsageCount"));
    assert_eq!(counts, (Some("1"), Some("1")));
    let holders = world.iam("ListEntitiesForPolicy", &[("PolicyArn", &arn)]).await;
    assert_eq!((holders.tag("UserName"), holders.tag("RoleName")), (Some("Alice"), Some("Role")));
    let users = [("PolicyArn", arn.as_str()), ("EntityFilter", "User")];
    let users = world.iam("ListEntitiesForPolicy", &users).await;
    assert_eq!((users.tag("UserName"), users.tag("RoleName")), (Some("Alice"), None));
    let bounded = [("PolicyArn", arn.as_str()), ("PolicyUsageFilter", "PermissionsBoundary")];
    let bounded = world.iam("ListEntitiesForPolicy", &bounded).await;
    assert_eq!((bounded.tag("UserName"), bounded.tag("RoleName")), (None, Some("Role")));
    let in_use = "Cannot delete a policy attached to entities.";
    let delete = async || ask(&world, "DeletePolicy", &[("PolicyArn", &arn)]).await;
    delete().await.expect(409, "DeleteConflict", in_use);
    world.iam("DetachUserPolicy", &[("UserName", "Alice"), ("PolicyArn", &arn)]).await;
    delete().await.expect(409, "DeleteConflict", in_use);
    world.iam("DeleteRole", &[("RoleName", "Role")]).await;
    delete().await.ok();
}

#[tokio::test]
async fn what_aws_manages_is_read_and_never_changed() {
    let world = World::new().await;
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let seen = world.iam("GetPolicy", &[("PolicyArn", arn)]).await;
    assert_eq!(
        (seen.tag("PolicyName"), seen.tag("DefaultVersionId")),
        (Some("AdministratorAccess"), Some("v1"))
    );
    let version = [("PolicyArn", arn), ("VersionId", "v1")];
    assert!(world.iam("GetPolicyVersion", &version).await.tag("Document").is_some());
    assert_eq!(ask(&world, "GetPolicyVersion", &[version[0], ("VersionId", "v2")]).await.status, 404);
    let document = ("PolicyDocument", READ);
    let (tag, value) = (("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v"));
    for (action, params, message) in [
        ("DeletePolicy", vec![version[0]], "Cannot delete policies outside your own account."),
        (
            "DeletePolicyVersion",
            version.to_vec(),
            "Cannot delete policy versions for policies outside your own account.",
        ),
        ("SetDefaultPolicyVersion", version.to_vec(), "Cannot update policies outside your own account."),
        (
            "CreatePolicyVersion",
            vec![version[0], document],
            "Cannot update policies outside your own account.",
        ),
        ("TagPolicy", vec![version[0], tag, value], "Cannot update policies outside your own account."),
    ] {
        ask(&world, action, &params).await.expect(403, "AccessDenied", message);
    }
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_without_loss() {
    let world = World::new().await;
    policy(&world, "P", READ).await;
    policy(&world, "Q", READ).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    world.iam("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", &arn("Q"))]).await;
    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut params = vec![("MaxItems", "700")];
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = world.iam("ListPolicies", &params).await;
        seen.extend(page.body.split("<Arn>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        marker = page.tag("Marker").map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (1584, 1584));
    let names = |params: Vec<(&'static str, &'static str)>| {
        let world = &world;
        async move {
            let page = world.iam("ListPolicies", &params).await;
            page.body.matches("<PolicyName>").count()
        }
    };
    assert_eq!(names(vec![("Scope", "Local")]).await, 2);
    assert_eq!(names(vec![("OnlyAttached", "true")]).await, 1);
    assert_eq!(names(vec![("PolicyUsageFilter", "PermissionsBoundary")]).await, 0);
    assert_eq!(names(vec![("PathPrefix", "/job-function/"), ("Scope", "AWS"), ("MaxItems", "2")]).await, 2);
}

/// POL-02, and the quotas on size.
#[tokio::test]
async fn a_document_that_does_not_hold_is_refused() {
    let world = World::new().await;
    policy(&world, "good", READ).await;
    let long = READ.replace("\"*\"", &format!("\"arn:aws:s3:::{}\"", "a".repeat(6144)));
    let blank = READ.replace(',', &format!(",{}", " ".repeat(7000)));
    for (document, status, code, message) in [
        ("{".to_owned(), 400, "MalformedPolicyDocument", "Syntax errors in policy."),
        (
            READ.replace("\"Effect\"", "\"effect\""),
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        ),
        (
            READ.replace("\"Action\":\"iam:GetUser\",", ""),
            400,
            "MalformedPolicyDocument",
            "Policy statement must contain actions.",
        ),
        (long, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"),
    ] {
        let params = [("PolicyName", "p"), ("PolicyDocument", document.as_str())];
        ask(&world, "CreatePolicy", &params).await.expect(status, code, message);
        let good = arn("good");
        let params = [("PolicyArn", good.as_str()), ("PolicyDocument", document.as_str())];
        ask(&world, "CreatePolicyVersion", &params).await.expect(status, code, message);
    }
    assert_eq!(ask(&world, "GetPolicy", &[("PolicyArn", &arn("p"))]).await.status, 404);
    policy(&world, "p", &blank).await;
}

/// ESC-01: each way up that starts here is closed to whoever has every other right.
#[tokio::test]
async fn whoever_lacks_the_one_right_does_not_climb() {
    let world = World::new().await;
    policy(&world, "P", READ).await;
    let arn = arn("P");
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let free = world.user("free", Some(ALLOW_ALL)).await;
    let document = ("PolicyDocument", ALLOW_ALL);
    for (n, (action, params)) in [
        ("CreatePolicyVersion", vec![("PolicyArn", arn.as_str()), document]),
        ("SetDefaultPolicyVersion", vec![("PolicyArn", arn.as_str()), ("VersionId", "v1")]),
        ("UpdateAssumeRolePolicy", vec![("RoleName", "r"), ("PolicyDocument", TRUST)]),
        ("DeleteRolePermissionsBoundary", vec![("RoleName", "r")]),
    ]
    .into_iter()
    .enumerate()
    {
        let text = ALLOW_ALL.replace("\"Action\":\"*\"", &format!("\"NotAction\":\"iam:{action}\""));
        let without = world.user(&format!("u{n}"), Some(&text)).await;
        let seen = world.ask(&without, Service::Iam, action, &params).await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{action}");
        world.ask(&free, Service::Iam, action, &params).await.ok();
    }
}

#[tokio::test]
async fn a_policy_of_another_account_is_closed() {
    let world = World::new().await;
    let foreign = "arn:aws:iam::999999999999:policy/P";
    let seen = ask(&world, "GetPolicy", &[("PolicyArn", foreign)]).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")));
    ask(&world, "GetPolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/Nothing")]).await.expect(
        404,
        "NoSuchEntity",
        "Policy arn:aws:iam::aws:policy/Nothing was not found.",
    );
}

/// Policies are written in Latin-1, with tabs and line ends (IAM API Reference, PolicyDocument).
#[tokio::test]
async fn a_policy_has_no_characters_beyond_latin_1() {
    let world = World::new().await;
    let with = |c: char| {
        READ.replacen(
            r#"{"Effect""#,
            &format!(r#"{{"Condition":{{"StringEquals":{{"aws:username":"{c}"}}}},"Effect""#),
            1,
        )
    };
    for c in ['\u{100}', '\u{7f}', '\u{ff}', '\u{20ac}'] {
        let text = with(c);
        let params = [("PolicyName", "p"), ("PolicyDocument", text.as_str())];
        let seen = ask(&world, "CreatePolicy", &params).await;
        let refused = c > '\u{ff}';
        assert_eq!(seen.status, if refused { 400 } else { 200 }, "{c:?} {}", seen.body);
        match refused {
            true => assert_eq!(seen.tag("Code"), Some("ValidationError"), "{}", seen.body),
            false => drop(world.iam("DeletePolicy", &[("PolicyArn", &arn("p"))]).await),
        }
    }
    policy(&world, "lines", &READ.replace(',', ",\r\n\t")).await.ok();
}
