//! The simulator through the gate.

use crate::testing::{ACCOUNT, ALLOW_ALL, Seen, World};
use rolecall_wire::Service;

const READ: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*",
   "Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
const BOUNDARY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}"#;

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

async fn custom(world: &World, params: &[(&str, &str)]) -> Seen {
    ask(world, "SimulateCustomPolicy", params).await
}

#[tokio::test]
async fn a_simulated_policy_decides_and_shows_where() {
    let world = World::new().await;
    let params = [
        ("PolicyInputList.member.1", READ),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::b/ann/x"),
        ("CallerArn", "arn:aws:iam::123456789012:user/ann"),
    ];
    let region = [
        ("ContextEntries.member.1.ContextKeyName", "aws:RequestedRegion"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "us-east-1"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
    ];
    let without = custom(&world, &params).await.ok();
    assert_eq!(without.tag("EvalDecision"), Some("implicitDeny"));
    assert!(without.body.contains("<member>aws:RequestedRegion</member>"), "{}", without.body);

    let with = custom(&world, &[&params[..], &region].concat()).await.ok();
    assert_eq!(with.tag("EvalDecision"), Some("allowed"));
    let kind = with.tag("EvalResourceName").unwrap();
    assert!(kind.starts_with("arn:${Partition}:s3:::${BucketName}/"), "a kind, not the resource: {kind}");
    let specific = with.tag("ResourceSpecificResults").unwrap();
    assert!(specific.contains("<EvalResourceName>arn:aws:s3:::b/ann/x</EvalResourceName>"), "{specific}");
    assert_eq!(with.tag("SourcePolicyId"), Some("PolicyInputList.1"));
    assert_eq!(with.tag("StartPosition"), Some("<Line>2</Line><Column>3</Column>"));
    assert!(!with.body.contains("aws:RequestedRegion"), "nothing is missing: {}", with.body);

    let other = [("CallerArn", "arn:aws:iam::123456789012:user/bob")];
    let other = custom(&world, &[&params[..3], &region, &other].concat()).await.ok();
    assert_eq!(other.tag("EvalDecision"), Some("implicitDeny"), "the variable follows the caller");
}

#[tokio::test]
async fn only_deciding_statements_are_shown_and_limits_are_told() {
    let world = World::new().await;
    let both = [
        ("PolicyInputList.member.1", ALLOW_ALL),
        ("PolicyInputList.member.2", DENY),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "iam:GetUser"),
        ("PermissionsBoundaryPolicyInputList.member.1", BOUNDARY),
    ];
    let seen = custom(&world, &both).await.ok();
    let results: Vec<&str> = seen.body.split("<EvalActionName>").skip(1).collect();
    assert!(results[0].contains("<EvalDecision>explicitDeny</EvalDecision>"));
    assert!(results[0].contains("PolicyInputList.2") && !results[0].contains("PolicyInputList.1<"));
    assert!(results[1].contains("<EvalDecision>allowed</EvalDecision>"), "{}", results[1]);
    for (result, allowed) in results.iter().zip(["false", "true"]) {
        let told = format!("<AllowedByPermissionsBoundary>{allowed}</AllowedByPermissionsBoundary>");
        assert!(result.contains(&told), "{result}");
        assert!(!result.contains("ResourceSpecificResults><member>"), "resource * has no results of its own");
    }
}

#[tokio::test]
async fn control_policies_count_level_by_level_and_are_never_shown() {
    let world = World::new().await;
    let level = |n: usize| {
        format!("OrderedOrganizationPolicyInputList.member.{n}.ServiceControlPolicyInputList.member.1")
    };
    let (first, second) = (level(1), level(2));
    for (account, decision, told) in [(ALLOW_ALL, "allowed", "true"), (BOUNDARY, "implicitDeny", "false")] {
        let params = [
            ("PolicyInputList.member.1", ALLOW_ALL),
            ("ActionNames.member.1", "s3:GetObject"),
            (first.as_str(), ALLOW_ALL),
            (second.as_str(), account),
        ];
        let seen = custom(&world, &params).await.ok();
        assert_eq!(seen.tag("EvalDecision"), Some(decision));
        assert_eq!(seen.tag("AllowedByOrganizations"), Some(told));
        assert!(!seen.body.contains("OrderedOrganization"), "{}", seen.body);
    }
}

