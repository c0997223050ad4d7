//! Access control lists, which are off (S3 User Guide, Controlling ownership of objects): every bucket is
//! `BucketOwnerEnforced`, as new ones are. The lists show the owner's full control and cannot be set.

use crate::S3;
use crate::context::with_acl_headers;
use crate::error as s3;
use crate::listing::list_objects::owner;
use crate::place::{self, Action, SeenBucket, SeenObject, bucket, bucket_targets};
use crate::records::Bucket;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{
    GetBucketAclOutput, GetBucketAclRequest, GetBucketOwnershipControlsOutput,
    GetBucketOwnershipControlsRequest, GetObjectAclOutput, GetObjectAclRequest, Grant, Grantee,
    OwnershipControls, OwnershipControlsRule, PutBucketAclRequest, PutObjectAclOutput, PutObjectAclRequest,
    op,
};

impl Serve<S3> for op::GetBucketAcl {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &GetBucketAclRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketAcl").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: GetBucketAclRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketAclOutput>, Error> {
        let bucket = granted.seen();
        Ok(GetBucketAclOutput { owner: Some(owner(bucket)), grants: full_control(bucket) }.into())
    }
}

impl Serve<S3> for op::PutBucketAcl {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &PutBucketAclRequest) -> Result<Targets<SeenBucket>, Error> {
        let targets = bucket_targets(cx, "s3:PutBucketAcl").await?;
        Ok(targets.map(|target| with_acl_headers(target, &cx.request)))
    }

    async fn run(
        _cx: &mut Cx<'_>,
        _input: PutBucketAclRequest,
        _: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        Err(s3::acl_not_supported())
    }
}

impl Serve<S3> for op::GetBucketOwnershipControls {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &GetBucketOwnershipControlsRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketOwnershipControls").await
    }

    async fn run(
        _cx: &mut Cx<'_>,
        _input: GetBucketOwnershipControlsRequest,
        _: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketOwnershipControlsOutput>, Error> {
        let rules = vec![OwnershipControlsRule { object_ownership: "BucketOwnerEnforced".to_owned() }];
        let ownership_controls = Some(OwnershipControls { rules });
        Ok(GetBucketOwnershipControlsOutput { ownership_controls }.into())
    }
}

impl Serve<S3> for op::GetObjectAcl {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &GetObjectAclRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = bucket(cx).await?;
        let read = Action("s3:GetObjectAcl", "s3:GetObjectVersionAcl");
        place::object_targets(cx, bucket, &input.key, &[read], input.version_id.as_deref()).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetObjectAclRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<GetObjectAclOutput>, Error> {
        place::decided(&mut granted, input.version_id.as_deref())?;
        let bucket = &granted.seen().bucket;
        let grants = full_control(bucket);
        Ok(GetObjectAclOutput { owner: Some(owner(bucket)), grants, request_charged: None }.into())
    }
}

impl Serve<S3> for op::PutObjectAcl {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &PutObjectAclRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = bucket(cx).await?;
        let write = Action("s3:PutObjectAcl", "s3:PutObjectVersionAcl");
        let version = input.version_id.as_deref();
        let targets = place::object_targets(cx, bucket, &input.key, &[write], version).await?;
        Ok(targets.map(|target| with_acl_headers(target, &cx.request)))
    }

    async fn run(
        _: &mut Cx<'_>,
        input: PutObjectAclRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<PutObjectAclOutput>, Error> {
        place::decided(&mut granted, input.version_id.as_deref())?;
        Err(s3::acl_not_supported())
    }
}

fn full_control(bucket: &Bucket) -> Vec<Grant> {
    let grantee = Grantee {
        id: Some(bucket.owner.canonical_id()),
        r#type: "CanonicalUser".to_owned(),
        ..Grantee::default()
    };
    vec![Grant { grantee: Some(grantee), permission: Some("FULL_CONTROL".to_owned()) }]
}
