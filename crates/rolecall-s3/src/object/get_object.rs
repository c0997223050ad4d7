//! `GetObject` and `HeadObject`: the same answer with and without the bytes.

use crate::S3;
use crate::content::outflow::Outflow;
use crate::error as s3;
use crate::object::range::{self, Part};
use crate::object::read_conditions::{Outcome, ReadConditions};
use crate::place::{self, Action, SeenObject};
use crate::records::{Checksum, Content, Object};
use rolecall_core::Error;
use rolecall_core::body::AnswerBody;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::{Decode, Encode};
use rolecall_wire::s3::{GetObjectOutput, GetObjectRequest, HeadObjectOutput, HeadObjectRequest, op};

impl Serve<S3> for op::GetObject {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &GetObjectRequest) -> Result<Targets<SeenObject>, Error> {
        targets(cx, input).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetObjectRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<GetObjectOutput>, Error> {
        let (object, part, mut reply) = answer(cx, &input, &mut granted)?;
        if reply.status != Some(304) {
            reply.body = body(cx, &object, &part).await?;
        }
        Ok(reply)
    }
}

impl Serve<S3> for op::HeadObject {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &HeadObjectRequest) -> Result<Targets<SeenObject>, Error> {
        let _ = input;
        targets(cx, &GetObjectRequest::decode(&cx.incoming())?).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: HeadObjectRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<HeadObjectOutput>, Error> {
        let _ = input;
        let input = GetObjectRequest::decode(&cx.incoming())?;
        let (_, _, reply) = answer(cx, &input, &mut granted)?;
        let mut headers = reply.headers;
        reply.output.headers(&mut headers);
        Ok(Reply { status: reply.status, headers, ..HeadObjectOutput::default().into() })
    }
}

const READ: Action = Action("s3:GetObject", "s3:GetObjectVersion");

async fn targets(cx: &Cx<'_>, input: &GetObjectRequest) -> Result<Targets<SeenObject>, Error> {
    if cx.caller.identity().is_none() && overrides(input).next().is_some() {
        return Err(s3::invalid_request(
            "Request specific response headers cannot be used for anonymous GET requests.",
        ));
    }
    let bucket = place::bucket(cx).await?;
    let version = input.version_id.as_deref();
    let targets = place::object_targets(cx, bucket, &input.key, &[READ], version).await?;
    let seen = &targets.seen;
    let Some(object) = seen.object.record().filter(|object| !object.tags.is_empty()) else {
        return Ok(targets);
    };
    let tagging = place::on_object(READ_TAGS.named(version), &seen.bucket, &input.key);
    let tagging = place::with_existing_tags(tagging.with_some("s3:versionid", version), Some(object));
    Ok(targets.ask_aside(tagging))
}

/// How many tags there are is for those who may read them.
const READ_TAGS: Action = Action("s3:GetObjectTagging", "s3:GetObjectVersionTagging");

type Answered = (std::sync::Arc<Object>, Part, Reply<GetObjectOutput>);

