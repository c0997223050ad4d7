//! Error codes of S3 with their statuses (Amazon S3 API Reference, "Error responses").

use super::ErrorCode;

/// `AccessControlListNotSupported`, 400.
pub const ACCESS_CONTROL_LIST_NOT_SUPPORTED: ErrorCode =
    ErrorCode::sender("AccessControlListNotSupported", 400);
/// `AccessDenied`, 403.
pub const ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied", 403);
/// `AccessForbidden`, 403.
pub const ACCESS_FORBIDDEN: ErrorCode = ErrorCode::sender("AccessForbidden", 403);
/// `AuthorizationHeaderMalformed`, 400.
pub const AUTHORIZATION_HEADER_MALFORMED: ErrorCode = ErrorCode::sender("AuthorizationHeaderMalformed", 400);
/// `AuthorizationQueryParametersError`, 400.
pub const AUTHORIZATION_QUERY_PARAMETERS_ERROR: ErrorCode =
    ErrorCode::sender("AuthorizationQueryParametersError", 400);
/// `BadDigest`, 400.
pub const BAD_DIGEST: ErrorCode = ErrorCode::sender("BadDigest", 400);
/// `BadRequest`, 400.
pub const BAD_REQUEST: ErrorCode = ErrorCode::sender("BadRequest", 400);
/// `BucketAlreadyExists`, 409.
pub const BUCKET_ALREADY_EXISTS: ErrorCode = ErrorCode::sender("BucketAlreadyExists", 409);
/// `BucketAlreadyOwnedByYou`, 409.
pub const BUCKET_ALREADY_OWNED_BY_YOU: ErrorCode = ErrorCode::sender("BucketAlreadyOwnedByYou", 409);
/// `BucketNotEmpty`, 409.
pub const BUCKET_NOT_EMPTY: ErrorCode = ErrorCode::sender("BucketNotEmpty", 409);
/// `ConditionalRequestConflict`, 409.
pub const CONDITIONAL_REQUEST_CONFLICT: ErrorCode = ErrorCode::sender("ConditionalRequestConflict", 409);
/// `EntityTooLarge`, 400.
pub const ENTITY_TOO_LARGE: ErrorCode = ErrorCode::sender("EntityTooLarge", 400);
/// `EntityTooSmall`, 400.
pub const ENTITY_TOO_SMALL: ErrorCode = ErrorCode::sender("EntityTooSmall", 400);
/// `ExpiredToken`, 400.
pub const EXPIRED_TOKEN: ErrorCode = ErrorCode::sender("ExpiredToken", 400);
/// `IllegalLocationConstraintException`, 400.
pub const ILLEGAL_LOCATION_CONSTRAINT_EXCEPTION: ErrorCode =
    ErrorCode::sender("IllegalLocationConstraintException", 400);
/// `IllegalVersioningConfigurationException`, 400.
pub const ILLEGAL_VERSIONING_CONFIGURATION_EXCEPTION: ErrorCode =
    ErrorCode::sender("IllegalVersioningConfigurationException", 400);
/// `IncompleteBody`, 400.
pub const INCOMPLETE_BODY: ErrorCode = ErrorCode::sender("IncompleteBody", 400);
/// `InternalError`, 500.
pub const INTERNAL_ERROR: ErrorCode = ErrorCode::receiver("InternalError", 500);
/// `InvalidAccessKeyId`, 403.
pub const INVALID_ACCESS_KEY_ID: ErrorCode = ErrorCode::sender("InvalidAccessKeyId", 403);
/// `InvalidArgument`, 400.
pub const INVALID_ARGUMENT: ErrorCode = ErrorCode::sender("InvalidArgument", 400);
/// `InvalidBucketName`, 400.
pub const INVALID_BUCKET_NAME: ErrorCode = ErrorCode::sender("InvalidBucketName", 400);
/// `InvalidBucketOwnerAWSAccountID`, 400.
pub const INVALID_BUCKET_OWNER_AWS_ACCOUNT_ID: ErrorCode =
    ErrorCode::sender("InvalidBucketOwnerAWSAccountID", 400);
/// `InvalidBucketState`, 409.
pub const INVALID_BUCKET_STATE: ErrorCode = ErrorCode::sender("InvalidBucketState", 409);
/// `InvalidDigest`, 400.
pub const INVALID_DIGEST: ErrorCode = ErrorCode::sender("InvalidDigest", 400);
/// `InvalidEncryptionAlgorithmError`, 400.
pub const INVALID_ENCRYPTION_ALGORITHM_ERROR: ErrorCode =
    ErrorCode::sender("InvalidEncryptionAlgorithmError", 400);
