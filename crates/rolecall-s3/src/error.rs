//! The sentences of S3 (S3 API Reference, Error responses; recorded from AWS unless said otherwise).

pub(crate) use rolecall_core::error::s3::{entity_too_large, invalid_argument, method_not_allowed, with};

use rolecall_core::Error;
use rolecall_wire::error::s3 as code;
use std::borrow::Cow;

pub(crate) fn access_denied() -> Error {
    Error::api(code::ACCESS_DENIED, "Access Denied")
}

pub(crate) fn no_such_bucket(bucket: &str) -> Error {
    with(code::NO_SUCH_BUCKET, "The specified bucket does not exist", &[("BucketName", bucket)])
}

pub(crate) fn no_such_key(key: &str) -> Error {
    with(code::NO_SUCH_KEY, "The specified key does not exist.", &[("Key", key)])
}

pub(crate) fn no_such_version(key: &str, version: &str) -> Error {
    let fields = [("Key", key), ("VersionId", version)];
    with(code::NO_SUCH_VERSION, "The specified version does not exist.", &fields)
}

pub(crate) fn no_such_upload(id: &str) -> Error {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may \
                   have been aborted or completed.";
    with(code::NO_SUCH_UPLOAD, message, &[("UploadId", id)])
}

pub(crate) fn no_such_bucket_policy(bucket: &str) -> Error {
    with(code::NO_SUCH_BUCKET_POLICY, "The bucket policy does not exist", &[("BucketName", bucket)])
}

pub(crate) fn no_such_tag_set(bucket: &str) -> Error {
    with(code::NO_SUCH_TAG_SET, "The TagSet does not exist", &[("BucketName", bucket)])
}

pub(crate) fn no_such_public_access_block(bucket: &str) -> Error {
    let message = "The public access block configuration was not found";
    with(code::NO_SUCH_PUBLIC_ACCESS_BLOCK_CONFIGURATION, message, &[("BucketName", bucket)])
}

pub(crate) fn no_such_cors(bucket: &str) -> Error {
    let message = "The CORS configuration does not exist";
    with(code::NO_SUCH_CORS_CONFIGURATION, message, &[("BucketName", bucket)])
}

pub(crate) fn no_such_website(bucket: &str) -> Error {
    let message = "The specified bucket does not have a website configuration";
    with(code::NO_SUCH_WEBSITE_CONFIGURATION, message, &[("BucketName", bucket)])
}

pub(crate) fn no_such_lifecycle(bucket: &str) -> Error {
    let message = "The lifecycle configuration does not exist";
    with(code::NO_SUCH_LIFECYCLE_CONFIGURATION, message, &[("BucketName", bucket)])
}

pub(crate) fn no_replication(bucket: &str) -> Error {
    let message = "The replication configuration was not found";
    with(code::REPLICATION_CONFIGURATION_NOT_FOUND_ERROR, message, &[("BucketName", bucket)])
}

/// What S3 answered before it encrypted every bucket.
pub(crate) fn no_encryption(bucket: &str) -> Error {
    let message = "The server side encryption configuration was not found";
    with(code::SERVER_SIDE_ENCRYPTION_CONFIGURATION_NOT_FOUND_ERROR, message, &[("BucketName", bucket)])
}

pub(crate) fn no_object_lock(bucket: &str) -> Error {
    let message = "Object Lock configuration does not exist for this bucket";
    with(code::OBJECT_LOCK_CONFIGURATION_NOT_FOUND_ERROR, message, &[("BucketName", bucket)])
}

/// About an object's own lock.
pub(crate) fn bucket_without_object_lock() -> Error {
    invalid_request("Bucket is missing Object Lock Configuration")
}

pub(crate) fn invalid_bucket_name(bucket: &str) -> Error {
    with(code::INVALID_BUCKET_NAME, "The specified bucket is not valid.", &[("BucketName", bucket)])
}

