//! What is stored: one record a file, with its keys and its invariants.
//!
//! A record is one aggregate, read and written whole. Its bytes are a format version and the record
//! in postcard; a newer program reads older versions and writes its own.

mod access_key;
mod account;
mod credential_report;
mod document;
pub(crate) mod group;
mod installation;
pub(crate) mod instance_profile;
pub mod key;
pub mod kind;
pub(crate) mod mfa_device;
pub(crate) mod oidc_provider;
mod organization;
mod password_policy;
pub(crate) mod policy;
pub(crate) mod revocations;
pub(crate) mod role;
pub(crate) mod saml_provider;
pub(crate) mod sealed;
mod sight;
mod ssh_public_keys;
pub(crate) mod user;

pub use access_key::{AccessKey, LastUse, Owner, Status};
pub use account::{Account, Membership, Standing};
pub use credential_report::CredentialReport;
pub use document::Document;
pub use group::Group;
pub use installation::Installation;
pub use instance_profile::InstanceProfile;
pub use mfa_device::{Assignment, MfaDevice};
pub use oidc_provider::OidcProvider;
pub use organization::{
    AccountRequest, ControlKind, ControlPolicy, Delegate, Invitation, Organization, Unit,
};
pub use password_policy::PasswordPolicy;
pub use policy::{ManagedPolicy, PolicyVersion};
pub use revocations::{Revocable, Revocations, Scope};
pub use role::Role;
pub use saml_provider::{AssertionEncryption, SamlProvider, SealedPrivateKey};
pub use sight::Sight;
pub use ssh_public_keys::{SshPublicKey, SshPublicKeys};
pub use user::User;

use crate::error::Error;
use rolecall_store::{Key, StoreError, Txn, Version, Versioned};
use serde::{Serialize, de::DeserializeOwned};

/// Key and value pairs attached to an entity, in the order given.
pub type Tags = Vec<(String, String)>;

/// A stored record.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The version of its form that this program writes.
    const FORMAT: u8;

    /// Reads a form that an earlier program wrote; `None` when there was no such form, or the bytes are not
    /// of it.
    fn older(_format: u8, _body: &[u8]) -> Option<Self> {
        None
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Never for the records of this crate; an encoder's refusal is passed on.
    fn encode(&self) -> Result<Vec<u8>, Error> {
        postcard::to_extend(self, vec![Self::FORMAT])
            .map_err(|e| Error::internal(format!("a record cannot be written: {e}")))
    }

    /// Reads a record. An unknown format or damaged bytes are an error, never a default.
    ///
    /// # Errors
    /// When the bytes are not such a record.
    fn decode(stored: &Versioned) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Backend(format!("a stored record is unreadable: {why}"));
        match stored.value.split_first() {
            Some((format, body)) if *format == Self::FORMAT => {
                postcard::from_bytes(body).map_err(|e| unreadable(e.to_string()))
            }
            Some((format, body)) => {
                Self::older(*format, body).ok_or_else(|| unreadable(format!("format {format}")))
            }
            None => Err(unreadable("empty".to_owned())),
        }
    }
}

/// Reads a record within a transaction.
///
/// # Errors
/// When the store fails or the record is unreadable.
pub async fn read<R: Record>(txn: &mut Txn<'_>, key: &Key) -> Result<Option<(R, Version)>, Error> {
    let stored = txn.get(key).await?;
    stored.map(|v| Ok((R::decode(&v)?, v.version))).transpose()
}

/// Writes a record within a transaction.
///
/// # Errors
/// When the record cannot be encoded.
pub fn write<R: Record>(txn: &mut Txn<'_>, key: Key, record: &R) -> Result<(), Error> {
    txn.put(key, record.encode()?);
    Ok(())
}
