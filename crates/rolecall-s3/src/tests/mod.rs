//! S3 as its callers see it.

mod forms;
mod multipart;
mod objects;
mod policies;
mod races;
mod refusals;
mod unset;
mod versions;
