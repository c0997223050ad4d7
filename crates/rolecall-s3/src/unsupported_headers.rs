//! Headers that ask for what is not done here: each is refused, none is passed over in silence.

use crate::error as s3;
use rolecall_core::Error;
use rolecall_wire::Request;

/// Refuses a request that asks for encryption, object lock, access control lists or appending.
pub(crate) fn refuse(request: &Request) -> Result<(), Error> {
    for (name, value) in &request.headers {
        let name = name.as_str();
        let value = value.to_str().unwrap_or_default();
        if name == "x-amz-acl" && !PLAIN_ACLS.contains(&value) || name.starts_with("x-amz-grant-") {
            return Err(s3::acl_not_supported());
        }
        let switched_off = value.eq_ignore_ascii_case("false");
        if !switched_off && UNSERVED.iter().any(|start| name.starts_with(start)) {
            return Err(s3::not_implemented(name));
        }
        if name == "x-amz-storage-class" && ARCHIVES.contains(&value) {
            return Err(s3::not_implemented(name));
        }
    }
    Ok(())
}

/// What owners have anyway.
const PLAIN_ACLS: [&str; 2] = ["private", "bucket-owner-full-control"];

/// The beginnings of the names of headers that are refused.
const UNSERVED: [&str; 12] = [
    "x-amz-server-side-encryption",
    "x-amz-copy-source-server-side-encryption",
    "x-amz-object-lock-",
    "x-amz-bucket-object-lock-enabled",
    "x-amz-write-offset-bytes",
    "x-amz-mfa",
    "x-amz-annotation-directive",
    "x-amz-bucket-namespace",
    "x-amz-checksum-sha512",
    "x-amz-checksum-md5",
    "x-amz-checksum-xxhash",
    "x-amz-if-match-",
];

/// Storage classes whose objects must be restored before they are read, or that live elsewhere.
const ARCHIVES: [&str; 6] = ["GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS"];
