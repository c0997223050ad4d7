//! What is the same for every bucket and object here: no versions, and no access control lists beyond
//! the owner's full control.

use super::list_objects::owner;
use super::place::{self, Action, bucket, bucket_targets};
use crate::error::Error;
use crate::gate::{Cx, Reply, Serve};
use crate::records::Bucket;
use crate::target::Targets;
use rolecall_wire::s3::{
    GetBucketAclOutput, GetBucketAclRequest, GetBucketOwnershipControlsOutput,
    GetBucketOwnershipControlsRequest, GetBucketVersioningOutput, GetBucketVersioningRequest,
    GetObjectAclOutput, GetObjectAclRequest, Grant, Grantee, OwnershipControls, OwnershipControlsRule, op,
};

impl Serve for op::GetBucketVersioning {
    async fn targets(cx: &Cx<'_>, _input: &GetBucketVersioningRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:GetBucketVersioning").await
    }

    async fn run(
        _cx: &mut Cx<'_>,
        _input: GetBucketVersioningRequest,
    ) -> Result<Reply<GetBucketVersioningOutput>, Error> {
        Ok(GetBucketVersioningOutput::default().into())
    }
}

impl Serve for op::GetBucketAcl {
    async fn targets(cx: &Cx<'_>, _input: &GetBucketAclRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:GetBucketAcl").await
    }

    async fn run(cx: &mut Cx<'_>, _input: GetBucketAclRequest) -> Result<Reply<GetBucketAclOutput>, Error> {
        let bucket = bucket(cx).await?;
        Ok(GetBucketAclOutput { owner: Some(owner(&bucket)), grants: full_control(&bucket) }.into())
    }
}

impl Serve for op::GetBucketOwnershipControls {
    async fn targets(cx: &Cx<'_>, _input: &GetBucketOwnershipControlsRequest) -> Result<Targets, Error> {
        bucket_targets(cx, "s3:GetBucketOwnershipControls").await
    }

    async fn run(
        _cx: &mut Cx<'_>,
        _input: GetBucketOwnershipControlsRequest,
    ) -> Result<Reply<GetBucketOwnershipControlsOutput>, Error> {
        let rules = vec![OwnershipControlsRule { object_ownership: "BucketOwnerEnforced".to_owned() }];
        let ownership_controls = Some(OwnershipControls { rules });
        Ok(GetBucketOwnershipControlsOutput { ownership_controls }.into())
    }
}

impl Serve for op::GetObjectAcl {
    async fn targets(cx: &Cx<'_>, input: &GetObjectAclRequest) -> Result<Targets, Error> {
        let bucket = bucket(cx).await?;
        let read = Action("s3:GetObjectAcl", "s3:GetObjectVersionAcl");
        place::object_targets(cx, &bucket, &input.key, &[read], input.version_id.as_deref()).await
    }

    async fn run(cx: &mut Cx<'_>, input: GetObjectAclRequest) -> Result<Reply<GetObjectAclOutput>, Error> {
        place::decided(cx, &input.key, input.version_id.as_deref())?;
        let bucket = bucket(cx).await?;
        let grants = full_control(&bucket);
        Ok(GetObjectAclOutput { owner: Some(owner(&bucket)), grants, request_charged: None }.into())
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
