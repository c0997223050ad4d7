//! S3's condition keys that only some of its actions have (Service Authorization Reference, Amazon S3).

use rolecall_core::target::Target;
use rolecall_policy::Key;
use rolecall_wire::Request;

/// The keys of an action that writes an object (or copies one), from the headers that were sent.
pub(crate) fn with_write_headers(mut target: Target, request: &Request, creates: bool) -> Target {
    for name in WRITE_HEADERS {
        target = target.with_some(Key::tag("s3:", name), request.header(name));
    }
    with_acl_headers(target, request).with("s3:ObjectCreationOperation", creates.to_string())
}

/// The key of a copy: where it comes from, as `bucket/key`. A header that is spelled otherwise (a slash before it,
/// characters encoded that need not be, a version behind it) means the same object and must not pass by a
/// policy that names it.
pub(crate) fn with_copy_source(target: Target, bucket: &str, key: &str) -> Target {
    target.with("s3:x-amz-copy-source", [bucket, "/", key].concat())
}

/// The keys of an action that sets an access control list, from the headers that were sent.
pub(crate) fn with_acl_headers(mut target: Target, request: &Request) -> Target {
    for name in ACL_HEADERS {
        target = target.with_some(Key::tag("s3:", name), request.header(name));
    }
    target
}

/// The tags that a request gives an object.
pub(crate) fn with_object_tags(mut target: Target, tags: &[(String, String)]) -> Target {
    if !tags.is_empty() {
        let keys = tags.iter().map(|(key, _)| key.clone()).collect();
        target = target.with_many("s3:RequestObjectTagKeys", keys);
    }
    for (key, value) in tags {
        target = target.with(Key::tag("s3:RequestObjectTag/", key.clone()), value.as_str());
    }
    target
}

/// Headers of access control lists whose values are condition keys of the same name.
const ACL_HEADERS: [&str; 6] = [
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
];

/// The other headers of writing an object whose values are condition keys of the same name.
const WRITE_HEADERS: [&str; 7] = [
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-object-ownership",
    "if-match",
    "if-none-match",
];
