//! What lies beside the file: its sums after a clean close, and word of damage.

use super::failed;
use super::sums::{BLOCK, Known, blocks};
use crate::backend::StoreError;
use aws_lc_rs::digest::{SHA256, digest};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The directory of the file, if it lies in one.
#[derive(Debug, Default)]
pub(super) struct Beside {
    directory: Option<PathBuf>,
    /// Locked from before the sums are taken until after they are kept: the engine's own lock on the file is given
    /// up in between, and sums that another process's changes came after speak for nothing.
    _held: Option<File>,
    damage_is_told: AtomicBool,
}

impl Beside {
    /// Beside the file in a directory, which is made when it is absent, and is this process's alone from then on.
    ///
    /// # Errors
    /// When another process has it, or it cannot be made.
    pub(super) fn within(directory: &Path) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let held = File::open(directory).map_err(failed)?;
        // Where a file system knows no locks on directories, the engine's on the file is what there is.
        if matches!(held.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(failed("the store is in use by another process"));
        }
        Ok(Self { directory: Some(directory.to_path_buf()), _held: Some(held), ..Self::default() })
    }

    /// Takes away what was known of the file when it was closed, if it has neither changed since nor been
    /// replaced. The sums are good for one opening: whoever opens changes the file.
    pub(super) fn take(&self, length: u64, head: &[u8]) -> Option<Known> {
        let path = self.directory.as_ref()?.join(SUMS);
        let bytes = std::fs::read(&path).ok()?;
        std::fs::remove_file(&path).ok()?;
        decode(&bytes).filter(|known| known.length == length && known.head == head)
    }

    /// Keeps what is known of a file that was closed. Nothing depends on it but the next opening's time, so it is
    /// not synced.
    pub(super) fn keep(&self, known: &Known) -> io::Result<()> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let unfinished = directory.join(SUMS_UNFINISHED);
        write(&unfinished, &encode(known))?;
        std::fs::rename(unfinished, directory.join(SUMS))
    }

    /// Whether damage was found; then opening would repair the file as after a crash, and that can undo a commit.
    pub(super) fn is_damaged(&self) -> io::Result<bool> {
        self.directory.as_ref().map_or(Ok(false), |directory| directory.join(DAMAGED).try_exists())
    }

    /// Leaves word that damage was found, once, and durably: without it the next opening would repair the file.
    pub(super) fn say_damaged(&self) -> io::Result<()> {
        let Some(directory) = self.directory.as_ref().filter(|_| !self.damage_is_told.load(Ordering::SeqCst))
        else {
            return Ok(());
        };
        write(&directory.join(DAMAGED), WORD)?.sync_all()?;
        File::open(directory)?.sync_all()?;
        self.damage_is_told.store(true, Ordering::SeqCst);
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// The form's name, the length, the first block, a sum for each block, and the SHA-256 of all that.
fn encode(known: &Known) -> Vec<u8> {
    let mut bytes = [FORM, &known.length.to_be_bytes(), &known.head].concat();
    bytes.extend(known.blocks.iter().flat_map(|sum| sum.map_or(0, NonZeroU32::get).to_be_bytes()));
    let seal = digest(&SHA256, &bytes);
    bytes.extend_from_slice(seal.as_ref());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Known> {
    let (sealed, seal) = bytes.split_last_chunk::<32>()?;
    if digest(&SHA256, sealed).as_ref() != seal {
        return None;
    }
    let (length, rest) = sealed.strip_prefix(FORM)?.split_first_chunk()?;
    let (head, sums) = rest.split_at_checked(BLOCK)?;
    let length = u64::from_be_bytes(*length);
    let sums: Vec<_> =
        sums.as_chunks().0.iter().map(|sum| NonZeroU32::new(u32::from_be_bytes(*sum))).collect();
    (sums.len() == blocks(length)).then(|| Known { length, head: head.to_vec(), blocks: sums })
}

/// Changes when what a sum covers changes.
const FORM: &[u8] = b"rolecall sums 1\n";

const SUMS: &str = "rolecall.sums";

const SUMS_UNFINISHED: &str = "rolecall.sums.unfinished";

const WORD: &[u8] = b"rolecall.redb is damaged, and nothing has been written to it since that was found.\n\
    Move it aside: it may hold what no backup has. Put a backup of the data directory in place, then remove this file.\n";

/// Lies there from when damage is found until the operator removes it.
pub(super) const DAMAGED: &str = "rolecall.damaged";
