//! Where condition keys get their values: from the connection, the caller and the clock, never from a
//! header of the same name.

#[cfg(test)]
mod global_keys;
mod organization;
mod principal;
mod request;
pub(crate) mod s3;

pub(crate) use organization::{Side, fill as organization};
pub(crate) use request::Connection;

use crate::caller::Caller;
use crate::federation::Federated;
use rolecall_policy::{Context, Value};

/// The global condition keys of a request (IAM User Guide, AWS global condition context keys).
pub(crate) fn global<'a>(connection: &Connection<'a>, caller: &'a Caller, now: i64) -> Context<'a> {
    let mut context = Context::new();
    request::fill(&mut context, connection, now);
    principal::fill(&mut context, caller, now);
    context
}

/// The global keys of a request that a provider vouches for: nobody of ours asks, so there is no
/// `aws:Principal…` (IAM User Guide, AWS global condition context keys).
pub(crate) fn federated<'a>(connection: &Connection<'a>, federated: &'a Federated, now: i64) -> Context<'a> {
    let mut context = Context::new();
    request::fill(&mut context, connection, now);
    for (key, value) in &federated.assertion.keys {
        match value {
            Value::One(one) => context.set(&**key, &**one),
            Value::Many(many) => context.set_many(&**key, many.iter().map(|one| &**one)),
        }
    }
    context
}
