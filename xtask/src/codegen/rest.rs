//! How S3's messages are read from and written to headers, query and XML bodies.
use super::service::Service;
use anyhow::Result;

#[derive(Default)]
pub(crate) struct Output { pub(crate) body: Option<String>, pub(crate) others: String }
pub(crate) fn limits(_: &Service<'_>) -> Result<String> { Ok(String::new()) }
pub(crate) fn read(_: &Service<'_>, _: &str) -> Result<String> { Ok(String::new()) }
pub(crate) fn output(_: &Service<'_>, _: &str, _: bool) -> Result<Output> { Ok(Output::default()) }
