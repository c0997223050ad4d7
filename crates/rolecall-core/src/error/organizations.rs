//! The sentences of Organizations (Organizations API Reference; as reported from AWS where reports exist).

use super::Error;
use rolecall_wire::ApiError;
use rolecall_wire::error::common::INVALID_ACTION;
use rolecall_wire::organizations::error as code;

pub(crate) fn not_served(operation: &str) -> Error {
    Error::api(INVALID_ACTION, format!("Rolecall does not serve organizations:{operation}."))
}

pub(crate) fn concurrent_modification() -> ApiError {
    ApiError::new(
        code::CONCURRENT_MODIFICATION,
        "The target of the operation is currently being modified by a different request. Try again later.",
    )
}
