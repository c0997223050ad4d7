//! `CompleteMultipartUpload`: the parts named become one object, all at once or not at all.

use crate::S3;
use crate::content::stored::{self, Conditions, forget_later};
use crate::context::with_write_headers;
use crate::error as s3;
use crate::limits::{OBJECT, PART_LEAST};
use crate::multipart::completed::{self, asked};
use crate::multipart::etag_and_checksum;
use crate::multipart::uploads;
use crate::object::put_object;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{Completed, Content, Object, Part, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{CompleteMultipartUploadOutput, CompleteMultipartUploadRequest, CompletedPart, op};
use rolecall_wire::sigv4::checksum::Algorithm;
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
        let done = complete(cx, &granted, &input).await?;
        let checksum = |algorithm| done.checksum.as_ref().and_then(|checksum| checksum.of(algorithm));
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("http://{}/{}/{}", cx.request.host, input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            etag: Some(format!("\"{}\"", done.etag)),
            checksum_crc32: checksum("CRC32"),
            checksum_crc32c: checksum("CRC32C"),
            checksum_crc64nvme: checksum("CRC64NVME"),
            checksum_sha1: checksum("SHA1"),
            checksum_sha256: checksum("SHA256"),
            checksum_type: done.checksum.map(|checksum| checksum.kind),
            ..Default::default()
        }
        .into())
    }
}

async fn complete(
    cx: &Cx<'_>,
    granted: &Granted<SeenBucket>,
    input: &CompleteMultipartUploadRequest,
) -> Result<Completed, Error> {
    let bucket = granted.seen();
    let conditions = Conditions::of(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let mut txn = granted.begin(cx);
    let upload = match uploads::require(&mut txn, &bucket.name, &input.key, &input.upload_id).await {
        Ok(upload) => upload,
        Err(missing) => return completed::find(&mut txn, bucket, input, cx.now).await?.ok_or(missing),
    };
    etag_and_checksum::check_declared(&upload, input)?;
    let parts = uploads::parts(&mut txn, &upload.id).await?;
    let (named, unnamed) = chosen(&upload, parts, input)?;
    let object = assembled(cx, upload, named, input)?;
    let replaced = stored::place(&mut txn, bucket, &object, &conditions).await?;
    txn.delete(key::upload(&bucket.name, &input.key, &input.upload_id));
    for number in unnamed.iter().map(|part| part.number).chain(numbers(input)) {
        txn.delete(key::part(&input.upload_id, number));
    }
    let done = completed::note(&mut txn, bucket, input, &object, cx.now)?;
    txn.commit().await?;
    let unnamed = unnamed.into_iter().map(|part| part.content);
    forget_later(cx.system, replaced.into_iter().chain(unnamed).collect());
    if let Err(error) = completed::forget(cx.system, cx.now).await {
        tracing::warn!(%error, "completed uploads stay remembered");
    }
    Ok(done)
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
        etag_and_checksum::check_part(upload, part)?;
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
    let known = |algorithm: Algorithm| stored.checksum.as_ref().and_then(|c| c.of(algorithm.name()));
    let agrees = |(algorithm, value): (Algorithm, &str)| known(algorithm).as_deref() == Some(value);
    etag == Some(stored.etag.as_str()) && etag_and_checksum::of_part(asked).into_iter().all(agrees)
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
    let part_checksums =
        if upload.is_composite() { etag_and_checksum::part_checksums(&parts) } else { Vec::new() };
    Ok(Object {
        key: upload.key,
        size: parts.iter().map(|part| part.size).sum(),
        etag: etag_and_checksum::etag(&parts)?,
        modified_ms: cx.system.clock.now_ms(),
        headers: upload.headers,
        tags: upload.tags,
        checksum,
        content: parts.into_iter().map(|part| part.content).collect::<Vec<Content>>(),
        part_checksums,
    })
}
