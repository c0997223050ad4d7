//! MFA devices.

mod mfa_assignment;
mod mfa_devices;
mod mfa_listings;
mod mfa_tags;
mod mfa_virtual;
