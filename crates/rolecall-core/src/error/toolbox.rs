//! The sentences of the IAM toolbox (our own words: AWS's are not on record).

use super::Error;
use rolecall_wire::iam_toolbox::error::{RESOURCE_NOT_FOUND, VALIDATION};

/// Nothing is told of decisions that are somebody else's: they are not there.
pub(crate) fn no_such_decision(id: &str) -> Error {
    Error::api(
        RESOURCE_NOT_FOUND,
        format!("There are no authorization details for {id}, or they have expired."),
    )
}

pub(crate) fn no_such_policy(uri: &str) -> Error {
    Error::api(RESOURCE_NOT_FOUND, format!("The policy {uri} was not evaluated for this request."))
}

pub(crate) fn invalid_token() -> Error {
    Error::api(VALIDATION, "The nextToken is not valid.")
}
