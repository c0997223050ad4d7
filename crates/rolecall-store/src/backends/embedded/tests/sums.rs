//! The sums of blocks under whatever is written, cut, read and flipped.

use super::super::disk::Disk;
use super::super::sums::{BLOCK, Sums};
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Length(usize),
    Write(usize, usize, u8),
    Read(usize, usize),
    /// Closed and opened again with what was known.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    let place = || prop_oneof![(0..6_usize).prop_map(|at| at * BLOCK), 0..6 * BLOCK];
    prop_oneof![
        2 => place().prop_map(Step::Length),
        4 => (place(), place(), any::<u8>()).prop_map(|(at, length, byte)| Step::Write(at, length, byte)),
        4 => (place(), place()).prop_map(|(at, length)| Step::Read(at, length)),
        1 => Just(Step::Again),
    ]
}

struct Trial {
    file: Arc<Faulty>,
    sums: Arc<Sums>,
    disk: Disk,
    model: Vec<u8>,
}

impl Trial {
    fn new() -> Self {
        let (file, sums) = (Arc::new(Faulty::default()), Arc::new(Sums::default()));
        let disk = disk(&file, &sums);
        Self { file, sums, disk, model: Vec::new() }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Length(length) => {
                self.disk.set_len(length as u64).unwrap();
                self.model.resize(length, 0);
            }
            Step::Write(at, length, byte) => {
                let part = self.part(at, length);
                self.disk.write(part.start as u64, &vec![byte; part.len()]).unwrap();
                self.model[part].fill(byte);
            }
            Step::Read(at, length) => {
                let part = self.part(at, length);
                assert_eq!(self.read(part.clone()).unwrap(), self.model[part]);
            }
            Step::Again => {
                let known = self.sums.known();
                self.sums = Arc::new(Sums::default());
                self.sums.know(known);
                self.disk = disk(&self.file, &self.sums);
            }
        }
    }

    /// As much of a part as the file has.
    fn part(&self, at: usize, length: usize) -> std::ops::Range<usize> {
        let start = at.min(self.model.len());
        start..(start + length).min(self.model.len())
    }

    fn read(&self, part: std::ops::Range<usize>) -> io::Result<Vec<u8>> {
        let mut out = vec![0; part.len()];
        if out.is_empty() {
            return Ok(out);
        }
        self.disk.read(part.start as u64, &mut out).map(|()| out)
    }
}

fn disk(file: &Arc<Faulty>, sums: &Arc<Sums>) -> Disk {
    Disk::new(Box::new(Handle(Arc::clone(file))), Arc::clone(sums), Arc::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Lengths and places need not be those of blocks. A bit that then flips is seen by whoever reads its block, also in
    /// part, and by nobody else; whoever writes a part of the block does not make it good.
    #[test]
    fn what_is_written_is_read_and_a_flipped_bit_is_not(steps in vec(step(), 1..40), flipped: prop::sample::Index) {
        let mut trial = Trial::new();
        steps.iter().for_each(|step| trial.take(step));
        prop_assert!(!trial.sums.damaged());
        prop_assume!(trial.model.len() > BLOCK);
        let at = BLOCK + flipped.index(trial.model.len() - BLOCK);
        trial.file.memory.write(at as u64, &[trial.model[at] ^ 1]).unwrap();
        let block = at / BLOCK * BLOCK..(at / BLOCK * BLOCK + BLOCK).min(trial.model.len());
        prop_assert_eq!(trial.read(0..block.start).unwrap(), &trial.model[..block.start]);
        prop_assert_eq!(trial.read(block.end..trial.model.len()).unwrap(), &trial.model[block.end..]);
        prop_assert!(!trial.sums.damaged());
        if block.len() > 1 {
            prop_assert!(trial.disk.write(block.start as u64, &[1]).is_err());
        }
        prop_assert!(trial.read(block.start..block.start + 1).is_err());
        prop_assert!(trial.sums.damaged());
    }
}

#[test]
fn a_block_that_nobody_wrote_or_checked_is_refused_until_it_is_written() {
    let mut trial = Trial::new();
    trial.take(&Step::Length(3 * BLOCK));
    let mut known = trial.sums.known();
    known.blocks[1] = None;
    trial.sums.know(known);
    assert_eq!(trial.read(2 * BLOCK..3 * BLOCK).unwrap(), [0; BLOCK], "the positive control");
    assert!(trial.read(BLOCK..2 * BLOCK).is_err());
    trial.disk.write(BLOCK as u64, &[7; BLOCK]).unwrap();
    assert_eq!(trial.read(BLOCK..2 * BLOCK).unwrap(), [7; BLOCK]);
}

/// Whoever learns from what was read before a write came in between learns nothing.
#[test]
fn what_was_read_before_a_write_is_not_learned_after_it() {
    let (old, new) = ([1; BLOCK], [2; BLOCK]);
    let sums = Sums::default();
    sums.learn(2 * BLOCK as u64, vec![0; BLOCK]);
    sums.note(BLOCK as u64, &new);
    sums.adopt(BLOCK as u64, &old);
    sums.check(BLOCK as u64, &new).unwrap();
    sums.check(BLOCK as u64, &old).unwrap_err();
}

/// More than the engine keeps in memory, so that pages are read while others are written.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn readers_beside_a_writer_meet_no_damage() {
    const KEYS: u8 = 180;
    const SIZE: usize = 256 << 10;
    let directory = tempfile::tempdir().unwrap();
    let backend = Arc::new(Embedded::open(directory.path()).unwrap());
    let key = |at: u8| format!("k{at:03}").into_bytes();
    let all = (0..KEYS).map(|at| Write::Put(key(at), vec![at; SIZE].into()));
    backend.commit(vec![], all.collect()).await.unwrap();
    let readers: Vec<_> = (0..2_u8)
        .map(|first| {
            let backend = Arc::clone(&backend);
            tokio::spawn(async move {
                for at in (0..KEYS).map(|at| at.wrapping_mul(7).wrapping_add(first) % KEYS) {
                    let found = backend.get(&[key(at)]).await.unwrap().pop().unwrap().unwrap();
                    assert!(found.value.iter().all(|byte| *byte == found.value[0]), "k{at} is of one piece");
                }
            })
        })
        .collect();
    for at in (0..KEYS).step_by(3) {
        backend.commit(vec![], vec![Write::Put(key(at), vec![at ^ 1; SIZE].into())]).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
    drop(backend);
    let again = Embedded::open(directory.path()).unwrap();
    assert_eq!(value(&again, "k003").await.unwrap(), vec![2; SIZE]);
}
