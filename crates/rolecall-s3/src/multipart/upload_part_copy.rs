//! `UploadPartCopy`: a part out of an object that is stored already.

use crate::S3;
use crate::context::{with_copy_source, with_write_headers};
use crate::error as s3;
use crate::limits::UPLOAD;
use crate::multipart::upload_part::{Place, store};
use crate::multipart::uploads;
use crate::object::copy_object::copy;
use crate::object::copy_source::{CopySource, Copying};
use crate::object::read_conditions::ReadConditions;
use crate::place;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{CopyPartResult, UploadPartCopyOutput, UploadPartCopyRequest, op};
use std::ops::Range;

impl Serve<S3> for op::UploadPartCopy {
    type Seen = Copying;

    async fn targets(cx: &Cx<'_>, input: &UploadPartCopyRequest) -> Result<Targets<Copying>, Error> {
        let into = place::bucket(cx).await?;
        let target = place::on_object("s3:PutObject", &into, &input.key);
        let source = CopySource::parse(&input.copy_source)?;
        let target = with_copy_source(target, &source.bucket, &source.key);
        let targets = source.targets(cx).await?.and(with_write_headers(target, &cx.request, false));
        Ok(targets.seen_as(|from| Copying { into, from }))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UploadPartCopyRequest,
        mut granted: Granted<Copying>,
    ) -> Result<Reply<UploadPartCopyOutput>, Error> {
        let number = uploads::part_number(input.part_number)?;
        let upload = uploads::find(cx, &input.bucket, &input.key, &input.upload_id).await?;
        let source = CopySource::parse(&input.copy_source)?;
        let conditions = ReadConditions {
            if_match: input.copy_source_if_match.as_deref(),
            if_none_match: input.copy_source_if_none_match.as_deref(),
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        let from = source.object(&mut granted, &conditions, cx.now)?;
        let range = range(input.copy_source_range.as_deref(), from.size)?;
        if range.end - range.start > UPLOAD {
            return Err(s3::copy_source_too_large(UPLOAD));
        }
        let algorithm = uploads::algorithm(upload.checksum_algorithm.as_deref())?;
        let received = copy(cx, &from, range, algorithm).await?;
        let place = Place { bucket: &granted.seen().into, key: &input.key, upload: &input.upload_id, number };
        let part = store(cx, &place, received).await?;
        let checksum = |algorithm| part.checksum.as_ref().and_then(|c| c.of(algorithm));
        let copy_part_result = Some(CopyPartResult {
            etag: Some(format!("\"{}\"", part.etag)),
            last_modified: Some(part.modified_ms.div_euclid(1000)),
            checksum_crc32: checksum("CRC32"),
            checksum_crc32c: checksum("CRC32C"),
            checksum_crc64nvme: checksum("CRC64NVME"),
            checksum_sha1: checksum("SHA1"),
            checksum_sha256: checksum("SHA256"),
            ..Default::default()
        });
        let copy_source_version_id = source.version;
        Ok(UploadPartCopyOutput { copy_part_result, copy_source_version_id, ..Default::default() }.into())
    }
}

/// Both ends are named, and the object reaches that far.
fn range(header: Option<&str>, size: u64) -> Result<Range<u64>, Error> {
    let Some(header) = header else { return Ok(0..size) };
    let ends = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let (first, last) = ends.ok_or_else(|| s3::copy_source_range(header))?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| s3::copy_source_range(header));
    let (first, last) = (number(first)?, number(last)?);
    match last.checked_add(1).filter(|end| first <= last && *end <= size) {
        Some(end) => Ok(first..end),
        None => Err(s3::copy_source_range_too_far(header, size)),
    }
}
