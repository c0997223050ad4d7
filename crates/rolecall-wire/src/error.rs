//! An error as a client sees it: code, HTTP status, whose fault, message, and S3's extra elements.
//!
//! The codes of the query services' operations come from their models (`gen/`); those that any query
//! request can meet are in [`common`], S3's in [`s3`]. Message texts do not live here.

pub mod common;
pub mod s3;

use std::borrow::Cow;

/// Whose fault an error is, as the `Type` element of a query error says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's; printed `Sender`.
    Sender,
    /// The server's; printed `Receiver`.
    Receiver,
}

/// An error code of a service with the HTTP status it always travels with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The code as clients match on it, such as `NoSuchEntity`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
}

impl ErrorCode {
    /// A code that blames the caller.
    pub const fn sender(code: &'static str, status: u16) -> Self {
        Self { code, status, fault: Fault::Sender }
    }

    /// A code that blames the server.
    pub const fn receiver(code: &'static str, status: u16) -> Self {
        Self { code, status, fault: Fault::Receiver }
    }
}

/// An error ready to be written to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The code, its status and fault.
    pub code: ErrorCode,
    /// The sentence the client prints.
    pub message: Cow<'static, str>,
    /// Further elements of an S3 error body, in order, such as `("BucketName", "b")`.
    pub fields: Vec<(&'static str, String)>,
    /// What is behind it, for whoever runs the server: it is never written to a client.
    pub cause: Option<Box<str>>,
    /// Headers that its answer has besides those of every answer.
    pub headers: Vec<(&'static str, String)>,
}

impl ApiError {
    /// An error without further elements.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), fields: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// The same error with a header in its answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same error with one more element in its S3 body.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The same error with what is behind it, which the client is not told.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<str>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.code, self.message)
    }
}

impl std::error::Error for ApiError {}
