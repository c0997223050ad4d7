//! `CreateMultipartUpload`.

use crate::S3;
use crate::error as s3;
use crate::multipart::uploads;
use crate::object::object_headers;
use crate::object::put_object::write_targets;
use crate::place;
use crate::place::SeenBucket;
use crate::records::{self, Upload, key};
use crate::tag_set;
use data_encoding::HEXLOWER;
use rolecall_core::Error;
use rolecall_core::entropy::random;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{CreateMultipartUploadOutput, CreateMultipartUploadRequest, op};
use rolecall_wire::sigv4::checksum::Algorithm;

impl Serve<S3> for op::CreateMultipartUpload {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        input: &CreateMultipartUploadRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        let targets = write_targets(cx, &bucket, &input.key, &tag_set::of_header(&cx.request)?, false);
        Ok(targets.seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateMultipartUploadRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<CreateMultipartUploadOutput>, Error> {
        let algorithm = uploads::algorithm(input.checksum_algorithm.as_deref())?;
        let upload = Upload {
            id: HEXLOWER.encode(&random::<32>()?),
            key: input.key,
            created_ms: cx.now_ms,
            initiator: cx.caller.principal().arn.clone(),
            headers: object_headers::of(&cx.request)?,
            tags: tag_set::of_header(&cx.request)?,
            checksum_type: checksum_type(algorithm, input.checksum_type.as_deref())?,
            checksum_algorithm: algorithm.map(|algorithm| algorithm.name().to_owned()),
        };
        let mut txn = granted.begin(cx);
        records::write(&mut txn, key::upload(&input.bucket, &upload.key, &upload.id), &upload)?;
        txn.commit().await?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(upload.key),
            upload_id: Some(upload.id),
            checksum_algorithm: upload.checksum_algorithm,
            checksum_type: upload.checksum_type,
            ..Default::default()
        }
        .into())
    }
}

/// Which kinds of checksum an algorithm can have (S3 User Guide, Checking object integrity).
fn checksum_type(algorithm: Option<Algorithm>, asked: Option<&str>) -> Result<Option<String>, Error> {
    let Some(algorithm) = algorithm else {
        return if asked.is_none() { Ok(None) } else { Err(s3::checksum_type_alone()) };
    };
    let (usual, impossible) = match algorithm {
        Algorithm::Crc64Nvme => ("FULL_OBJECT", "COMPOSITE"),
        Algorithm::Sha1 | Algorithm::Sha256 => ("COMPOSITE", "FULL_OBJECT"),
        Algorithm::Crc32 | Algorithm::Crc32c => ("COMPOSITE", ""),
    };
    match asked.unwrap_or(usual) {
        kind if kind == impossible => Err(s3::checksum_type(kind, algorithm.name())),
        kind => Ok(Some(kind.to_owned())),
    }
}
