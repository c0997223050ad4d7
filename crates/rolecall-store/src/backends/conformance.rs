//! One suite for every backend: `conformance!(name, store)` makes it a test module.

use crate::backend::{Key, Range, StoreError, Versioned};
use crate::store::Store;
use bytes::Bytes;

/// Makes the suite for one backend; the expression gives a fresh store and a guard to keep.
macro_rules! conformance {
    ($name:ident, $make:expr, $($test:ident),* $(,)?) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let (store, _guard) = $make;
                super::$test(store).await;
            })*
        }
    };
    ($name:ident, $make:expr) => {
        conformance!(
            $name, $make,
            absent_keys_are_none,
            a_put_is_read_back_and_a_delete_removes_it,
            get_many_answers_in_the_order_asked,
            versions_grow_with_every_commit,
            values_of_all_sizes_survive,
            scans_are_ordered_and_bounded,
            the_later_write_of_a_commit_wins,
            a_changed_key_conflicts,
            a_changed_range_conflicts,
            changes_outside_a_range_do_not_conflict,
            a_limited_scan_depends_on_what_it_saw,
            a_transaction_sees_its_own_writes,
            own_deletions_do_not_shorten_a_limited_scan,
            a_conflict_writes_nothing,
            a_dropped_transaction_writes_nothing,
            a_commit_without_writes_checks_its_reads,
            concurrent_increments_are_all_counted,
            transfers_keep_the_sum,
        );
    };
}

conformance!(memory, (crate::Store::memory(), ()));
conformance!(embedded, {
    let directory = tempfile::tempdir().unwrap();
    (crate::Store::open(directory.path()).unwrap(), directory)
});

async fn put(store: &Store, key: &str, value: &str) -> u64 {
    let mut txn = store.begin();
    txn.put(key.into(), value.to_owned());
    txn.commit().await.unwrap()
}

async fn delete(store: &Store, key: &str) {
    let mut txn = store.begin();
    txn.delete(key.into());
    txn.commit().await.unwrap();
}

async fn value(store: &Store, key: &str) -> Option<String> {
    let found = store.get(&key.into()).await.unwrap();
    found.map(|found| String::from_utf8(found.value.to_vec()).unwrap())
}

fn range(start: &str, end: &str) -> Range {
    Range { start: start.into(), end: end.into() }
}

fn names(found: &[(Key, Versioned)]) -> String {
    found.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect::<Vec<_>>().join(" ")
}

fn conflicts<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict))
}

async fn absent_keys_are_none(store: Store) {
    assert_eq!(store.get(&b"a".to_vec()).await.unwrap(), None);
    put(&store, "a", "1").await;
    assert!(store.get(&b"a".to_vec()).await.unwrap().is_some());
    assert_eq!(store.get(&b"".to_vec()).await.unwrap(), None);
    assert_eq!(store.get(&b"a\0".to_vec()).await.unwrap(), None);
}

async fn a_put_is_read_back_and_a_delete_removes_it(store: Store) {
    let version = put(&store, "a", "1").await;
    let expected = Versioned { version, value: Bytes::from_static(b"1") };
    assert_eq!(store.get(&b"a".to_vec()).await.unwrap(), Some(expected));
    delete(&store, "a").await;
    assert_eq!(value(&store, "a").await, None);
    delete(&store, "a").await;
}

async fn get_many_answers_in_the_order_asked(store: Store) {
    put(&store, "a", "1").await;
    put(&store, "b", "2").await;
    let keys: Vec<Key> = ["b", "x", "a", "b"].map(Key::from).to_vec();
    let found = store.get_many(&keys).await.unwrap();
    let values: Vec<_> = found.iter().map(|found| found.as_ref().map(|found| &found.value[..])).collect();
    assert_eq!(values, [Some(&b"2"[..]), None, Some(b"1"), Some(b"2")]);
    assert!(store.get_many(&[]).await.unwrap().is_empty());
}

async fn versions_grow_with_every_commit(store: Store) {
    let first = put(&store, "a", "1").await;
    let second = put(&store, "b", "1").await;
    let third = put(&store, "a", "1").await;
    assert!(0 < first && first < second && second < third);
    assert_eq!(store.get(&b"a".to_vec()).await.unwrap().unwrap().version, third);
    assert_eq!(store.get(&b"b".to_vec()).await.unwrap().unwrap().version, second);
}