pub(crate) fn bucket_already_exists(bucket: &str) -> Error {
    let message = "The requested bucket name is not available. The bucket namespace is shared by all users \
                   of the system. Please select a different name and try again.";
    with(code::BUCKET_ALREADY_EXISTS, message, &[("BucketName", bucket)])
}

pub(crate) fn bucket_already_owned(bucket: &str) -> Error {
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    with(code::BUCKET_ALREADY_OWNED_BY_YOU, message, &[("BucketName", bucket)])
}

pub(crate) fn too_many_buckets() -> Error {
    Error::api(code::TOO_MANY_BUCKETS, "You have attempted to create more buckets than allowed")
}

pub(crate) fn bucket_not_empty(bucket: &str) -> Error {
    let message = "The bucket you tried to delete is not empty";
    with(code::BUCKET_NOT_EMPTY, message, &[("BucketName", bucket)])
}

/// `constraint` is `None` when the request names none.
pub(crate) fn illegal_location_constraint(constraint: Option<&str>) -> Error {
    let named = constraint.unwrap_or("unspecified");
    let message = format!(
        "The {named} location constraint is incompatible for the region specific endpoint this request was \
         sent to."
    );
    Error::api(code::ILLEGAL_LOCATION_CONSTRAINT_EXCEPTION, message)
}

pub(crate) fn invalid_location_constraint(constraint: &str) -> Error {
    let message = "The specified location-constraint is not valid";
    with(code::INVALID_LOCATION_CONSTRAINT, message, &[("LocationConstraint", constraint)])
}

pub(crate) fn invalid_bucket_owner(given: &str) -> Error {
    let message =
        format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{given}]");
    Error::api(code::INVALID_BUCKET_OWNER_AWS_ACCOUNT_ID, message)
}

/// `name` is the header that asks for what is not done.
pub(crate) fn not_implemented(name: &str) -> Error {
    let fields = [("Header", name)];
    if !name.contains("server-side-encryption") {
        return with(code::NOT_IMPLEMENTED, NOT_IMPLEMENTED, &fields);
    }
    // Clients show the message alone, and many tutorials set this one.
    let message = format!(
        "{NOT_IMPLEMENTED}: {name}. Objects are not encrypted at rest here: leave it out (`encrypt` of Terraform's S3 \
         backend, `--sse` of the AWS CLI)"
    );
    with(code::NOT_IMPLEMENTED, message, &fields)
}

/// A write knows no other `If-None-Match` than `*`, and no `If-Match` that is `*`.
pub(crate) fn write_condition(header: &'static str) -> Error {
    let more = format!("We don't accept the provided value of {header} header for this API");
    with(code::NOT_IMPLEMENTED, NOT_IMPLEMENTED, &[("Header", header), ("additionalMessage", &more)])
}

/// A write has one condition at most.
pub(crate) fn both_write_conditions() -> Error {
    let more = "Multiple conditional request headers present in the request";
    let fields = [("Header", "If-Match,If-None-Match"), ("additionalMessage", more)];
    with(code::NOT_IMPLEMENTED, NOT_IMPLEMENTED, &fields)
}

const NOT_IMPLEMENTED: &str = "A header you provided implies functionality that is not implemented";

pub(crate) fn acl_not_supported() -> Error {
    Error::api(code::ACCESS_CONTROL_LIST_NOT_SUPPORTED, "The bucket does not allow ACLs")
}

pub(crate) fn key_too_long(length: usize, most: usize) -> Error {
    with(
        code::KEY_TOO_LONG_ERROR,
        "Your key is too long",
        &[("Size", &length.to_string()), ("MaxSizeAllowed", &most.to_string())],
    )
}

pub(crate) fn invalid_uri() -> Error {
    Error::api(code::INVALID_URI, "Couldn't parse the specified URI.")
}

pub(crate) fn precondition_failed(condition: &'static str) -> Error {
    let message = "At least one of the pre-conditions you specified did not hold";
    with(code::PRECONDITION_FAILED, message, &[("Condition", condition)])
}

