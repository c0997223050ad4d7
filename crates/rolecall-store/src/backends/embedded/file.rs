//! The open database, and how it is opened again after the disk refused something.

use super::beside::{self, Beside};
use super::disk::Disk;
use super::sums::{BLOCK, Sums};
use super::{Source, failed, table};
use crate::backend::StoreError;
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The database and where it comes from.
pub(super) struct DatabaseFile {
    source: Source,
    beside: Beside,
    sums: Arc<Sums>,
    sync_failed: Arc<AtomicBool>,
    /// `None` when it could not be opened again, not even to read.
    open: RwLock<Option<Open>>,
}

struct Open {
    database: Database,
    writable: bool,
}

impl DatabaseFile {
    /// Opens a file of which nothing is read that is not what was written: the engine itself believes pages that
    /// a clean stop left, and one that is damaged could make a record look absent. Where the sums of a clean close
    /// lie beside the file, each block is compared when it is first needed; else all are checked now.
    pub(super) fn open(source: Source, beside: Beside) -> Result<Self, StoreError> {
        if beside.is_damaged().map_err(failed)? {
            let word = beside::DAMAGED;
            return Err(failed(format!("{DAMAGED}, as {word} beside it says; put a backup in its place")));
        }
        let this = Self {
            source,
            beside,
            sums: Arc::default(),
            sync_failed: Arc::default(),
            open: RwLock::default(),
        };
        let database = this.begin().inspect_err(|_| this.tell_damage())?;
        *this.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Open { database, writable: true });
        Ok(this)
    }

    fn begin(&self) -> Result<Database, StoreError> {
        let (length, head) = head(&self.source)?;
        if let Some(known) = self.beside.take(length, &head) {
            self.sums.know(known);
            if let Some(database) = self.closed()? {
                return Ok(database);
            }
        }
        self.learn(length, head)?;
        let database = self.writable();
        self.sums.learned();
        database
    }

    /// The file, unless the engine would have to repair it first.
    fn closed(&self) -> Result<Option<Database>, StoreError> {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES).set_repair_callback(redb::RepairSession::abort);
        let disk = Disk::new((self.source)()?, Arc::clone(&self.sums), Arc::clone(&self.sync_failed));
        whole(|| match builder.create_with_backend(disk) {
            Ok(database) => table::prepare(&database).map(|()| Some(database)),
            Err(DatabaseError::RepairAborted) => Ok(None),
            Err(error) => Err(refused(error)),
        })
    }

    /// Checks all pages of a file that was closed, in a view: what the engine would repair by going back to an
    /// earlier state stays as it is. After a crash the engine checks them itself when it opens the file, for the
    /// last commit that is whole. Either way it checks what it reads, and the sums are taken from that.
    fn learn(&self, length: u64, head: Vec<u8>) -> Result<(), StoreError> {
        self.sums.learn(length, head);
        if length == 0 {
            return Ok(());
        }
        let mut closed = Builder::new();
        closed.set_cache_size(CACHE_BYTES).set_repair_callback(redb::RepairSession::abort);
        let disk = Disk::view((self.source)()?, Arc::clone(&self.sums)).map_err(failed)?;
        let is_whole = whole(|| match closed.create_with_backend(disk) {
            Ok(mut database) => database.check_integrity().map_err(failed),
            Err(DatabaseError::RepairAborted) => Ok(true),
            Err(error) => Err(refused(error)),
        })?;
        if is_whole { Ok(()) } else { Err(failed(DAMAGED)) }
    }

    fn writable(&self) -> Result<Database, StoreError> {
        let disk = Disk::new((self.source)()?, Arc::clone(&self.sums), Arc::clone(&self.sync_failed));
        let database = database(disk)?;
        whole(|| table::prepare(&database))?;
        Ok(database)
    }

    fn view(&self) -> Result<Database, StoreError> {
        database(Disk::view((self.source)()?, Arc::clone(&self.sums)).map_err(failed)?)
    }

    /// Reads records at one moment.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadOnlyTable<&'static [u8], &'static [u8]>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let database = &open.as_ref().ok_or_else(|| failed("the file could not be opened again"))?.database;
        let found = whole(|| {
            let moment = database.begin_read().map_err(failed)?;
            read(&moment.open_table(table::RECORDS).map_err(failed)?)
        });
        found.inspect_err(|_| self.tell_damage())
    }

    /// Leaves word of damage for the next opening, which finds a file that was not closed.
    fn tell_damage(&self) {
        if self.sums.damaged()
            && let Err(error) = self.beside.say_damaged()
        {
            tracing::error!(%error, "no word of the damage could be left beside the file");
        }
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
            self.tell_damage();
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
        if !self.is_writable() && !self.sync_failed.load(Ordering::SeqCst) {
            self.reopen();
        }
    }

    fn is_writable(&self) -> bool {
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
        if !self.sums.damaged() {
            *open = self.again().ok();
            self.sums.learned();
        }
    }

    /// What lies in the file is what the disk made of it, so nothing that was known of it counts.
    fn again(&self) -> Result<Open, StoreError> {
        let (length, head) = head(&self.source)?;
        self.learn(length, head)?;
        let usable = !self.sync_failed.load(Ordering::SeqCst);
        let database = usable.then(|| self.writable()).and_then(Result::ok);
        let database = database.map(|database| Ok(Open { database, writable: true }));
        database.unwrap_or_else(|| Ok(Open { database: self.view()?, writable: false }))
    }

    /// Of a damaged file nothing is closed: the engine writes nothing more to it, and no sums speak for it.
    fn close(&mut self) -> Result<(), StoreError> {
        self.tell_damage();
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        match open.take() {
            Some(Open { database, writable: true }) => whole(|| database.close().map_err(failed))?,
            _ => return Ok(()),
        }
        self.beside.keep(&self.sums.known()).map_err(failed)
    }
}

impl Drop for DatabaseFile {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the store was not closed; the next start checks all of it");
        }
    }
}

/// The file in a directory.
pub(super) fn source(directory: &Path) -> Source {
    let directory = directory.to_path_buf();
    Box::new(move || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(directory.join(FILE)).map_err(failed)?;
        Ok(Box::new(FileBackend::new(file).map_err(failed)?))
    })
}

/// The length of the file and its first block.
fn head(source: &Source) -> Result<(u64, Vec<u8>), StoreError> {
    let file = source()?;
    let length = file.len().map_err(failed)?;
    let mut head = vec![0; BLOCK.min(usize::try_from(length).unwrap_or(usize::MAX))];
    file.read(0, &mut head).map_err(failed)?;
    head.resize(BLOCK, 0);
    Ok((length, head))
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
