//! `AbortMultipartUpload`: the upload and its parts are gone at once.

use crate::S3;
use crate::content::stored::forget;
use crate::multipart::uploads;
use crate::place;
use crate::place::SeenBucket;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{AbortMultipartUploadOutput, AbortMultipartUploadRequest, op};

impl Serve<S3> for op::AbortMultipartUpload {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &AbortMultipartUploadRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        let target = place::on_object("s3:AbortMultipartUpload", &bucket, &input.key);
        Ok(Targets::one(target).seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AbortMultipartUploadRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<AbortMultipartUploadOutput>, Error> {
        let mut txn = granted.begin(cx);
        let upload = uploads::require(&mut txn, &input.bucket, &input.key, &input.upload_id).await?;
        let content = uploads::take_apart(&mut txn, &input.bucket, &upload).await?;
        txn.commit().await?;
        forget(&cx.system.blobs, &content).await;
        Ok(AbortMultipartUploadOutput::default().into())
    }
}