pub(crate) fn invalid_range(asked: &str, size: u64) -> Error {
    with(
        code::INVALID_RANGE,
        "The requested range is not satisfiable",
        &[("RangeRequested", asked), ("ActualObjectSize", &size.to_string())],
    )
}

pub(crate) fn part_not_satisfiable(asked: i64, parts: usize) -> Error {
    with(
        code::INVALID_PART_NUMBER,
        "The requested partnumber is not satisfiable",
        &[("PartNumberRequested", &asked.to_string()), ("ActualPartCount", &parts.to_string())],
    )
}

pub(crate) fn range_and_part() -> Error {
    invalid_request("Cannot specify both Range header and partNumber query parameter")
}

pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Error {
    Error::api(code::INVALID_REQUEST, message)
}

pub(crate) fn part_number(given: i64) -> Error {
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    invalid_argument(message, "partNumber", &given.to_string())
}

pub(crate) fn invalid_version_id(given: &str) -> Error {
    invalid_argument("Invalid version id specified", "versionId", given)
}

pub(crate) fn version_marker(message: &'static str) -> Error {
    with(code::INVALID_ARGUMENT, message, &[("ArgumentName", "version-id-marker")])
}

pub(crate) fn negative(name: &'static str, member: &'static str, given: i64) -> Error {
    let message = format!("Argument {member} must be an integer between 0 and 2147483647");
    invalid_argument(message, name, &given.to_string())
}

pub(crate) fn continuation_token() -> Error {
    let message = "The continuation token provided is incorrect";
    with(code::INVALID_ARGUMENT, message, &[("ArgumentName", "continuation-token")])
}

pub(crate) fn metadata_too_large(size: usize, most: usize) -> Error {
    with(
        code::METADATA_TOO_LARGE,
        "Your metadata headers exceed the maximum allowed metadata size",
        &[("Size", &size.to_string()), ("MaxSizeAllowed", &most.to_string())],
    )
}

pub(crate) fn malformed_xml() -> Error {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Error::api(code::MALFORMED_XML, message)
}

pub(crate) fn invalid_tag(message: &'static str, key: &str) -> Error {
    with(code::INVALID_TAG, message, &[("TagKey", key)])
}

pub(crate) fn invalid_tag_value(key: &str, value: &str) -> Error {
    let fields = [("TagKey", key), ("TagValue", value)];
    with(code::INVALID_TAG, "The TagValue you have provided is invalid", &fields)
}

pub(crate) fn too_many_tags(of: &'static str, most: usize) -> Error {
    Error::api(code::BAD_REQUEST, format!("{of} tags cannot be greater than {most}"))
}

pub(crate) fn tagging_header(given: &str) -> Error {
    let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query \
                   parameters without tag name duplicates.";
    invalid_argument(message, "x-amz-tagging", given)
}

pub(crate) fn malformed_policy(message: impl Into<Cow<'static, str>>) -> Error {
    Error::api(code::MALFORMED_POLICY, message)
}

/// Reported by users of S3; `who` is the caller's ARN.
pub(crate) fn public_policy_blocked(who: &str, bucket_arn: &str) -> Error {
    let message = format!(
        "User: {who} is not authorized to perform: s3:PutBucketPolicy on resource: \"{bucket_arn}\" because \
         public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
    );
    Error::api(code::ACCESS_DENIED, message)
}

pub(crate) fn copy_source(given: &str) -> Error {
    invalid_argument("Invalid copy source object key", "x-amz-copy-source", given)
}

pub(crate) fn copy_source_range(given: &str) -> Error {
    let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and \
                   last are the zero-based offsets of the first and last bytes to copy";
    invalid_argument(message, "x-amz-copy-source-range", given)
}

pub(crate) fn copy_source_too_large(most: u64) -> Error {
    invalid_request(format!(
        "The specified copy source is larger than the maximum allowable size for a copy source: {most}"
    ))
}

