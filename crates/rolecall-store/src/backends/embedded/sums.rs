//! What each block of the file must read as: a sum kept from when it was written, compared whenever it is read.

use crc_fast::{CrcAlgorithm, Digest};
use std::io;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The sums of one file's blocks. The first block is kept as it is: it is written in parts, and tells the states
/// of a file apart.
#[derive(Debug, Default)]
pub(super) struct Sums {
    state: RwLock<State>,
    damaged: AtomicBool,
}

/// What is known of a file that nobody has open.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// Bytes of the file.
    pub(super) length: u64,
    /// The first block.
    pub(super) head: Vec<u8>,
    /// By block; `None` for one that no one has written or checked, and that nothing may need.
    pub(super) blocks: Vec<Sum>,
}

/// CRC-32C of a block; 1 stands for 0 too.
pub(super) type Sum = Option<NonZeroU32>;

#[derive(Debug, Default)]
struct State {
    known: Known,
    /// Whether a block without a sum may be read, and has one from then on.
    learning: bool,
}

impl Sums {
    /// Forgets what was known, and believes each block as it is first read until [`Sums::learned`]. Meanwhile the
    /// engine must check all it reads.
    pub(super) fn learn(&self, length: u64, head: Vec<u8>) {
        *self.write() =
            State { known: Known { length, head, blocks: vec![None; blocks(length)] }, learning: true };
    }

    /// From now on only blocks with a sum are read.
    pub(super) fn learned(&self) {
        self.write().learning = false;
    }

    /// Goes on with what was known when the file was closed.
    pub(super) fn know(&self, known: Known) {
        *self.write() = State { known, learning: false };
    }

    /// What is known now.
    pub(super) fn known(&self) -> Known {
        self.read().known.clone()
    }

    /// Whether a block has been read that was not what was written.
    pub(super) fn damaged(&self) -> bool {
        self.damaged.load(Ordering::SeqCst)
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.read().known.length
    }

    /// Compares whole blocks that were read at `offset`.
    pub(super) fn check(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let new = {
            let state = self.read();
            let pairs = state.pairs(offset, bytes);
            if let Some(at) = pairs.iter().position(|(_, sum, expected)| match expected {
                Some(expected) => sum != expected,
                None => !state.learning,
            }) {
                return Err(self.refuse(offset + (at * BLOCK) as u64));
            }
            pairs.iter().any(|(_, _, expected)| expected.is_none())
        };
        if new {
            self.adopt(offset, bytes);
        }
        Ok(())
    }

    /// Believes whole blocks that were read at `offset`; what was written since has a sum of its own by now.
    pub(super) fn adopt(&self, offset: u64, bytes: &[u8]) {
        self.keep(offset, bytes, |known| known.is_none());
    }

    /// Keeps the sums of whole blocks that lie at `offset`.
    pub(super) fn note(&self, offset: u64, bytes: &[u8]) {
        self.keep(offset, bytes, |_| true);
    }

    fn keep(&self, offset: u64, bytes: &[u8], replaces: impl Fn(Sum) -> bool) {
        let mut state = self.write();
        for (at, sum, _) in state.pairs(offset, bytes) {
            if let Some(block) = state.known.blocks.get_mut(at).filter(|block| replaces(**block)) {
                *block = Some(sum);
            }
        }
    }

    /// Drops the sums of blocks that are about to change, which a write may lengthen the file by.
    pub(super) fn forget(&self, offset: u64, length: usize) {
        let end = offset + length as u64;
        let mut state = self.write();
        state.known.length = state.known.length.max(end);
        let count = blocks(state.known.length);
        state.known.blocks.resize(count, None);
        let changed = state.known.blocks.get_mut(block(offset)..blocks(end)).unwrap_or_default();
        changed.fill(None);
    }

    /// Changes the first block.
    pub(super) fn head(&self, change: impl FnOnce(&mut [u8])) {
        change(&mut self.write().known.head);
    }

    /// The file got another length; what is new of it is zero. A block that its end was or is now in has no sum until
    /// it is noted.
    pub(super) fn set_len(&self, length: u64) {
        let mut state = self.write();
        let Known { length: before, head, blocks: sums } = &mut state.known;
        sums.truncate(block((*before).min(length)));
        let is_cut = !before.is_multiple_of(BLOCK as u64) && sums.len() < blocks(length);
        sums.resize(sums.len() + usize::from(is_cut), None);
        sums.resize(block(length).max(sums.len()), Some(sum(&[0; BLOCK])));
        sums.resize(blocks(length), None);
        *before = length;
        head.resize(BLOCK, 0);
    }

    fn refuse(&self, at: u64) -> io::Error {
        self.damaged.store(true, Ordering::SeqCst);
        tracing::error!(at, "the store's file is damaged: what lies at this byte is not what was written");
        io::Error::new(io::ErrorKind::InvalidData, format!("the file is damaged at byte {at}"))
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Each block's place, its sum, and the one it must have; the first block is left out.
    fn pairs(&self, offset: u64, bytes: &[u8]) -> Vec<(usize, NonZeroU32, Sum)> {
        let all = (block(offset)..).zip(bytes.chunks(BLOCK)).filter(|(at, _)| *at > 0);
        all.map(|(at, bytes)| (at, sum(bytes), self.known.blocks.get(at).copied().flatten())).collect()
    }
}

/// The whole blocks that hold some bytes, cut where the file ends.
pub(super) fn around(offset: u64, length: usize, file: u64) -> Range<u64> {
    let size = BLOCK as u64;
    let end = offset + length as u64;
    offset / size * size..end.next_multiple_of(size).min(file.max(end))
}

fn sum(bytes: &[u8]) -> NonZeroU32 {
    let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
    digest.update(bytes);
    u32::try_from(digest.finalize()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// Blocks of so many bytes, the last one perhaps in part.
pub(super) fn blocks(length: u64) -> usize {
    block(length.next_multiple_of(BLOCK as u64))
}

fn block(offset: u64) -> usize {
    usize::try_from(offset / BLOCK as u64).unwrap_or(usize::MAX)
}

/// Bytes of a block: one page of the engine, or a part of a larger one.
pub(super) const BLOCK: usize = 4096;