/// `InvalidLocationConstraint`, 400.
pub const INVALID_LOCATION_CONSTRAINT: ErrorCode = ErrorCode::sender("InvalidLocationConstraint", 400);
/// `InvalidObjectState`, 403.
pub const INVALID_OBJECT_STATE: ErrorCode = ErrorCode::sender("InvalidObjectState", 403);
/// `InvalidPart`, 400.
pub const INVALID_PART: ErrorCode = ErrorCode::sender("InvalidPart", 400);
/// `InvalidPartNumber`, 416.
pub const INVALID_PART_NUMBER: ErrorCode = ErrorCode::sender("InvalidPartNumber", 416);
/// `InvalidPartOrder`, 400.
pub const INVALID_PART_ORDER: ErrorCode = ErrorCode::sender("InvalidPartOrder", 400);
/// `InvalidPolicyDocument`, 400.
pub const INVALID_POLICY_DOCUMENT: ErrorCode = ErrorCode::sender("InvalidPolicyDocument", 400);
/// `InvalidRange`, 416.
pub const INVALID_RANGE: ErrorCode = ErrorCode::sender("InvalidRange", 416);
/// `InvalidRequest`, 400.
pub const INVALID_REQUEST: ErrorCode = ErrorCode::sender("InvalidRequest", 400);
/// `InvalidStorageClass`, 400.
pub const INVALID_STORAGE_CLASS: ErrorCode = ErrorCode::sender("InvalidStorageClass", 400);
/// `InvalidTag`, 400.
pub const INVALID_TAG: ErrorCode = ErrorCode::sender("InvalidTag", 400);
/// `InvalidToken`, 400.
pub const INVALID_TOKEN: ErrorCode = ErrorCode::sender("InvalidToken", 400);
/// `InvalidURI`, 400.
pub const INVALID_URI: ErrorCode = ErrorCode::sender("InvalidURI", 400);
/// `KeyTooLongError`, 400.
pub const KEY_TOO_LONG_ERROR: ErrorCode = ErrorCode::sender("KeyTooLongError", 400);
/// `MalformedACLError`, 400.
pub const MALFORMED_ACL_ERROR: ErrorCode = ErrorCode::sender("MalformedACLError", 400);
/// `MalformedPOSTRequest`, 400.
pub const MALFORMED_POST_REQUEST: ErrorCode = ErrorCode::sender("MalformedPOSTRequest", 400);
/// `MalformedPolicy`, 400.
pub const MALFORMED_POLICY: ErrorCode = ErrorCode::sender("MalformedPolicy", 400);
/// `MalformedXML`, 400.
pub const MALFORMED_XML: ErrorCode = ErrorCode::sender("MalformedXML", 400);
/// `MaxMessageLengthExceeded`, 400.
pub const MAX_MESSAGE_LENGTH_EXCEEDED: ErrorCode = ErrorCode::sender("MaxMessageLengthExceeded", 400);
/// `MaxPostPreDataLengthExceededError`, 400.
pub const MAX_POST_PRE_DATA_LENGTH_EXCEEDED_ERROR: ErrorCode =
    ErrorCode::sender("MaxPostPreDataLengthExceededError", 400);
/// `MetadataTooLarge`, 400.
pub const METADATA_TOO_LARGE: ErrorCode = ErrorCode::sender("MetadataTooLarge", 400);
/// `MethodNotAllowed`, 405.
pub const METHOD_NOT_ALLOWED: ErrorCode = ErrorCode::sender("MethodNotAllowed", 405);
/// `MissingContentLength`, 411.
pub const MISSING_CONTENT_LENGTH: ErrorCode = ErrorCode::sender("MissingContentLength", 411);
/// `MissingRequestBodyError`, 400.
pub const MISSING_REQUEST_BODY_ERROR: ErrorCode = ErrorCode::sender("MissingRequestBodyError", 400);
/// `MissingSecurityHeader`, 400.
pub const MISSING_SECURITY_HEADER: ErrorCode = ErrorCode::sender("MissingSecurityHeader", 400);
/// `NoSuchBucket`, 404.
pub const NO_SUCH_BUCKET: ErrorCode = ErrorCode::sender("NoSuchBucket", 404);
/// `NoSuchBucketPolicy`, 404.
pub const NO_SUCH_BUCKET_POLICY: ErrorCode = ErrorCode::sender("NoSuchBucketPolicy", 404);
/// `NoSuchCORSConfiguration`, 404.
pub const NO_SUCH_CORS_CONFIGURATION: ErrorCode = ErrorCode::sender("NoSuchCORSConfiguration", 404);
/// `NoSuchConfiguration`, 404.
pub const NO_SUCH_CONFIGURATION: ErrorCode = ErrorCode::sender("NoSuchConfiguration", 404);
/// `NoSuchKey`, 404.
pub const NO_SUCH_KEY: ErrorCode = ErrorCode::sender("NoSuchKey", 404);
/// `NoSuchLifecycleConfiguration`, 404.
pub const NO_SUCH_LIFECYCLE_CONFIGURATION: ErrorCode = ErrorCode::sender("NoSuchLifecycleConfiguration", 404);
/// `NoSuchObjectLockConfiguration`, 404.
pub const NO_SUCH_OBJECT_LOCK_CONFIGURATION: ErrorCode =
    ErrorCode::sender("NoSuchObjectLockConfiguration", 404);
