//! Users: life, names, paths, tags, boundaries, and what must go before they can.

use super::{ADMIN, ALLOW_ALL, POWER, tag_values};
use crate::testing::World;
use rolecall_wire::Service;

#[tokio::test]
async fn a_user_is_created_shown_listed_and_deleted() {
    let world = World::new().await;
    let params = [
        ("UserName", "Alice"),
        ("Path", "/a/b/"),
        ("PermissionsBoundary", POWER),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
    ];
    let made = world.iam("CreateUser", &params).await;
    assert!(made.tag("UserId").unwrap().starts_with("AIDA"));
    assert_eq!(made.tag("Arn"), Some("arn:aws:iam::123456789012:user/a/b/Alice"));
    let shown = world.iam("GetUser", &[("UserName", "Alice")]).await;
    assert_eq!(shown.tag("PermissionsBoundaryArn"), Some(POWER));
    assert_eq!((shown.tag("Key"), shown.tag("Value")), (Some("team"), Some("blue")));
    let listed = world.iam("ListUsers", &[("PathPrefix", "/a")]).await;
    assert_eq!(tag_values(&listed, "UserName"), ["Alice"]);
    assert_eq!((listed.tag("Tags"), listed.tag("PermissionsBoundary")), (None, None));
    assert_eq!(listed.tag("IsTruncated"), Some("false"));
    assert!(tag_values(&world.iam("ListUsers", &[("PathPrefix", "/b/")]).await, "UserName").is_empty());
    world.iam("DeleteUser", &[("UserName", "Alice")]).await;
    let gone = world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "Alice")]).await;
    gone.expect(404, "NoSuchEntity", "The user with name Alice cannot be found.");
}

#[tokio::test]
async fn esc_10_names_are_unique_in_any_case_and_found_only_as_spelled() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "Admin")]).await;
    let again = world.ask(&world.root, Service::Iam, "CreateUser", &[("UserName", "aDMIN")]).await;
    again.expect(409, "EntityAlreadyExists", "User with name aDMIN already exists.");
    for action in ["GetUser", "DeleteUser", "ListUserPolicies"] {
        let seen = world.ask(&world.root, Service::Iam, action, &[("UserName", "admin")]).await;
        seen.expect(404, "NoSuchEntity", "The user with name admin cannot be found.");
    }
    world.iam("GetUser", &[("UserName", "Admin")]).await;
}

#[tokio::test]
async fn nam_01_odd_names_and_paths_are_refused() {
    let world = World::new().await;
    for name in [
        "a b",
        "a:b",
        "a/b",
        "a*",
        "a?",
        "${a}",
        "a\r\n",
        "\u{202e}a",
        "a\u{200b}",
        "аdmin",
        "é",
        "１",
        "",
        "' OR 1=1 --",
    ] {
        let seen = world.ask(&world.root, Service::Iam, "CreateUser", &[("UserName", name)]).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{name:?} {}", seen.body);
        let seen = world.ask(&world.root, Service::Iam, "CreateGroup", &[("GroupName", name)]).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{name:?} {}", seen.body);
    }
    for path in ["/a", "a/", "/*/", "/a?/", "/a:b/", "/${aws:username}/", "//", "/a\r\n/"] {
        let seen =
            world.ask(&world.root, Service::Iam, "CreateUser", &[("UserName", "a"), ("Path", path)]).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{path:?} {}", seen.body);
    }
    assert!(tag_values(&world.iam("ListUsers", &[]).await, "UserName").is_empty());
    world.iam("CreateUser", &[("UserName", "a+=,.@-_"), ("Path", "/x/")]).await;
}

#[tokio::test]
async fn a_renamed_user_keeps_id_keys_groups_and_policies() {
    let world = World::new().await;
    let user = world.user("old", Some(ALLOW_ALL)).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    world.iam("AddUserToGroup", &[("GroupName", "g"), ("UserName", "old")]).await;
    world.iam("AttachUserPolicy", &[("UserName", "old"), ("PolicyArn", ADMIN)]).await;
    let id = world.iam("GetUser", &[("UserName", "old")]).await.tag("UserId").unwrap().to_owned();
    world.iam("CreateUser", &[("UserName", "taken")]).await;
    let params = [("UserName", "old"), ("NewUserName", "TAKEN")];
    let seen = world.ask(&world.root, Service::Iam, "UpdateUser", &params).await;
    seen.expect(409, "EntityAlreadyExists", "User with name TAKEN already exists.");
    world.iam("UpdateUser", &[("UserName", "old"), ("NewUserName", "new"), ("NewPath", "/p/")]).await;
    world.iam("UpdateUser", &[("UserName", "new"), ("NewUserName", "New")]).await;
    let me = world.ask(&user, Service::Iam, "GetUser", &[]).await.ok();
    assert_eq!((me.tag("UserId"), me.tag("UserName")), (Some(id.as_str()), Some("New")));
    assert_eq!(me.tag("Arn"), Some("arn:aws:iam::123456789012:user/p/New"));
    assert_eq!(tag_values(&world.iam("GetGroup", &[("GroupName", "g")]).await, "UserName"), ["New"]);
    let used = world.iam("ListEntitiesForPolicy", &[("PolicyArn", ADMIN)]).await;
    assert_eq!(tag_values(&used, "UserName"), ["New"]);
    let gone = world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "old")]).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_user_goes_only_once_everything_of_it_is_gone() {
    let world = World::new().await;
    let key = world.user("u", Some(ALLOW_ALL)).await.access_key_id;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    world.iam("AddUserToGroup", &[("GroupName", "g"), ("UserName", "u")]).await;
    world.iam("AttachUserPolicy", &[("UserName", "u"), ("PolicyArn", ADMIN)]).await;
    let steps = [
        ("must detach all policies first", "DetachUserPolicy", ("PolicyArn", ADMIN)),
        ("must delete policies first", "DeleteUserPolicy", ("PolicyName", "inline")),
        ("must delete access keys first", "DeleteAccessKey", ("AccessKeyId", key.as_str())),
        ("must remove users from group first", "RemoveUserFromGroup", ("GroupName", "g")),
    ];
    for (why, action, param) in steps {
        let seen = world.ask(&world.root, Service::Iam, "DeleteUser", &[("UserName", "u")]).await;
        seen.expect(409, "DeleteConflict", &format!("Cannot delete entity, {why}."));
        world.iam(action, &[("UserName", "u"), param]).await;
    }
    world.iam("DeleteUser", &[("UserName", "u")]).await;
    world.iam("DeleteGroup", &[("GroupName", "g")]).await;
}

