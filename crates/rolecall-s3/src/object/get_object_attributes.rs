//! `GetObjectAttributes`: what is known of an object, without its bytes.

use crate::S3;
use crate::error as s3;
use crate::place::{self, Action, SeenObject};
use crate::records::{Content, Object};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    Checksum, GetObjectAttributesOutput, GetObjectAttributesParts, GetObjectAttributesRequest, ObjectPart, op,
};

impl Serve<S3> for op::GetObjectAttributes {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &GetObjectAttributesRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = place::bucket(cx).await?;
        let actions = [
            Action("s3:GetObject", "s3:GetObjectVersion"),
            Action("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
        ];
        place::object_targets(cx, bucket, &input.key, &actions, input.version_id.as_deref()).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetObjectAttributesRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<GetObjectAttributesOutput>, Error> {
        let object = place::decided(&mut granted, input.version_id.as_deref())?;
        let asked = |name: &str| input.object_attributes.iter().any(|asked| asked == name);
        Ok(GetObjectAttributesOutput {
            last_modified: Some(object.modified()),
            version_id: input.version_id.clone(),
            etag: asked("ETag").then(|| object.etag.clone()),
            checksum: checksum(&object).filter(|_| asked("Checksum")),
            object_parts: match asked("ObjectParts") {
                true => parts(&object, input.max_parts, input.part_number_marker)?,
                false => None,
            },
            storage_class: asked("StorageClass").then(|| object.storage_class().to_owned()),
            object_size: i64::try_from(object.size).ok().filter(|_| asked("ObjectSize")),
            ..Default::default()
        }
        .into())
    }
}

fn checksum(object: &Object) -> Option<Checksum> {
    let of = |algorithm| object.checksum_of(algorithm);
    object.checksum.as_ref().map(|checksum| Checksum {
        checksum_crc32: of("CRC32"),
        checksum_crc32c: of("CRC32C"),
        checksum_crc64nvme: of("CRC64NVME"),
        checksum_sha1: of("SHA1"),
        checksum_sha256: of("SHA256"),
        checksum_type: Some(checksum.kind.clone()),
        ..Checksum::default()
    })
}

/// Parts are listed one by one only for objects that have a checksum of their checksums.
fn parts(
    object: &Object,
    max: Option<i64>,
    marker: Option<i64>,
) -> Result<Option<GetObjectAttributesParts>, Error> {
    let Some(total) = object.parts() else { return Ok(None) };
    let counted = GetObjectAttributesParts { total_parts_count: Some(total), ..Default::default() };
    if object.part_checksums.is_empty() {
        return Ok(Some(counted));
    }
    let asked = max.unwrap_or(PAGE).min(PAGE);
    let most = usize::try_from(asked).map_err(|_| s3::negative("max-parts", "maxParts", asked))?;
    let after = marker.unwrap_or(0).max(0);
    let skipped = usize::try_from(after).unwrap_or(usize::MAX);
    let parts: Vec<ObjectPart> =
        (1..).zip(&object.content).skip(skipped).take(most).map(|part| shown(object, part)).collect();
    let last = parts.last().and_then(|part| part.part_number).unwrap_or(after);
    Ok(Some(GetObjectAttributesParts {
        part_number_marker: Some(after),
        next_part_number_marker: Some(last),
        max_parts: Some(asked),
        is_truncated: Some(last < total && most > 0),
        parts,
        ..counted
    }))
}

fn shown(object: &Object, (number, content): (i64, &Content)) -> ObjectPart {
    let checksum = object.part_checksum(number);
    let of = |algorithm| checksum.as_ref().and_then(|checksum| checksum.of(algorithm));
    ObjectPart {
        part_number: Some(number),
        size: i64::try_from(content.size()).ok(),
        checksum_crc32: of("CRC32"),
        checksum_crc32c: of("CRC32C"),
        checksum_crc64nvme: of("CRC64NVME"),
        checksum_sha1: of("SHA1"),
        checksum_sha256: of("SHA256"),
        ..ObjectPart::default()
    }
}

/// Parts a page has at most.
const PAGE: i64 = 1_000;
