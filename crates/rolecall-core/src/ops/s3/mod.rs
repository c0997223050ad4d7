//! The operations of S3.

mod abort_multipart_upload;
mod acl;
mod bucket_name;
mod bucket_policy;
mod bucket_settings;
mod complete_multipart_upload;
mod completed;
mod copy_object;
mod copy_source;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_object;
mod delete_objects;
mod get_object;
mod get_object_attributes;
mod head_bucket;
mod intake;
mod joined;
mod list_buckets;
mod list_multipart_uploads;
mod list_object_versions;
mod list_objects;
mod list_parts;
mod listing;
mod object_headers;
mod object_lock;
mod object_tagging;
mod outflow;
mod place;
mod post_object;
mod public_policy;
mod put_object;
mod range;
mod read_conditions;
mod stored;
mod sweep;
mod tag_set;
#[cfg(test)]
mod tests;
mod unserved;
mod unset;
mod upload_part;
mod upload_part_copy;
mod uploads;

pub use sweep::sweep;

use crate::gate::Handler;
use rolecall_wire::s3::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AbortMultipartUpload>(),
    Handler::of::<op::CompleteMultipartUpload>(),
    Handler::of::<op::CopyObject>(),
    Handler::of::<op::CreateBucket>(),
    Handler::of::<op::CreateMultipartUpload>(),
    Handler::of::<op::DeleteBucket>(),
    Handler::of::<op::DeleteBucketCors>(),
    Handler::of::<op::DeleteBucketEncryption>(),
    Handler::of::<op::DeleteBucketLifecycle>(),
    Handler::of::<op::DeleteBucketPolicy>(),
    Handler::of::<op::DeleteBucketReplication>(),
    Handler::of::<op::DeleteBucketTagging>(),
    Handler::of::<op::DeleteBucketWebsite>(),
    Handler::of::<op::DeleteObject>(),
    Handler::of::<op::DeleteObjectTagging>(),
    Handler::of::<op::DeleteObjects>(),
    Handler::of::<op::DeletePublicAccessBlock>(),
    Handler::of::<op::GetBucketAccelerateConfiguration>(),
    Handler::of::<op::GetBucketAcl>(),
    Handler::of::<op::GetBucketCors>(),
    Handler::of::<op::GetBucketEncryption>(),
    Handler::of::<op::GetBucketLifecycleConfiguration>(),
    Handler::of::<op::GetBucketLocation>(),
    Handler::of::<op::GetBucketLogging>(),
    Handler::of::<op::GetBucketNotificationConfiguration>(),
    Handler::of::<op::GetBucketOwnershipControls>(),
    Handler::of::<op::GetBucketPolicy>(),
    Handler::of::<op::GetBucketPolicyStatus>(),
    Handler::of::<op::GetBucketReplication>(),
    Handler::of::<op::GetBucketRequestPayment>(),
    Handler::of::<op::GetBucketTagging>(),
    Handler::of::<op::GetBucketVersioning>(),
    Handler::of::<op::GetBucketWebsite>(),
    Handler::of::<op::GetObject>(),
    Handler::of::<op::GetObjectAcl>(),
    Handler::of::<op::GetObjectAttributes>(),
    Handler::of::<op::GetObjectLegalHold>(),
    Handler::of::<op::GetObjectLockConfiguration>(),
    Handler::of::<op::GetObjectRetention>(),
    Handler::of::<op::GetObjectTagging>(),
    Handler::of::<op::GetPublicAccessBlock>(),
    Handler::of::<op::HeadBucket>(),
    Handler::of::<op::HeadObject>(),
    Handler::of::<op::ListBuckets>(),
    Handler::of::<op::ListMultipartUploads>(),
    Handler::of::<op::ListObjectVersions>(),
    Handler::of::<op::ListObjects>(),
    Handler::of::<op::ListObjectsV2>(),
    Handler::of::<op::ListParts>(),
    Handler::of::<post_object::PostObject>(),
    Handler::of::<op::PutBucketAcl>(),
    Handler::of::<op::PutBucketPolicy>(),
    Handler::of::<op::PutBucketTagging>(),
    Handler::of::<op::PutObject>(),
    Handler::of::<op::PutObjectAcl>(),
    Handler::of::<op::PutObjectLegalHold>(),
    Handler::of::<op::PutObjectRetention>(),
    Handler::of::<op::PutObjectTagging>(),
    Handler::of::<op::PutPublicAccessBlock>(),
    Handler::of::<op::UploadPart>(),
    Handler::of::<op::UploadPartCopy>(),
];
