//! The ring in its file, and while it changes.

use super::*;

#[test]
fn a_ring_survives_its_file_and_refuses_an_open_one() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    let ring = KeyRing::generate().unwrap();
    ring.write_new(&path).unwrap();
    let again = KeyRing::read(&path).unwrap();
    let key = |r: &KeyRing| r.active(Purpose::SessionToken).unwrap().bytes.bytes.to_vec();
    assert_eq!(key(&ring), key(&again));
    assert!(ring.write_new(&path).is_err(), "an existing ring is never replaced");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(KeyRing::read(&path).is_err());
}

#[test]
fn debug_shows_no_key() {
    let ring = KeyRing::generate().unwrap();
    let bytes = format!("{:?}", ring.active(Purpose::SessionToken).unwrap().bytes.bytes);
    assert!(!format!("{ring:?}").contains(&bytes));
}

#[tokio::test]
async fn a_rotated_ring_opens_old_seals_until_the_key_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    KeyRing::generate().unwrap().write_new(&path).unwrap();
    let ring = KeyRing::read(&path).unwrap();
    let token = [Purpose::SessionToken];
    let old = ring.active(Purpose::SessionToken).unwrap().id();
    let sealed = crate::seal::seal(&ring, Purpose::SessionToken, b"", b"plain").unwrap();
    assert!(matches!(ring.activate(&token, 9).await, Err(Unchanged::NothingPrepared)));
    ring.prepare(&token, 10).await.unwrap();
    assert_eq!(ring.active(Purpose::SessionToken).unwrap().id(), old, "a prepared key is not used yet");
    assert!(matches!(ring.remove(old).await, Err(Unchanged::InUse(_))));
    ring.activate(&token, 20).await.unwrap();
    assert_ne!(ring.active(Purpose::SessionToken).unwrap().id(), old);
    let open = |ring: &KeyRing| crate::seal::open(ring, Purpose::SessionToken, b"", &sealed);
    let again = KeyRing::read(&path).unwrap();
    assert!(open(&ring).is_some() && open(&again).is_some());
    assert_eq!(again.by_id(Purpose::SessionToken, old).unwrap().since(), 20);
    ring.remove(old).await.unwrap();
    assert!(open(&ring).is_none() && open(&KeyRing::read(&path).unwrap()).is_none());
    assert!(matches!(ring.remove(old).await, Err(Unchanged::Unknown(_))));
}

#[tokio::test]
async fn a_ring_whose_file_cannot_be_written_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    KeyRing::generate().unwrap().write_new(&path).unwrap();
    let ring = KeyRing::read(&path).unwrap();
    let before = ring.all().len();
    drop(dir);
    assert!(matches!(ring.prepare(&PURPOSES, 10).await, Err(Unchanged::File(_))));
    assert_eq!(ring.all().len(), before);
}

#[test]
fn item_30_any_changed_character_of_a_rings_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    let ring = KeyRing::generate().unwrap();
    ring.write_new(&path).unwrap();
    let text = std::fs::read(&path).unwrap();
    for at in (0..text.len()).filter(|at| text[*at].is_ascii_alphanumeric()) {
        let mut changed = text.clone();
        changed[at] = if text[at] == b'1' { b'2' } else { b'1' };
        std::fs::write(&path, &changed).unwrap();
        let read = KeyRing::read(&path);
        assert!(read.is_err(), "{}", String::from_utf8_lossy(&changed[at.saturating_sub(20)..at + 1]));
    }
    std::fs::write(&path, &text).unwrap();
    assert_eq!(KeyRing::read(&path).unwrap().installation(), ring.installation());
}

#[test]
fn item_2_a_ring_of_an_earlier_build_is_read_and_adopted_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    let earlier = r#"{"keys": [{"id": 1, "purpose": "stored-secret", "state": "active", "since": 0,
        "bytes": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}"#;
    crate::private_file::create(&path, earlier.as_bytes()).unwrap();
    let ring = KeyRing::read(&path).unwrap();
    assert!(ring.installation().is_none());
    let id = InstallationId::random().unwrap();
    let sealed = crate::seal::seal(&ring, Purpose::StoredSecret, b"", b"plain").unwrap();
    let ring = ring.adopted_by(&id).unwrap();
    let again = KeyRing::read(&path).unwrap();
    assert_eq!((ring.installation(), again.installation()), (Some(&id), Some(&id)));
    assert!(crate::seal::open(&again, Purpose::StoredSecret, b"", &sealed).is_some());
    assert!(again.adopted_by(&InstallationId::random().unwrap()).is_err(), "no ring changes hands");
}

/// On one thread: whoever waits for a key to be made keeps nobody from going on, nor from using the ring.
#[tokio::test]
async fn a_rotation_holds_up_no_request() {
    let ring = KeyRing::generate().unwrap();
    let rotation = tokio::spawn({
        let ring = ring.clone();
        async move { ring.prepare(&SIGNING, 10).await }
    });
    let mut turns = 0;
    while !rotation.is_finished() {
        assert!(ring.active(Purpose::SessionToken).is_some());
        turns += 1;
        tokio::task::yield_now().await;
    }
    rotation.await.unwrap().unwrap();
    assert!(turns > 100, "{turns}");
    assert!(ring.all().iter().any(|key| key.purpose() == Purpose::TokenRs256));
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_is_made_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    KeyRing::generate().unwrap().write_new(&path).unwrap();
    let ring = KeyRing::read(&path).unwrap();
    let before = ring.all().len();
    let gone = tokio::time::timeout(std::time::Duration::ZERO, ring.prepare(&SIGNING, 10)).await;
    assert!(gone.is_err());
    while ring.all().len() == before {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!((ring.all().len(), KeyRing::read(&path).unwrap().all().len()), (before + 2, before + 2));
}
