//! Groups: life, members, and that their policies reach the members.

use super::{ALLOW_ALL, tag_values};
use crate::testing::World;
use rolecall_wire::Service;

#[tokio::test]
async fn a_groups_policies_are_its_members_from_the_next_request_on() {
    let world = World::new().await;
    let user = world.user("u", None).await;
    world.iam("CreateGroup", &[("GroupName", "Devs"), ("Path", "/d/")]).await;
    let policy = [("GroupName", "Devs"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutGroupPolicy", &policy).await;
    let may = async || world.ask(&user, Service::Iam, "ListUsers", &[]).await.status == 200;
    assert!(!may().await);
    for _ in 0..2 {
        world.iam("AddUserToGroup", &[("GroupName", "Devs"), ("UserName", "u")]).await;
        assert!(may().await);
    }
    let shown = world.iam("GetGroup", &[("GroupName", "Devs")]).await;
    assert_eq!(shown.tag("Arn"), Some("arn:aws:iam::123456789012:group/d/Devs"));
    assert_eq!(tag_values(&shown, "UserName"), ["u"]);
    world.iam("UpdateGroup", &[("GroupName", "Devs"), ("NewGroupName", "Ops")]).await;
    assert!(may().await);
    assert_eq!(tag_values(&world.iam("ListGroupsForUser", &[("UserName", "u")]).await, "GroupName"), ["Ops"]);
    for _ in 0..2 {
        world.iam("RemoveUserFromGroup", &[("GroupName", "Ops"), ("UserName", "u")]).await;
        assert!(!may().await);
    }
}

#[tokio::test]
async fn a_group_goes_only_once_it_is_empty() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    world.iam("AddUserToGroup", &[("GroupName", "g"), ("UserName", "u")]).await;
    let policy = [("GroupName", "g"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutGroupPolicy", &policy).await;
    let steps: [(&str, &str, (&str, &str)); 2] = [
        ("must remove users from group first", "RemoveUserFromGroup", ("UserName", "u")),
        ("must delete policies first", "DeleteGroupPolicy", ("PolicyName", "p")),
    ];
    for (why, action, param) in steps {
        let seen = world.ask(&world.root, Service::Iam, "DeleteGroup", &[("GroupName", "g")]).await;
        seen.expect(409, "DeleteConflict", &format!("Cannot delete entity, {why}."));
        world.iam(action, &[("GroupName", "g"), param]).await;
    }
    world.iam("DeleteGroup", &[("GroupName", "g")]).await;
    let seen = world.ask(&world.root, Service::Iam, "GetGroup", &[("GroupName", "g")]).await;
    seen.expect(404, "NoSuchEntity", "The group with name g cannot be found.");
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most_and_groups_are_paged() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for n in 0..11 {
        let name = format!("g{n:02}");
        world.iam("CreateGroup", &[("GroupName", &name)]).await;
        let params = [("GroupName", name.as_str()), ("UserName", "u")];
        let seen = world.ask(&world.root, Service::Iam, "AddUserToGroup", &params).await;
        match n {
            10 => seen.expect(409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"),
            _ => drop(seen.ok()),
        }
    }
    let first = world.iam("ListGroups", &[("MaxItems", "4")]).await;
    assert_eq!(tag_values(&first, "GroupName"), ["g00", "g01", "g02", "g03"]);
    let rest = world.iam("ListGroups", &[("Marker", first.tag("Marker").unwrap())]).await;
    assert_eq!((tag_values(&rest, "GroupName").len(), rest.tag("IsTruncated")), (7, Some("false")));
    let seen = world.ask(&world.root, Service::Iam, "ListGroups", &[("Marker", "nonsense")]).await;
    seen.expect(400, "ValidationError", "Invalid Marker.");
}

#[tokio::test]
async fn an_account_has_one_alias() {
    let world = World::new().await;
    world.iam("CreateAccountAlias", &[("AccountAlias", "first-one")]).await;
    world.iam("CreateAccountAlias", &[("AccountAlias", "second-one")]).await;
    let listed = world.iam("ListAccountAliases", &[]).await;
    assert_eq!(tag_values(&listed, "member"), ["second-one"]);
    let seen =
        world.ask(&world.root, Service::Iam, "DeleteAccountAlias", &[("AccountAlias", "first-one")]).await;
    assert_eq!((seen.status, seen.tag("Code")), (404, Some("NoSuchEntity")));
    world.iam("DeleteAccountAlias", &[("AccountAlias", "second-one")]).await;
    assert!(tag_values(&world.iam("ListAccountAliases", &[]).await, "member").is_empty());
    for bad in ["123456789012", "Upper", "-a-", "a--b", "ab"] {
        let seen = world.ask(&world.root, Service::Iam, "CreateAccountAlias", &[("AccountAlias", bad)]).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{bad}");
    }
}

#[tokio::test]
async fn the_summary_counts_what_there_is() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    let body = world.iam("GetAccountSummary", &[]).await.body;
    let value = |key: &str| {
        let (_, rest) = body.split_once(&format!("<key>{key}</key>")).unwrap();
        rest.split_once("</value>").unwrap().0.rsplit('>').next().unwrap().to_owned()
    };
    assert_eq!(body.matches("<key>").count(), 34);
    for (key, expected) in [
        ("Users", "1"),
        ("Groups", "1"),
        ("Roles", "0"),
        ("AccountAccessKeysPresent", "1"),
        ("UsersQuota", "5000"),
    ] {
        assert_eq!(value(key), expected, "{key}");
    }
}
