//! Every refusal is kept with its cause, told in lists, and told nobody who is refused.

use crate::decisions::Keeping;
use crate::testing::{Credential, Seen, World};
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use serde_json::Value;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
    "Action":"sts:AssumeRole"}}"#;

fn copy(who: &Credential, secret: &str, token: Option<&str>) -> Credential {
    let secret = if secret.is_empty() { who.secret.expose().to_owned() } else { secret.to_owned() };
    Credential {
        access_key_id: who.access_key_id.clone(),
        secret: SecretKey::new(secret),
        token: token.map(str::to_owned),
    }
}

/// The explanation of an answer's request.
async fn why(world: &World, seen: &Seen) -> Value {
    let params = [("RequestId", seen.tag("RequestId").unwrap())];
    let told = world.ask(&world.root, Service::Rolecall, "ExplainRequest", &params).await.ok();
    let text = told.tag("Explanation").unwrap().replace("&quot;", "\"").replace("&apos;", "'");
    serde_json::from_str(&text).unwrap()
}

/// Operations in the answer of `ListRefusals`.
async fn listed(world: &World, params: &[(&str, &str)]) -> Vec<String> {
    let seen = world.ask(&world.root, Service::Rolecall, "ListRefusals", params).await.ok();
    let all = seen.body.split("<Operation>").skip(1).filter_map(|rest| rest.split('<').next());
    let all: Vec<String> = all.map(str::to_owned).collect();
    assert!(!all.is_empty(), "{}", seen.body);
    all
}

#[tokio::test]
async fn refusals_before_a_decision_are_kept_with_their_cause() {
    let world = World::new().await;
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "one")];
    let root = [
        ("TargetPrincipal", "111122223333"),
        ("TaskPolicyArn.arn", "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"),
    ];
    let ann = world.user("ann", None).await;
    let unknown = Credential {
        access_key_id: "AKIAQAAAAAAAAAAAAAAA".into(),
        secret: SecretKey::new("x".into()),
        token: None,
    };
    let session = world.ask(&ann, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    let identity = "GetCallerIdentity";
    for (who, action, params, code, cause) in [
        (copy(&world.root, "", None), "AssumeRole", &role[..], "AccessDenied", "root user"),
        (copy(&world.root, "", None), "AssumeRoot", &root, "AccessDenied", "in no organization"),
        (copy(&ann, "wrong", None), identity, &[], "SignatureDoesNotMatch", "another secret access key"),
        (unknown, identity, &[], "InvalidClientTokenId", "No access key has this id"),
        (copy(&session, "", None), identity, &[], "InvalidClientTokenId", "without its session token"),
        (copy(&session, "", Some("x")), identity, &[], "InvalidClientTokenId", "damaged"),
        (copy(&ann, "", Some("x")), identity, &[], "InvalidClientTokenId", "beside a long-term key"),
        (
            copy(&session, "", session.token.as_deref()),
            "GetFederationToken",
            &[("Name", "abc")],
            "AccessDenied",
            "can ask little of STS",
        ),
    ] {
        let seen = world.ask(&who, Service::Sts, action, params).await;
        assert_eq!(seen.tag("Code"), Some(code), "{}", seen.body);
        let told = why(&world, &seen).await;
        let refusal = &told["refusal"];
        assert_eq!((refusal["code"].as_str(), &told["evaluations"]), (Some(code), &Value::Array(vec![])));
        assert!(refusal["cause"].as_str().unwrap().contains(cause), "{action}: {told}");
        assert!(!seen.body.contains(cause), "the caller is not told: {}", seen.body);
        assert_eq!(told["operation"], format!("sts:{action}"));
    }
    let params = [("UserName", "ann"), ("AccessKeyId", &*ann.access_key_id), ("Status", "Inactive")];
    world.iam("UpdateAccessKey", &params).await;
    let seen = world.ask(&ann, Service::Sts, identity, &[]).await;
    assert_eq!(why(&world, &seen).await["refusal"]["cause"], "The access key is inactive.");
}

#[tokio::test]
async fn refusals_are_listed_by_caller_and_operation_with_what_was_refused_for_want_of_a_right() {
    let world = World::new().await;
    let (ann, bob) = (world.user("ann", None).await, world.user("bob", None).await);
    world.ask(&ann, Service::Iam, "ListUsers", &[]).await;
    world.ask(&bob, Service::Iam, "ListRoles", &[]).await;
    world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "none")]).await;
    world.ask_as(None, Service::Iam, "ListGroups", &[]).await;
    world.ask(&world.root, Service::Iam, "ListUsers", &[]).await.ok();
    assert_eq!(listed(&world, &[]).await, ["iam:ListUsers", "iam:ListRoles", "iam:ListGroups"]);
    let all = ["iam:ListUsers", "iam:ListRoles", "iam:GetUser", "iam:ListGroups"];
    assert_eq!(listed(&world, &[("All", "true")]).await, all);
    assert_eq!(listed(&world, &[("UserName", "ann")]).await, ["iam:ListUsers"]);
    assert_eq!(listed(&world, &[("Operation", "iam:ListR*")]).await, ["iam:ListRoles"]);
    assert_eq!(listed(&world, &[("Last", "1"), ("UserName", "bob")]).await, ["iam:ListRoles"]);
    let page = [("MaxItems", "2"), ("All", "true")];
    let seen = world.ask(&world.root, Service::Rolecall, "ListRefusals", &page).await.ok();
    assert_eq!((seen.tag("IsTruncated"), seen.tag("Next")), (Some("true"), Some("2")));
    assert_eq!(listed(&world, &[("After", "2"), ("All", "true")]).await, all[2..]);
    let denied = world.ask(&ann, Service::Rolecall, "ListRefusals", &[]).await;
    assert_eq!(denied.status, 403, "{}", denied.body);
}

#[tokio::test]
async fn a_refusal_names_the_command_that_explains_it_in_a_header_where_messages_may_name_ids() {
    let world = World::keeping("us-east-1", Keeping::default()).await;
    let ann = world.user("ann", None).await;
    let seen = world.ask(&ann, Service::Iam, "ListUsers", &[]).await;
    let id = seen.tag("RequestId").unwrap();
    assert_eq!(seen.headers["x-rolecall-why"], format!("rolecall why {id}"));
    assert_eq!(why(&world, &seen).await["refusal"]["stage"], "by policies");
    let allowed = world.ask(&world.root, Service::Iam, "ListUsers", &[]).await.ok();
    assert!(!allowed.headers.contains_key("x-rolecall-why"));
    let silent = World::new().await;
    let ann = silent.user("ann", None).await;
    let seen = silent.ask(&ann, Service::Iam, "ListUsers", &[]).await;
    assert!(seen.status == 403 && !seen.headers.contains_key("x-rolecall-why"), "{seen:?}");
}

#[tokio::test]
async fn ops_05_strangers_are_named_no_command() {
    let world = World::keeping("us-east-1", Keeping::default()).await;
    let ann = world.user("ann", None).await;
    for who in [None, Some(copy(&ann, "wrong", None))] {
        let seen = world.ask_as(who.as_ref(), Service::Iam, "ListUsers", &[]).await;
        assert!(seen.status == 403 && !seen.headers.contains_key("x-rolecall-why"), "{seen:?}");
        assert!(why(&world, &seen).await["refusal"]["cause"].is_string(), "it is kept all the same");
    }
    let seen = world.ask(&ann, Service::Iam, "ListUsers", &[]).await;
    assert!(seen.headers.contains_key("x-rolecall-why"), "{seen:?}");
}
