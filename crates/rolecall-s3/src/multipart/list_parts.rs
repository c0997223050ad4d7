//! `ListParts`.

use crate::S3;
use crate::error as s3;
use crate::listing::list_objects::owner;
use crate::multipart::uploads;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{Part, Record, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{self as shape, Initiator, ListPartsOutput, ListPartsRequest, op};

impl Serve<S3> for op::ListParts {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &ListPartsRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        let target = place::on_object("s3:ListMultipartUploadParts", &bucket, &input.key);
        Ok(Targets::one(target).seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListPartsRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<ListPartsOutput>, Error> {
        let bucket = granted.seen();
        let upload = uploads::find(cx, &input.bucket, &input.key, &input.upload_id).await?;
        let asked = input.max_parts.unwrap_or(PAGE).min(PAGE);
        let most = usize::try_from(asked).map_err(|_| s3::negative("max-parts", "maxParts", asked))?;
        let marker = input.part_number_marker.unwrap_or(0);
        let mut parts = page(cx, &upload, marker, most + 1).await?;
        let more = parts.len() > most;
        parts.truncate(most);
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            part_number_marker: Some(marker),
            next_part_number_marker: Some(parts.last().map_or(0, |part| i64::from(part.number))),
            max_parts: Some(asked),
            is_truncated: Some(more),
            parts: parts.iter().map(shown).collect(),
            initiator: Some(initiator(&upload)),
            owner: Some(owner(bucket)),
            storage_class: Some(upload.headers.storage_class.unwrap_or_else(|| "STANDARD".to_owned())),
            checksum_algorithm: upload.checksum_algorithm,
            checksum_type: upload.checksum_type,
            upload_id: Some(input.upload_id),
            ..Default::default()
        }
        .into())
    }
}

/// Who began an upload. A user or session is shown by name, too.
pub(crate) fn initiator(upload: &Upload) -> Initiator {
    let name = upload.initiator.split_once('/').map(|(_, name)| name.to_owned());
    Initiator { id: Some(upload.initiator.clone()), display_name: name }
}

async fn page(cx: &Cx<'_>, upload: &Upload, after: i64, most: usize) -> Result<Vec<Part>, Error> {
    let mut range = key::parts(&upload.id);
    let first = u32::try_from(after.max(0).saturating_add(1)).unwrap_or(u32::MAX);
    range.start = key::part(&upload.id, first.min(99_999));
    let found = cx.system.store.scan(&range, most).await?;
    found.iter().map(|(_, stored)| Ok(Part::decode(stored)?)).collect()
}

fn shown(part: &Part) -> shape::Part {
    let checksum = |algorithm| part.checksum.as_ref().and_then(|checksum| checksum.of(algorithm));
    shape::Part {
        part_number: Some(i64::from(part.number)),
        last_modified: Some(part.modified_ms.div_euclid(1000)),
        etag: Some(format!("\"{}\"", part.etag)),
        size: i64::try_from(part.size).ok(),
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        ..Default::default()
    }
}

/// Parts a page has at most.
const PAGE: i64 = 1_000;
