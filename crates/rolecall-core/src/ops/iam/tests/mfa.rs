//! Virtual MFA devices: made, enabled by two codes, put right, taken away.

use super::tag_values;
use crate::testing::{ACCOUNT, Device, Seen, World};
use rolecall_wire::Service;

async fn root(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

/// Sends two codes, of as many seconds from now.
async fn send(world: &World, action: &str, user: &str, device: &Device, at: (i64, i64)) -> Seen {
    let now = world.gate.system().clock.now();
    let codes = (device.codes.at(now + at.0), device.codes.at(now + at.1));
    let params = [
        ("UserName", user),
        ("SerialNumber", device.serial_number.as_str()),
        ("AuthenticationCode1", codes.0.as_str()),
        ("AuthenticationCode2", codes.1.as_str()),
    ];
    root(world, action, &params).await
}

const WRONG: (u16, &str, &str) =
    (403, "InvalidAuthenticationCode", "Authentication code for device is not valid.");

#[tokio::test]
async fn a_device_is_made_with_a_seed_that_is_shown_once() {
    let world = World::new().await;
    let params = [
        ("VirtualMFADeviceName", "d"),
        ("Path", "/team/"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    let made = world.iam("CreateVirtualMFADevice", &params).await;
    let serial = "arn:aws:iam::123456789012:mfa/team/d";
    assert_eq!(made.tag("SerialNumber"), Some(serial));
    let seed = data_encoding::BASE64.decode(made.tag("Base32StringSeed").unwrap().as_bytes()).unwrap();
    assert_eq!((seed.len(), data_encoding::BASE32.decode(&seed).unwrap().len()), (64, 40));
    let picture = data_encoding::BASE64.decode(made.tag("QRCodePNG").unwrap().as_bytes()).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    let listed = world.iam("ListVirtualMFADevices", &[]).await;
    assert_eq!(tag_values(&listed, "SerialNumber"), [serial]);
    for hidden in ["Base32StringSeed", "QRCodePNG", "EnableDate", "<User>", "<Tags>"] {
        assert!(!listed.body.contains(hidden), "{}", listed.body);
    }
    assert_eq!(world.iam("ListMFADeviceTags", &[("SerialNumber", serial)]).await.tag("Value"), Some("v"));
    let record = serde_json::to_string(&world.records()).unwrap();
    assert!(
        record.contains("CreateVirtualMFADevice") && !record.contains(std::str::from_utf8(&seed).unwrap())
    );
    assert!(!record.contains(made.tag("Base32StringSeed").unwrap()));
    for (name, path) in [("D", "/team/"), ("d", "/TEAM/")] {
        let seen =
            root(&world, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", name), ("Path", path)]).await;
        assert_eq!(seen.tag("Code"), Some("EntityAlreadyExists"), "{name} {path}");
    }
    root(&world, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", "d"), ("Path", "/a*/")]).await.expect(
        400,
        "ValidationError",
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
         characters and/or / characters.",
    );
}

#[tokio::test]
async fn a_device_is_enabled_by_two_consecutive_codes_and_shown_with_its_user() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let device = world.new_device("d").await;
    for at in [(0, 0), (30, 0), (0, 60), (90_000, 90_030)] {
        let seen = send(&world, "EnableMFADevice", "u", &device, at).await;
        seen.expect(WRONG.0, WRONG.1, WRONG.2);
    }
    let seen = send(&world, "EnableMFADevice", "nobody", &device, (-30, 0)).await;
    assert_eq!(seen.tag("Code"), Some("NoSuchEntity"));
    send(&world, "EnableMFADevice", "u", &device, (-30, 0)).await.ok();
    send(&world, "EnableMFADevice", "u", &device, (0, 30)).await.expect(
        409,
        "EntityAlreadyExists",
        "MFA Device is already in use.",
    );
    let held = world.iam("ListMFADevices", &[("UserName", "u")]).await;
    assert_eq!(tag_values(&held, "SerialNumber"), [device.serial_number.as_str()]);
    assert_eq!((held.tag("UserName"), held.tag("EnableDate").is_some()), (Some("u"), true));
    let params = [("UserName", "u"), ("SerialNumber", device.serial_number.as_str())];
    assert_eq!(world.iam("GetMFADevice", &params).await.tag("UserName"), Some("u"));
    world.new_device("free").await;
    for (status, expected) in [
        ("Assigned", &["arn:aws:iam::123456789012:mfa/d"][..]),
        ("Unassigned", &["arn:aws:iam::123456789012:mfa/free"]),
        ("Any", &["arn:aws:iam::123456789012:mfa/d", "arn:aws:iam::123456789012:mfa/free"]),
    ] {
        let listed = world.iam("ListVirtualMFADevices", &[("AssignmentStatus", status)]).await;
        assert_eq!(tag_values(&listed, "SerialNumber"), expected, "{status}");
        assert_eq!(listed.tag("UserName"), (status != "Unassigned").then_some("u"));
    }
    world.iam("CreateOpenIDConnectProvider", &[("Url", "https://idp.example.com")]).await;
    let summary = world.iam("GetAccountSummary", &[]).await.body;
    let summary = summary.replace(|c: char| c.is_whitespace(), "");
    for (name, count) in
        [("MFADevices", 2), ("MFADevicesInUse", 1), ("AccountMFAEnabled", 0), ("Providers", 1)]
    {
        assert!(summary.contains(&format!("<key>{name}</key><value>{count}</value>")), "{name} {summary}");
    }
}

#[tokio::test]
async fn what_is_enabled_is_deleted_only_after_it_is_taken_away() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    world.iam("CreateUser", &[("UserName", "other")]).await;
    let device = world.device("u", "d").await;
    let serial = [("SerialNumber", device.serial_number.as_str())];
    root(&world, "DeleteVirtualMFADevice", &serial).await.expect(
        409,
        "DeleteConflict",
        "MFA VirtualDevice in use. Must deactivate first.",
    );
    root(&world, "DeleteUser", &[("UserName", "u")]).await.expect(
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete MFA device first.",
    );
    let missing = format!("MFA Device with serial number {} does not exist.", device.serial_number);
    for action in ["DeactivateMFADevice", "GetMFADevice"] {
        let params = [("UserName", "other"), serial[0]];
        root(&world, action, &params).await.expect(404, "NoSuchEntity", &missing);
    }
    let seen = send(&world, "ResyncMFADevice", "other", &device, (30, 60)).await;
    seen.expect(404, "NoSuchEntity", &missing);
    world.iam("DeactivateMFADevice", &[("UserName", "u"), serial[0]]).await;
    assert!(world.iam("ListMFADevices", &[("UserName", "u")]).await.tag("SerialNumber").is_none());
    let seen = send(&world, "EnableMFADevice", "other", &device, (-60, -30)).await;
    seen.expect(WRONG.0, WRONG.1, WRONG.2);
    world.pass(60);
    send(&world, "EnableMFADevice", "other", &device, (-30, 0)).await.ok();
    world.iam("DeactivateMFADevice", &[("UserName", "other"), serial[0]]).await;
    world.iam("DeleteVirtualMFADevice", &serial).await;
    root(&world, "DeleteVirtualMFADevice", &serial).await.expect(404, "NoSuchEntity", &missing);
    world.iam("DeleteUser", &[("UserName", "u")]).await;
}

#[tokio::test]
async fn a_device_follows_its_users_name() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let device = world.device("u", "d").await;
    world.iam("UpdateUser", &[("UserName", "u"), ("NewUserName", "v")]).await;
    assert_eq!(world.iam("ListMFADevices", &[("UserName", "v")]).await.tag("UserName"), Some("v"));
    assert_eq!(world.iam("ListVirtualMFADevices", &[]).await.tag("UserName"), Some("v"));
    world.iam("CreateUser", &[("UserName", "u")]).await;
    assert!(world.iam("ListMFADevices", &[("UserName", "u")]).await.tag("SerialNumber").is_none());
    let params = [("UserName", "v"), ("SerialNumber", device.serial_number.as_str())];
    world.iam("DeactivateMFADevice", &params).await;
}

#[tokio::test]
async fn eight_devices_and_no_more() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for n in 0..8 {
        world.device("u", &format!("d{n}")).await;
    }
    let ninth = world.new_device("d8").await;
    send(&world, "EnableMFADevice", "u", &ninth, (-30, 0)).await.expect(
        409,
        "LimitExceeded",
        "Cannot exceed quota for MFADevicesPerUser: 8",
    );
    let first = world.iam("ListMFADevices", &[("UserName", "u"), ("MaxItems", "5")]).await;
    let marker = first.tag("Marker").unwrap();
    let second = world.iam("ListMFADevices", &[("UserName", "u"), ("Marker", marker)]).await;
    let seen = (tag_values(&first, "SerialNumber").len(), tag_values(&second, "SerialNumber").len());
    assert_eq!(seen, (5, 3));
    let taken = [("UserName", "u"), ("SerialNumber", "arn:aws:iam::123456789012:mfa/d0")];
    world.iam("DeactivateMFADevice", &taken).await;
    send(&world, "EnableMFADevice", "u", &ninth, (-30, 0)).await.ok();
}

