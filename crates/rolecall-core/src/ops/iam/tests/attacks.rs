//! Ways up that must stay closed: each operation needs its own permission, on its own target, and being
//! oneself is no permission.

use super::{ADMIN, ALLOW_ALL};
use crate::testing::{Credential, World};
use rolecall_wire::Service;

/// Every action but these is allowed to the one who holds this policy.
fn all_but(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","NotAction":"{action}","Resource":"*"}}]}}"#
    )
}

async fn set_policy(world: &World, user: &str, policy: &str) {
    let params = [("UserName", user), ("PolicyName", "inline"), ("PolicyDocument", policy)];
    world.iam("PutUserPolicy", &params).await;
}

/// One call a row, as an attacker `m` would make it.
const NO_SSH_KEY: (&str, &str) = ("SSHPublicKeyId", "APKAAAAAAAAAAAAAAAAA2");
const CALLS: &[(&str, &[(&str, &str)])] = &[
    ("CreateUser", &[("UserName", "n")]),
    ("GetUser", &[("UserName", "v")]),
    ("GetUser", &[]),
    ("ListUsers", &[]),
    ("UpdateUser", &[("UserName", "v"), ("NewUserName", "w")]),
    ("DeleteUser", &[("UserName", "v")]),
    ("TagUser", &[("UserName", "m"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]),
    ("UntagUser", &[("UserName", "m"), ("TagKeys.member.1", "k")]),
    ("ListUserTags", &[("UserName", "v")]),
    ("PutUserPermissionsBoundary", &[("UserName", "m"), ("PermissionsBoundary", ADMIN)]),
    ("DeleteUserPermissionsBoundary", &[("UserName", "m")]),
    ("CreateAccessKey", &[("UserName", "v")]),
    ("CreateAccessKey", &[]),
    ("ListAccessKeys", &[]),
    ("UpdateAccessKey", &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"), ("Status", "Inactive")]),
    ("DeleteAccessKey", &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")]),
    ("CreateGroup", &[("GroupName", "n")]),
    ("GetGroup", &[("GroupName", "g")]),
    ("ListGroups", &[]),
    ("UpdateGroup", &[("GroupName", "g"), ("NewGroupName", "n")]),
    ("DeleteGroup", &[("GroupName", "g")]),
    ("AddUserToGroup", &[("GroupName", "g"), ("UserName", "m")]),
    ("RemoveUserFromGroup", &[("GroupName", "g"), ("UserName", "m")]),
    ("ListGroupsForUser", &[("UserName", "m")]),
    ("PutUserPolicy", &[("UserName", "m"), ("PolicyName", "inline"), ("PolicyDocument", ALLOW_ALL)]),
    ("GetUserPolicy", &[("UserName", "m"), ("PolicyName", "inline")]),
    ("DeleteUserPolicy", &[("UserName", "m"), ("PolicyName", "inline")]),
    ("ListUserPolicies", &[("UserName", "m")]),
    ("AttachUserPolicy", &[("UserName", "m"), ("PolicyArn", ADMIN)]),
    ("DetachUserPolicy", &[("UserName", "m"), ("PolicyArn", ADMIN)]),
    ("ListAttachedUserPolicies", &[("UserName", "m")]),
    ("PutGroupPolicy", &[("GroupName", "g"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("GetGroupPolicy", &[("GroupName", "g"), ("PolicyName", "p")]),
    ("DeleteGroupPolicy", &[("GroupName", "g"), ("PolicyName", "p")]),
    ("ListGroupPolicies", &[("GroupName", "g")]),
    ("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", ADMIN)]),
    ("DetachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", ADMIN)]),
    ("ListAttachedGroupPolicies", &[("GroupName", "g")]),
    ("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("GetRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]),
    ("DeleteRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]),
    ("ListRolePolicies", &[("RoleName", "r")]),
    ("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", ADMIN)]),
    ("DetachRolePolicy", &[("RoleName", "r"), ("PolicyArn", ADMIN)]),
    ("ListAttachedRolePolicies", &[("RoleName", "r")]),
    ("CreateAccountAlias", &[("AccountAlias", "alias")]),
    ("ListAccountAliases", &[]),
    ("DeleteAccountAlias", &[("AccountAlias", "alias")]),
    ("GetAccountSummary", &[]),
    ("SetSecurityTokenServicePreferences", &[("GlobalEndpointTokenVersion", "v2Token")]),
    ("GetLoginProfile", &[]),
    ("DeleteLoginProfile", &[]),
    ("ListMFADevices", &[]),
    ("ListSSHPublicKeys", &[]),
    ("UploadSSHPublicKey", &[("UserName", "m"), ("SSHPublicKeyBody", "x")]),
    ("GetSSHPublicKey", &[("UserName", "m"), NO_SSH_KEY, ("Encoding", "SSH")]),
    ("UpdateSSHPublicKey", &[("UserName", "m"), NO_SSH_KEY, ("Status", "Inactive")]),
    ("DeleteSSHPublicKey", &[("UserName", "m"), NO_SSH_KEY]),
    ("ListSigningCertificates", &[]),
    ("ListServiceSpecificCredentials", &[]),
    ("ListVirtualMFADevices", &[]),
];

