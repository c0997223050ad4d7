//! Why a door turns a request away, in the form AWS clients read.

use rolecall_core::{Error, limits};
use rolecall_wire::ErrorCode;

/// The `Host` is none of this server's (RFC 9110 §15.5.20): a web page that points its own name at
/// the loopback address gets nowhere.
pub(super) fn unknown_host(host: &str) -> Error {
    let message = format!(
        "This development server does not answer for the host '{}'. Use localhost or 127.0.0.1.",
        shown(host)
    );
    Error::api(ErrorCode::sender("MisdirectedRequest", 421), message)
}

/// The target has a fragment, which clients keep to themselves.
pub(super) fn fragment() -> Error {
    Error::api(rolecall_wire::error::s3::INVALID_URI, "Couldn't parse the specified URI.")
}

/// The credential is scoped to a service of AWS that is not here.
pub(super) fn unserved_service(name: &str) -> Error {
    let message = format!(
        "The service '{}' is not served here. Rolecall serves sts, iam, s3 and organizations.",
        shown(name)
    );
    Error::api(ErrorCode::receiver("NotImplemented", 501), message)
}

/// The `X-Amz-Target` header names no service that is here.
pub(super) fn unknown_target(target: &str) -> Error {
    let message = format!("The target '{}' is not served here.", shown(target));
    Error::api(ErrorCode::sender("UnknownOperationException", 400), message)
}

/// The form is longer than any operation needs.
pub(super) fn body_too_large() -> Error {
    let message = format!("The request body is longer than {} bytes.", limits::QUERY_BODY);
    Error::api(ErrorCode::sender("RequestEntityTooLarge", 413), message)
}

/// All connections that may be served are.
pub(super) fn no_place() -> Error {
    let message = "The server serves as many connections as it may. Try again in a moment.";
    Error::api(rolecall_wire::error::common::SERVICE_UNAVAILABLE, message)
}

/// The body did not arrive in time.
pub(super) fn too_slow() -> Error {
    Error::api(ErrorCode::sender("RequestTimeout", 408), "The request body was not received in time.")
}

/// The body ended before its announced length.
pub(super) fn broken_off() -> Error {
    Error::api(
        ErrorCode::sender("IncompleteBody", 400),
        "The request body ended before its announced length.",
    )
}

/// What a client sent, short enough to repeat.
fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}
