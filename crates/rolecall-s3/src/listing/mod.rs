//! Listings of objects and versions.

pub(crate) mod list_object_versions;
pub(crate) mod list_objects;
pub(crate) mod pages;
