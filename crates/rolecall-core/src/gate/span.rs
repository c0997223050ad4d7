//! The span that the log lines of a request are in: which request, which operation, who asks, and what came of it.
//!
//! It is for looking into a server: nobody pays for it who does not ask for it, and it holds nothing that a caller
//! keeps secret.

use super::call::{Answer, Tracked};
use super::refused;
use crate::federation::Federated;
use tracing::Span;
use tracing::field::{Empty, display};

/// The span of a request. Unless a log wants it, it is nothing, and so is all that is noted in it.
pub(super) fn of(request_id: &str) -> Span {
    tracing::debug_span!(
        target: "rolecall::request",
        "request",
        request_id,
        operation = Empty,
        caller = Empty,
        outcome = Empty
    )
}

/// Notes the operation.
pub(super) fn found(tracked: &Tracked) {
    if !tracked.span.is_disabled() {
        let record = &tracked.record;
        // What a stranger claims an operation to be is no text to be printed as it is.
        let operation = record.operation.escape_debug();
        tracked.span.record("operation", display(format_args!("{}:{operation}", record.service.prefix())));
    }
}

/// Notes who asks.
pub(super) fn admitted(tracked: &Tracked) {
    if tracked.span.is_disabled() {
        return;
    }
    if let Some(caller) = refused::caller(&tracked.record) {
        tracked.span.record("caller", &*caller);
    }
}

/// Notes whom a provider vouches for, in the span of the request under way.
pub(super) fn vouched(federated: &Federated) {
    let span = Span::current();
    if !span.is_disabled() {
        span.record("caller", refused::named(federated));
    }
}

/// Notes what came of it: `ok`, the code of the error, or that the answer was withheld.
pub(super) fn ended(tracked: &Tracked, answer: &Answer) {
    if tracked.span.is_disabled() {
        return;
    }
    let outcome = match &tracked.record.error {
        Some(error) => error.code.code,
        None if answer.is_success() => "ok",
        None => "withheld",
    };
    tracked.span.record("outcome", outcome);
}
