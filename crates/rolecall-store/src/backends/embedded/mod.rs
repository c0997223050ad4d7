//! The embedded backend: one redb file in a directory, one writer thread that groups commits.

mod table;
mod writer;

use crate::backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
use async_trait::async_trait;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase};
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

/// A store in one file of a local directory, held by one process.
pub struct Embedded {
    database: Arc<Database>,
    writer: Writer,
}

impl Embedded {
    /// Opens `rolecall.redb` in a directory; makes both when absent, for the owner's eyes only.
    ///
    /// # Errors
    /// When the directory or file cannot be used, is damaged, of a newer format, or held by another
    /// process.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let database = Arc::new(database(directory)?);
        let revision = table::prepare(&database)?;
        let writer = Writer::start(Arc::clone(&database), revision)?;
        Ok(Self { database, writer })
    }
}

#[async_trait]
impl Backend for Embedded {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        let moment = self.database.begin_read().map_err(failed)?;
        let records = moment.open_table(table::RECORDS).map_err(failed)?;
        keys.iter().map(|key| table::value(&records, key)).collect()
    }

    async fn scan(&self, range: &Range, limit: usize) -> Result<Vec<(Key, Versioned)>, StoreError> {
        let moment = self.database.begin_read().map_err(failed)?;
        let records = moment.open_table(table::RECORDS).map_err(failed)?;
        table::within(&records, range)?.take(limit).collect()
    }

    async fn commit(&self, reads: Vec<Read>, writes: Vec<Write>) -> Result<Version, StoreError> {
        self.writer.commit(reads, writes).await
    }
}

fn database(directory: &Path) -> Result<Database, StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let path = directory.join(FILE);
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = FileBackend::new(file.map_err(failed)?).map_err(failed)?;
    Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(file).map_err(|error| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => {
            StoreError::Backend(format!("{} is in use by another process", directory.display()))
        }
        other => failed(other),
    })
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Backend(error.to_string())
}

/// The file's name in its directory.
const FILE: &str = "rolecall.redb";

/// Pages kept in memory. Decoded records are cached above, so this stays small.
const CACHE_BYTES: usize = 32 << 20;
