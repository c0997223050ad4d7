//! The open database, and how it is opened again after the disk refused something.

use super::disk::Disk;
use super::{Source, failed, table};
use crate::backend::StoreError;
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase};
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The database and where it comes from.
pub(super) struct DatabaseFile {
    source: Source,
    sync_failed: Arc<AtomicBool>,
    /// `None` when it could not be opened again, not even to read.
    open: RwLock<Option<Open>>,
}

struct Open {
    database: Database,
    writable: bool,
}

impl DatabaseFile {
    /// Opens a file whose every page is what was written: the engine itself believes pages that a clean stop
    /// left, and one that is damaged could make a record look absent.
    pub(super) fn open(source: Source) -> Result<Self, StoreError> {
        verify(&source)?;
        let sync_failed = Arc::default();
        let database = writable(&source, &sync_failed)?;
        let open = RwLock::new(Some(Open { database, writable: true }));
        Ok(Self { source, sync_failed, open })
    }

    /// Reads records at one moment.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadOnlyTable<&'static [u8], &'static [u8]>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let database = &open.as_ref().ok_or_else(|| failed("the file could not be opened again"))?.database;
        whole(|| {
            let moment = database.begin_read().map_err(failed)?;
            read(&moment.open_table(table::RECORDS).map_err(failed)?)
        })
    }

    /// Writes by `write`; after a failure the file is opened anew, since the database refuses to go on
    /// and its state is what the disk holds, not what was meant.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.recover();
        let result = self.try_write(write);
        if let Err(error) = &result {
            tracing::error!(%error, "a commit failed");
            self.reopen();
        }
        result
    }

    fn try_write<T>(&self, write: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.sync_failed.load(Ordering::SeqCst) {
            return Err(failed("a sync to disk failed; nothing is written until the store is opened again"));
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        match open.as_ref() {
            Some(open) if open.writable => whole(|| write(&open.database)),
            _ => Err(failed("the disk does not accept writes")),
        }
    }

    /// Tries to write again when only a view is open.
    fn recover(&self) {
        if !self.writable() && !self.sync_failed.load(Ordering::SeqCst) {
            self.reopen();
        }
    }

    fn writable(&self) -> bool {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().is_some_and(|open| open.writable)
    }

    /// Opens for writing if the disk allows it and no sync has failed, else for reading.
    fn reopen(&self) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if self.sync_failed.load(Ordering::SeqCst) && open.as_ref().is_some_and(|open| !open.writable) {
            return;
        }
        // The file is free only when its holder is gone.
        *open = None;
        let usable = !self.sync_failed.load(Ordering::SeqCst);
        let database = usable.then(|| writable(&self.source, &self.sync_failed)).and_then(Result::ok);
        let database = database.map(|database| Open { database, writable: true });
        *open = database.or_else(|| Some(Open { database: view(&self.source).ok()?, writable: false }));
    }
}

/// The file in a directory; makes the directory when absent.
pub(super) fn source(directory: &Path) -> Source {
    let directory = directory.to_path_buf();
    Box::new(move || {
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(directory.join(FILE)).map_err(failed)?;
        Ok(Box::new(FileBackend::new(file).map_err(failed)?))
    })
}

fn writable(source: &Source, sync_failed: &Arc<AtomicBool>) -> Result<Database, StoreError> {
    let database = database(Disk::new(source()?, Arc::clone(sync_failed)))?;
    whole(|| table::prepare(&database))?;
    Ok(database)
}

/// Checks all pages of a file that was closed, in a view: what the engine would repair by going back to an
/// earlier state stays as it is. After a crash the engine checks them itself, for the last commit that is whole.
fn verify(source: &Source) -> Result<(), StoreError> {
    if source()?.len().map_err(failed)? == 0 {
        return Ok(());
    }
    let mut closed = Builder::new();
    closed.set_cache_size(CACHE_BYTES).set_repair_callback(redb::RepairSession::abort);
    let disk = Disk::view(source()?).map_err(failed)?;
    let is_whole = whole(|| match closed.create_with_backend(disk) {
        Ok(mut database) => database.check_integrity().map_err(failed),
        Err(DatabaseError::RepairAborted) => Ok(true),
        Err(error) => Err(refused(error)),
    })?;
    if is_whole { Ok(()) } else { Err(failed(DAMAGED)) }
}

fn view(source: &Source) -> Result<Database, StoreError> {
    database(Disk::view(source()?).map_err(failed)?)
}

fn database(disk: Disk) -> Result<Database, StoreError> {
    whole(|| Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(disk).map_err(refused))
}

fn refused(error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => failed("the store is in use by another process"),
        other => failed(other),
    }
}

/// The engine may panic on a damaged file; here that is an error like any other.
fn whole<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(failed(DAMAGED)))
}

const DAMAGED: &str = "the file is damaged";

/// The file's name in its directory.
pub(super) const FILE: &str = "rolecall.redb";

/// Pages kept in memory. Decoded records are cached above, so this stays small.
const CACHE_BYTES: usize = 32 << 20;
