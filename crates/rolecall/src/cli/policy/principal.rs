//! The principal that an ARN (or a word) on the command line names.

use anyhow::{Context as _, Result};
use rolecall_policy::Principal;

/// Reads a principal.
///
/// # Errors
/// When the text names none.
pub(super) fn read(text: &str) -> Result<Principal> {
    Principal::parse(text).with_context(|| {
        format!(
            "'{text}' is no principal: give the ARN of a user, role, role session, federated user or account \
             root, a service such as ec2.amazonaws.com, or the word anonymous"
        )
    })
}
