//! S3 as its callers see it.

mod default_settings;
mod forms;
mod multipart;
mod objects;
mod policies;
mod races;
mod refusals;
mod versions;