#[tokio::test]
async fn a_clock_that_is_off_is_learned_by_resync() {
    let world = World::new().await;
    let user = world.user("u", None).await;
    let device = world.device("u", "d").await;
    world.pass(3_600);
    let ask = async |ahead: i64| {
        let code = device.codes.at(world.gate.system().clock.now() + ahead);
        let params = [("SerialNumber", device.serial_number.as_str()), ("TokenCode", code.as_str())];
        world.ask(&user, Service::Sts, "GetSessionToken", &params).await.status
    };
    assert_eq!(ask(-600).await, 403, "ten minutes late");
    let seen = send(&world, "ResyncMFADevice", "u", &device, (-660, -600)).await;
    seen.expect(WRONG.0, WRONG.1, WRONG.2);
    send(&world, "ResyncMFADevice", "u", &device, (-630, -600)).await.ok();
    assert_eq!(ask(-600).await, 403, "used up by the resync");
    world.pass(30);
    assert_eq!(ask(-600).await, 200);
    world.pass(60);
    assert_eq!(ask(0).await, 403, "what a right clock would say");
}

#[tokio::test]
async fn root_has_devices_by_the_accounts_id_and_only_root_manages_them() {
    let world = World::new().await;
    let admin = world.user("admin", Some(super::ALLOW_ALL)).await;
    let device = world.device(ACCOUNT, "root-account-mfa-device").await;
    assert_eq!(world.iam("ListMFADevices", &[]).await.tag("UserName"), Some(ACCOUNT));
    let listed = world.iam("ListVirtualMFADevices", &[]).await;
    assert_eq!(listed.tag("Arn"), Some("arn:aws:iam::123456789012:root"));
    let summary = world.iam("GetAccountSummary", &[]).await.body.replace(|c: char| c.is_whitespace(), "");
    assert!(summary.contains("<key>AccountMFAEnabled</key><value>1</value>"), "{summary}");
    let params = [("UserName", ACCOUNT), ("SerialNumber", device.serial_number.as_str())];
    let seen = world.ask(&admin, Service::Iam, "DeactivateMFADevice", &params).await;
    assert_eq!(seen.tag("Code"), Some("NoSuchEntity"), "{}", seen.body);
    let seen = world.ask(&admin, Service::Iam, "DeleteVirtualMFADevice", &params[1..]).await;
    assert_eq!(seen.tag("Code"), Some("DeleteConflict"), "{}", seen.body);
    world.iam("CreateUser", &[("UserName", ACCOUNT)]).await;
    let seen = root(&world, "DeactivateMFADevice", &params).await;
    assert_eq!(seen.tag("Code"), Some("NoSuchEntity"), "a user of that name is meant");
    world.iam("DeactivateMFADevice", &params[1..]).await;
}
