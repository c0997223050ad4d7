//! What a bucket is set to: its tags and its blocks of public access.

use super::place::{bucket, bucket_targets};
use super::stored::require_same;
use super::tag_set::{self, On};
use crate::error::{Error, s3};
use crate::gate::{Cx, Reply, Serve};
use crate::records::{self, Bucket, PublicAccess, Tags, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{
    DeleteBucketTaggingRequest, DeletePublicAccessBlockRequest, GetBucketTaggingOutput,
    GetBucketTaggingRequest, GetPublicAccessBlockOutput, GetPublicAccessBlockRequest,
    PublicAccessBlockConfiguration, PutBucketTaggingRequest, PutPublicAccessBlockRequest, op,
};

impl Serve for op::GetBucketTagging {
    async fn targets(cx: &Cx<'_>, _input: &GetBucketTaggingRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:GetBucketTagging").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetBucketTaggingRequest,
    ) -> Result<Reply<GetBucketTaggingOutput>, Error> {
        let bucket = bucket(cx).await?;
        if bucket.tags.is_empty() {
            return Err(s3::no_such_tag_set(&input.bucket));
        }
        Ok(GetBucketTaggingOutput { tag_set: tag_set::shown(&bucket.tags) }.into())
    }
}

impl Serve for op::PutBucketTagging {
    async fn targets(cx: &Cx<'_>, input: &PutBucketTaggingRequest) -> Result<Targets, Error> {
        let tags = tag_set::of(&input.tagging, On::Bucket)?;
        let targets = bucket_targets(cx, "s3:PutBucketTagging").await?;
        Ok(targets.map(|target| target.with_request_tags(&tags)))
    }

    async fn run(cx: &mut Cx<'_>, input: PutBucketTaggingRequest) -> Result<Reply<Nothing>, Error> {
        let tags = tag_set::of(&input.tagging, On::Bucket)?;
        change(cx, |bucket| bucket.tags.clone_from(&tags)).await?;
        Ok(Reply { status: Some(204), ..Nothing.into() })
    }
}

impl Serve for op::DeleteBucketTagging {
    async fn targets(cx: &Cx<'_>, _input: &DeleteBucketTaggingRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:PutBucketTagging").await
    }

    async fn run(cx: &mut Cx<'_>, _input: DeleteBucketTaggingRequest) -> Result<Reply<Nothing>, Error> {
        change(cx, |bucket| bucket.tags = Tags::new()).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::GetPublicAccessBlock {
    async fn targets(cx: &Cx<'_>, _input: &GetPublicAccessBlockRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:GetBucketPublicAccessBlock").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetPublicAccessBlockRequest,
    ) -> Result<Reply<GetPublicAccessBlockOutput>, Error> {
        let set = bucket(cx).await?.public_access;
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

impl Serve for op::PutPublicAccessBlock {
    async fn targets(cx: &Cx<'_>, _input: &PutPublicAccessBlockRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(cx: &mut Cx<'_>, input: PutPublicAccessBlockRequest) -> Result<Reply<Nothing>, Error> {
        let asked = input.public_access_block_configuration;
        let set = PublicAccess {
            block_acls: asked.block_public_acls == Some(true),
            ignore_acls: asked.ignore_public_acls == Some(true),
            block_policy: asked.block_public_policy == Some(true),
            restrict: asked.restrict_public_buckets == Some(true),
        };
        change(cx, |bucket| bucket.public_access = Some(set)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeletePublicAccessBlock {
    async fn targets(cx: &Cx<'_>, _input: &DeletePublicAccessBlockRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:PutBucketPublicAccessBlock").await
    }

    async fn run(cx: &mut Cx<'_>, _input: DeletePublicAccessBlockRequest) -> Result<Reply<Nothing>, Error> {
        change(cx, |bucket| bucket.public_access = None).await?;
        Ok(Nothing.into())
    }
}

/// Changes the record of the bucket that permission was decided on.
pub(super) async fn change(cx: &Cx<'_>, edit: impl Fn(&mut Bucket)) -> Result<(), Error> {
    let decided = bucket(cx).await?;
    let place = key::bucket(&decided.name);
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        require_same(&mut txn, &decided).await?;
        let found = records::read::<Bucket>(&mut txn, &place).await?;
        let (mut bucket, _) = found.ok_or_else(|| s3::no_such_bucket(&decided.name))?;
        edit(&mut bucket);
        records::write(&mut txn, place.clone(), &bucket)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}
