//! The sentences of S3 that the gate itself says: of bodies and forms that do not hold what they declare (S3 API
//! Reference, Error responses). Those of its operations are in rolecall-s3.

use super::Error;
use rolecall_wire::error::s3 as code;
use rolecall_wire::{ApiError, ErrorCode};
use std::borrow::Cow;

/// No operation answers this method here.
pub fn method_not_allowed() -> Error {
    Error::api(code::METHOD_NOT_ALLOWED, "The specified method is not allowed against this resource.")
}

/// The body broke off.
pub fn incomplete_body() -> Error {
    Error::api(
        code::INCOMPLETE_BODY,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

/// The body takes too long to arrive.
pub fn too_slow() -> Error {
    Error::api(
        code::REQUEST_TIMEOUT,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle \
         connections will be closed.",
    )
}

/// A message is longer than allowed.
pub fn message_too_long() -> Error {
    Error::api(code::MAX_MESSAGE_LENGTH_EXCEEDED, "Your request was too big.")
}

/// A body in signed chunks does not say how long its content is.
pub fn missing_content_length() -> Error {
    Error::api(code::MISSING_CONTENT_LENGTH, "You must provide the Content-Length HTTP header.")
}

/// More bytes than one request may bring.
pub fn entity_too_large(proposed: u64, most: u64) -> Error {
    with(
        code::ENTITY_TOO_LARGE,
        "Your proposed upload exceeds the maximum allowed size",
        &[("ProposedSize", &proposed.to_string()), ("MaxSizeAllowed", &most.to_string())],
    )
}

/// Not recorded: the sentence is ours.
pub fn chunks_not_declared() -> Error {
    Error::api(
        code::INVALID_REQUEST,
        "A body with Content-Encoding aws-chunked needs a STREAMING- value of x-amz-content-sha256.",
    )
}

/// Unsigned chunks are for objects and parts only.
pub fn unsigned_chunks() -> Error {
    Error::api(code::INVALID_REQUEST, "The value of x-amz-content-sha256 header is invalid.")
}

/// An upload form cannot be read.
pub fn malformed_form() -> Error {
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    Error::api(code::MALFORMED_POST_REQUEST, message)
}

/// An upload form does not name the object.
pub fn form_without_key() -> Error {
    let message = "Bucket POST must contain a field named 'key'.  If it is specified, please check the order \
                   of the fields.";
    invalid_argument(message, "key", "")
}

/// An upload form came with a credential in its head.
pub fn one_mechanism_only() -> Error {
    let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                   string parameter or the Authorization header should be specified";
    invalid_argument(message, "Authorization", "")
}

/// An error about one argument.
pub fn invalid_argument(message: impl Into<Cow<'static, str>>, name: &str, value: &str) -> Error {
    with(code::INVALID_ARGUMENT, message, &[("ArgumentName", name), ("ArgumentValue", value)])
}

/// An error with further elements.
pub fn with(
    code: ErrorCode,
    message: impl Into<Cow<'static, str>>,
    fields: &[(&'static str, &str)],
) -> Error {
    let error = ApiError::new(code, message);
    Error::Api(fields.iter().fold(error, |error, (name, value)| error.with(name, *value)))
}
