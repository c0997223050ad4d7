//! Reading a blob: every block is checked before any of its bytes are given out.

use super::{BlobId, block, blocking};
use bytes::Bytes;
use rustix::fs::OFlags;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A blob being read.
#[derive(Debug)]
pub struct BlobReader {
    source: Arc<Source>,
    /// What of the blob has not been fetched.
    rest: Range<u64>,
    ready: VecDeque<Bytes>,
    running: Option<JoinHandle<io::Result<VecDeque<Bytes>>>>,
}

#[derive(Debug)]
struct Source {
    id: BlobId,
    file: File,
    /// Bytes in the blob.
    length: u64,
}

impl BlobReader {
    pub(super) async fn open(path: PathBuf, id: BlobId, offset: u64, length: u64) -> io::Result<Self> {
        blocking(move || {
            let source = Source::open(path, id)?;
            let end = offset.checked_add(length).filter(|end| *end <= source.length);
            let mut rest = offset..end.ok_or_else(|| source.short())?;
            let ready = source.fetch(&step(&mut rest))?;
            Ok(Self { source: Arc::new(source), rest, ready, running: None })
        })
        .await
    }

    /// The next bytes, at most 64 KiB; `None` at the end.
    ///
    /// # Errors
    /// When the disk fails, and `InvalidData` when the bytes are not those that were written.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.running.is_none() && !self.rest.is_empty() {
            let (source, piece) = (Arc::clone(&self.source), step(&mut self.rest));
            self.running = Some(tokio::task::spawn_blocking(move || source.fetch(&piece)));
        }
        if self.ready.is_empty()
            && let Some(running) = &mut self.running
        {
            let fetched = running.await;
            self.running = None;
            self.ready = fetched.map_err(io::Error::other)??;
        }
        Ok(self.ready.pop_front())
    }
}

impl Source {
    fn open(path: PathBuf, id: BlobId) -> io::Result<Self> {
        // No link is followed, and what would wait for a writer does not: blobs are ordinary files.
        let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).map_err(io::Error::other)?;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {id} is no ordinary file")));
        }
        let length = block::length(metadata.len());
        Ok(Self { id, file, length })
    }

    /// The bytes of a piece, block by block.
    fn fetch(&self, piece: &Range<u64>) -> io::Result<VecDeque<Bytes>> {
        if piece.is_empty() {
            return Ok(VecDeque::new());
        }
        let block = block::BLOCK as u64;
        let (first, last) = (piece.start / block, (piece.end - 1) / block);
        let stored = self.stored(first, last)?;
        let numbers = first..=last;
        let blocks = numbers.map(|number| {
            let from = small(number - first) * block::STORED;
            let stored = stored.slice(from.min(stored.len())..(from + block::STORED).min(stored.len()));
            let bytes = block::unseal(&self.id, number, &stored).ok_or_else(|| self.damaged(number))?;
            let start = piece.start.saturating_sub(number * block);
            let end = (piece.end - number * block).min(bytes.len() as u64);
            Ok(bytes.slice(small(start)..small(end)))
        });
        blocks.collect()
    }

    fn stored(&self, first: u64, last: u64) -> io::Result<Bytes> {
        let start = first * block::STORED as u64;
        let end = ((last + 1) * block::STORED as u64).min(self.file.metadata()?.len());
        let mut stored = vec![0; small(end.saturating_sub(start))];
        self.file.read_exact_at(&mut stored, start)?;
        Ok(stored.into())
    }

    fn short(&self) -> io::Error {
        let message = format!("blob {} ends at byte {}, before what was asked", self.id, self.length);
        io::Error::new(ErrorKind::UnexpectedEof, message)
    }

    fn damaged(&self, number: u64) -> io::Error {
        let at = number * block::BLOCK as u64;
        io::Error::new(ErrorKind::InvalidData, format!("blob {} is damaged after byte {at}", self.id))
    }
}

/// Cuts the next piece off: up to a boundary of whole blocks.
fn step(rest: &mut Range<u64>) -> Range<u64> {
    let end = ((rest.start / PIECE + 1) * PIECE).min(rest.end);
    let piece = rest.start..end;
    rest.start = end;
    piece
}

/// Sizes within one piece always fit.
fn small(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Bytes fetched at once; the next piece is fetched while one is given out.
const PIECE: u64 = 4 * block::BLOCK as u64;
