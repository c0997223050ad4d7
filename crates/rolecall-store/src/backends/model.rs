//! Random operations on every backend, each answer compared with a plain map's.

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write, fingerprint};
use crate::backends::{embedded::Embedded, memory::Memory};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Get(Vec<Key>),
    Scan(Range, usize),
    /// Writes, after reading some keys and a range; `stale` pretends to have read them a version ago.
    Commit {
        keys: Vec<Key>,
        range: Option<Range>,
        writes: Vec<Write>,
        stale: bool,
    },
    Reopen,
}

fn key() -> impl Strategy<Value = Key> {
    vec(prop_oneof![Just(0_u8), Just(b'a'), Just(b'b'), Just(255)], 0..4)
}

fn range() -> impl Strategy<Value = Range> {
    (key(), key()).prop_map(|(start, end)| Range { start, end })
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        3 => (key(), vec(any::<u8>(), 0..20)).prop_map(|(key, value)| Write::Put(key, value.into())),
        1 => key().prop_map(Write::Delete),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let commit = (vec(key(), 0..3), proptest::option::of(range()), vec(write(), 0..6), any::<bool>());
    prop_oneof![
        2 => vec(key(), 0..4).prop_map(Step::Get),
        2 => (range(), 0..6_usize).prop_map(|(range, limit)| Step::Scan(range, limit)),
        6 => commit.prop_map(|(keys, range, writes, stale)| Step::Commit { keys, range, writes, stale }),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    keys: BTreeMap<Key, (Version, Bytes)>,
    newest: Version,
}

impl Model {
    fn value(&self, key: &Key) -> Option<Versioned> {
        self.keys.get(key).map(|(version, value)| Versioned { version: *version, value: value.clone() })
    }

    fn scan(&self, range: &Range, limit: usize) -> Vec<(Key, Versioned)> {
        let inside = self.keys.keys().filter(|key| range.contains(key)).take(limit);
        inside.map(|key| (key.clone(), self.value(key).unwrap())).collect()
    }

    fn reads(&self, keys: &[Key], range: Option<&Range>, stale: bool) -> Vec<Read> {
        let off = Version::from(stale);
        let keys =
            keys.iter().map(|key| Read::Key(key.clone(), self.value(key).map(|found| found.version + off)));
        let range = range.map(|range| {
            let (count, newest) = fingerprint(self.scan(range, 99).iter().map(|(_, found)| found.version));
            Read::Range(range.clone(), count, newest + off)
        });
        keys.chain(range).collect()
    }

    fn apply(&mut self, version: Version, writes: &[Write]) {
        self.newest = version;
        for write in writes {
            match write {
                Write::Put(key, value) => drop(self.keys.insert(key.clone(), (version, value.clone()))),
                Write::Delete(key) => drop(self.keys.remove(key)),
            }
        }
    }
}

async fn follow(
    mut backend: Box<dyn Backend>,
    steps: &[Step],
    reopen: Option<&dyn Fn() -> Box<dyn Backend>>,
) {
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Get(keys) => {
                let expected: Vec<_> = keys.iter().map(|key| model.value(key)).collect();
                assert_eq!(backend.get(keys).await.unwrap(), expected);
            }
            Step::Scan(range, limit) => {
                assert_eq!(backend.scan(range, *limit).await.unwrap(), model.scan(range, *limit));
            }
            Step::Commit { keys, range, writes, stale } => {
                commit(&*backend, &mut model, (keys, range.as_ref(), *stale), writes).await;
            }
            Step::Reopen => {
                let Some(reopen) = &reopen else { continue };
                // The file is free only when its holder is gone.
                drop(std::mem::replace(&mut backend, Box::new(Memory::default())));
                backend = reopen();
            }
        }
    }
    let everything = Range::prefix(b"");
    assert_eq!(backend.scan(&everything, 999).await.unwrap(), model.scan(&everything, 999));
}

async fn commit(
    backend: &dyn Backend,
    model: &mut Model,
    (keys, range, stale): (&[Key], Option<&Range>, bool),
    writes: &[Write],
) {
    let reads = model.reads(keys, range, stale);
    let conflict = reads != model.reads(keys, range, false);
    match backend.commit(reads, writes.to_vec()).await {
        Ok(version) => {
            assert!(!conflict, "a stale read was accepted");
            assert_eq!(version > model.newest, !writes.is_empty());
            model.apply(version, writes);
        }
        Err(StoreError::Conflict) => assert!(conflict, "a true read was refused"),
        Err(other) => panic!("{other}"),
    }
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn memory_does_what_a_map_does(steps in vec(step(), 0..40)) {
        block_on(follow(Box::new(Memory::default()), &steps, None));
    }

    #[test]
    fn embedded_does_what_a_map_does(steps in vec(step(), 0..40)) {
        let directory = tempfile::tempdir().unwrap();
        let open = || Box::new(Embedded::open(directory.path()).unwrap()) as Box<dyn Backend>;
        block_on(follow(open(), &steps, Some(&open)));
    }
}
