//! The mission: who exists, who may, and what they are given.
//!
//! A request enters through [`Gate::serve`] and leaves as an [`Answer`]; everything between is here,
//! without a socket in sight.

pub mod accounts;
mod audit;
mod authenticate;
pub mod background;
pub mod body;
pub mod caller;
pub mod clock;
mod context;
pub mod decisions;
pub mod entropy;
pub mod error;
pub mod federation;
pub mod gate;
mod held;
pub mod id;
pub mod installation;
pub mod keyring;
pub mod layers;
pub mod limits;
pub mod live;
pub mod managed;
pub mod metadata;
pub mod metrics;
mod mfa;
pub mod opened;
pub mod ops;
mod organizations;
mod peer;
pub mod principals;
pub mod private_file;
pub mod records;
mod revoked;
pub mod seal;
pub mod session;
pub mod system;
pub mod target;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod throttle;
pub mod time_mark;
pub mod usage;

pub use audit::{Audit, AuditError, MemoryLog, Retention};
pub use background::{Background, Task};
pub use error::Error;
pub use gate::{Answer, Call, Gate, Message, Refused};
pub use peer::Peer;
pub use system::{Settings, System};
