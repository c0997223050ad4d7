//! `DeleteBucket`: only an empty bucket, without uploads under way, can go.

use crate::S3;
use crate::error as s3;
use crate::place::{SeenBucket, bucket_targets};
use crate::records::key;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{DeleteBucketRequest, op};

impl Serve<S3> for op::DeleteBucket {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &DeleteBucketRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:DeleteBucket").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteBucketRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut txn = granted.begin(cx);
        let objects = txn.scan(&key::objects(&input.bucket), 1).await?;
        let uploads = txn.scan(&key::uploads(&input.bucket), 1).await?;
        if !objects.is_empty() || !uploads.is_empty() {
            return Err(s3::bucket_not_empty(&input.bucket));
        }
        txn.delete(key::bucket(&input.bucket));
        txn.delete(key::owned_bucket(&granted.seen().owner, &input.bucket));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
