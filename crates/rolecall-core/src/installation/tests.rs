//! Founding, adopting and recovering.

use super::*;
use crate::testing::{ACCOUNT, World};
use rolecall_wire::Service;

#[test]
fn an_installation_id_is_32_hexadecimal_digits() {
    let id = InstallationId::random().unwrap();
    assert_eq!(id.to_string().parse::<InstallationId>().unwrap(), id);
    assert_ne!(InstallationId::random().unwrap(), id);
    for bad in ["", "0", &"g".repeat(32), &"A".repeat(32), &"0".repeat(33)] {
        assert!(bad.parse::<InstallationId>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn item_1_a_root_key_never_moves_to_another_founding() {
    let world = World::new().await;
    let system = world.gate.system();
    let account = &system.settings.account;
    let given = |id: &str| Some((id.to_owned(), Zeroizing::new("secret".to_owned())));
    assert!(system.initialise(given("new")).await.is_err(), "it is founded");
    let mut txn = system.store.begin();
    txn.delete(key::installation());
    txn.delete(key::account(account));
    txn.delete(key::account_email(&Account::new(account.clone(), 0).email));
    txn.commit().await.unwrap();
    assert!(system.initialise(given(&world.root.access_key_id)).await.is_err(), "the key is somebody's");
    assert!(!system.is_initialised().await.unwrap(), "nothing half done");
    system.initialise(given("new")).await.unwrap();
    assert_eq!(system.root_key(account, "new").await.unwrap(), RootKey::Active);
}

#[tokio::test]
async fn item_30_a_foreign_ring_does_not_open_the_probe_and_a_rotated_one_does() {
    let world = World::new().await;
    let system = world.gate.system();
    let founded = read(&system.store).await.unwrap().unwrap();
    assert_eq!((founded.account.as_str(), Some(&founded.id)), (ACCOUNT, system.keys.installation()));
    assert!(founded.is_opened_by(&system.keys));
    assert!(!founded.is_opened_by(&KeyRing::generate_for(founded.id.clone()).unwrap()));
    let old = system.keys.active(Purpose::StoredSecret).unwrap().id();
    world.ask(&world.root, Service::Rolecall, "RotateKeys", &[]).await.ok();
    let id = old.to_string();
    world.ask(&world.root, Service::Rolecall, "RemoveKey", &[("KeyId", id.as_str())]).await.ok();
    let again = read(&system.store).await.unwrap().unwrap();
    assert!(again.is_opened_by(&system.keys) && again.sealed_probe != founded.sealed_probe);
}

#[tokio::test]
async fn item_2_a_store_of_an_earlier_build_is_known_by_what_the_ring_opens() {
    let world = World::new().await;
    let system = world.gate.system();
    world.account("111122223333").await;
    let mut txn = system.store.begin();
    txn.delete(key::installation());
    txn.commit().await.unwrap();
    let (own, foreign) = (&system.keys, KeyRing::generate().unwrap());
    let opened = async |ring: &KeyRing| match look(&system.store, ring).await.unwrap() {
        Unrecorded::Earlier { opened, accounts } => (opened, accounts.len()),
        Unrecorded::Empty => panic!("it has accounts"),
    };
    assert_eq!((opened(own).await, opened(&foreign).await), ((true, 2), (false, 2)));
    assert_eq!(look(&Store::memory(), own).await.unwrap(), Unrecorded::Empty);
    adopt(&system.store, own, &system.settings.account, 7).await.unwrap();
    assert!(adopt(&system.store, own, &system.settings.account, 8).await.is_err(), "once");
    assert_eq!(read(&system.store).await.unwrap().unwrap().founded, 7);
}

#[tokio::test]
async fn item_3_root_gets_a_new_key_and_the_record_comes_first() {
    let world = World::new().await;
    let system = world.gate.system();
    let root = world.root.access_key_id.clone();
    let params = [("AccessKeyId", root.as_str())];
    world.iam("DeleteAccessKey", &params).await;
    let account: AccountId = ACCOUNT.parse().unwrap();
    assert_eq!(system.root_key(&account, &root).await.unwrap(), RootKey::Gone);
    world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await.expect(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    );

    world.audit.refuse(true);
    assert!(system.recover_root(&account, "uid:0").await.is_err(), "no change without a record");
    assert_eq!(system.root_key_ids().await.unwrap().unwrap().len(), 0);
    world.audit.refuse(false);
    let made = system.recover_root(&account, "uid:0").await.unwrap().unwrap();
    let again = system.recover_root(&account, "uid:0").await.unwrap().unwrap();
    assert_eq!((made.before, again.before), (vec![], vec![(made.fresh.record.id.clone(), RootKey::Active)]));
    let who = crate::testing::Credential {
        access_key_id: made.fresh.record.id.clone(),
        secret: rolecall_wire::sigv4::SecretKey::new(made.fresh.secret.to_string()),
        token: None,
    };
    let seen = world.ask(&who, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(seen.tag("Arn"), Some("arn:aws:iam::123456789012:root"));

    let log = world.audit.text();
    let line = log.lines().find(|line| line.contains("RecoverRoot")).unwrap();
    let record: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(record["responseElements"]["accessKeyId"], made.fresh.record.id.as_str());
    assert_eq!(record["userIdentity"]["principalId"], "uid:0");
    assert!(!log.contains(made.fresh.secret.as_str()), "no secret");
    let other = "444455556666".parse().unwrap();
    assert!(system.recover_root(&other, "uid:0").await.unwrap().is_none());
}