async fn values_of_all_sizes_survive(store: Store) {
    for size in [0, 1, 4095, 4096, 65_537, 1 << 20] {
        let bytes: Bytes = (0..size).map(|at| (at % 251) as u8).collect();
        let mut txn = store.begin();
        txn.put(b"big".to_vec(), bytes.clone());
        txn.put(Vec::new(), bytes.clone());
        txn.commit().await.unwrap();
        assert_eq!(store.get(&b"big".to_vec()).await.unwrap().unwrap().value, bytes);
        assert_eq!(store.get(&Vec::new()).await.unwrap().unwrap().value, bytes);
    }
}

async fn scans_are_ordered_and_bounded(store: Store) {
    for key in ["b", "a", "c", "aa", "d"] {
        put(&store, key, "").await;
    }
    for (start, end, limit, expected) in [
        ("", "", 9, "a aa b c d"),
        ("a", "d", 9, "a aa b c"),
        ("a", "d", 2, "a aa"),
        ("aa", "", 2, "aa b"),
        ("a", "d", 0, ""),
        ("b", "b", 9, ""),
        ("d", "a", 9, ""),
        ("e", "", 9, ""),
    ] {
        let found = store.scan(&range(start, end), limit).await.unwrap();
        assert_eq!(names(&found), expected, "{start}..{end} limit {limit}");
        let merged = store.begin().scan(&range(start, end), limit).await.unwrap();
        assert_eq!(merged, found, "{start}..{end} limit {limit}");
    }
}

async fn the_later_write_of_a_commit_wins(store: Store) {
    let mut txn = store.begin();
    txn.put(b"a".to_vec(), "1");
    txn.put(b"a".to_vec(), "2");
    txn.put(b"b".to_vec(), "1");
    txn.delete(b"b".to_vec());
    txn.commit().await.unwrap();
    assert_eq!(value(&store, "a").await.as_deref(), Some("2"));
    assert_eq!(value(&store, "b").await, None);
}

async fn a_changed_key_conflicts(store: Store) {
    put(&store, "a", "1").await;
    for (key, disturb) in [("a", "change"), ("a", "remove"), ("a", "create"), ("a", "nothing")] {
        let mut txn = store.begin();
        txn.get(&key.into()).await.unwrap();
        match disturb {
            "change" | "create" => drop(put(&store, key, "2").await),
            "remove" => delete(&store, key).await,
            _ => {}
        }
        txn.put(b"seen".to_vec(), disturb);
        assert_eq!(conflicts(&txn.commit().await), disturb != "nothing", "{disturb}");
    }
    assert_eq!(value(&store, "seen").await.as_deref(), Some("nothing"));
}

async fn a_changed_range_conflicts(store: Store) {
    for disturb in ["insert", "change", "remove", "swap", "nothing"] {
        put(&store, "b", "1").await;
        put(&store, "d", "1").await;
        delete(&store, "c").await;
        let mut txn = store.begin();
        txn.scan(&range("a", "z"), 9).await.unwrap();
        if disturb == "insert" || disturb == "swap" {
            put(&store, "c", "2").await;
        }
        if disturb == "remove" || disturb == "swap" {
            delete(&store, "b").await;
        }
        if disturb == "change" {
            put(&store, "b", "1").await;
        }
        txn.put(b"zz".to_vec(), disturb);
        assert_eq!(conflicts(&txn.commit().await), disturb != "nothing", "{disturb}");
    }
}

async fn changes_outside_a_range_do_not_conflict(store: Store) {
    put(&store, "b", "1").await;
    let mut txn = store.begin();
    txn.scan(&range("b", "c"), 9).await.unwrap();
    put(&store, "a", "1").await;
    put(&store, "c", "1").await;
    txn.put(b"b".to_vec(), "2");
    txn.commit().await.unwrap();
    assert_eq!(value(&store, "b").await.as_deref(), Some("2"));
}

async fn a_limited_scan_depends_on_what_it_saw(store: Store) {
    for (disturbed, conflict) in [("c", true), ("bb", true), ("cc", false), ("d", false)] {
        for key in ["a", "b", "c", "d"] {
            put(&store, key, "1").await;
        }
        let mut txn = store.begin();
        let found = txn.scan(&range("a", "z"), 3).await.unwrap();
        assert_eq!(names(&found), "a b c");
        put(&store, disturbed, "2").await;
        txn.put(b"zz".to_vec(), "");
        assert_eq!(conflicts(&txn.commit().await), conflict, "{disturbed}");
        delete(&store, "bb").await;
        delete(&store, "cc").await;
    }
}

