//! Uploads in parts.

pub(crate) mod abort_multipart_upload;
pub(crate) mod complete_multipart_upload;
pub(crate) mod completed;
pub(crate) mod create_multipart_upload;
pub(crate) mod etag_and_checksum;
pub(crate) mod list_multipart_uploads;
pub(crate) mod list_parts;
pub(crate) mod upload_part;
pub(crate) mod upload_part_copy;
pub(crate) mod uploads;
