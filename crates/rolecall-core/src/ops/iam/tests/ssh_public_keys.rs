//! SSH public keys: uploaded, shown, switched off, deleted; how many, and whose.

use super::{ALLOW_ALL, tag_values};
use crate::testing::{Seen, World};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use rolecall_wire::Service;
use x509_cert::der::pem::{self, LineEnding};

const OPENSSH_KEY: &str = include_str!("../testdata/ssh-public-key.txt");
const PEM_KEY: &str = include_str!("../testdata/ssh-public-key.pem");
const FINGERPRINT: &str = "6c:50:16:a3:50:5f:e1:a4:b4:bb:07:f6:4e:7d:e9:9b";

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

async fn upload(world: &World, user: &str, body: &str) -> String {
    let made = world.iam("UploadSSHPublicKey", &[("UserName", user), ("SSHPublicKeyBody", body)]).await;
    made.tag("SSHPublicKeyId").unwrap().to_owned()
}

fn another_key() -> String {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap().public_key();
    pem::encode_string("PUBLIC KEY", LineEnding::LF, key.as_der().unwrap().as_ref()).unwrap()
}

#[tokio::test]
async fn a_key_is_uploaded_shown_in_both_encodings_switched_off_and_deleted() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let commented = format!("{OPENSSH_KEY} laptop");
    let made = world.iam("UploadSSHPublicKey", &[("UserName", "u"), ("SSHPublicKeyBody", &commented)]).await;
    let id = made.tag("SSHPublicKeyId").unwrap();
    assert!(id.starts_with("APKA") && id.len() == 21, "{id}");
    for (encoding, body) in [("SSH", OPENSSH_KEY), ("PEM", PEM_KEY)] {
        let params = [("UserName", "u"), ("SSHPublicKeyId", id), ("Encoding", encoding)];
        let seen = world.iam("GetSSHPublicKey", &params).await;
        assert_eq!(seen.tag("SSHPublicKeyBody").unwrap().replace("&#xA;", "\n"), body);
        assert_eq!((seen.tag("Fingerprint"), seen.tag("Status")), (Some(FINGERPRINT), Some("Active")));
        assert_eq!(seen.tag("UploadDate"), made.tag("UploadDate"));
    }
    let off = [("UserName", "u"), ("SSHPublicKeyId", id), ("Status", "Inactive")];
    world.iam("UpdateSSHPublicKey", &off).await;
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "u")]).await;
    assert_eq!((listed.tag("SSHPublicKeyId"), listed.tag("Status")), (Some(id), Some("Inactive")));
    assert!(!listed.body.contains("ssh-rsa"), "{}", listed.body);
    world.iam("DeleteSSHPublicKey", &[("UserName", "u"), ("SSHPublicKeyId", id)]).await;
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "u")]).await;
    assert_eq!((listed.tag("SSHPublicKeyId"), listed.tag("IsTruncated")), (None, Some("false")));
}

#[tokio::test]
async fn an_upload_is_answered_in_the_encoding_it_came_in() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let made = world.iam("UploadSSHPublicKey", &[("UserName", "u"), ("SSHPublicKeyBody", PEM_KEY)]).await;
    assert_eq!(made.tag("SSHPublicKeyBody").unwrap().replace("&#xA;", "\n"), PEM_KEY);
    let params = [("UserName", "u"), ("SSHPublicKeyBody", OPENSSH_KEY)];
    let twice = "The SSH public key is already associated with the specified IAM user.";
    ask(&world, "UploadSSHPublicKey", &params).await.expect(400, "DuplicateSSHPublicKey", twice);
    world.iam("CreateUser", &[("UserName", "v")]).await;
    let made = world.iam("UploadSSHPublicKey", &[("UserName", "v"), ("SSHPublicKeyBody", OPENSSH_KEY)]).await;
    assert_eq!(made.tag("SSHPublicKeyBody"), Some(OPENSSH_KEY));
}

#[tokio::test]
async fn a_bad_key_an_unknown_key_and_an_unknown_user_are_told_apart() {
    let world = World::new().await;
    for user in ["u", "v"] {
        world.iam("CreateUser", &[("UserName", user)]).await;
    }
    let theirs = upload(&world, "v", OPENSSH_KEY).await;
    for (body, code, why) in [
        ("ssh-rsa AAAA", "InvalidPublicKey", "The public key is malformed or otherwise invalid."),
        (
            "ssh-ed25519 AAAA",
            "UnrecognizedPublicKeyEncoding",
            "The public key encoding format is unsupported or unrecognized.",
        ),
    ] {
        let params = [("UserName", "u"), ("SSHPublicKeyBody", body)];
        ask(&world, "UploadSSHPublicKey", &params).await.expect(400, code, why);
    }
    let more: [(&str, Option<(&str, &str)>); 3] = [
        ("GetSSHPublicKey", Some(("Encoding", "SSH"))),
        ("UpdateSSHPublicKey", Some(("Status", "Inactive"))),
        ("DeleteSSHPublicKey", None),
    ];
    for (action, more) in more {
        let params = |user| [("UserName", user), ("SSHPublicKeyId", theirs.as_str())].into_iter().chain(more);
        let unknown = format!("The Public Key with id {theirs} cannot be found.");
        let own: Vec<_> = params("u").collect();
        ask(&world, action, &own).await.expect(404, "NoSuchEntity", &unknown);
        let nobody: Vec<_> = params("x").collect();
        let sentence = "The user with name x cannot be found.";
        ask(&world, action, &nobody).await.expect(404, "NoSuchEntity", sentence);
    }
    let params = [("UserName", "v"), ("SSHPublicKeyId", theirs.as_str()), ("Status", "Expired")];
    let sentence = "The status of an SSH public key can only be set to Active or Inactive.";
    ask(&world, "UpdateSSHPublicKey", &params).await.expect(400, "InvalidInput", sentence);
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "v")]).await;
    assert_eq!(tag_values(&listed, "Status"), ["Active"]);
}

