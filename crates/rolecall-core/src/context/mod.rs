//! Where condition keys get their values: from the connection, the caller and the clock, never from a
//! header of the same name.

mod principal;
mod request;
pub(crate) mod s3;

pub(crate) use request::Connection;

use crate::caller::Caller;
use rolecall_policy::Context;

/// The global condition keys of a request (IAM User Guide, AWS global condition context keys).
pub(crate) fn global(connection: &Connection<'_>, caller: &Caller, now: i64) -> Context {
    let mut context = Context::new();
    request::fill(&mut context, connection, now);
    principal::fill(&mut context, caller, now);
    context
}
