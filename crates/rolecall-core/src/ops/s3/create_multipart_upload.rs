//! `CreateMultipartUpload`.

use super::put_object::write_targets;
use super::stored::require_same;
use super::{object_headers, place, tag_set, uploads};
use crate::entropy::random;
use crate::error::{Error, s3};
use crate::gate::{Cx, Reply, Serve};
use crate::records::{self, Upload, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::s3::{CreateMultipartUploadOutput, CreateMultipartUploadRequest, op};
use rolecall_wire::sigv4::checksum::Algorithm;

impl Serve for op::CreateMultipartUpload {
    async fn targets(cx: &Cx<'_>, input: &CreateMultipartUploadRequest) -> Result<Targets, Error> {
        let bucket = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        Ok(write_targets(cx, &bucket, &input.key, &tag_set::of_header(&cx.request)?, false))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateMultipartUploadRequest,
    ) -> Result<Reply<CreateMultipartUploadOutput>, Error> {
        let algorithm = uploads::algorithm(input.checksum_algorithm.as_deref())?;
        let upload = Upload {
            id: hex::encode(random::<32>()?),
            key: input.key,
            created_ms: cx.now_ms,
            initiator: cx.caller.principal().arn.clone(),
            headers: object_headers::of(&cx.request)?,
            tags: tag_set::of_header(&cx.request)?,
            checksum_type: checksum_type(algorithm, input.checksum_type.as_deref())?,
            checksum_algorithm: algorithm.map(|algorithm| algorithm.name().to_owned()),
        };
        store(cx, &upload).await?;
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

async fn store(cx: &Cx<'_>, upload: &Upload) -> Result<(), Error> {
    let bucket = place::bucket(cx).await?;
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        require_same(&mut txn, &bucket).await?;
        records::write(&mut txn, key::upload(&bucket.name, &upload.key, &upload.id), upload)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
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
