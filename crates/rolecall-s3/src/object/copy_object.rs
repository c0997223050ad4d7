//! `CopyObject`: the bytes are copied; source and copy share nothing.

use crate::S3;
use crate::content::intake::{Intake, Received};
use crate::content::outflow::Outflow;
use crate::content::stored::{self, Conditions};
use crate::context::with_copy_source;
use crate::error as s3;
use crate::limits::UPLOAD;
use crate::multipart::uploads;
use crate::object::copy_source::{CopySource, Copying};
use crate::object::object_headers;
use crate::object::put_object;
use crate::object::put_object::write_targets;
use crate::object::read_conditions::ReadConditions;
use crate::place;
use crate::records::{Object, ObjectHeaders, Tags};
use crate::tag_set;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{CopyObjectOutput, CopyObjectRequest, CopyObjectResult, op};
use rolecall_wire::sigv4::checksum::Algorithm;
use std::ops::Range;

impl Serve<S3> for op::CopyObject {
    type Seen = Copying;

    async fn targets(cx: &Cx<'_>, input: &CopyObjectRequest) -> Result<Targets<Copying>, Error> {
        let into = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        let source = CopySource::parse(&input.copy_source)?;
        let mut targets = source.targets(cx).await?;
        let copied =
            targets.seen.object.record().map(|object| object.tags.clone()).filter(|_| copies_tags(input));
        let tags = match copied {
            Some(tags) => tags,
            None => tag_set::of_header(&cx.request)?,
        };
        if copies_tags(input) && !tags.is_empty() {
            let action = place::Action("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
            let action = action.named(source.version.as_deref());
            let read = place::on_object(action, &targets.seen.bucket, &source.key);
            targets = targets.and(read);
        }
        let write = write_targets(cx, &into, &input.key, &tags, true);
        let write = write.map(|target| with_copy_source(target, &source.bucket, &source.key));
        targets.all.extend(write.all);
        Ok(targets.seen_as(|from| Copying { into, from }))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CopyObjectRequest,
        mut granted: Granted<Copying>,
    ) -> Result<Reply<CopyObjectOutput>, Error> {
        let source = CopySource::parse(&input.copy_source)?;
        let from = source.object(&mut granted, &source_conditions(&input), cx.now)?;
        if from.size > UPLOAD {
            return Err(s3::copy_source_too_large(UPLOAD));
        }
        let (headers, tags) = (headers(cx, &from, &input)?, tags(cx, &from, &input)?);
        if source.bucket == input.bucket && source.key == input.key && changes_nothing(&from, &input) {
            return Err(s3::copy_onto_itself());
        }
        let conditions = Conditions::of(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let asked = input.checksum_algorithm.as_deref();
        let kept = from.checksum.as_ref().map(|checksum| checksum.algorithm.as_str());
        let received = copy(cx, &from, 0..from.size, uploads::algorithm(asked.or(kept))?).await?;
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
        stored::put(cx.system, &granted.seen().into, &object, &conditions).await?;
        let copy_source_version_id = source.version;
        let copy_object_result = Some(result(&object));
        Ok(CopyObjectOutput { copy_object_result, copy_source_version_id, ..Default::default() }.into())
    }
}

/// Copies some bytes of an object as they are stored.
pub(crate) async fn copy(
    cx: &Cx<'_>,
    from: &Object,
    range: Range<u64>,
    algorithm: Option<Algorithm>,
) -> Result<Received, Error> {
    let mut intake = Intake::new(&cx.system.blobs, algorithm);
    let mut flow = Outflow::open(&cx.system.blobs, &from.content, range).await?;
    while let Some(piece) = flow.next().await? {
        intake.write(piece).await?;
    }
    intake.finish().await
}

fn source_conditions(input: &CopyObjectRequest) -> ReadConditions<'_> {
    ReadConditions {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    }
}

fn copies_tags(input: &CopyObjectRequest) -> bool {
    input.tagging_directive.as_deref() != Some("REPLACE")
}

fn copies_metadata(input: &CopyObjectRequest) -> bool {
    input.metadata_directive.as_deref() != Some("REPLACE")
}

/// A copy keeps what its source says of itself, but not its storage class or redirect.
fn headers(cx: &Cx<'_>, from: &Object, input: &CopyObjectRequest) -> Result<ObjectHeaders, Error> {
    let sent = object_headers::of(&cx.request)?;
    if !copies_metadata(input) {
        return Ok(sent);
    }
    let (storage_class, redirect) = (sent.storage_class, sent.website_redirect_location);
    Ok(ObjectHeaders { storage_class, website_redirect_location: redirect, ..from.headers.clone() })
}

fn tags(cx: &Cx<'_>, from: &Object, input: &CopyObjectRequest) -> Result<Tags, Error> {
    if copies_tags(input) { Ok(from.tags.clone()) } else { tag_set::of_header(&cx.request) }
}

fn changes_nothing(from: &Object, input: &CopyObjectRequest) -> bool {
    let keeps_class = input.storage_class.is_none() && from.storage_class() == "STANDARD";
    copies_metadata(input) && input.website_redirect_location.is_none() && keeps_class
}

fn result(object: &Object) -> CopyObjectResult {
    let said = put_object::output(object);
    CopyObjectResult {
        etag: said.etag,
        last_modified: Some(object.modified()),
        checksum_type: said.checksum_type,
        checksum_crc32: said.checksum_crc32,
        checksum_crc32c: said.checksum_crc32c,
        checksum_crc64nvme: said.checksum_crc64nvme,
        checksum_sha1: said.checksum_sha1,
        checksum_sha256: said.checksum_sha256,
        ..Default::default()
    }
}