/// `NoSuchPublicAccessBlockConfiguration`, 404.
pub const NO_SUCH_PUBLIC_ACCESS_BLOCK_CONFIGURATION: ErrorCode =
    ErrorCode::sender("NoSuchPublicAccessBlockConfiguration", 404);
/// `NoSuchTagSet`, 404.
pub const NO_SUCH_TAG_SET: ErrorCode = ErrorCode::sender("NoSuchTagSet", 404);
/// `NoSuchUpload`, 404.
pub const NO_SUCH_UPLOAD: ErrorCode = ErrorCode::sender("NoSuchUpload", 404);
/// `NoSuchVersion`, 404.
pub const NO_SUCH_VERSION: ErrorCode = ErrorCode::sender("NoSuchVersion", 404);
/// `NoSuchWebsiteConfiguration`, 404.
pub const NO_SUCH_WEBSITE_CONFIGURATION: ErrorCode = ErrorCode::sender("NoSuchWebsiteConfiguration", 404);
/// `NotImplemented`, 501.
pub const NOT_IMPLEMENTED: ErrorCode = ErrorCode::sender("NotImplemented", 501);
/// `NotModified`, 304.
pub const NOT_MODIFIED: ErrorCode = ErrorCode::sender("NotModified", 304);
/// `ObjectLockConfigurationNotFoundError`, 404.
pub const OBJECT_LOCK_CONFIGURATION_NOT_FOUND_ERROR: ErrorCode =
    ErrorCode::sender("ObjectLockConfigurationNotFoundError", 404);
/// `OperationAborted`, 409.
pub const OPERATION_ABORTED: ErrorCode = ErrorCode::sender("OperationAborted", 409);
/// `OwnershipControlsNotFoundError`, 404.
pub const OWNERSHIP_CONTROLS_NOT_FOUND_ERROR: ErrorCode =
    ErrorCode::sender("OwnershipControlsNotFoundError", 404);
/// `PermanentRedirect`, 301.
pub const PERMANENT_REDIRECT: ErrorCode = ErrorCode::sender("PermanentRedirect", 301);
/// `PreconditionFailed`, 412.
pub const PRECONDITION_FAILED: ErrorCode = ErrorCode::sender("PreconditionFailed", 412);
/// `ReplicationConfigurationNotFoundError`, 404.
pub const REPLICATION_CONFIGURATION_NOT_FOUND_ERROR: ErrorCode =
    ErrorCode::sender("ReplicationConfigurationNotFoundError", 404);
/// `RequestTimeTooSkewed`, 403.
pub const REQUEST_TIME_TOO_SKEWED: ErrorCode = ErrorCode::sender("RequestTimeTooSkewed", 403);
/// `RequestTimeout`, 400.
pub const REQUEST_TIMEOUT: ErrorCode = ErrorCode::sender("RequestTimeout", 400);
/// `ServerSideEncryptionConfigurationNotFoundError`, 404.
pub const SERVER_SIDE_ENCRYPTION_CONFIGURATION_NOT_FOUND_ERROR: ErrorCode =
    ErrorCode::sender("ServerSideEncryptionConfigurationNotFoundError", 404);
/// `ServiceUnavailable`, 503.
pub const SERVICE_UNAVAILABLE: ErrorCode = ErrorCode::receiver("ServiceUnavailable", 503);
/// `SignatureDoesNotMatch`, 403.
pub const SIGNATURE_DOES_NOT_MATCH: ErrorCode = ErrorCode::sender("SignatureDoesNotMatch", 403);
/// `SlowDown`, 503.
pub const SLOW_DOWN: ErrorCode = ErrorCode::receiver("SlowDown", 503);
/// `TooManyBuckets`, 400.
pub const TOO_MANY_BUCKETS: ErrorCode = ErrorCode::sender("TooManyBuckets", 400);
/// `TooManyParts`, 400.
pub const TOO_MANY_PARTS: ErrorCode = ErrorCode::sender("TooManyParts", 400);
/// `UnexpectedContent`, 400.
pub const UNEXPECTED_CONTENT: ErrorCode = ErrorCode::sender("UnexpectedContent", 400);
/// `UserKeyMustBeSpecified`, 400.
pub const USER_KEY_MUST_BE_SPECIFIED: ErrorCode = ErrorCode::sender("UserKeyMustBeSpecified", 400);
/// `XAmzContentSHA256Mismatch`, 400.
pub const X_AMZ_CONTENT_SHA256_MISMATCH: ErrorCode = ErrorCode::sender("XAmzContentSHA256Mismatch", 400);
