//! A credential report as it was generated.

use super::Record;
use serde::{Deserialize, Serialize};

/// The report of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When it was generated, in seconds since 1970.
    pub generated: i64,
    /// Its lines, comma-separated values.
    pub text: String,
}

impl Record for CredentialReport {
    const FORMAT: u8 = 1;
}
