//! `PutObject`.

use crate::S3;
use crate::content::intake;
use crate::content::stored::{self, Conditions};
use crate::context::{with_object_tags, with_write_headers};
use crate::object::object_headers;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{Bucket, Object, Tags};
use crate::tag_set;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::{Target, Targets};
use rolecall_wire::s3::{PutObjectOutput, PutObjectRequest, op};
use rolecall_wire::sigv4::checksum;
use std::sync::Arc;

impl Serve<S3> for op::PutObject {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &PutObjectRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        let targets = write_targets(cx, &bucket, &input.key, &tag_set::of_header(&cx.request)?, true);
        Ok(targets.seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutObjectRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<PutObjectOutput>, Error> {
        Ok(store(cx, input, granted.seen()).await?.into())
    }
}

/// Stores the body of the request as an object.
pub(crate) async fn store(
    cx: &mut Cx<'_>,
    input: PutObjectRequest,
    bucket: &Bucket,
) -> Result<PutObjectOutput, Error> {
    let conditions = Conditions::of(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let headers = object_headers::of(&cx.request)?;
    let tags = tag_set::of_header(&cx.request)?;
    let there = place::find_object(cx, &bucket.name, &input.key).await?;
    conditions.check(&input.key, there.record().map(|object| &**object))?;
    checksum::check_announced(&cx.request)?;
    let payload = cx.payload()?;
    let received = intake::receive(&cx.system.blobs, payload, None).await?;
    let object = Object {
        key: input.key,
        size: received.size,
        etag: received.etag,
        modified_ms: cx.system.clock.now_ms(),
        headers,
        tags,
        checksum: received.checksum,
        content: vec![received.content],
        part_checksums: Vec::new(),
    };
    stored::put(cx.system, bucket, &object, &conditions).await?;
    Ok(output(&object))
}

/// What an operation that writes an object with the headers of this request needs.
pub(crate) fn write_targets(
    cx: &Cx<'_>,
    bucket: &Arc<Bucket>,
    key: &str,
    tags: &Tags,
    creates: bool,
) -> Targets {
    let base = place::on_object("s3:PutObject", bucket, key);
    let base = with_object_tags(with_write_headers(base, &cx.request, creates), tags);
    let mut targets = Targets::one(base.clone());
    if !tags.is_empty() {
        targets = targets.and(Target { action: "s3:PutObjectTagging", ..base.clone() });
    }
    if cx.request.headers.contains_key("x-amz-acl") {
        targets = targets.and(Target { action: "s3:PutObjectAcl", ..base });
    }
    with_entity_tag(cx, bucket, key, targets)
}

/// A write that depends on the entity tag of what is there tells something about it: the writer must be
/// allowed to read (S3 User Guide, conditional writes).
pub(crate) fn with_entity_tag(cx: &Cx<'_>, bucket: &Arc<Bucket>, key: &str, targets: Targets) -> Targets {
    if cx.request.headers.contains_key("if-match") {
        return targets.and(place::on_object("s3:GetObject", bucket, key));
    }
    targets
}

/// What is said of an object that was stored.
pub(crate) fn output(object: &Object) -> PutObjectOutput {
    let checksum = |algorithm| object.checksum_of(algorithm);
    PutObjectOutput {
        etag: Some(object.quoted_etag()),
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        checksum_type: object.checksum.as_ref().map(|checksum| checksum.kind.clone()),
        ..Default::default()
    }
}
