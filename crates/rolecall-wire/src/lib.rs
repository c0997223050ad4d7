//! What AWS clients say and hear: awsQuery and REST-XML messages, and Signature Version 4.
//!
//! This crate turns bytes into typed values and back. It has no async runtime, no storage and no
//! policy; whoever calls it decides what the values mean.
pub mod error;
pub mod operation;
pub mod request;
pub mod sigv4;
pub mod write;

pub use error::{ApiError, ErrorCode, Fault};
pub use operation::{Operation, Protocol, Row, Service};
pub use request::Request;