fn answer(
    cx: &Cx<'_>,
    input: &GetObjectRequest,
    granted: &mut Granted<SeenObject>,
) -> Result<Answered, Error> {
    let object = place::decided(granted, input.version_id.as_deref())?;
    let conditions = ReadConditions {
        if_match: input.if_match.as_deref(),
        if_none_match: input.if_none_match.as_deref(),
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    if conditions.check(&object, cx.now)? == Outcome::NotModified {
        let reply = Reply { status: Some(304), ..unchanged(&object).into() };
        return Ok((object, Part::empty(), reply));
    }
    let part = range::of(input.range.as_deref(), input.part_number, &object)?;
    let mut output = describe(&object, input);
    if let (Some(number), true) = (input.part_number, wants_checksum(input)) {
        output = with_checksum(output, part_checksum(&object, number).as_ref());
    }
    output.tag_count = output.tag_count.filter(|_| granted.aside() == [true]);
    output.content_length = i64::try_from(part.bytes.end - part.bytes.start).ok();
    output.content_range = part.content_range(object.size);
    output.parts_count = input.part_number.and_then(|_| object.parts());
    let status = part.is_partial.then_some(206);
    let reply = Reply { status, ..output.into() };
    Ok((object, part, reply))
}

async fn body(cx: &Cx<'_>, object: &Object, part: &Part) -> Result<AnswerBody, Error> {
    if let ([Content::Inline(bytes)], false) = (object.content.as_slice(), part.is_partial) {
        return Ok(AnswerBody::Full(bytes.clone()));
    }
    let flow = Outflow::open(&cx.system.blobs, &object.content, part.bytes.clone()).await?;
    Ok(AnswerBody::Stream(flow.into_body(), part.bytes.end - part.bytes.start))
}

/// What an answer without content says (RFC 9110 §15.4.5).
fn unchanged(object: &Object) -> GetObjectOutput {
    GetObjectOutput {
        etag: Some(object.quoted_etag()),
        last_modified: Some(object.modified()),
        cache_control: object.headers.cache_control.clone(),
        expires: object.headers.expires.clone(),
        ..Default::default()
    }
}

fn describe(object: &Object, input: &GetObjectRequest) -> GetObjectOutput {
    let headers = object.headers.clone();
    let whole = input.range.is_none() && input.part_number.is_none();
    let asked = whole && wants_checksum(input);
    let checksum = |algorithm| object.checksum_of(algorithm).filter(|_| asked);
    GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        last_modified: Some(object.modified()),
        etag: Some(object.quoted_etag()),
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        checksum_type: object.checksum.as_ref().filter(|_| asked).map(|checksum| checksum.kind.clone()),
        version_id: input.version_id.clone(),
        cache_control: input.response_cache_control.clone().or(headers.cache_control),
        content_disposition: input.response_content_disposition.clone().or(headers.content_disposition),
        content_encoding: input.response_content_encoding.clone().or(headers.content_encoding),
        content_language: input.response_content_language.clone().or(headers.content_language),
        content_type: Some(content_type(input, headers.content_type)),
        expires: input.response_expires.map(http_date).or(headers.expires),
        website_redirect_location: headers.website_redirect_location,
        metadata: headers.metadata,
        storage_class: headers.storage_class,
        tag_count: i64::try_from(object.tags.len()).ok().filter(|count| *count > 0),
        ..Default::default()
    }
}

fn wants_checksum(input: &GetObjectRequest) -> bool {
    input.checksum_mode.as_deref() == Some("ENABLED")
}

/// An object that came in one piece is its own only part. Of those that were joined into a checksum of all bytes
/// none is kept.
fn part_checksum(object: &Object, number: i64) -> Option<Checksum> {
    let whole = || object.checksum.clone().filter(|_| object.parts().is_none());
    object.part_checksum(number).or_else(whole)
}

fn with_checksum(output: GetObjectOutput, checksum: Option<&Checksum>) -> GetObjectOutput {
    let of = |algorithm| checksum.and_then(|checksum| checksum.of(algorithm));
    GetObjectOutput {
        checksum_crc32: of("CRC32"),
        checksum_crc32c: of("CRC32C"),
        checksum_crc64nvme: of("CRC64NVME"),
        checksum_sha1: of("SHA1"),
        checksum_sha256: of("SHA256"),
        checksum_type: checksum.map(|checksum| checksum.kind.clone()),
        ..output
    }
}

fn content_type(input: &GetObjectRequest, stored: Option<String>) -> String {
    let asked = input.response_content_type.clone();
    asked.or(stored).unwrap_or_else(|| "binary/octet-stream".to_owned())
}

/// The `response-*` parameters sent.
fn overrides(input: &GetObjectRequest) -> impl Iterator<Item = ()> {
    let texts = [
        &input.response_cache_control,
        &input.response_content_disposition,
        &input.response_content_encoding,
        &input.response_content_language,
        &input.response_content_type,
    ];
    let expires = input.response_expires.map(|_| ());
    texts.into_iter().filter_map(|text| text.as_ref().map(|_| ())).chain(expires)
}

fn http_date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