#[tokio::test]
async fn a_principals_own_policies_are_simulated_and_can_be_left_out() {
    let world = World::new().await;
    world.user("u", Some(ALLOW_ALL)).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    world.iam("AddUserToGroup", &[("GroupName", "g"), ("UserName", "u")]).await;
    let deny = [("GroupName", "g"), ("PolicyName", "no"), ("PolicyDocument", DENY)];
    world.iam("PutGroupPolicy", &deny).await;
    let aws = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    world.iam("AttachUserPolicy", &[("UserName", "u"), ("PolicyArn", aws)]).await;
    let user = format!("arn:aws:iam::{ACCOUNT}:user/u");
    let group = format!("arn:aws:iam::{ACCOUNT}:group/g");
    let base = [("PolicySourceArn", user.as_str()), ("ActionNames.member.1", "s3:GetObject")];
    let of = async |more: &[(&str, &str)]| {
        ask(&world, "SimulatePrincipalPolicy", &[&base[..], more].concat()).await.ok()
    };
    let seen = of(&[]).await;
    assert_eq!(seen.tag("EvalDecision"), Some("explicitDeny"));
    assert_eq!(seen.tag("SourcePolicyId"), Some("group_g_no"));
    assert_eq!(seen.tag("SourcePolicyType"), Some("group"));

    let name = "PolicyExclusionList.member.1.";
    let inline = |field: &str| format!("{name}InlinePolicyIdentifier.{field}");
    let (policy, kind, holder) = (inline("PolicyName"), inline("AttachmentType"), inline("AttachmentName"));
    let without = [(policy.as_str(), "no"), (kind.as_str(), "group"), (holder.as_str(), "g")];
    let seen = of(&without).await;
    assert_eq!(seen.tag("EvalDecision"), Some("allowed"));
    assert!(
        seen.body.contains("user_u_inline") && seen.body.contains(">AmazonS3ReadOnlyAccess<"),
        "{}",
        seen.body
    );

    let (by_type, by_arn) = (format!("{name}PolicyType"), "PolicyExclusionList.member.2.PolicyArn");
    let seen = of(&[(&by_type, "inline"), (by_arn, "arn:aws:iam::aws:policy/Amazon*Access")]).await;
    assert_eq!(seen.tag("EvalDecision"), Some("implicitDeny"));
    let seen = of(&[(&by_type, "inline")]).await;
    assert_eq!(seen.tag("EvalDecision"), Some("allowed"), "the managed policy is left");

    let of_group = [("PolicySourceArn", group.as_str()), ("ActionNames.member.1", "s3:GetObject")];
    let seen = ask(&world, "SimulatePrincipalPolicy", &of_group).await.ok();
    assert_eq!(seen.tag("EvalDecision"), Some("explicitDeny"));
    let keys = [("PolicySourceArn", user.as_str()), ("PolicyInputList.member.1", READ)];
    let seen = ask(&world, "GetContextKeysForPrincipalPolicy", &keys).await.ok();
    let names = seen.tag("ContextKeyNames").unwrap();
    assert_eq!(names, "<member>aws:username</member><member>aws:RequestedRegion</member>");
    let seen = ask(&world, "GetContextKeysForCustomPolicy", &keys[1..]).await.ok();
    assert_eq!(seen.tag("ContextKeyNames").unwrap(), names);
}

#[tokio::test]
async fn resource_policies_cross_accounts_and_explain_each_side() {
    let world = World::new().await;
    let open = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
    let base = [
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::b/x"),
        ("CallerArn", "arn:aws:iam::123456789012:user/ann"),
        ("ResourcePolicy", open),
    ];
    let nothing = [("PolicyInputList.member.1", BOUNDARY)];
    let seen = custom(&world, &[&base[..], &nothing].concat()).await.ok();
    assert_eq!(seen.tag("EvalDecision"), Some("allowed"), "within one account it suffices");
    assert_eq!(seen.tag("SourcePolicyType"), Some("resource"));
    let foreign = [("ResourceOwner", "arn:aws:iam::210987654321:root")];
    let seen = custom(&world, &[&base[..], &nothing, &foreign].concat()).await.ok();
    assert_eq!(seen.tag("EvalDecision"), Some("implicitDeny"), "another account's needs both");
    for expected in [
        "<key>IAM Policy</key><value>implicitDeny</value>",
        "<key>Resource Policy</key><value>allowed</value>",
    ] {
        assert!(seen.body.contains(expected), "{}", seen.body);
    }
    let both = [("PolicyInputList.member.1", ALLOW_ALL)];
    let seen = custom(&world, &[&base[..], &both, &foreign].concat()).await.ok();
    assert_eq!(seen.tag("EvalDecision"), Some("allowed"));
}

