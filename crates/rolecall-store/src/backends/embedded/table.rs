//! How records lie in the file: one table of checked, versioned values, one of two counters.

use super::failed;
use crate::backend::{Key, Range, Read, StoreError, Version, Versioned, fingerprint};
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

/// Keys to values, each behind its version (8 bytes) and check value (4 bytes), big-endian.
pub(super) const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");

/// The counters [`REVISION`] and [`FORMAT`].
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The version the newest commit wrote.
pub(super) const REVISION: &str = "revision";

/// Makes the tables of a fresh file and refuses formats this program does not know.
pub(super) fn prepare(database: &Database) -> Result<(), StoreError> {
    let change = database.begin_write().map_err(failed)?;
    match counter(&change, FORMAT)? {
        Some(FORMAT_NOW) => change.abort().map_err(failed),
        None => first(change),
        Some(other) => Err(failed(format!("the file has format {other}; this program knows {FORMAT_NOW}"))),
    }
}

/// One of the counters.
pub(super) fn counter(change: &WriteTransaction, name: &str) -> Result<Option<u64>, StoreError> {
    let meta = change.open_table(META).map_err(failed)?;
    let found = meta.get(name).map_err(failed)?;
    Ok(found.map(|found| found.value()))
}

/// One key's value.
pub(super) fn value(
    records: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &[u8],
) -> Result<Option<Versioned>, StoreError> {
    let stored = records.get(key).map_err(failed)?;
    stored.map(|stored| decode(key, stored.value())).transpose()
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
        Ok((key.value().to_vec(), decode(key.value(), stored.value())?))
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
pub(super) fn encode(key: &[u8], version: Version, value: &[u8]) -> Vec<u8> {
    [&version.to_be_bytes()[..], &check(key, version, value).to_be_bytes(), value].concat()
}

fn decode(key: &[u8], stored: &[u8]) -> Result<Versioned, StoreError> {
    let found = stored.split_first_chunk().and_then(|(version, rest)| {
        let (expected, value) = rest.split_first_chunk()?;
        let version = Version::from_be_bytes(*version);
        let intact = u32::from_be_bytes(*expected) == check(key, version, value);
        intact.then(|| Versioned { version, value: Bytes::copy_from_slice(value) })
    });
    found.ok_or_else(|| failed("the file is damaged: a value is not what was written under its key"))
}

/// CRC-32C over the key, the version and the value.
fn check(key: &[u8], version: Version, value: &[u8]) -> u32 {
    let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
    [key, &version.to_be_bytes(), value].into_iter().for_each(|part| digest.update(part));
    u32::try_from(digest.finalize()).unwrap_or_default()
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
