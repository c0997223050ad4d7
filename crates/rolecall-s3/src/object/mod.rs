//! Objects: storing, reading, copying and deleting them, and what is said of them.

pub(crate) mod copy_object;
pub(crate) mod copy_source;
pub(crate) mod delete_object;
pub(crate) mod delete_objects;
pub(crate) mod get_object;
pub(crate) mod get_object_attributes;
pub(crate) mod object_headers;
pub(crate) mod object_lock;
pub(crate) mod object_tagging;
pub(crate) mod post_object;
pub(crate) mod put_object;
pub(crate) mod range;
pub(crate) mod read_conditions;
