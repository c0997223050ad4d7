//! S3: the operations on buckets and objects that temporary credentials unlock, and what they store.
//!
//! An operation is served through the gate of rolecall-core like any other; [`HANDLERS`] is what the gate is opened to.

mod acl;
mod bucket;
mod content;
mod context;
mod error;
mod limits;
mod listing;
mod multipart;
mod object;
mod place;
mod records;
mod tag_set;
#[cfg(test)]
mod tests;
mod unsupported_headers;

pub use content::sweep::sweep;

use object::post_object;
use rolecall_core::gate::{Handler, Serve};
use rolecall_wire::s3::op;

/// Stands for this crate as the one that serves an operation.
#[derive(Debug)]
pub struct S3;

/// Every operation that is served here.
pub static HANDLERS: &[Handler] = &[
    of::<op::AbortMultipartUpload>(),
    of::<op::CompleteMultipartUpload>(),
    of::<op::CopyObject>(),
    of::<op::CreateBucket>(),
    of::<op::CreateMultipartUpload>(),
    of::<op::DeleteBucket>(),
    of::<op::DeleteBucketCors>(),
    of::<op::DeleteBucketEncryption>(),
    of::<op::DeleteBucketLifecycle>(),
    of::<op::DeleteBucketPolicy>(),
    of::<op::DeleteBucketReplication>(),
    of::<op::DeleteBucketTagging>(),
    of::<op::DeleteBucketWebsite>(),
    of::<op::DeleteObject>(),
    of::<op::DeleteObjectTagging>(),
    of::<op::DeleteObjects>(),
    of::<op::DeletePublicAccessBlock>(),
    of::<op::GetBucketAccelerateConfiguration>(),
    of::<op::GetBucketAcl>(),
    of::<op::GetBucketCors>(),
    of::<op::GetBucketEncryption>(),
    of::<op::GetBucketLifecycleConfiguration>(),
    of::<op::GetBucketLocation>(),
    of::<op::GetBucketLogging>(),
    of::<op::GetBucketNotificationConfiguration>(),
    of::<op::GetBucketOwnershipControls>(),
    of::<op::GetBucketPolicy>(),
    of::<op::GetBucketPolicyStatus>(),
    of::<op::GetBucketReplication>(),
    of::<op::GetBucketRequestPayment>(),
    of::<op::GetBucketTagging>(),
    of::<op::GetBucketVersioning>(),
    of::<op::GetBucketWebsite>(),
    of::<op::GetObject>(),
    of::<op::GetObjectAcl>(),
    of::<op::GetObjectAttributes>(),
    of::<op::GetObjectLegalHold>(),
    of::<op::GetObjectLockConfiguration>(),
    of::<op::GetObjectRetention>(),
    of::<op::GetObjectTagging>(),
    of::<op::GetPublicAccessBlock>(),
    of::<op::HeadBucket>(),
    of::<op::HeadObject>(),
    of::<op::ListBuckets>(),
    of::<op::ListMultipartUploads>(),
    of::<op::ListObjectVersions>(),
    of::<op::ListObjects>(),
    of::<op::ListObjectsV2>(),
    of::<op::ListParts>(),
    of::<post_object::PostObject>(),
    of::<op::PutBucketAcl>(),
    of::<op::PutBucketPolicy>(),
    of::<op::PutBucketTagging>(),
    of::<op::PutObject>(),
    of::<op::PutObjectAcl>(),
    of::<op::PutObjectLegalHold>(),
    of::<op::PutObjectRetention>(),
    of::<op::PutObjectTagging>(),
    of::<op::PutPublicAccessBlock>(),
    of::<op::UploadPart>(),
    of::<op::UploadPartCopy>(),
];

const fn of<O: Serve<S3>>() -> Handler {
    Handler::by::<S3, O>()
}
