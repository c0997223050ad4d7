//! What S3 stores: one record a file; and what every record needs, from rolecall-core.

mod bucket;
pub(crate) mod key;
mod object;
mod upload;

pub(crate) use bucket::arn as bucket_arn;
pub(crate) use bucket::{Bucket, PublicAccess};
pub(crate) use object::{Checksum, Content, Object, ObjectHeaders};
pub(crate) use rolecall_core::records::{Document, Record, Sight, Tags, read, write};
pub(crate) use upload::{Completed, Part, Upload};