/// `EvalDecisionDetails` is absent for resource `*`, empty for an ARN of one's own account, and full across
/// accounts (IAM API Reference, EvaluationResult).
#[tokio::test]
async fn details_are_absent_empty_or_full() {
    let world = World::new().await;
    let base = [("PolicyInputList.member.1", ALLOW_ALL), ("ActionNames.member.1", "s3:GetObject")];
    let arn = [("ResourceArns.member.1", "arn:aws:s3:::b/x")];
    let foreign = [("ResourceOwner", "210987654321")];
    let whole = custom(&world, &base).await.ok();
    assert!(!whole.body.contains("EvalDecisionDetails"), "{}", whole.body);
    let own = custom(&world, &[&base[..], &arn].concat()).await.ok();
    assert_eq!(own.body.matches("<EvalDecisionDetails").count(), 2, "{}", own.body);
    assert!(!own.body.contains("<key>"), "{}", own.body);
    let across = custom(&world, &[&base[..], &arn, &foreign].concat()).await.ok();
    assert_eq!(across.body.matches("<key>IAM Policy</key>").count(), 2, "{}", across.body);
}

#[tokio::test]
async fn keys_of_variables_are_missing_too() {
    let world = World::new().await;
    let base = [
        ("PolicyInputList.member.1", READ),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::b/ann/x"),
    ];
    let entry = |n: usize, field: &str| format!("ContextEntries.member.{n}.{field}");
    let (name, value) = (entry(1, "ContextKeyName"), entry(1, "ContextKeyValues.member.1"));
    let nobody = custom(&world, &base).await.ok();
    let missing = "<member>aws:username</member><member>aws:RequestedRegion</member>";
    assert_eq!(nobody.tag("MissingContextValues"), Some(missing), "{}", nobody.body);
    let ann = [(name.as_str(), "aws:username"), (value.as_str(), "ann")];
    let ann = custom(&world, &[&base[..], &ann].concat()).await.ok();
    assert_eq!(ann.tag("MissingContextValues"), Some("<member>aws:RequestedRegion</member>"), "{}", ann.body);
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused_with_a_reason() {
    let world = World::new().await;
    let action = ("ActionNames.member.1", "s3:GetObject");
    let policy = ("PolicyInputList.member.1", ALLOW_ALL);
    let open = ("ResourcePolicy", ALLOW_ALL);
    for wrong in [
        &[("PolicyInputList.member.1", "{"), action][..],
        &[policy, ("ActionNames.member.1", "GetObject")],
        &[policy, ("ActionNames.member.1", "s3:Get*")],
        &[policy, ("ActionNames.member.1", "s3:GetObjects")],
        &[policy, ("ActionNames.member.1", "nothing:Get")],
        &[policy, action, ("ResourceArns.member.1", "bucket")],
        &[policy, action, ("ResourceOwner", "me")],
        &[policy, action, ("CallerArn", "arn:aws:sts::123456789012:assumed-role/r/s")],
        &[policy, action, open],
        &[policy, action, open, ("CallerArn", "arn:aws:iam::123456789012:role/r")],
        &[policy, action, ("ResourceHandlingOption", "EC2-Classic")],
        &[policy, action, ("ResourceHandlingOption", "EC2-VPC-EBS")],
        &[
            policy,
            action,
            ("PermissionsBoundaryPolicyInputList.member.1", ALLOW_ALL),
            ("PermissionsBoundaryPolicyInputList.member.2", ALLOW_ALL),
        ],
        &[
            policy,
            action,
            ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "here"),
            ("ContextEntries.member.1.ContextKeyType", "ip"),
        ],
    ] {
        let seen = custom(&world, wrong).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("InvalidInput")), "{wrong:?} {}", seen.body);
    }
    custom(&world, &[policy, action]).await.ok();
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    for (source, code) in
        [(nobody.as_str(), "NoSuchEntity"), ("arn:aws:iam::aws:policy/ReadOnlyAccess", "InvalidInput")]
    {
        let seen = ask(&world, "SimulatePrincipalPolicy", &[("PolicySourceArn", source), action]).await;
        assert_eq!(seen.tag("Code"), Some(code), "{}", seen.body);
    }
}

#[tokio::test]
async fn results_come_by_the_page() {
    let world = World::new().await;
    let actions: Vec<String> = (1..=5).map(|n| format!("ActionNames.member.{n}")).collect();
    let names = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:GetUser", "sts:AssumeRole"];
    let mut params = vec![("PolicyInputList.member.1", ALLOW_ALL), ("MaxItems", "2")];
    params.extend(actions.iter().map(String::as_str).zip(names));
    let (mut seen_names, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut page = params.clone();
        page.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let seen = custom(&world, &page).await.ok();
        let found = seen
            .body
            .split("<EvalActionName>")
            .skip(1)
            .map(|part| part.split('<').next().unwrap().to_owned());
        seen_names.extend(found);
        marker = seen.tag("Marker").map(str::to_owned);
        assert_eq!(seen.tag("IsTruncated"), Some(if marker.is_some() { "true" } else { "false" }));
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen_names, names);
    params.push(("Marker", "nonsense"));
    assert_eq!(custom(&world, &params).await.status, 400);
}
