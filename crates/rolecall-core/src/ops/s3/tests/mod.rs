//! S3 as its callers see it.

mod objects;
