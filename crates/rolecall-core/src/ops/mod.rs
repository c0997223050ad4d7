//! The operations that are served: one file each, one list a service.
//!
//! To serve another operation: a file with its `Serve`, and its line in the list of its service.

#[cfg(test)]
mod attacks;
mod iam;
#[cfg(test)]
mod matrix;
mod organizations;
mod rolecall;
mod s3;
mod sts;
#[cfg(test)]
mod tests;
mod toolbox;

pub use s3::sweep;

use crate::gate::{Gate, Handler};
use crate::system::System;
use std::sync::Arc;

/// The gate in front of a system, open to every served operation.
pub fn gate(system: Arc<System>) -> Gate {
    Gate::new(system, all())
}

/// Every served operation.
pub(crate) fn all() -> impl Iterator<Item = &'static Handler> {
    sts::HANDLERS
        .iter()
        .chain(iam::HANDLERS)
        .chain(toolbox::HANDLERS)
        .chain(s3::HANDLERS)
        .chain(organizations::HANDLERS)
        .chain(rolecall::HANDLERS)
}

/// Every served operation's service prefix and name.
pub fn served() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().map(|handler| (handler.row.service.prefix(), handler.row.name))
}
