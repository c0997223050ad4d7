//! The operations that are served: one file each, one list a service.
//!
//! To serve another operation: a file with its `Serve`, and its line in the list of its service.

mod iam;
mod organizations;
mod paging;
mod rolecall;
mod sts;
mod toolbox;

use crate::gate::Handler;

/// Every operation that is served here. Those of S3 are in a crate of their own.
pub fn handlers() -> impl Iterator<Item = &'static Handler> {
    sts::HANDLERS
        .iter()
        .chain(iam::HANDLERS)
        .chain(toolbox::HANDLERS)
        .chain(organizations::HANDLERS)
        .chain(rolecall::HANDLERS)
}
