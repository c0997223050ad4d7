//! `DeleteBucket`: only an empty bucket, without uploads under way, can go.

use super::place::{bucket, bucket_targets};
use super::stored::require_same;
use crate::error::{Error, s3};
use crate::gate::{Cx, Reply, Serve};
use crate::records::key;
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{DeleteBucketRequest, op};

impl Serve for op::DeleteBucket {
    async fn targets(cx: &Cx<'_>, _input: &DeleteBucketRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:DeleteBucket").await
    }

    async fn run(cx: &mut Cx<'_>, input: DeleteBucketRequest) -> Result<Reply<Nothing>, Error> {
        let bucket = bucket(cx).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            require_same(&mut txn, &bucket).await?;
            let objects = txn.scan(&key::objects(&input.bucket), 1).await?;
            let uploads = txn.scan(&key::uploads(&input.bucket), 1).await?;
            if !objects.is_empty() || !uploads.is_empty() {
                return Err(s3::bucket_not_empty(&input.bucket));
            }
            txn.delete(key::bucket(&input.bucket));
            txn.delete(key::owned_bucket(&bucket.owner, &input.bucket));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}
