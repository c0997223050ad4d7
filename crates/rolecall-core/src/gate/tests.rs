//! The gate as a whole.

use crate::testing::World;
use rolecall_wire::Service;

#[tokio::test]
async fn root_is_who_it_says() {
    let world = World::new().await;
    let seen = world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(seen.tag("Arn"), Some("arn:aws:iam::123456789012:root"));
    assert_eq!(seen.tag("UserId"), Some("123456789012"));
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["eventName"], "GetCallerIdentity");
    assert_eq!(records[0]["userIdentity"]["type"], "Root");
}

#[tokio::test]
async fn roles_are_not_for_root_and_unknown_actions_are_said_so() {
    let world = World::new().await;
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "s1")];
    let seen = world.ask(&world.root, Service::Sts, "AssumeRole", &role).await;
    seen.expect(403, "AccessDenied", "Roles may not be assumed by root accounts.");
    let seen = world.ask(&world.root, Service::Sts, "Nonsense", &[]).await;
    seen.expect(400, "InvalidAction", "Could not find operation Nonsense for version 2011-06-15");
}

#[tokio::test]
async fn aud_01_without_a_record_there_is_no_answer_and_no_effect() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "before")]).await;
    world.audit.refuse(true);
    let seen = world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "before")]).await;
    assert_eq!((seen.status, seen.tag("Code")), (503, Some("ServiceUnavailable")));
    let seen = world.ask(&world.root, Service::Iam, "CreateUser", &[("UserName", "during")]).await;
    assert!(seen.status >= 500, "{}", seen.body);
    let seen = world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await;
    assert!(seen.status >= 500 && !seen.body.contains("ASIA"), "{}", seen.body);
    world.audit.refuse(false);
    let seen = world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "during")]).await;
    assert_eq!(seen.status, 404, "nothing was done while no record could be written");
    world.iam("CreateUser", &[("UserName", "during")]).await;
}

#[tokio::test]
async fn aud_05_secrets_are_not_in_the_records() {
    let world = World::new().await;
    let seen = world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await.ok();
    let user = world.user("keeper", None).await;
    let log = world.audit.text();
    for secret in
        [seen.tag("SecretAccessKey").unwrap(), seen.tag("SessionToken").unwrap(), user.secret.expose()]
    {
        assert!(!log.contains(secret));
    }
    assert!(log.contains(&user.access_key_id) && log.contains("HIDDEN_DUE_TO_SECURITY_REASONS"));
}

#[tokio::test]
async fn json_services_answer_errors_in_json() {
    let world = World::new().await;
    let ask = async |who, action| world.organizations(who, action, serde_json::json!({})).await;
    let seen = ask(&world.root, "DescribeNothing").await;
    let message = "Could not find operation DescribeNothing for version 2016-11-28";
    seen.expect_json("UnknownOperationException", message);
    assert_eq!(seen.headers["content-type"], "application/x-amz-json-1.1");
    let transfer = ask(&world.root, "CreateGovCloudAccount").await;
    let message = "Rolecall does not serve organizations:CreateGovCloudAccount.";
    transfer.expect_json("UnknownOperationException", message);
    assert!(transfer.json().is_object());
    let wrong = crate::testing::Credential {
        access_key_id: world.root.access_key_id.clone(),
        secret: rolecall_wire::sigv4::SecretKey::new("wrong".into()),
        token: None,
    };
    let seen = ask(&wrong, "DescribeOrganization").await;
    assert_eq!((seen.status, seen.json()["__type"].as_str()), (400, Some("InvalidSignatureException")));
}
