//! Error codes that any request to a query service can meet (IAM and STS API references, "Common
//! Errors").

use super::ErrorCode;

/// The caller may not do this.
pub const ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied", 403);
/// The session the credentials belong to has ended.
pub const EXPIRED_TOKEN: ErrorCode = ErrorCode::sender("ExpiredToken", 403);
/// The `Authorization` header lacks a part or has a malformed one.
pub const INCOMPLETE_SIGNATURE: ErrorCode = ErrorCode::sender("IncompleteSignature", 400);
/// Something failed that is not the caller's doing.
pub const INTERNAL_FAILURE: ErrorCode = ErrorCode::receiver("InternalFailure", 500);
/// No operation has this name.
pub const INVALID_ACTION: ErrorCode = ErrorCode::sender("InvalidAction", 400);
/// What stands for the version in the message of a request that names none.
pub const NO_VERSION_SPECIFIED: &str = "NO_VERSION_SPECIFIED";
/// Nobody has this access key id, or it is inactive, or the session token is not ours.
pub const INVALID_CLIENT_TOKEN_ID: ErrorCode = ErrorCode::sender("InvalidClientTokenId", 403);
/// Parameters that exclude each other came together.
pub const INVALID_PARAMETER_COMBINATION: ErrorCode = ErrorCode::sender("InvalidParameterCombination", 400);
/// A parameter cannot be read as its type.
pub const INVALID_PARAMETER_VALUE: ErrorCode = ErrorCode::sender("InvalidParameterValue", 400);
/// The form or query string cannot be read.
pub const MALFORMED_QUERY_STRING: ErrorCode = ErrorCode::sender("MalformedQueryString", 400);
/// No `Action`.
pub const MISSING_ACTION: ErrorCode = ErrorCode::sender("MissingAction", 400);
/// Not signed at all.
pub const MISSING_AUTHENTICATION_TOKEN: ErrorCode = ErrorCode::sender("MissingAuthenticationToken", 403);
/// The account may not use the service.
pub const OPT_IN_REQUIRED: ErrorCode = ErrorCode::sender("OptInRequired", 403);
/// A presigned request is too old.
pub const REQUEST_EXPIRED: ErrorCode = ErrorCode::sender("RequestExpired", 400);
/// A JSON body cannot be read.
pub const SERIALIZATION: ErrorCode = ErrorCode::sender("SerializationException", 400);
/// Try again later.
pub const SERVICE_UNAVAILABLE: ErrorCode = ErrorCode::receiver("ServiceUnavailable", 503);
/// The signature is not the one computed here, or its time is off.
pub const SIGNATURE_DOES_NOT_MATCH: ErrorCode = ErrorCode::sender("SignatureDoesNotMatch", 403);
/// Too many requests.
pub const THROTTLING: ErrorCode = ErrorCode::sender("Throttling", 400);
/// A member is missing or breaks a limit.
pub const VALIDATION_ERROR: ErrorCode = ErrorCode::sender("ValidationError", 400);
