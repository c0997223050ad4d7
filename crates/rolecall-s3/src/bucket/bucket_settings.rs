//! What a bucket is set to: its tags and its blocks of public access.

use crate::S3;
use crate::error as s3;
use crate::place::{SeenBucket, bucket_targets};
use crate::records::{self, Bucket, PublicAccess, Tags, key};
use crate::tag_set::{self, On};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{
    DeleteBucketTaggingRequest, DeletePublicAccessBlockRequest, GetBucketTaggingOutput,
    GetBucketTaggingRequest, GetPublicAccessBlockOutput, GetPublicAccessBlockRequest,
    PublicAccessBlockConfiguration, PutBucketTaggingRequest, PutPublicAccessBlockRequest, op,
};

impl Serve<S3> for op::GetBucketTagging {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &GetBucketTaggingRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketTagging").await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetBucketTaggingRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketTaggingOutput>, Error> {
        let bucket = granted.seen();
        if bucket.tags.is_empty() {
            return Err(s3::no_such_tag_set(&input.bucket));
        }
        Ok(GetBucketTaggingOutput { tag_set: tag_set::shown(&bucket.tags) }.into())
    }
}

impl Serve<S3> for op::PutBucketTagging {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &PutBucketTaggingRequest) -> Result<Targets<SeenBucket>, Error> {
        let tags = tag_set::of(&input.tagging, On::Bucket)?;
        let targets = bucket_targets(cx, "s3:PutBucketTagging").await?;
        Ok(targets.map(|target| target.with_request_tags(&tags)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutBucketTaggingRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        let tags = tag_set::of(&input.tagging, On::Bucket)?;
        change(cx, &granted, |bucket| bucket.tags.clone_from(&tags)).await?;
        Ok(Reply { status: Some(204), ..Nothing.into() })
    }
}

impl Serve<S3> for op::DeleteBucketTagging {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &DeleteBucketTaggingRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:PutBucketTagging").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DeleteBucketTaggingRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, |bucket| bucket.tags = Tags::new()).await?;
        Ok(Nothing.into())
    }
}

impl Serve<S3> for op::GetPublicAccessBlock {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &GetPublicAccessBlockRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketPublicAccessBlock").await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetPublicAccessBlockRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetPublicAccessBlockOutput>, Error> {
        let set = granted.seen().public_access;
        let set = set.ok_or_else(|| s3::no_such_public_access_block(&input.bucket))?;
        let public_access_block_configuration = Some(PublicAccessBlockConfiguration {
            block_public_acls: Some(set.block_acls),
            ignore_public_acls: Some(set.ignore_acls),
            block_public_policy: Some(set.block_policy),
            restrict_public_buckets: Some(set.restrict),
        });
        Ok(GetPublicAccessBlockOutput { public_access_block_configuration }.into())
    }
}

impl Serve<S3> for op::PutPublicAccessBlock {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &PutPublicAccessBlockRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutPublicAccessBlockRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        let asked = input.public_access_block_configuration;
        let set = PublicAccess {
            block_acls: asked.block_public_acls == Some(true),
            ignore_acls: asked.ignore_public_acls == Some(true),
            block_policy: asked.block_public_policy == Some(true),
            restrict: asked.restrict_public_buckets == Some(true),
        };
        change(cx, &granted, |bucket| bucket.public_access = Some(set)).await?;
        Ok(Nothing.into())
    }
}

impl Serve<S3> for op::DeletePublicAccessBlock {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &DeletePublicAccessBlockRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DeletePublicAccessBlockRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, |bucket| bucket.public_access = None).await?;
        Ok(Nothing.into())
    }
}

/// Changes the record of the bucket that permission was decided on.
pub(crate) async fn change(
    cx: &Cx<'_>,
    granted: &Granted<SeenBucket>,
    edit: impl FnOnce(&mut Bucket),
) -> Result<(), Error> {
    let mut bucket = Bucket::clone(granted.seen());
    edit(&mut bucket);
    let mut txn = granted.begin(cx);
    records::write(&mut txn, key::bucket(&bucket.name), &bucket)?;
    txn.commit().await?;
    Ok(())
}
