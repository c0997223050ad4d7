//! A virtual MFA device: whose it is, its sealed seed, and what it has seen of codes.

use super::{Owner, Record, Tags};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// A virtual MFA device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its path, such as `/`.
    pub path: String,
    /// Its name, in the case given.
    pub name: String,
    /// Its own id, never used again: the seed is bound to it.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// The seed of its codes, sealed under the ring's stored-secret key and bound to the id.
    pub sealed_seed: Vec<u8>,
    /// Whose it is, once enabled.
    pub assigned: Option<Assignment>,
    /// How far the device's clock is ahead of ours, in steps of 30 seconds.
    pub drift: i64,
    /// The step of the last code accepted: no code of it or before is accepted again.
    pub last_step: i64,
    /// How many wrong codes came since the last right one.
    pub wrong: u32,
    /// When codes are looked at again, in seconds since 1970.
    pub locked_until: i64,
}

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The user, or the account's root user.
    pub owner: Owner,
    /// When it was enabled, in seconds since 1970.
    pub enabled: i64,
}

impl Record for MfaDevice {
    const FORMAT: u8 = 1;
}

impl MfaDevice {
    /// Its serial number, which is its ARN.
    pub fn serial_number(&self) -> String {
        arn(&self.account, &self.path, &self.name)
    }
}

/// The ARN of a device of this path and name.
pub(crate) fn arn(account: &AccountId, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:mfa{path}{name}")
}

/// The path and name, in one, of the device that a serial number of this account names.
pub(crate) fn place<'a>(account: &AccountId, serial_number: &'a str) -> Option<&'a str> {
    let rest = serial_number.strip_prefix("arn:aws:iam::")?.strip_prefix(account.as_str())?;
    rest.strip_prefix(":mfa").filter(|place| place.starts_with('/'))
}
