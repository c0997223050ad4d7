//! What users prove themselves with: access keys, SSH public keys, passwords and the report on them all.

mod access_keys;
mod credential_report;
mod get_access_key_last_used;
mod login_profile;
mod password_policy;
mod service_specific_credentials;
mod signing_certificates;
mod ssh_public_key_body;
mod ssh_public_keys;
