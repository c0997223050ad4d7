//! What is usually behind an error whose sentence does not say so: for `rolecall why`, never for the caller.

use rolecall_wire::ApiError;

/// What is usually behind an error, by its code.
pub(crate) fn usual(error: &ApiError) -> Option<&'static str> {
    USUAL.iter().find(|(code, _)| *code == error.code.code).map(|(_, cause)| *cause)
}

const USUAL: &[(&str, &str)] = &[
    (
        "SignatureDoesNotMatch",
        "The access key id is known, and the signature was made with another secret access key, or the request \
         was changed after it was signed (a proxy, another Host header), or it was signed for another time.",
    ),
    ("MissingAuthenticationToken", "The request carries no credentials."),
    ("IncompleteSignature", "The Authorization header is there and cannot be read."),
    ("RequestTimeTooSkewed", "The clock of the caller's machine differs from ours by more than it may."),
    ("RequestExpired", "The request was signed too long ago, or the clock of the caller's machine is wrong."),
    ("Throttling", "A limit of [throttle] in the configuration was reached."),
    ("SlowDown", "A limit of [throttle] in the configuration was reached."),
    ("InternalFailure", "The server failed; its log has the cause beside the request's id."),
    ("InternalError", "The server failed; its log has the cause beside the request's id."),
];
