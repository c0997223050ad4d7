//! Every operation that is served: the lists of the crates, joined.

use rolecall_core::gate::Handler;

/// Every served operation.
pub fn all() -> impl Iterator<Item = &'static Handler> {
    rolecall_core::ops::handlers().chain(rolecall_s3::HANDLERS)
}

/// Every served operation's service prefix and name.
pub fn served() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().map(|handler| (handler.row.service.prefix(), handler.row.name))
}
