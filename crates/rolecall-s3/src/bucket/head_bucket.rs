//! `HeadBucket` and `GetBucketLocation`: that a bucket is there, and where.

use crate::S3;
use crate::place::{SeenBucket, bucket_targets};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    GetBucketLocationOutput, GetBucketLocationRequest, HeadBucketOutput, HeadBucketRequest, op,
};

impl Serve<S3> for op::HeadBucket {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &HeadBucketRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:ListBucket").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: HeadBucketRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<HeadBucketOutput>, Error> {
        let bucket = granted.seen();
        let output = HeadBucketOutput {
            bucket_arn: Some(bucket.arn()),
            bucket_region: Some(bucket.region.clone()),
            access_point_alias: Some(false),
            ..Default::default()
        };
        // S3 says of a body that is not there what it would be.
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/xml"))]);
        Ok(Reply { headers, ..output.into() })
    }
}

impl Serve<S3> for op::GetBucketLocation {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &GetBucketLocationRequest) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketLocation").await
    }

    /// us-east-1 has no name of its own here.
    async fn run(
        _: &mut Cx<'_>,
        _input: GetBucketLocationRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketLocationOutput>, Error> {
        let region = granted.seen().region.clone();
        let location_constraint = Some(region).filter(|region| region != "us-east-1");
        Ok(GetBucketLocationOutput { location_constraint }.into())
    }
}
