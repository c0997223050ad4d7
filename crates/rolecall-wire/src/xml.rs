//! XML: the writer of answers, their envelopes, and the bounded reader of S3's request bodies.

mod read;
mod write;

pub use read::{MAX_ELEMENTS, MAX_NESTING, Node, parse};
pub use write::Xml;

use crate::error::common::{INVALID_ACTION, NO_VERSION_SPECIFIED};
use crate::error::{ApiError, Fault};
use crate::operation::{Encode, Row, Service};
use crate::write::Writer as _;

/// A query operation's answer: `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
pub fn query_response(row: &Row, output: &dyn Encode, request_id: &str) -> Vec<u8> {
    let mut out = Xml::new();
    let response = [row.name, "Response"].concat();
    out.open_in(&response, row.service.namespace());
    if let Some(result) = row.result {
        out.open(result);
        output.body(&mut out);
        out.close(result);
    }
    out.open("ResponseMetadata");
    out.text("RequestId", request_id);
    out.close("ResponseMetadata");
    out.close(&response);
    out.finish()
}

/// A query service's error.
pub fn query_error(service: Service, error: &ApiError, request_id: &str) -> Vec<u8> {
    let mut out = Xml::new();
    out.open_in("ErrorResponse", error_namespace(service, error));
    out.open("Error");
    out.text("Type", fault(error.code.fault));
    out.text("Code", error.code.code);
    out.text("Message", &error.message);
    out.close("Error");
    out.text("RequestId", request_id);
    out.close("ErrorResponse");
    out.finish()
}

/// A request without a version is no service's yet, and AWS's answer has a namespace of its own.
fn error_namespace(service: Service, error: &ApiError) -> &'static str {
    let no_version = error.code == INVALID_ACTION && error.message.ends_with(NO_VERSION_SPECIFIED);
    if no_version { "http://webservices.amazon.com/AWSFault/2005-15-09" } else { service.namespace() }
}

/// An S3 error: no namespace, the error's own elements between message and request id.
pub fn s3_error(error: &ApiError, request_id: &str, host_id: &str) -> Vec<u8> {
    let mut out = Xml::declared();
    out.open("Error");
    out.text("Code", error.code.code);
    out.text("Message", &error.message);
    for (name, value) in &error.fields {
        out.text(name, value);
    }
    out.text("RequestId", request_id);
    out.text("HostId", host_id);
    out.close("Error");
    out.finish()
}

/// How an error names whose fault it is.
pub(crate) const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    }
}

#[cfg(test)]
mod tests;
