//! What AWS clients say and hear: awsQuery and REST-XML messages, and Signature Version 4.
//!
//! This crate turns bytes into typed values and back. It has no async runtime, no storage and no
//! policy; whoever calls it decides what the values mean.
pub mod error;
mod r#gen;
pub mod json;
pub mod limits;
pub mod operation;
mod params;
pub mod pattern;
pub mod plain;
pub mod query;
pub mod request;
pub mod rest;
pub mod sigv4;
#[cfg(test)]
mod testing;
pub mod time;
pub mod write;
pub mod xml;

pub use error::{ApiError, ErrorCode, Fault};
pub use r#gen::{iam, iam_toolbox, organizations, rolecall, s3, sts};
pub use operation::{Effect, Operation, Proof, Protocol, Row, Service};
pub use params::Params;
pub use request::Request;
