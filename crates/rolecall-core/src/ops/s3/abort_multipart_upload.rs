//! `AbortMultipartUpload`: the upload and its parts are gone at once.

use super::stored::forget;
use super::{place, uploads};
use crate::error::Error;
use crate::gate::{Cx, Reply, Serve};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::s3::{AbortMultipartUploadOutput, AbortMultipartUploadRequest, op};

impl Serve for op::AbortMultipartUpload {
    async fn targets(cx: &Cx<'_>, input: &AbortMultipartUploadRequest) -> Result<Targets, Error> {
        let bucket = place::bucket(cx).await?;
        Ok(Targets::one(place::on_object("s3:AbortMultipartUpload", &bucket, &input.key)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AbortMultipartUploadRequest,
    ) -> Result<Reply<AbortMultipartUploadOutput>, Error> {
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let upload = uploads::require(&mut txn, &input.bucket, &input.key, &input.upload_id).await?;
            let content = uploads::take_apart(&mut txn, &input.bucket, &upload).await?;
            if retry.commit(txn).await? {
                forget(&cx.system.blobs, &content).await;
                return Ok(AbortMultipartUploadOutput::default().into());
            }
        }
    }
}
