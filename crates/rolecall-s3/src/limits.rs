//! Limits of S3, each in one place. Lengths are in bytes unless said otherwise.

pub(crate) use rolecall_core::limits::UPLOAD;

/// An object or part that is stored within its record instead of a blob.
pub(crate) const INLINE_OBJECT: usize = 16 << 10;
/// An object's key.
pub(crate) const OBJECT_KEY: usize = 1024;
/// A bucket policy.
pub(crate) const BUCKET_POLICY: usize = 20 * 1024;
/// All `x-amz-meta-` names and values of an object together.
pub(crate) const USER_METADATA: usize = 2048;
/// Buckets of an account.
pub(crate) const BUCKETS: usize = 10_000;
/// The largest object: 5 TiB.
pub(crate) const OBJECT: u64 = 5 << 40;
/// Every part of a multipart upload but the last.
pub(crate) const PART_LEAST: u64 = 5 << 20;
