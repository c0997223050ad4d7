//! The decision: IAM policy documents parsed, validated, compiled and evaluated.
//!
//! Pure and total: no clock, no io, no async. Everything a decision depends on is handed in, and an
//! answer is always given; what cannot be decided is denied.
pub mod context;
pub mod decide;
pub mod document;
pub mod principal;
pub mod verdict;

pub use context::{Context, Value};
pub use decide::{Layers, Request, decide};
pub use document::{Invalid, Kind, Policy};
pub use principal::{Principal, PrincipalKind};
pub use verdict::{Decision, Layer, Verdict};