async fn denied(world: &World, who: &Credential, action: &str, params: &[(&str, &str)]) -> bool {
    let seen = world.ask(who, Service::Iam, action, params).await;
    if seen.status == 403 {
        let sentence = format!("is not authorized to perform: iam:{action}");
        assert_eq!(seen.tag("Code"), Some("AccessDenied"));
        assert!(seen.tag("Message").unwrap().contains(&sentence), "{}", seen.body);
    }
    seen.status == 403
}

#[tokio::test]
async fn esc_01_everything_but_the_one_permission_needed_is_not_enough() {
    let world = World::new().await;
    let attacker = world.user("m", Some(ALLOW_ALL)).await;
    world.iam("CreateGroup", &[("GroupName", "g")]).await;
    for (action, params) in CALLS {
        set_policy(&world, "m", &all_but(&format!("iam:{action}"))).await;
        assert!(denied(&world, &attacker, action, params).await, "{action} without its permission");
    }
    for (action, params) in CALLS {
        set_policy(&world, "m", ALLOW_ALL).await;
        assert!(!denied(&world, &attacker, action, params).await, "{action} with all permissions");
    }
}

#[tokio::test]
async fn esc_02_a_key_for_somebody_else_needs_permission_on_somebody_else() {
    let world = World::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#;
    let attacker = world.user("m", Some(policy)).await;
    let victim = world.user("v", None).await.access_key_id;
    let params = [("UserName", "v"), ("AccessKeyId", victim.as_str()), ("Status", "Inactive")];
    assert!(denied(&world, &attacker, "CreateAccessKey", &params[..1]).await);
    assert!(denied(&world, &attacker, "DeleteAccessKey", &params[..2]).await);
    assert!(denied(&world, &attacker, "UpdateAccessKey", &params).await);
    let own = world.ask(&attacker, Service::Iam, "CreateAccessKey", &[]).await.ok();
    assert_eq!(own.tag("UserName"), Some("m"));
    let roots = [("AccessKeyId", world.root.access_key_id.as_str())];
    let seen = world.ask(&attacker, Service::Iam, "DeleteAccessKey", &roots).await;
    assert_eq!((seen.status, seen.tag("Code")), (404, Some("NoSuchEntity")));
    world.iam("ListUsers", &[]).await;
}

#[tokio::test]
async fn a_boundary_holds_whatever_the_policies_say() {
    let world = World::new().await;
    let user = world.user("m", Some(ALLOW_ALL)).await;
    let read_only = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    world.iam("PutUserPermissionsBoundary", &[("UserName", "m"), ("PermissionsBoundary", read_only)]).await;
    assert!(!denied(&world, &user, "ListUsers", &[]).await);
    assert!(denied(&world, &user, "DeleteUserPermissionsBoundary", &[("UserName", "m")]).await);
    assert!(denied(&world, &user, "AttachUserPolicy", &[("UserName", "m"), ("PolicyArn", ADMIN)]).await);
    assert!(denied(&world, &user, "CreateUser", &[("UserName", "n")]).await);
}

#[tokio::test]
async fn condition_keys_know_what_is_asked() {
    let world = World::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
        {"Effect":"Allow","Action":"iam:CreateUser","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/PowerUserAccess"}}},
        {"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]},"Null":{"aws:RequestTag/team":"false"}}},
        {"Effect":"Allow","Action":"iam:GetUser","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"blue","aws:ResourceTag/team":"blue"}}}]}"#;
    let user = world.user("m", Some(policy)).await;
    world
        .iam(
            "CreateUser",
            &[("UserName", "v"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue")],
        )
        .await;
    let bounded = [("UserName", "n"), ("PermissionsBoundary", super::POWER)];
    let tagged = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue")];
    let mistagged = [("Tags.member.1.Key", "other"), ("Tags.member.1.Value", "blue")];
    let with = |more: &[(&'static str, &'static str)]| [&bounded[..], more].concat();
    assert!(denied(&world, &user, "AttachUserPolicy", &[("UserName", "v"), ("PolicyArn", ADMIN)]).await);
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    assert!(!denied(&world, &user, "AttachUserPolicy", &[("UserName", "v"), ("PolicyArn", read_only)]).await);
    assert!(denied(&world, &user, "CreateUser", &[("UserName", "n")]).await);
    let seen = world.ask(&user, Service::Iam, "CreateUser", &with(&mistagged)).await;
    assert!(seen.tag("Message").unwrap().contains("iam:TagUser"), "{}", seen.body);
    world.ask(&user, Service::Iam, "CreateUser", &with(&tagged)).await.ok();
    assert!(denied(&world, &user, "GetUser", &[("UserName", "m")]).await);
    assert!(!denied(&world, &user, "GetUser", &[("UserName", "v")]).await);
}
