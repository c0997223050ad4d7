//! Multipart uploads under way: finding them and taking them apart.

use crate::error as s3;
use crate::records::{self, Content, Part, Record, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::Cx;
use rolecall_store::Txn;
use rolecall_wire::sigv4::checksum::Algorithm;

/// The upload of this id to this key.
pub(crate) async fn find(cx: &Cx<'_>, bucket: &str, key: &str, id: &str) -> Result<Upload, Error> {
    crate::place::check_key(key)?;
    let stored = cx.system.store.get(&key::upload(bucket, key, id)).await?;
    existing(stored.map(|stored| Upload::decode(&stored)).transpose()?, id)
}

/// The same, and the commit depends on its staying.
pub(crate) async fn require(txn: &mut Txn<'_>, bucket: &str, key: &str, id: &str) -> Result<Upload, Error> {
    crate::place::check_key(key)?;
    let found = records::read::<Upload>(txn, &key::upload(bucket, key, id)).await?;
    existing(found.map(|(upload, _)| upload), id)
}

fn existing(found: Option<Upload>, id: &str) -> Result<Upload, Error> {
    found.filter(|_| !id.is_empty()).ok_or_else(|| s3::no_such_upload(id))
}

/// All parts of an upload, in order; the commit depends on there being no others.
pub(crate) async fn parts(txn: &mut Txn<'_>, id: &str) -> Result<Vec<Part>, Error> {
    let found = txn.scan(&key::parts(id), PARTS + 1).await?;
    found.iter().map(|(_, stored)| Ok(Part::decode(stored)?)).collect()
}

/// Removes the records of an upload and its parts, and gives the content that the parts had.
pub(crate) async fn take_apart(
    txn: &mut Txn<'_>,
    bucket: &str,
    upload: &Upload,
) -> Result<Vec<Content>, Error> {
    let parts = parts(txn, &upload.id).await?;
    txn.delete(key::upload(bucket, &upload.key, &upload.id));
    for part in &parts {
        txn.delete(key::part(&upload.id, part.number));
    }
    Ok(parts.into_iter().map(|part| part.content).collect())
}

/// A part number that can be.
pub(crate) fn part_number(given: i64) -> Result<u32, Error> {
    let number = u32::try_from(given).ok().filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| s3::part_number(given))
}

/// A checksum algorithm by its name, in any case.
pub(crate) fn algorithm(name: Option<&str>) -> Result<Option<Algorithm>, Error> {
    let Some(name) = name else { return Ok(None) };
    Algorithm::from_name(name).map(Some).ok_or_else(|| match NEWER.contains(&&*name.to_ascii_uppercase()) {
        true => s3::not_implemented("x-amz-checksum-algorithm"),
        false => s3::checksum_algorithm(),
    })
}

/// Algorithms that S3 has and this server has not.
const NEWER: [&str; 5] = ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

/// Parts that an upload has at most.
const PARTS: usize = 10_000;
