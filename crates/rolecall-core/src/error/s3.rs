//! The sentences of S3 (S3 API Reference, Error responses; recorded from AWS unless said otherwise).

use super::Error;
use rolecall_wire::ApiError;
use rolecall_wire::error::s3::{
    ENTITY_TOO_LARGE, INCOMPLETE_BODY, MAX_MESSAGE_LENGTH_EXCEEDED, METHOD_NOT_ALLOWED,
    MISSING_CONTENT_LENGTH,
};

pub(crate) fn method_not_allowed() -> Error {
    Error::api(METHOD_NOT_ALLOWED, "The specified method is not allowed against this resource.")
}

pub(crate) fn incomplete_body() -> Error {
    Error::api(
        INCOMPLETE_BODY,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

pub(crate) fn message_too_long() -> Error {
    Error::api(MAX_MESSAGE_LENGTH_EXCEEDED, "Your request was too big.")
}

pub(crate) fn missing_content_length() -> Error {
    Error::api(MISSING_CONTENT_LENGTH, "You must provide the Content-Length HTTP header.")
}

pub(crate) fn entity_too_large(proposed: u64, most: u64) -> Error {
    let error = ApiError::new(ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size");
    Error::Api(error.with("ProposedSize", proposed.to_string()).with("MaxSizeAllowed", most.to_string()))
}