async fn a_transaction_sees_its_own_writes(store: Store) {
    put(&store, "a", "1").await;
    put(&store, "c", "1").await;
    let mut txn = store.begin();
    txn.put(b"b".to_vec(), "own");
    txn.put(b"c".to_vec(), "own");
    txn.put(b"y".to_vec(), "own");
    txn.delete(b"a".to_vec());
    assert_eq!(txn.get(&b"a".to_vec()).await.unwrap(), None);
    assert_eq!(txn.get(&b"c".to_vec()).await.unwrap().unwrap().value, "own");
    assert_eq!(names(&txn.scan(&range("a", "z"), 9).await.unwrap()), "b c y");
    assert_eq!(names(&txn.scan(&range("a", "z"), 2).await.unwrap()), "b c");
    assert_eq!(names(&store.scan(&range("a", "z"), 9).await.unwrap()), "a c");
    txn.commit().await.unwrap();
    assert_eq!(names(&store.scan(&range("a", "z"), 9).await.unwrap()), "b c y");
}

async fn own_deletions_do_not_shorten_a_limited_scan(store: Store) {
    for key in ["a", "b", "c", "d"] {
        put(&store, key, "1").await;
    }
    let mut txn = store.begin();
    txn.delete(b"a".to_vec());
    txn.delete(b"b".to_vec());
    assert_eq!(names(&txn.scan(&range("a", "z"), 2).await.unwrap()), "c d");
    assert_eq!(names(&txn.scan(&range("a", "z"), 1).await.unwrap()), "c");
}

async fn a_conflict_writes_nothing(store: Store) {
    put(&store, "a", "1").await;
    let mut txn = store.begin();
    txn.get(&b"a".to_vec()).await.unwrap();
    txn.put(b"b".to_vec(), "");
    txn.delete(b"a".to_vec());
    put(&store, "a", "2").await;
    assert!(conflicts(&txn.commit().await));
    assert_eq!(value(&store, "a").await.as_deref(), Some("2"));
    assert_eq!(value(&store, "b").await, None);
}

async fn a_dropped_transaction_writes_nothing(store: Store) {
    let mut txn = store.begin();
    txn.put(b"a".to_vec(), "1");
    drop(txn);
    assert_eq!(value(&store, "a").await, None);
}

async fn a_commit_without_writes_checks_its_reads(store: Store) {
    let version = put(&store, "a", "1").await;
    let mut txn = store.begin();
    txn.get(&b"a".to_vec()).await.unwrap();
    assert_eq!(txn.commit().await.unwrap(), version);
    let mut txn = store.begin();
    txn.saw(b"a".to_vec(), Some(version));
    put(&store, "a", "2").await;
    assert!(conflicts(&txn.commit().await));
}

async fn concurrent_increments_are_all_counted(store: Store) {
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(increments(store.clone(), 25))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(value(&store, "n").await.as_deref(), Some("200"));
}

async fn increments(store: Store, times: usize) {
    for _ in 0..times {
        loop {
            let mut txn = store.begin();
            let seen = txn.get(&b"n".to_vec()).await.unwrap();
            txn.put(b"n".to_vec(), (number(seen.as_ref()) + 1).to_string());
            match txn.commit().await {
                Ok(_) => break,
                Err(StoreError::Conflict) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

async fn transfers_keep_the_sum(store: Store) {
    put(&store, "acct/0", "100").await;
    put(&store, "acct/1", "100").await;
    let movers: Vec<_> = (0..4).map(|from| tokio::spawn(transfers(store.clone(), from % 2))).collect();
    while !movers.iter().all(tokio::task::JoinHandle::is_finished) {
        let found = store.scan(&Range::prefix(b"acct/"), 9).await.unwrap();
        assert_eq!(found.iter().map(|(_, found)| number(Some(found))).sum::<i64>(), 200);
        tokio::task::yield_now().await;
    }
    for mover in movers {
        mover.await.unwrap();
    }
}

async fn transfers(store: Store, from: usize) {
    let keys = ["acct/0", "acct/1"].map(Key::from);
    for amount in 0..25 {
        let mut txn = store.begin();
        let source = number(txn.get(&keys[from]).await.unwrap().as_ref());
        let target = number(txn.get(&keys[1 - from]).await.unwrap().as_ref());
        txn.put(keys[from].clone(), (source - amount).to_string());
        txn.put(keys[1 - from].clone(), (target + amount).to_string());
        let done = txn.commit().await;
        assert!(done.is_ok() || conflicts(&done));
    }
}

fn number(found: Option<&Versioned>) -> i64 {
    found.map_or(0, |found| std::str::from_utf8(&found.value).unwrap().parse().unwrap())
}
