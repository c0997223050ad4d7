//! The backends, one file each.

pub mod embedded;
pub mod memory;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod model;