#[tokio::test]
async fn tags_are_set_replaced_removed_and_paged() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let two = [
        ("UserName", "u"),
        ("Tags.member.1.Key", "b"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "a"),
        ("Tags.member.2.Value", "2"),
    ];
    world.iam("TagUser", &two).await;
    let again = [("UserName", "u"), ("Tags.member.1.Key", "B"), ("Tags.member.1.Value", "3")];
    world.iam("TagUser", &again).await;
    let first = world.iam("ListUserTags", &[("UserName", "u"), ("MaxItems", "1")]).await;
    assert_eq!((tag_values(&first, "Value"), first.tag("IsTruncated")), (vec!["3"], Some("true")));
    let next = [("UserName", "u"), ("Marker", first.tag("Marker").unwrap())];
    let second = world.iam("ListUserTags", &next).await;
    assert_eq!((tag_values(&second, "Value"), second.tag("IsTruncated")), (vec!["2"], Some("false")));
    world.iam("UntagUser", &[("UserName", "u"), ("TagKeys.member.1", "A"), ("TagKeys.member.2", "x")]).await;
    assert_eq!(tag_values(&world.iam("ListUserTags", &[("UserName", "u")]).await, "Key"), ["B"]);
    let twice = [
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", ""),
        ("Tags.member.2.Key", "K"),
        ("Tags.member.2.Value", ""),
    ];
    let params: Vec<_> = [("UserName", "u")].into_iter().chain(twice).collect();
    let seen = world.ask(&world.root, Service::Iam, "TagUser", &params).await;
    let sentence = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    seen.expect(400, "InvalidInput", sentence);
}

#[tokio::test]
async fn a_boundary_must_be_a_policy_and_is_counted_while_it_is_one() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for (arn, status, code, sentence) in [
        (
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            404,
            "NoSuchEntity",
            "Scope ARN: ARN does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::123456789012:user/u",
            400,
            "InvalidInput",
            "ARN arn:aws:iam::123456789012:user/u is not valid.",
        ),
    ] {
        let params = [("UserName", "u"), ("PermissionsBoundary", arn)];
        let seen = world.ask(&world.root, Service::Iam, "PutUserPermissionsBoundary", &params).await;
        seen.expect(status, code, sentence);
        let params = [("UserName", "v"), ("PermissionsBoundary", arn)];
        world.ask(&world.root, Service::Iam, "CreateUser", &params).await.expect(status, code, sentence);
    }
    let params = [("UserName", "u"), ("PermissionsBoundary", POWER)];
    world.iam("PutUserPermissionsBoundary", &params).await;
    let count = async || {
        let policy = world.iam("GetPolicy", &[("PolicyArn", POWER)]).await;
        policy.tag("PermissionsBoundaryUsageCount").map(str::to_owned)
    };
    assert_eq!(count().await.as_deref(), Some("1"));
    world.iam("DeleteUserPermissionsBoundary", &[("UserName", "u")]).await;
    assert_eq!(count().await.as_deref(), Some("0"));
    assert_eq!(world.iam("GetUser", &[("UserName", "u")]).await.tag("PermissionsBoundaryArn"), None);
}

#[tokio::test]
async fn what_a_user_cannot_have_is_not_there() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for action in ["ListMFADevices", "ListSigningCertificates", "ListServiceSpecificCredentials"] {
        let seen = world.iam(action, &[("UserName", "u")]).await;
        assert_eq!(seen.tag("IsTruncated"), Some("false"), "{action}");
        let seen = world.ask(&world.root, Service::Iam, action, &[("UserName", "x")]).await;
        seen.expect(404, "NoSuchEntity", "The user with name x cannot be found.");
    }
    world.iam("ListVirtualMFADevices", &[]).await;
    for action in ["GetLoginProfile", "DeleteLoginProfile"] {
        let seen = world.ask(&world.root, Service::Iam, action, &[("UserName", "u")]).await;
        seen.expect(404, "NoSuchEntity", "Login Profile for User u cannot be found.");
    }
    let params = [("UserName", "u"), ("ServiceName", "x.amazonaws.com")];
    let seen = world.ask(&world.root, Service::Iam, "ListServiceSpecificCredentials", &params).await;
    let sentence = "No such service x.amazonaws.com is supported for Service Specific Credentials";
    seen.expect(404, "NoSuchEntity", sentence);
}
