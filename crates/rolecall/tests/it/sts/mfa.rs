//! The second factor: what a right code opens, once, and that nothing else does.

use super::{assume, role, role_arn, trusting, user_arn, when};
use rolecall_core::testing::{ALLOW_ALL, Credential, Device, Seen, World};
use rolecall_wire::Service;

const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
const UNKNOWN: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  \
                       Please verify your MFA serial number is valid and associated with this user.";
const WITH_MFA: &str = r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;

/// A user `caller` with a device, and a role `r` that asks it for a second factor.
async fn guarded() -> (World, Credential, Device) {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &when(&trusting(&user_arn("caller")), WITH_MFA), Some(ALLOW_ALL)).await;
    let device = world.device("caller", "d").await;
    world.pass(30);
    (world, caller, device)
}

async fn enter(world: &World, who: &Credential, serial: &str, code: &str) -> Seen {
    assume(world, who, &role_arn("r"), &[("SerialNumber", serial), ("TokenCode", code)]).await
}

async fn session_token(world: &World, who: &Credential, device: &Device) -> Seen {
    let code = device.code(world);
    let params = [("SerialNumber", device.serial_number.as_str()), ("TokenCode", code.as_str())];
    world.ask(who, Service::Sts, "GetSessionToken", &params).await
}

/// A code that is not of the device, now or next.
fn wrong(world: &World, device: &Device, n: usize) -> String {
    let now = world.gate.system().clock.now();
    let near: Vec<_> = (-2..=2).map(|step| device.codes.at(now + 30 * step)).collect();
    (n..).map(|n| format!("{:06}", n % 1_000_000)).find(|code| !near.contains(code)).unwrap()
}

#[tokio::test]
async fn a_right_code_counts_for_the_decision_and_for_nothing_after() {
    let (world, caller, device) = guarded().await;
    let refused = assume(&world, &caller, &role_arn("r"), &[]).await;
    super::denied(&refused, "sts:AssumeRole");
    let code = device.code(&world);
    let session = enter(&world, &caller, &device.serial_number, &code).await.ok().credential();
    role(&world, "next", &when(&trusting(&role_arn("r")), WITH_MFA), None).await;
    super::denied(&assume(&world, &session, &role_arn("next"), &[]).await, "sts:AssumeRole");
    let open = trusting(&role_arn("r"));
    world.iam("UpdateAssumeRolePolicy", &[("RoleName", "next"), ("PolicyDocument", &open)]).await;
    assume(&world, &session, &role_arn("next"), &[]).await.ok();
    world.pass(30);
    let seen = enter(&world, &session, &device.serial_number, &device.code(&world)).await;
    seen.expect(403, "AccessDenied", UNKNOWN);
}

#[tokio::test]
async fn the_age_of_the_second_factor_is_counted_from_when_it_was_given() {
    const YOUNG: &str = r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}}"#;
    let (world, caller, device) = guarded().await;
    role(&world, "young", &when(&trusting(&user_arn("caller")), YOUNG), None).await;
    let young = async |who: &Credential| assume(&world, who, &role_arn("young"), &[]).await;
    super::denied(&young(&caller).await, "sts:AssumeRole");
    let with_code = [("SerialNumber", device.serial_number.as_str()), ("TokenCode", &device.code(&world))];
    assume(&world, &caller, &role_arn("young"), &with_code).await.ok();
    world.pass(30);
    let session = session_token(&world, &caller, &device).await.ok().credential();
    world.pass(99);
    young(&session).await.ok();
    world.pass(1);
    super::denied(&young(&session).await, "sts:AssumeRole");
    assume(&world, &session, &role_arn("r"), &[]).await.ok();
}

#[tokio::test]
async fn only_a_session_token_with_a_code_opens_iam() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let device = world.device("u", "d").await;
    let without = world.ask(&user, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    let with = session_token(&world, &user, &device).await.ok().credential();
    let lists = async |who: &Credential| world.ask(who, Service::Iam, "ListUsers", &[]).await;
    assert_eq!(lists(&without).await.tag("Code"), Some("InvalidClientTokenId"));
    lists(&with).await.ok();
    let device = world.device(rolecall_core::testing::ACCOUNT, "root-account-mfa-device").await;
    let root = session_token(&world, &world.root, &device).await.ok().credential();
    lists(&root).await.ok();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}"#;
    world
        .iam("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "inline"), ("PolicyDocument", deny)])
        .await;
    lists(&with).await.ok();
    assert_eq!(lists(&user).await.tag("Code"), Some("AccessDenied"), "long-term keys carry no second factor");
}

