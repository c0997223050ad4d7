//! Writing a blob: into a temporary file, durable and in its place only when finished.

use super::{BlobId, Blobs, block, blocking, sync};
use bytes::{Bytes, BytesMut};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A blob being written; dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    blobs: Blobs,
    id: BlobId,
    file: Arc<Temporary>,
    length: u64,
    sealed: u64,
    waiting: BytesMut,
    running: Option<JoinHandle<io::Result<()>>>,
    failed: bool,
}

impl BlobWriter {
    pub(super) async fn create(blobs: Blobs) -> io::Result<Self> {
        let id = BlobId::random()?;
        let path = blobs.temporary().join(id.as_str());
        let room = blobs.clone();
        let create = move || room.check_room(0).and_then(|()| Temporary::create(path));
        let file = Arc::new(blocking(create).await?);
        Ok(Self {
            blobs,
            id,
            file,
            length: 0,
            sealed: 0,
            waiting: BytesMut::new(),
            running: None,
            failed: false,
        })
    }

    /// Bytes written so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends bytes. An error of an earlier append may come out here.
    ///
    /// # Errors
    /// When the disk refuses; nothing more can be written then.
    pub async fn write(&mut self, mut bytes: Bytes) -> io::Result<()> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = CHUNK - self.waiting.len();
            self.waiting.extend_from_slice(&bytes.split_to(room.min(bytes.len())));
            if self.waiting.len() == CHUNK {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Makes the blob durable (fsync, rename, fsync of the directory) and gives its id.
    ///
    /// # Errors
    /// When the disk refuses; nothing remains then.
    pub async fn finish(mut self) -> io::Result<BlobId> {
        if !self.waiting.is_empty() {
            self.flush().await?;
        }
        self.settle().await?;
        self.blobs.is_made(&self.id);
        let (file, path) = (Arc::clone(&self.file), self.blobs.path(&self.id));
        blocking(move || file.publish(&path)).await?;
        Ok(self.id)
    }

    /// Writes what waits on another thread, after the write before it.
    async fn flush(&mut self) -> io::Result<()> {
        self.settle().await?;
        let bytes = self.waiting.split().freeze();
        let (blobs, id, file, first) =
            (self.blobs.clone(), self.id.clone(), Arc::clone(&self.file), self.sealed);
        self.sealed += bytes.len().div_ceil(block::BLOCK) as u64;
        self.running = Some(tokio::task::spawn_blocking(move || {
            blobs.check_room(bytes.len() as u64)?;
            file.append(&seal(&id, first, &bytes))
        }));
        Ok(())
    }

    /// Waits for the write that runs. After a failed one there is a hole, so nothing may follow.
    async fn settle(&mut self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other(format!("an earlier write to blob {} failed", self.id)));
        }
        let Some(running) = self.running.take() else { return Ok(()) };
        // Stays set when the caller stops waiting here.
        self.failed = true;
        running.await.map_err(io::Error::other)??;
        self.failed = false;
        Ok(())
    }
}

/// A file that removes itself unless it has been moved to its place.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, file })
    }

    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.file).write_all(bytes)
    }

    fn publish(&self, place: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, place)?;
        let synced = place.parent().map_or(Ok(()), sync);
        if synced.is_err() {
            let _ = std::fs::remove_file(place);
        }
        synced
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Once published there is nothing left under this name.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn seal(id: &BlobId, first: u64, bytes: &[u8]) -> Bytes {
    let mut out =
        BytesMut::with_capacity(bytes.len() + CHUNK / block::BLOCK * (block::STORED - block::BLOCK));
    for (number, bytes) in (first..).zip(bytes.chunks(block::BLOCK)) {
        block::seal(&mut out, id, number, bytes);
    }
    out.freeze()
}

/// Bytes handed to the disk at once: whole blocks, so that only the last one of a blob is short.
const CHUNK: usize = 4 * block::BLOCK;