pub(crate) fn copy_onto_itself() -> Error {
    invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the \
         object's metadata, storage class, website redirect location or encryption attributes.",
    )
}

pub(crate) fn invalid_part(upload: &str, number: i64, etag: &str) -> Error {
    let message = "One or more of the specified parts could not be found.  The part may not have been \
                   uploaded, or the specified entity tag may not match the part's entity tag.";
    let number = number.to_string();
    with(code::INVALID_PART, message, &[("UploadId", upload), ("PartNumber", &number), ("ETag", etag)])
}

pub(crate) fn invalid_part_order(upload: &str) -> Error {
    let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    with(code::INVALID_PART_ORDER, message, &[("UploadId", upload)])
}

pub(crate) fn part_too_small(size: u64, number: u32, etag: &str) -> Error {
    with(
        code::ENTITY_TOO_SMALL,
        "Your proposed upload is smaller than the minimum allowed size",
        &[
            ("ProposedSize", &size.to_string()),
            ("MinSizeAllowed", "5242880"),
            ("PartNumber", &number.to_string()),
            ("ETag", etag),
        ],
    )
}

pub(crate) fn no_parts() -> Error {
    invalid_request("You must specify at least one part")
}

pub(crate) fn checksum_type(kind: &str, algorithm: &str) -> Error {
    let algorithm = algorithm.to_lowercase();
    invalid_request(format!(
        "The {kind} checksum type cannot be used with the {algorithm} checksum algorithm."
    ))
}

/// The list is what S3 says, which takes one more.
pub(crate) fn checksum_algorithm() -> Error {
    invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, \
         CRC32C, SHA1, SHA256]",
    )
}

pub(crate) fn checksum_type_alone() -> Error {
    invalid_request(
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    )
}

/// `sent` is `null` when a part has no checksum.
pub(crate) fn checksum_mismatch(expected: &str, sent: &str) -> Error {
    let (expected, sent) = (expected.to_lowercase(), sent.to_lowercase());
    invalid_request(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {sent}"
    ))
}

/// `kind` is that of the upload; `null` when it has none.
pub(crate) fn checksum_mode(kind: &str) -> Error {
    invalid_request(format!(
        "The upload was created using the {kind} checksum mode. The complete request must use the same checksum \
         mode."
    ))
}

pub(crate) fn part_without_checksum(algorithm: &str, number: i64) -> Error {
    let algorithm = algorithm.to_lowercase();
    invalid_request(format!(
        "The upload was created using a {algorithm} checksum. The complete request must include the checksum for \
         each part. It was missing for part {number} in the request."
    ))
}

pub(crate) fn part_digest(algorithm: &str, number: i64) -> Error {
    let algorithm = algorithm.to_lowercase();
    let message = format!("The {algorithm} you specified for part {number} did not match what we received.");
    Error::api(code::BAD_DIGEST, message)
}

/// A part's checksum in the body that completes an upload, which is no checksum.
pub(crate) fn part_checksum_invalid(algorithm: &str, value: &str) -> Error {
    let message = "Invalid Base64 or multiple checksums present in request";
    invalid_argument(message, "Checksum", &format!("{algorithm}:{value};"))
}

pub(crate) fn checksum_header(name: &str) -> Error {
    invalid_request(format!("Value for {name} header is invalid."))
}

pub(crate) fn object_size(expected: i64, actual: u64) -> Error {
    invalid_request(format!(
        "The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {actual}"
    ))
}

pub(crate) fn copy_source_range_too_far(given: &str, size: u64) -> Error {
    let message = format!("Range specified is not valid for source object of size: {size}");
    invalid_argument(message, "x-amz-copy-source-range", given)
}

pub(crate) fn bad_digest(algorithm: &str) -> Error {
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm);
    Error::api(code::BAD_DIGEST, message)
}
