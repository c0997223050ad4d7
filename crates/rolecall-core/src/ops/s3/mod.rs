//! The operations of S3.

mod bucket_name;
mod create_bucket;
mod delete_bucket;
mod delete_object;
mod get_object;
mod head_bucket;
mod intake;
mod list_buckets;
mod list_objects;
mod listing;
mod object_headers;
mod outflow;
mod place;
mod put_object;
mod range;
mod read_conditions;
mod stored;
mod tag_set;
#[cfg(test)]
mod tests;
mod unserved;

use crate::gate::Handler;
use rolecall_wire::s3::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::CreateBucket>(),
    Handler::of::<op::DeleteBucket>(),
    Handler::of::<op::DeleteObject>(),
    Handler::of::<op::GetBucketLocation>(),
    Handler::of::<op::GetObject>(),
    Handler::of::<op::HeadBucket>(),
    Handler::of::<op::HeadObject>(),
    Handler::of::<op::ListBuckets>(),
    Handler::of::<op::ListObjects>(),
    Handler::of::<op::ListObjectsV2>(),
    Handler::of::<op::PutObject>(),
];
