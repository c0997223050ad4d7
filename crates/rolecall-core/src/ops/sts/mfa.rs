//! The second factor in STS requests. Devices cannot be registered yet, so no code can be right: a
//! request that sends one is refused in AWS's words, never let through without.

use crate::error::{Error, sts};

/// Checks the device and code of a request.
///
/// # Errors
/// When either is sent without the other, or the device is not the caller's.
pub(super) fn check(serial_number: Option<&str>, token_code: Option<&str>) -> Result<(), Error> {
    match (serial_number, token_code) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(sts::mfa_unknown_device()),
        _ => Err(sts::mfa_incomplete()),
    }
}
