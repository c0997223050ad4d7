//! What buckets here are never set to: reading such a setting answers what AWS does while nothing is set,
//! and clearing it succeeds. Setting one is not served, so none of these answers can be untrue.

use crate::S3;
use crate::error as s3;
use crate::place::{SeenBucket, bucket_targets};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::{Nothing, Operation};
use rolecall_wire::s3::{
    GetBucketAccelerateConfigurationOutput, GetBucketLoggingOutput, GetBucketRequestPaymentOutput,
    GetBucketVersioningOutput, NotificationConfiguration, op,
};

/// The operation, the action it needs on the bucket, and its answer, given the bucket's name. The
/// operations differ in nothing else.
macro_rules! unset {
    ($($operation:ident needs $action:literal, $answer:expr;)*) => {$(
        impl Serve<S3> for op::$operation {
            type Seen = SeenBucket;

            async fn targets(cx: &Cx<'_>, _: &<Self as Operation>::Input) -> Result<Targets<SeenBucket>, Error> {
                bucket_targets(cx, $action).await
            }

            async fn run(_: &mut Cx<'_>, input: <Self as Operation>::Input, _: Granted<SeenBucket>) -> Result<Reply<<Self as Operation>::Output>, Error> {
                let answer: fn(&str) -> Result<<Self as Operation>::Output, Error> = $answer;
                answer(&input.bucket).map(Reply::from)
            }
        }
    )*};
}

unset! {
    GetBucketAccelerateConfiguration needs "s3:GetAccelerateConfiguration",
        |_| Ok(GetBucketAccelerateConfigurationOutput::default());
    GetBucketLogging needs "s3:GetBucketLogging", |_| Ok(GetBucketLoggingOutput::default());
    GetBucketNotificationConfiguration needs "s3:GetBucketNotification",
        |_| Ok(NotificationConfiguration::default());
    GetBucketRequestPayment needs "s3:GetBucketRequestPayment",
        |_| Ok(GetBucketRequestPaymentOutput { payer: Some("BucketOwner".to_owned()) });
    GetBucketVersioning needs "s3:GetBucketVersioning", |_| Ok(GetBucketVersioningOutput::default());

    GetBucketCors needs "s3:GetBucketCORS", |bucket| Err(s3::no_such_cors(bucket));
    GetBucketEncryption needs "s3:GetEncryptionConfiguration", |bucket| Err(s3::no_encryption(bucket));
    GetBucketLifecycleConfiguration needs "s3:GetLifecycleConfiguration",
        |bucket| Err(s3::no_such_lifecycle(bucket));
    GetBucketReplication needs "s3:GetReplicationConfiguration", |bucket| Err(s3::no_replication(bucket));
    GetBucketWebsite needs "s3:GetBucketWebsite", |bucket| Err(s3::no_such_website(bucket));
    GetObjectLockConfiguration needs "s3:GetBucketObjectLockConfiguration",
        |bucket| Err(s3::no_object_lock(bucket));

    DeleteBucketCors needs "s3:PutBucketCORS", |_| Ok(Nothing);
    DeleteBucketEncryption needs "s3:PutEncryptionConfiguration", |_| Ok(Nothing);
    DeleteBucketLifecycle needs "s3:PutLifecycleConfiguration", |_| Ok(Nothing);
    DeleteBucketReplication needs "s3:PutReplicationConfiguration", |_| Ok(Nothing);
    DeleteBucketWebsite needs "s3:DeleteBucketWebsite", |_| Ok(Nothing);
}
