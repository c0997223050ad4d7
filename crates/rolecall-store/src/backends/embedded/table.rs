//! How records lie in the file: one table of values behind their version, one of two counters.

use super::failed;
use crate::backend::{Key, Range, Read, StoreError, Version, Versioned, fingerprint};
use bytes::Bytes;
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

/// Keys to values, each behind its version (8 bytes, big-endian).
pub(super) const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");

/// The counters [`REVISION`] and [`FORMAT`].
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The version the newest commit wrote.
pub(super) const REVISION: &str = "revision";

/// Makes the tables of a fresh file, refuses formats this program does not know, and gives the
/// revision the file stands at.
pub(super) fn prepare(database: &Database) -> Result<Version, StoreError> {
    let change = database.begin_write().map_err(failed)?;
    let (format, revision) = counters(&change)?;
    match format {
        Some(FORMAT_NOW) => change.abort().map_err(failed)?,
        None => first(change)?,
        Some(other) => {
            return Err(failed(format!("the file has format {other}; this program knows {FORMAT_NOW}")));
        }
    }
    Ok(revision)
}

/// One key's value.
pub(super) fn value(
    records: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &[u8],
) -> Result<Option<Versioned>, StoreError> {
    let stored = records.get(key).map_err(failed)?;
    stored.map(|stored| decode(stored.value())).transpose()
}

/// The keys of a range, ascending.
pub(super) fn within<'t, T: ReadableTable<&'static [u8], &'static [u8]>>(
    records: &'t T,
    range: &Range,
) -> Result<impl Iterator<Item = Result<(Key, Versioned), StoreError>> + use<'t, T>, StoreError> {
    let found =
        if range.is_empty() { None } else { Some(records.range::<&[u8]>(range.bounds()).map_err(failed)?) };
    Ok(found.into_iter().flatten().map(|entry| {
        let (key, stored) = entry.map_err(failed)?;
        Ok((key.value().to_vec(), decode(stored.value())?))
    }))
}

/// Whether what a transaction saw still stands.
pub(super) fn holds(
    records: &impl ReadableTable<&'static [u8], &'static [u8]>,
    read: &Read,
) -> Result<bool, StoreError> {
    match read {
        Read::Key(key, version) => Ok(value(records, key)?.map(|found| found.version) == *version),
        Read::Range(range, count, newest) => {
            let versions = within(records, range)?.map(|entry| entry.map(|(_, found)| found.version));
            Ok(fingerprint(versions.collect::<Result<Vec<_>, _>>()?.into_iter()) == (*count, *newest))
        }
    }
}

/// A value as stored.
pub(super) fn encode(version: Version, value: &[u8]) -> Vec<u8> {
    [&version.to_be_bytes(), value].concat()
}

fn decode(stored: &[u8]) -> Result<Versioned, StoreError> {
    let Some((version, value)) = stored.split_first_chunk() else {
        return Err(failed("a stored value is shorter than its version"));
    };
    Ok(Versioned { version: Version::from_be_bytes(*version), value: Bytes::copy_from_slice(value) })
}

fn counters(change: &WriteTransaction) -> Result<(Option<u64>, Version), StoreError> {
    let meta = change.open_table(META).map_err(failed)?;
    let format = meta.get(FORMAT).map_err(failed)?.map(|found| found.value());
    let revision = meta.get(REVISION).map_err(failed)?.map_or(0, |found| found.value());
    Ok((format, revision))
}

fn first(change: WriteTransaction) -> Result<(), StoreError> {
    change.open_table(RECORDS).map_err(failed)?;
    change.open_table(META).map_err(failed)?.insert(FORMAT, FORMAT_NOW).map_err(failed)?;
    change.commit().map_err(failed)
}

/// The layout's version.
const FORMAT: &str = "format";

/// The layout this program writes.
const FORMAT_NOW: u64 = 1;
