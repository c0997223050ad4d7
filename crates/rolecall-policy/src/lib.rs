//! The decision: IAM policy documents parsed, validated, compiled and evaluated.
//!
//! Pure and total: no clock, no io, no async. Everything a decision depends on is handed in, and an
//! answer is always given; what cannot be decided is denied.
mod action;
pub mod arn;
pub mod catalogue;
mod condition;
pub mod context;
pub mod decide;
pub mod diff;
pub mod document;
pub mod explain;
pub mod findings;
mod grantee;
pub mod index;
pub mod json;
mod pattern;
pub mod principal;
mod question;
mod sentence;
pub mod shown;
mod statement;
mod syntax;
mod validate;
mod variable;
pub mod verdict;

pub use arn::Arn;
pub use context::{Context, Key, Value};
pub use decide::{Layers, Named, Policies, Request, decide};
pub use document::{Invalid, Kind, Policy};
pub use explain::explain;
pub use findings::{Finding, Severity, check};
pub use grantee::Class;
pub use index::PolicySet;
pub use principal::{Principal, PrincipalKind};
pub use verdict::{
    Decision, Element, Examined, Layer, LayerOutcome, NEAR_MISSES, NearMiss, Outcome, Ruling, Tested, Verdict,
};

#[cfg(test)]
mod tests;
