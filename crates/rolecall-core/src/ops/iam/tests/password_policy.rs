//! The account's password policy.

use crate::testing::World;
use rolecall_wire::Service;

#[tokio::test]
async fn a_password_policy_is_kept_replaced_and_removed() {
    let world = World::new().await;
    let ask = async |action: &str| world.ask(&world.root, Service::Iam, action, &[]).await;
    let gone = "The Password Policy with domain name 123456789012 cannot be found.";
    ask("GetAccountPasswordPolicy").await.expect(404, "NoSuchEntity", gone);
    let none = "The account policy with name PasswordPolicy cannot be found.";
    ask("DeleteAccountPasswordPolicy").await.expect(404, "NoSuchEntity", none);
    let set = [
        ("MinimumPasswordLength", "14"),
        ("RequireSymbols", "true"),
        ("AllowUsersToChangePassword", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "5"),
    ];
    world.iam("UpdateAccountPasswordPolicy", &set).await;
    let seen = ask("GetAccountPasswordPolicy").await.ok();
    for (name, value) in set.into_iter().chain([("ExpirePasswords", "true"), ("RequireNumbers", "false")]) {
        assert_eq!(seen.tag(name), Some(value), "{name}");
    }
    world.iam("UpdateAccountPasswordPolicy", &[("RequireNumbers", "true")]).await;
    let seen = ask("GetAccountPasswordPolicy").await.ok();
    for (name, value) in [
        ("MinimumPasswordLength", Some("6")),
        ("RequireSymbols", Some("false")),
        ("RequireNumbers", Some("true")),
        ("ExpirePasswords", Some("false")),
        ("MaxPasswordAge", None),
        ("PasswordReusePrevention", None),
    ] {
        assert_eq!(seen.tag(name), value, "{name}");
    }
    for (name, value) in
        [("MinimumPasswordLength", "5"), ("MaxPasswordAge", "1096"), ("PasswordReusePrevention", "25")]
    {
        let seen =
            world.ask(&world.root, Service::Iam, "UpdateAccountPasswordPolicy", &[(name, value)]).await;
        assert_eq!(seen.tag("Code"), Some("ValidationError"), "{name}");
    }
    world.iam("DeleteAccountPasswordPolicy", &[]).await;
    ask("GetAccountPasswordPolicy").await.expect(404, "NoSuchEntity", gone);
}
