//! The audit log: one CloudTrail-form record a request, appended before the request is answered.

mod day_file;
mod line;
mod log;
mod memory;
mod queue;
mod record;
mod redact;
mod retention;
mod writer;

pub(crate) use line::response_elements;
pub use log::{Audit, AuditError};
pub use memory::MemoryLog;
pub(crate) use queue::Room;
pub(crate) use record::{Asked, Trail};
pub(crate) use redact::rest_parameters;
pub use retention::Retention;
