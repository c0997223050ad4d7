//! Buckets: making, listing and deleting them, and their settings.

pub(crate) mod bucket_name;
pub(crate) mod bucket_policy;
pub(crate) mod bucket_settings;
pub(crate) mod create_bucket;
pub(crate) mod default_settings;
pub(crate) mod delete_bucket;
pub(crate) mod head_bucket;
pub(crate) mod list_buckets;
pub(crate) mod public_policy;