#[tokio::test]
async fn a_sixth_key_is_too_many_also_in_one_moment() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    for _ in 0..3 {
        upload(&world, "u", &another_key()).await;
    }
    let bodies = [another_key(), another_key(), another_key(), OPENSSH_KEY.to_owned()];
    let send = async |body: &str| {
        ask(&world, "UploadSSHPublicKey", &[("UserName", "u"), ("SSHPublicKeyBody", body)]).await
    };
    let (a, b, c, d) = tokio::join!(send(&bodies[0]), send(&bodies[1]), send(&bodies[2]), send(&bodies[3]));
    assert_eq!([a, b, c, d].iter().filter(|seen| seen.status == 200).count(), 2);
    let sentence = "Cannot exceed quota for SSHPublicKeysPerUser: 5";
    send(&another_key()).await.expect(409, "LimitExceeded", sentence);
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "u")]).await;
    assert_eq!(tag_values(&listed, "SSHPublicKeyId").len(), 5);
    let first = world.iam("ListSSHPublicKeys", &[("UserName", "u"), ("MaxItems", "2")]).await;
    let params = [("UserName", "u"), ("Marker", first.tag("Marker").unwrap())];
    let rest = world.iam("ListSSHPublicKeys", &params).await;
    let pages = [tag_values(&first, "SSHPublicKeyId"), tag_values(&rest, "SSHPublicKeyId")].concat();
    assert_eq!(pages, tag_values(&listed, "SSHPublicKeyId"));
}

#[tokio::test]
async fn keys_follow_their_user_hold_it_and_are_not_inherited() {
    let world = World::new().await;
    world.iam("CreateUser", &[("UserName", "u")]).await;
    let id = upload(&world, "u", OPENSSH_KEY).await;
    world.iam("UpdateUser", &[("UserName", "u"), ("NewUserName", "v")]).await;
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "v")]).await;
    assert_eq!((listed.tag("UserName"), listed.tag("SSHPublicKeyId")), (Some("v"), Some(id.as_str())));
    world.iam("CreateUser", &[("UserName", "u")]).await;
    assert_eq!(world.iam("ListSSHPublicKeys", &[("UserName", "u")]).await.tag("SSHPublicKeyId"), None);
    let sentence = "Cannot delete entity, must remove referenced objects first.";
    ask(&world, "DeleteUser", &[("UserName", "v")]).await.expect(409, "DeleteConflict", sentence);
    world.iam("DeleteSSHPublicKey", &[("UserName", "v"), ("SSHPublicKeyId", &id)]).await;
    world.iam("DeleteUser", &[("UserName", "v")]).await;
    world.iam("CreateUser", &[("UserName", "v")]).await;
    upload(&world, "v", OPENSSH_KEY).await;
}

#[tokio::test]
async fn users_may_be_let_at_their_own_keys_alone() {
    let world = World::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*SSHPublicKey*",
        "Resource":"arn:aws:iam::123456789012:user/${aws:username}"}]}"#;
    let user = world.user("u", Some(policy)).await;
    world.iam("CreateUser", &[("UserName", "v")]).await;
    for (name, status) in [("u", 200), ("v", 403)] {
        let params = [("UserName", name), ("SSHPublicKeyBody", OPENSSH_KEY)];
        let seen = world.ask(&user, Service::Iam, "UploadSSHPublicKey", &params).await;
        assert_eq!(seen.status, status, "{}", seen.body);
    }
    let own = world.ask(&user, Service::Iam, "ListSSHPublicKeys", &[]).await;
    assert_eq!(own.tag("UserName"), Some("u"));
    assert_eq!(world.iam("ListSSHPublicKeys", &[("UserName", "v")]).await.tag("SSHPublicKeyId"), None);
}

/// The user that permission was decided on is another one by the time of the commit.
#[tokio::test]
async fn an_upload_to_a_user_made_anew_writes_nothing() {
    let world = World::new().await;
    let mine =
        ALLOW_ALL.replace(r#""Resource":"*""#, r#""Resource":"arn:aws:iam::123456789012:user/mine/*""#);
    let caller = world.user("caller", Some(&mine)).await;
    for name in ["control", "target"] {
        world.iam("CreateUser", &[("UserName", name), ("Path", "/mine/")]).await;
    }
    let upload = async |name| {
        let params = [("UserName", name), ("SSHPublicKeyBody", OPENSSH_KEY)];
        world.ask(&caller, Service::Iam, "UploadSSHPublicKey", &params).await
    };
    upload("control").await.ok();
    let replaced = world.before_commit_of("ssh-public-keys").meanwhile(async {
        world.iam("DeleteUser", &[("UserName", "target")]).await;
        world.iam("CreateUser", &[("UserName", "target"), ("Path", "/theirs/")]).await;
    });
    let (seen, ()) = tokio::join!(upload("target"), replaced);
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
    assert_eq!(world.iam("ListSSHPublicKeys", &[("UserName", "target")]).await.tag("SSHPublicKeyId"), None);
}
