//! Uploads that were completed, remembered for a day or two: a client that did not hear the answer asks again and is
//! answered as the first time (S3 completes an upload once, however often it is asked to).

use crate::records::{self, Bucket, Completed, Object, key};
use rolecall_core::{Error, System};
use rolecall_store::Txn;
use rolecall_wire::s3::{CompleteMultipartUploadRequest, CompletedPart};
use rolecall_wire::sigv4::key::sha256;

/// Notes within the transaction that completes an upload what is answered.
///
/// # Errors
/// When the record cannot be written.
pub(crate) fn note(
    txn: &mut Txn<'_>,
    bucket: &Bucket,
    input: &CompleteMultipartUploadRequest,
    object: &Object,
    now: i64,
) -> Result<Completed, Error> {
    let completed = Completed {
        bucket: bucket.name.clone(),
        bucket_created_ms: bucket.created_ms,
        key: object.key.clone(),
        parts: digest(asked(input)),
        etag: object.etag.clone(),
        checksum: object.checksum.clone(),
    };
    records::write(txn, key::completed(day(now), &input.upload_id), &completed)?;
    Ok(completed)
}

/// What was answered when this upload was completed of these parts.
///
/// # Errors
/// When the store fails.
pub(crate) async fn find(
    txn: &mut Txn<'_>,
    bucket: &Bucket,
    input: &CompleteMultipartUploadRequest,
    now: i64,
) -> Result<Option<Completed>, Error> {
    let same = |known: &Completed| {
        (known.bucket.as_str(), known.bucket_created_ms) == (bucket.name.as_str(), bucket.created_ms)
            && known.key == input.key
            && known.parts == digest(asked(input))
    };
    for day in [day(now), day(now) - 1] {
        let found = records::read::<Completed>(txn, &key::completed(day, &input.upload_id)).await?;
        if let Some((completed, _)) = found.filter(|(completed, _)| same(completed)) {
            return Ok(Some(completed));
        }
    }
    Ok(None)
}

/// Removes what is older, at most so many at once; true when there may be more.
///
/// # Errors
/// When the store fails.
pub(crate) async fn forget(system: &System, now: i64) -> Result<bool, Error> {
    let old = system.store.scan(&key::completed_before(day(now) - 1), BATCH).await?;
    if old.is_empty() {
        return Ok(false);
    }
    let keys = &old;
    system
        .store
        .transact(|mut txn| async move {
            keys.iter().for_each(|(key, _)| txn.delete(key.clone()));
            Ok::<_, Error>((txn, ()))
        })
        .await?;
    Ok(old.len() == BATCH)
}

/// The parts that a request names.
pub(crate) fn asked(input: &CompleteMultipartUploadRequest) -> &[CompletedPart] {
    input.multipart_upload.as_ref().map(|upload| upload.parts.as_slice()).unwrap_or_default()
}

/// Stands for numbers and entity tags, in order.
fn digest(parts: &[CompletedPart]) -> [u8; 32] {
    let line = |part: &CompletedPart| {
        let etag = part.etag.as_deref().unwrap_or_default().trim_matches('"');
        format!("{} {etag}\n", part.part_number.unwrap_or_default())
    };
    sha256(parts.iter().map(line).collect::<String>().as_bytes())
}

fn day(now: i64) -> i64 {
    now.div_euclid(86_400)
}

/// Records removed at once.
const BATCH: usize = 1_000;
