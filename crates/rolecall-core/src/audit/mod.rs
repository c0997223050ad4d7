//! The audit log: one CloudTrail-form record a request, appended before the request is answered.

mod line;
mod record;
mod redact;
mod sink;

pub(crate) use line::response_elements;
pub(crate) use record::{Asked, Trail};
pub(crate) use redact::rest_parameters;
pub use sink::{Audit, AuditError, MemoryLog};
