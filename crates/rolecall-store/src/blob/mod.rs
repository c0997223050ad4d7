//! Object bytes: files under random ids, never under a name a client chose.

mod block;
mod id;
mod reader;
mod writer;

pub use id::{BadBlobId, BlobId};
pub use reader::BlobReader;
pub use writer::BlobWriter;

use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A directory of blobs; clones are the same directory.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: Arc<Path>,
    /// Those made since the directory was opened, until it has been swept.
    fresh: Arc<Mutex<Option<HashSet<BlobId>>>>,
    /// Bytes that are left free on the disk.
    margin: u64,
}

impl Blobs {
    /// Opens a directory of blobs, removing what unfinished writes left. One process at a time.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let blobs = Self {
            directory: directory.into(),
            fresh: Arc::new(Mutex::new(Some(HashSet::new()))),
            margin: MARGIN,
        };
        make(&blobs.temporary())?;
        for leftover in blobs.temporary().read_dir()? {
            std::fs::remove_file(leftover?.path())?;
        }
        // All folders now, so that no blob waits on a folder whose own entry is not yet durable.
        // The last one tells that they are there already.
        if !directory.join("ff").is_dir() {
            (0..=u8::MAX).try_for_each(|first| make(&directory.join(format!("{first:02x}"))))?;
            sync(directory)?;
        }
        Ok(blobs)
    }

    /// The same directory, with so many bytes left free instead of [`MARGIN`].
    #[must_use]
    pub fn with_margin(self, margin: u64) -> Self {
        Self { margin, ..self }
    }

    /// Refuses what would take the disk's last bytes, which are for records and the log of what is done.
    ///
    /// # Errors
    /// `StorageFull` when so many bytes more would leave less than the margin. Blocks for as long as the file system
    /// takes to say what is free: microseconds, unless it hangs.
    pub fn check_room(&self, bytes: u64) -> io::Result<()> {
        let found = rustix::fs::statvfs(&*self.directory)?;
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        if free < self.margin.saturating_add(bytes) { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Starts a new blob.
    ///
    /// # Errors
    /// When no temporary file can be made, or the disk is nearly full.
    pub async fn create(&self) -> io::Result<BlobWriter> {
        BlobWriter::create(self.clone()).await
    }

    /// Opens a blob's bytes from `offset`, `length` of them.
    ///
    /// # Errors
    /// `NotFound` when the blob is missing, `UnexpectedEof` when it is shorter than asked,
    /// `InvalidData` when its first bytes are damaged.
    pub async fn open_range(&self, id: &BlobId, offset: u64, length: u64) -> io::Result<BlobReader> {
        BlobReader::open(self.path(id), id.clone(), offset, length).await
    }

    /// Removes a blob; absent ones are fine.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub async fn remove(&self, id: &BlobId) -> io::Result<()> {
        let path = self.path(id);
        blocking(move || remove(&path)).await
    }

    /// The ids of all blobs, in order. Reads the disk while iterating: not for an async thread.
    ///
    /// # Errors
    /// When a folder cannot be read. Files that are not named as blobs are passed over.
    pub fn ids(&self) -> impl Iterator<Item = io::Result<BlobId>> + use<> {
        let directory = Arc::clone(&self.directory);
        (0..=u8::MAX).flat_map(move |first| match folder(&directory.join(format!("{first:02x}"))) {
            Ok(ids) => ids.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        })
    }

    /// Removes the blobs that nothing refers to and says how many there were. One that was made since the directory
    /// was opened looks the same until it is recorded, so those stay. Once for each opening. Blocks.
    ///
    /// # Errors
    /// When a folder cannot be read or a file not removed.
    pub fn sweep(&self, keep: impl Fn(&BlobId) -> bool) -> io::Result<u64> {
        let mut removed = 0;
        for id in self.ids() {
            let id = id?;
            if !keep(&id) && self.is_old(&id) {
                remove(&self.path(&id))?;
                removed += 1;
            }
        }
        *self.fresh() = None;
        Ok(removed)
    }

    /// Nothing is known to be old any more once the directory has been swept.
    fn is_old(&self, id: &BlobId) -> bool {
        self.fresh().as_ref().is_some_and(|fresh| !fresh.contains(id))
    }

    /// Notes a blob that is about to be seen.
    fn is_made(&self, id: &BlobId) {
        if let Some(fresh) = &mut *self.fresh() {
            fresh.insert(id.clone());
        }
    }

    fn fresh(&self) -> MutexGuard<'_, Option<HashSet<BlobId>>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: &BlobId) -> PathBuf {
        self.directory.join(id.folder()).join(id.as_str())
    }

    fn temporary(&self) -> PathBuf {
        self.directory.join("tmp")
    }
}

/// Bytes that blobs leave free on their disk: for records, and for the log of what is done. In it fit the log's own
/// room twice and some hundred thousand records.
pub const MARGIN: u64 = 64 << 20;

fn make(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn folder(directory: &Path) -> io::Result<Vec<BlobId>> {
    let names = directory.read_dir()?.map(|entry| Ok(entry?.file_name()));
    let names = names.collect::<io::Result<Vec<_>>>()?;
    let mut ids: Vec<BlobId> = names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect();
    ids.sort();
    Ok(ids)
}

/// Runs file work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
