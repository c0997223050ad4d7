//! `UploadPart`.

use crate::S3;
use crate::content::intake::{self, Received};
use crate::content::stored::{forget, forget_later, require_same};
use crate::context::with_write_headers;
use crate::error as s3;
use crate::multipart::uploads;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{self, Bucket, Part, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{UploadPartOutput, UploadPartRequest, op};
use rolecall_wire::sigv4::checksum::{self, Algorithm};

impl Serve<S3> for op::UploadPart {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &UploadPartRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        let target = place::on_object("s3:PutObject", &bucket, &input.key);
        Ok(Targets::one(with_write_headers(target, &cx.request, false)).seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UploadPartRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<UploadPartOutput>, Error> {
        let number = uploads::part_number(input.part_number)?;
        let upload = uploads::find(cx, &input.bucket, &input.key, &input.upload_id).await?;
        let algorithm = uploads::algorithm(upload.checksum_algorithm.as_deref())?;
        checksum::check_announced(&cx.request)?;
        check_algorithm(&upload, algorithm, checksum::sent_algorithm(&cx.request))?;
        let payload = cx.payload()?;
        let received = intake::receive(&cx.system.blobs, payload, algorithm).await?;
        let place = Place { bucket: granted.seen(), key: &input.key, upload: &input.upload_id, number };
        let part = store(cx, &place, received).await?;
        let checksum = |algorithm| part.checksum.as_ref().and_then(|c| c.of(algorithm));
        Ok(UploadPartOutput {
            etag: Some(format!("\"{}\"", part.etag)),
            checksum_crc32: checksum("CRC32"),
            checksum_crc32c: checksum("CRC32C"),
            checksum_crc64nvme: checksum("CRC64NVME"),
            checksum_sha1: checksum("SHA1"),
            checksum_sha256: checksum("SHA256"),
            ..Default::default()
        }
        .into())
    }
}

/// A part's checksum is by the algorithm of its upload; one that joins into a checksum of checksums must be sent.
fn check_algorithm(
    upload: &Upload,
    algorithm: Option<Algorithm>,
    sent: Option<Algorithm>,
) -> Result<(), Error> {
    let Some(expected) = algorithm else { return Ok(()) };
    match sent {
        Some(sent) if sent != expected => Err(s3::checksum_mismatch(expected.name(), sent.name())),
        None if upload.is_composite() => Err(s3::checksum_mismatch(expected.name(), "null")),
        _ => Ok(()),
    }
}

/// Where a part belongs.
pub(crate) struct Place<'a> {
    pub bucket: &'a Bucket,
    pub key: &'a str,
    pub upload: &'a str,
    pub number: u32,
}

/// Stores what came in as a part; it replaces an earlier part of the same number.
pub(crate) async fn store(cx: &Cx<'_>, place: &Place<'_>, received: Received) -> Result<Part, Error> {
    let part = Part {
        number: place.number,
        size: received.size,
        etag: received.etag,
        modified_ms: cx.system.clock.now_ms(),
        checksum: received.checksum,
        content: received.content,
    };
    match try_store(cx, place, &part).await {
        Ok(replaced) => {
            forget_later(cx.system, replaced.map(|part| part.content).into_iter().collect());
            Ok(part)
        }
        Err(error) => {
            forget(&cx.system.blobs, std::slice::from_ref(&part.content)).await;
            Err(error)
        }
    }
}

async fn try_store(cx: &Cx<'_>, place: &Place<'_>, part: &Part) -> Result<Option<Part>, Error> {
    let key = &key::part(place.upload, place.number);
    let stored = |mut txn| async move {
        require_same(&mut txn, place.bucket).await?;
        uploads::require(&mut txn, &place.bucket.name, place.key, place.upload).await?;
        let replaced = records::read::<Part>(&mut txn, key).await?;
        records::write(&mut txn, key.clone(), part)?;
        Ok((txn, replaced.map(|(part, _)| part)))
    };
    cx.system.store.transact(stored).await
}
