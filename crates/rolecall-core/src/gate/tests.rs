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
