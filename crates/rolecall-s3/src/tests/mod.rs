//! S3 as its callers see it.

mod answers;
mod checksums;
mod default_settings;
mod forms;
mod multipart;
mod objects;
mod policies;
mod presigned;
mod races;
mod refusals;
mod versions;
