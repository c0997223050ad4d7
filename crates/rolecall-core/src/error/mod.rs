//! Everything that can go wrong, in the words callers hear.
//!
//! An [`Error`] is either an answer of AWS's (code and sentence) or a failure of ours, whose cause is
//! logged and never shown. The sentences of each service are in the file of that service; no other
//! file of the crate holds one.

mod access;
pub(crate) mod cause;
pub(crate) mod iam;
pub(crate) mod organizations;
pub(crate) mod rolecall;
pub mod s3;
pub(crate) mod sts;
pub(crate) mod toolbox;

use rolecall_store::StoreError;
use rolecall_wire::{ApiError, ErrorCode, Service, error as code};
use std::borrow::Cow;

pub(crate) use access::Denial;

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An answer for the caller.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A concurrent change won; the operation can be tried again.
    #[error("a concurrent change was made")]
    Conflict,
    /// A failure of ours: logged, answered as an internal error.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// An answer of AWS's.
    pub fn api(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Api(ApiError::new(code, message))
    }

    /// A failure of ours.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into())
    }

    /// The same with what is behind it: told by `rolecall why`, and never to the caller.
    #[must_use]
    pub(crate) fn because(self, cause: impl Into<Box<str>>) -> Self {
        match self {
            Self::Api(error) => Self::Api(error.because(cause)),
            other => other,
        }
    }

    /// The answer a caller of `service` gets for it.
    pub fn into_answer(self, service: Service) -> ApiError {
        match self {
            Self::Api(error) => error,
            Self::Conflict => conflict(service),
            Self::Internal(_) => internal(service),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Backend(cause) => Self::Internal(cause),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

fn conflict(service: Service) -> ApiError {
    match service {
        Service::S3 => ApiError::new(
            code::s3::OPERATION_ABORTED,
            "A conflicting conditional operation is currently in progress against this resource. Please try again.",
        ),
        Service::Organizations => organizations::concurrent_modification(),
        Service::Sts | Service::Iam | Service::IamToolbox | Service::Rolecall => ApiError::new(
            rolecall_wire::iam::error::CONCURRENT_MODIFICATION,
            "The request was rejected because multiple requests to change this object were submitted \
             simultaneously. Wait a few minutes and submit your request again.",
        ),
    }
}

fn internal(service: Service) -> ApiError {
    match service {
        Service::S3 => {
            ApiError::new(code::s3::INTERNAL_ERROR, "We encountered an internal error. Please try again.")
        }
        Service::Sts | Service::Iam | Service::IamToolbox | Service::Organizations | Service::Rolecall => {
            ApiError::new(
                code::common::INTERNAL_FAILURE,
                "The request processing has failed because of an unknown error, exception or failure.",
            )
        }
    }
}
