//! `CompleteMultipartUpload`: the parts named become one object, all at once or not at all.

use crate::S3;
use crate::content::stored::{self, Conditions, forget_later};
use crate::context::with_write_headers;
use crate::error as s3;
use crate::limits::{OBJECT, PART_LEAST};
use crate::multipart::etag_and_checksum;
use crate::multipart::uploads;
use crate::object::put_object;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{Content, Object, Part, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{CompleteMultipartUploadOutput, CompleteMultipartUploadRequest, CompletedPart, op};
use std::collections::BTreeMap;

impl Serve<S3> for op::CompleteMultipartUpload {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        input: &CompleteMultipartUploadRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        let target = place::on_object("s3:PutObject", &bucket, &input.key);
        let targets = Targets::one(with_write_headers(target, &cx.request, true));
        Ok(put_object::with_entity_tag(cx, &bucket, &input.key, targets).seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CompleteMultipartUploadRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<CompleteMultipartUploadOutput>, Error> {
        let object = complete(cx, &granted, &input).await?;
        let said = put_object::output(&object);
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("http://{}/{}/{}", cx.request.host, input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            etag: said.etag,
            checksum_crc32: said.checksum_crc32,
            checksum_crc32c: said.checksum_crc32c,
            checksum_crc64nvme: said.checksum_crc64nvme,
            checksum_sha1: said.checksum_sha1,
            checksum_sha256: said.checksum_sha256,
            checksum_type: said.checksum_type,
            ..Default::default()
        }
        .into())
    }
}

async fn complete(
    cx: &Cx<'_>,
    granted: &Granted<SeenBucket>,
    input: &CompleteMultipartUploadRequest,
) -> Result<Object, Error> {
    let bucket = granted.seen();
    let conditions = Conditions::of(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let mut txn = granted.begin(cx);
    let upload = uploads::require(&mut txn, &bucket.name, &input.key, &input.upload_id).await?;
    let parts = uploads::parts(&mut txn, &upload.id).await?;
    let (named, unnamed) = chosen(&upload, parts, input)?;
    let object = assembled(cx, upload, named, input)?;
    let replaced = stored::place(&mut txn, bucket, &object, &conditions).await?;
    txn.delete(key::upload(&bucket.name, &input.key, &input.upload_id));
    for number in unnamed.iter().map(|part| part.number).chain(numbers(input)) {
        txn.delete(key::part(&input.upload_id, number));
    }
    txn.commit().await?;
    let unnamed = unnamed.into_iter().map(|part| part.content);
    forget_later(&cx.system.blobs, replaced.into_iter().chain(unnamed).collect());
    Ok(object)
}

fn asked(input: &CompleteMultipartUploadRequest) -> &[CompletedPart] {
    input.multipart_upload.as_ref().map(|upload| upload.parts.as_slice()).unwrap_or_default()
}

fn numbers(input: &CompleteMultipartUploadRequest) -> impl Iterator<Item = u32> {
    asked(input).iter().filter_map(|part| u32::try_from(part.part_number?).ok())
}

/// The parts that the request names, and the others.
fn chosen(
    upload: &Upload,
    parts: Vec<Part>,
    input: &CompleteMultipartUploadRequest,
) -> Result<(Vec<Part>, Vec<Part>), Error> {
    let asked = asked(input);
    if asked.is_empty() {
        return Err(s3::no_parts());
    }
    let ascending = asked.windows(2).all(|pair| match pair {
        [a, b] => a.part_number < b.part_number,
        _ => true,
    });
    if !ascending {
        return Err(s3::invalid_part_order(&upload.id));
    }
    let mut parts: BTreeMap<u32, Part> = parts.into_iter().map(|part| (part.number, part)).collect();
    let mut named = Vec::with_capacity(asked.len());
    for part in asked {
        let number = part.part_number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        let stored = parts.remove(&number).filter(|stored| fits(stored, part));
        let missing = || {
            let etag = part.etag.as_deref().unwrap_or_default();
            s3::invalid_part(&upload.id, part.part_number.unwrap_or_default(), etag.trim_matches('"'))
        };
        named.push(stored.ok_or_else(missing)?);
    }
    check_sizes(&named, input)?;
    Ok((named, parts.into_values().collect()))
}

fn fits(stored: &Part, asked: &CompletedPart) -> bool {
    let etag = asked.etag.as_deref().map(|etag| etag.trim_matches('"'));
    let checksums = [
        ("CRC32", &asked.checksum_crc32),
        ("CRC32C", &asked.checksum_crc32c),
        ("CRC64NVME", &asked.checksum_crc64nvme),
        ("SHA1", &asked.checksum_sha1),
        ("SHA256", &asked.checksum_sha256),
    ];
    let agrees = |(name, value): &(&str, &Option<String>)| {
        value.is_none() || **value == stored.checksum.as_ref().and_then(|checksum| checksum.of(name))
    };
    etag == Some(stored.etag.as_str()) && checksums.iter().all(agrees)
}

fn check_sizes(named: &[Part], input: &CompleteMultipartUploadRequest) -> Result<(), Error> {
    let all_but_last = named.split_last().map(|(_, rest)| rest).unwrap_or_default();
    if let Some(part) = all_but_last.iter().find(|part| part.size < PART_LEAST) {
        return Err(s3::part_too_small(part.size, part.number, &part.etag));
    }
    let size: u64 = named.iter().map(|part| part.size).sum();
    if size > OBJECT {
        return Err(s3::entity_too_large(size, OBJECT));
    }
    match input.mpu_object_size {
        Some(expected) if u64::try_from(expected) != Ok(size) => Err(s3::object_size(expected, size)),
        _ => Ok(()),
    }
}

fn assembled(
    cx: &Cx<'_>,
    upload: Upload,
    parts: Vec<Part>,
    input: &CompleteMultipartUploadRequest,
) -> Result<Object, Error> {
    let checksum = etag_and_checksum::checksum(&upload, &parts)?;
    etag_and_checksum::check(checksum.as_ref(), input)?;
    Ok(Object {
        key: upload.key,
        size: parts.iter().map(|part| part.size).sum(),
        etag: etag_and_checksum::etag(&parts)?,
        modified_ms: cx.system.clock.now_ms(),
        headers: upload.headers,
        tags: upload.tags,
        checksum,
        content: parts.into_iter().map(|part| part.content).collect::<Vec<Content>>(),
    })
}