#[tokio::test]
async fn sts_14_nothing_a_caller_says_stands_in_for_a_code() {
    let (world, caller, device) = guarded().await;
    let keys = ["aws:MultiFactorAuthPresent", "MultiFactorAuthPresent", "aws:multifactorauthpresent"];
    for key in keys {
        let seen = assume(&world, &caller, &role_arn("r"), &[(key, "true")]).await;
        super::denied(&seen, "sts:AssumeRole");
        let tag = [("Tags.member.1.Key", key), ("Tags.member.1.Value", "true")];
        let seen = assume(&world, &caller, &role_arn("r"), &tag).await;
        assert_ne!(seen.status, 200, "{key}: {}", seen.body);
    }
    for header in ["aws-multifactorauthpresent", "x-amz-mfa", "x-amz-multifactorauthpresent", "x-mfa-present"]
    {
        let params = [("RoleArn", role_arn("r")), ("RoleSessionName", "job".to_owned())];
        let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
        let seen =
            world.ask_with(Some(&caller), Service::Sts, "AssumeRole", &params, &[(header, "true")]).await;
        super::denied(&seen, "sts:AssumeRole");
    }
    for policy in [ALLOW_ALL, r#"{"Version":"2012-10-17","Statement":[]}"#] {
        let seen = assume(&world, &caller, &role_arn("r"), &[("Policy", policy)]).await;
        assert_ne!(seen.status, 200, "{}", seen.body);
    }
    let other = world.user("other", None).await;
    let others = world.device("other", "other").await;
    for serial in [
        others.serial_number.as_str(),
        "arn:aws:iam::999999999999:mfa/d",
        "GAHT12345678",
        "arn:aws:iam::123456789012:mfa/",
    ] {
        let seen = enter(&world, &caller, serial, &others.code(&world)).await;
        seen.expect(403, "AccessDenied", UNKNOWN);
    }
    let seen = enter(&world, &other, &device.serial_number, &device.code(&world)).await;
    seen.expect(403, "AccessDenied", UNKNOWN);
    enter(&world, &caller, &device.serial_number, &device.code(&world)).await.ok();
}

#[tokio::test]
async fn sts_14_a_code_opens_once_also_for_many_at_the_same_moment() {
    let (world, caller, device) = guarded().await;
    let code = device.code(&world);
    enter(&world, &caller, &device.serial_number, &code).await.ok();
    enter(&world, &caller, &device.serial_number, &code).await.expect(403, "AccessDenied", WRONG);
    let seen = session_token(&world, &caller, &device).await;
    seen.expect(403, "AccessDenied", WRONG);
    world.pass(30);
    let code = device.code(&world);
    let all = (0..20).map(|_| enter(&world, &caller, &device.serial_number, &code));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.iter().filter(|seen| seen.status == 200).count(), 1);
    assert!(all.iter().all(|seen| [200, 403].contains(&seen.status)));
}

#[tokio::test]
async fn sts_14_digits_are_ascii_and_nothing_is_trimmed() {
    let (world, caller, device) = guarded().await;
    let code = device.code(&world);
    let arabic: String = code.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0x660).unwrap()).collect();
    let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect();
    let spaced = [format!(" {code}"), format!("{code} "), format!("{} {}", &code[..3], &code[3..])];
    let cut = [code[..5].to_owned(), format!("{}\u{a0}", &code[..5]), format!("{}\0", &code[..5])];
    for odd in spaced.into_iter().chain(cut).chain([arabic, wide, String::new(), format!("+{}", &code[1..])])
    {
        let seen = enter(&world, &caller, &device.serial_number, &odd).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("ValidationError")), "{odd:?}: {}", seen.body);
    }
    enter(&world, &caller, &device.serial_number, &code).await.ok();
}

#[tokio::test]
async fn sts_14_ten_thousand_guesses_are_not_looked_at_whatever_the_device_is_called() {
    let (world, caller, device) = guarded().await;
    let serial = device.serial_number.as_str();
    for n in 0..5 {
        let seen = enter(&world, &caller, serial, &wrong(&world, &device, n)).await;
        seen.expect(403, "AccessDenied", WRONG);
    }
    let aliases = [
        serial.to_uppercase(),
        serial.replace("/d", "/D"),
        serial.replace("mfa/", "mfa//"),
        serial.replace(":mfa", "::mfa"),
    ];
    let before = world.gate.system().store.begin().commit().await.unwrap();
    for n in 0..10_000 {
        let code = if n % 10 == 0 { device.code(&world) } else { wrong(&world, &device, n) };
        match n % 5 {
            0 => enter(&world, &caller, serial, &code).await.expect(403, "AccessDenied", WRONG),
            1 => {
                let params = [("SerialNumber", serial), ("TokenCode", code.as_str())];
                let seen = world.ask(&caller, Service::Sts, "GetSessionToken", &params).await;
                seen.expect(403, "AccessDenied", WRONG);
            }
            _ => {
                let seen = enter(&world, &caller, &aliases[n % 4], &code).await;
                seen.expect(403, "AccessDenied", UNKNOWN);
            }
        }
    }
    let after = world.gate.system().store.begin().commit().await.unwrap();
    assert_eq!(after, before, "guesses that are not looked at cost no write");
    world.pass(60);
    enter(&world, &caller, serial, &device.code(&world)).await.ok();
}
