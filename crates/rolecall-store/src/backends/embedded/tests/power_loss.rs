//! A disk that loses power: of what was not synced, each write may be there, be missing, or be there in part.

use super::*;
use std::sync::{Mutex, MutexGuard};

/// The unit that disks write as a whole.
const SECTOR: usize = 512;

#[derive(Debug, Clone, Default)]
struct Volatile {
    synced: Vec<u8>,
    now: Vec<u8>,
    /// Changes since the last sync, in order.
    pending: Vec<Change>,
    /// Changes and syncs until the power goes; `None` for never.
    left: Option<usize>,
}

#[derive(Debug, Clone)]
enum Change {
    Length(usize),
    Write(usize, Vec<u8>),
}

#[derive(Debug, Clone, Default)]
struct Machine(Arc<Mutex<Volatile>>);

impl Machine {
    fn disk(&self) -> MutexGuard<'_, Volatile> {
        self.0.lock().unwrap()
    }

    fn start(&self) -> Embedded {
        let machine = self.clone();
        let source: Source = Box::new(move || Ok(Box::new(machine.clone())));
        Embedded::start(DatabaseFile::open(source, Beside::default()).unwrap()).unwrap()
    }

    /// The machine after the power came back; `kept` says of each sector that was not synced whether it is there.
    fn again(&self, mut kept: impl FnMut() -> bool) -> Self {
        let disk = self.disk();
        let mut image = disk.synced.clone();
        for change in &disk.pending {
            match change {
                Change::Length(length) if kept() => image.resize(*length, 0),
                Change::Length(_) => {}
                Change::Write(offset, bytes) => sectors(*offset, bytes)
                    .filter(|_| kept())
                    .for_each(|(at, part)| lay(&mut image, at, part)),
            }
        }
        Self(Arc::new(Mutex::new(Volatile { synced: image.clone(), now: image, ..Volatile::default() })))
    }
}

/// A write, cut where sectors end.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - offset % SECTOR).min(bytes.len());
    let rest =
        bytes[first..].chunks(SECTOR).enumerate().map(move |(n, part)| (offset + first + n * SECTOR, part));
    std::iter::once((offset, &bytes[..first])).chain(rest)
}

fn lay(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    image.resize(image.len().max(at + bytes.len()), 0);
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

impl Volatile {
    /// One more change, unless the power is gone.
    fn power(&mut self) -> io::Result<()> {
        match &mut self.left {
            Some(0) => Err(io::Error::other("no power")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl StorageBackend for Machine {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.disk().now[at..at + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let (mut disk, length) = (self.disk(), usize::try_from(length).unwrap());
        disk.power()?;
        disk.now.resize(length, 0);
        disk.pending.push(Change::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.disk();
        disk.power()?;
        disk.synced = disk.now.clone();
        disk.pending.clear();
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (mut disk, at) = (self.disk(), usize::try_from(offset).unwrap());
        disk.power()?;
        lay(&mut disk.now, at, bytes);
        disk.pending.push(Change::Write(at, bytes.to_vec()));
        Ok(())
    }
}

/// SplitMix64: choices that a seed repeats.
struct Choices(u64);

impl Choices {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }
}

/// Two keys in one commit, so that half of one would be seen.
async fn put_pair(backend: &Embedded, step: usize, size: usize) -> bool {
    let value = Bytes::from(vec![u8::try_from(step % 251).unwrap(); size]);
    let writes = ["l", "r"].map(|side| Write::Put(format!("{side}{step}").into(), value.clone()));
    backend.commit(vec![], writes.to_vec()).await.is_ok()
}

/// What was acknowledged is there; of the rest nothing is there by half. The number of steps found.
async fn check(backend: &Embedded, acknowledged: usize, tried: usize, what: &str) -> usize {
    let mut found = 0;
    for step in 0..tried {
        let (left, right) =
            (value(backend, &format!("l{step}")).await, value(backend, &format!("r{step}")).await);
        assert_eq!(left, right, "{what}: half of step {step}");
        assert!(left.is_some() || step >= acknowledged, "{what}: step {step} was acknowledged");
        assert!(left.is_none() || step == found, "{what}: step {step} without the one before");
        found += usize::from(left.is_some());
    }
    found
}

#[tokio::test]
async fn flt_02_what_was_acknowledged_survives_losing_power_again_and_again() {
    let seeds = if std::env::var_os("ROLECALL_SLOW").is_some() { 2_000 } else { 60 };
    let (mut crashes, mut unsynced) = (0, 0);
    for seed in 0..seeds {
        let mut choices = Choices(seed);
        let mut machine = Machine::default();
        let mut step = 0;
        for life in 0..4 {
            let backend = machine.start();
            machine.disk().left = Some(choices.below(120));
            let (mut tried, mut acknowledged) = (step, step);
            while tried == acknowledged && tried < step + 40 {
                tried += 1;
                acknowledged += usize::from(put_pair(&backend, tried - 1, choices.below(3_000)).await);
            }
            drop(backend);
            unsynced += machine.disk().pending.len();
            crashes += 1;
            machine = machine.again(|| choices.below(2) == 0);
            step = check(&machine.start(), acknowledged, tried, &format!("seed {seed}, life {life}")).await;
        }
    }
    assert!(crashes == seeds * 4 && unsynced > 1_000, "{crashes} {unsynced}");
}

#[tokio::test]
async fn flt_03_a_commit_torn_at_any_sector_is_there_or_not() {
    // Up to the sync of the last commit, but not with it.
    let machine = Machine::default();
    let backend = machine.start();
    for step in 0..3 {
        assert!(put_pair(&backend, step, 1_500).await);
    }
    let before = machine.disk().clone();
    let mut room = 1;
    let torn = loop {
        let machine = Machine(Arc::new(Mutex::new(before.clone())));
        let backend = machine.start();
        machine.disk().left = Some(room);
        let acknowledged = put_pair(&backend, 3, 1_500).await;
        drop(backend);
        if acknowledged {
            break machine;
        }
        examine_torn(&machine).await;
        room += 1;
    };
    assert!(room > 3, "{room} changes make a commit");
    assert_eq!(check(&torn.again(|| true).start(), 4, 4, "whole").await, 4);
}

/// The machine, having lost everything behind each sector in turn.
async fn examine_torn(machine: &Machine) {
    let pending = machine.disk().pending.clone();
    let most = pending.iter().map(|change| match change {
        Change::Length(_) => 1,
        Change::Write(offset, bytes) => sectors(*offset, bytes).count(),
    });
    for kept in 0..=most.sum() {
        let mut left = kept;
        let again = machine.again(|| {
            let is_kept = left > 0;
            left = left.saturating_sub(1);
            is_kept
        });
        check(&again.start(), 3, 4, &format!("{kept} sectors")).await;
    }
}
