//! The view of live sessions: what it shows, and that it stays small.

use super::*;
use crate::session::{self, Origin};
use proptest::prelude::*;

const NOW: i64 = 1_800_000_000;

fn session(name: &str, duration: i64) -> Session {
    let subject = Subject::Role { name: "r".into(), id: "AROA".into(), session_name: name.into() };
    let fresh = session::begin("123456789012".parse().unwrap(), subject, NOW, duration).unwrap();
    let origin = Origin { arn: "arn:aws:iam::123456789012:user/ann".into(), user_id: None };
    Session { origin, source_identity: Some("Ann".into()), ..fresh }
}

fn all(live: &Live, wanted: &Wanted<'_>, now: i64) -> Vec<LiveSession> {
    live.list(&"123456789012".parse().unwrap(), wanted, None, 1000, now).0
}

#[test]
fn a_session_is_shown_with_its_origin_and_last_action_until_it_ends() {
    let live = Live::new(100);
    let parent = session("first", 900);
    let child = Session { parent: Some(parent.access_key_id.clone()), ..session("second", 900) };
    live.issued(&parent, NOW);
    live.issued(&child, NOW);
    live.used(&child, NOW + 5, &rolecall_wire::sts::row::ASSUME_ROLE, "10.0.0.1");
    let shown = live.find(&child.access_key_id, NOW + 6).unwrap();
    assert_eq!(shown.arn, "arn:aws:sts::123456789012:assumed-role/r/second");
    assert_eq!(shown.parent.as_ref(), Some(&parent.access_key_id));
    let last = LastAction { at: NOW + 5, operation: "sts:AssumeRole".into(), address: "10.0.0.1".into() };
    assert_eq!(shown.last, Some(last));
    assert_eq!(live.find(&parent.access_key_id, NOW + 6).unwrap().last, None);
    assert!(live.find(&child.access_key_id, NOW + 900).is_none());
}

#[test]
fn lists_are_filtered_and_paged() {
    let live = Live::new(100);
    (0..25).for_each(|n| live.issued(&session(&format!("s{n}"), 900), NOW));
    let by = |wanted: Wanted<'_>| all(&live, &wanted, NOW).len();
    assert_eq!(by(Wanted::default()), 25);
    assert_eq!(by(Wanted { role: Some("r"), source_identity: Some("Ann"), ..Wanted::default() }), 25);
    assert_eq!(by(Wanted { role: Some("R"), ..Wanted::default() }), 0);
    assert_eq!(by(Wanted { user_arn: Some("arn:aws:iam::123456789012:user/ann"), ..Wanted::default() }), 25);
    assert_eq!(by(Wanted { source_identity: Some("ann"), ..Wanted::default() }), 0);
    let account = "123456789012".parse().unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (page, more) = live.list(&account, &Wanted::default(), after.as_deref(), 10, NOW);
        after = page.last().map(|last| last.access_key_id.clone());
        seen.extend(page);
        if !more {
            break;
        }
    }
    assert_eq!(seen, all(&live, &Wanted::default(), NOW));
    assert!(live.list(&"999999999999".parse().unwrap(), &Wanted::default(), None, 10, NOW).0.is_empty());
}

#[test]
fn memory_is_bounded_and_a_session_pushed_out_shows_up_again_when_used() {
    let live = Live::new(160);
    let first = session("first", 900);
    live.issued(&first, NOW);
    (0..1000).for_each(|n| live.issued(&session(&format!("s{n}"), 900), NOW));
    assert!(live.count() <= 160);
    live.used(&first, NOW + 1, &rolecall_wire::sts::row::ASSUME_ROLE, "127.0.0.1");
    assert!(live.find(&first.access_key_id, NOW + 1).is_some());
    let none = Live::new(0);
    none.issued(&first, NOW);
    assert_eq!(none.count(), 0);
}

#[test]
fn sessions_that_are_over_make_room() {
    let live = Live::new(1_000_000);
    (0..1000).for_each(|n| live.issued(&session(&format!("s{n}"), 900), NOW));
    (0..2000).for_each(|n| live.issued(&session(&format!("t{n}"), 3600), NOW + 1000));
    assert!(live.count() < 2200, "{}", live.count());
    assert_eq!(all(&live, &Wanted::default(), NOW + 1000).len(), 1000, "a page is full");
}

#[test]
fn an_entry_takes_72_bytes() {
    assert_eq!(size_of::<Entry>(), 72);
}

proptest! {
    #[test]
    fn ids_survive_their_ten_bytes(bytes: [u8; 10]) {
        prop_assert_eq!(raw(&printed(&bytes)), Some(bytes));
    }
}
