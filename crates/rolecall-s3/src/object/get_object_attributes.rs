//! `GetObjectAttributes`: what is known of an object, without its bytes.

use crate::S3;
use crate::place::{self, Action, SeenObject};
use crate::records::Object;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    Checksum, GetObjectAttributesOutput, GetObjectAttributesParts, GetObjectAttributesRequest, op,
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
            object_parts: parts(&object).filter(|_| asked("ObjectParts")),
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

/// Parts are listed one by one only for objects uploaded with checksums, which are not kept by part.
fn parts(object: &Object) -> Option<GetObjectAttributesParts> {
    let total_parts_count = Some(object.parts()?);
    Some(GetObjectAttributesParts { total_parts_count, ..Default::default() })
}
