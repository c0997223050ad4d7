//! A record as it was seen: the value, and the version that a later commit is held to.

use super::Record;
use crate::error::Error;
use crate::gate::{Cx, Depend, Granted};
use rolecall_store::{Key, Store, Txn, Version};
use std::sync::Arc;

/// What stood under a key when it was looked at, or that nothing did.
#[derive(Debug)]
pub struct Sight<R> {
    key: Key,
    version: Option<Version>,
    record: Option<Arc<R>>,
}

impl<R: Record> Sight<R> {
    /// Looks at a key.
    ///
    /// # Errors
    /// When the store fails or the record is unreadable.
    pub async fn of(store: &Store, key: Key) -> Result<Self, Error> {
        let found = store.cached(&key, R::decode).await?;
        let version = found.as_ref().map(|(_, version)| *version);
        Ok(Self { key, version, record: found.map(|(record, _)| record) })
    }

    /// The same, as if nothing stood there unless `is_meant` holds: a name spelled otherwise, another path.
    #[must_use]
    pub fn filter(self, is_meant: impl FnOnce(&R) -> bool) -> Self {
        Self { record: self.record.filter(|record| is_meant(record)), ..self }
    }
}

impl<R> Sight<R> {
    /// The record, if there was one.
    pub fn record(&self) -> Option<&Arc<R>> {
        self.record.as_ref()
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The version it was seen at.
    pub fn version(&self) -> Option<Version> {
        self.version
    }
}

impl<R> Depend for Sight<R> {
    fn depend(&self, txn: &mut Txn<'_>) {
        txn.saw(self.key.clone(), self.version);
    }
}

impl<R: Record + Clone> Granted<Sight<R>> {
    /// Changes the record that permission was decided on, alone.
    ///
    /// # Errors
    /// What `missing` says when there was none, and whatever `edit` reports; [`Error::Conflict`] when it is not
    /// as it was seen any more.
    pub(crate) async fn change(
        &self,
        cx: &Cx<'_>,
        missing: impl FnOnce() -> Error,
        edit: impl FnOnce(&mut R) -> Result<(), Error>,
    ) -> Result<(), Error> {
        write(Some(self.seen()), self.begin(cx), missing, edit).await
    }
}

/// A name that nothing can have is seen as `None`.
impl<R: Record + Clone> Granted<Option<Sight<R>>> {
    /// The record that permission was decided on, if there was one.
    pub(crate) fn record(&self) -> Option<&Arc<R>> {
        self.seen().as_ref()?.record()
    }

    /// As [`Granted::change`] of what may have no key.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn change(
        &self,
        cx: &Cx<'_>,
        missing: impl FnOnce() -> Error,
        edit: impl FnOnce(&mut R) -> Result<(), Error>,
    ) -> Result<(), Error> {
        write(self.seen().as_ref(), self.begin(cx), missing, edit).await
    }
}

async fn write<R: Record + Clone>(
    seen: Option<&Sight<R>>,
    mut txn: Txn<'_>,
    missing: impl FnOnce() -> Error,
    edit: impl FnOnce(&mut R) -> Result<(), Error>,
) -> Result<(), Error> {
    let found = seen.and_then(|seen| Some((seen.key(), seen.record()?)));
    let (key, record) = found.ok_or_else(missing)?;
    let mut record = R::clone(record);
    edit(&mut record)?;
    super::write(&mut txn, key.clone(), &record)?;
    txn.commit().await?;
    Ok(())
}
