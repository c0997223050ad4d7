//! Accounts through the administration.

use crate::testing::{ALLOW_ALL, Credential, World};
use rolecall_wire::Service;

async fn created(world: &World, params: &[(&str, &str)]) -> Credential {
    world.ask(&world.root, Service::Rolecall, "CreateAccount", params).await.ok().credential()
}

#[tokio::test]
async fn accounts_are_created_listed_and_closed() {
    let world = World::new().await;
    let ask = async |action, params: &[_]| world.ask(&world.root, Service::Rolecall, action, params).await;
    let (id, email) = (("AccountId", "111122223333"), ("Email", "a@example.org"));
    let root = created(&world, &[id, ("AccountName", "Tests"), email]).await;
    let who = world.ask(&root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(
        (who.tag("Account"), who.tag("UserId"), who.tag("Arn")),
        (Some(id.1), Some(id.1), Some("arn:aws:iam::111122223333:root"))
    );
    let itself = world.ask(&root, Service::Iam, "GetUser", &[]).await.ok();
    assert_eq!((itself.tag("Arn"), itself.tag("UserId")), (who.tag("Arn"), Some(id.1)));
    let again = ask("CreateAccount", &[id]).await;
    again.expect(
        409,
        "EntityAlreadyExists",
        "The account cannot be created: account 111122223333 exists already.",
    );
    let same = ask("CreateAccount", &[("Email", "A@example.org")]).await;
    let taken = "The account cannot be created: another account has the e-mail address A@example.org.";
    same.expect(409, "EntityAlreadyExists", taken);
    let list = ask("ListAccounts", &[]).await.ok();
    assert_eq!(list.body.matches("<AccountId>").count(), 2);
    let page = ask("ListAccounts", &[("MaxItems", "1")]).await.ok();
    assert_eq!((page.tag("AccountId"), page.tag("IsTruncated")), (Some(id.1), Some("true")));
    assert_eq!(ask("DescribeAccount", &[id]).await.ok().tag("AccountName"), Some("Tests"));
    ask("CloseAccount", &[id]).await.ok();
    assert_eq!(ask("DescribeAccount", &[id]).await.ok().tag("Status"), Some("SUSPENDED"));
    let closed = world.ask(&root, Service::Sts, "GetCallerIdentity", &[]).await;
    closed.expect(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
    let own = ask("CloseAccount", &[("AccountId", crate::testing::ACCOUNT)]).await;
    own.expect(400, "InvalidInput", "The installation's own account cannot be closed.");
    let none = ask("CloseAccount", &[("AccountId", "999999999999")]).await;
    none.expect(404, "NoSuchEntity", "The account 999999999999 cannot be found.");
}

#[tokio::test]
async fn the_root_of_another_account_administers_nothing() {
    let world = World::new().await;
    let other = world.account("111122223333").await;
    for (action, params) in [
        ("CreateAccount", vec![]),
        ("ListAccounts", vec![]),
        ("DescribeAccount", vec![("AccountId", "111122223333")]),
        ("CloseAccount", vec![("AccountId", "111122223333")]),
        ("AdvanceClock", vec![("Seconds", "5")]),
        ("GetMetrics", vec![]),
        ("GetServerInfo", vec![]),
    ] {
        let seen = world.ask(&other, Service::Rolecall, action, &params).await;
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{action}");
    }
    let seen = world.ask(&world.root, Service::Rolecall, "ListAccounts", &[]).await.ok();
    assert_eq!(seen.body.matches("<AccountId>").count(), 2, "nothing was done");
    let admin = world.user("admin", Some(ALLOW_ALL)).await;
    world.ask(&admin, Service::Rolecall, "GetServerInfo", &[]).await.ok();
}

#[tokio::test]
async fn users_and_roles_of_two_accounts_may_have_one_name() {
    let world = World::new().await;
    let other = world.account("111122223333").await;
    world.iam("CreateUser", &[("UserName", "same")]).await;
    let theirs = world.ask(&other, Service::Iam, "CreateUser", &[("UserName", "same")]).await.ok();
    assert_eq!(theirs.tag("Arn"), Some("arn:aws:iam::111122223333:user/same"));
    world.iam("DeleteUser", &[("UserName", "same")]).await;
    world.ask(&other, Service::Iam, "GetUser", &[("UserName", "same")]).await.ok();
    world.iam("CreateAccountAlias", &[("AccountAlias", "ours")]).await;
    let list = world.ask(&other, Service::Iam, "ListAccountAliases", &[]).await.ok();
    assert!(!list.body.contains("ours"), "an alias is its account's");
    let taken = world.ask(&other, Service::Iam, "CreateAccountAlias", &[("AccountAlias", "ours")]).await;
    assert_eq!(taken.tag("Code"), Some("EntityAlreadyExists"));
    let key = other.access_key_id.as_str();
    let seen = world.ask(&world.root, Service::Iam, "GetAccessKeyLastUsed", &[("AccessKeyId", key)]).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"), "another account's key is not known");
}
