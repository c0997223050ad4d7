//! Everything a request needs besides itself: store, blobs, keys, clock, settings.

use crate::audit::Audit;
use crate::background::Background;
use crate::clock::Clock;
use crate::error::Error;
use crate::federation::Federation;
use crate::id::AccountId;
use crate::keyring::{KeyRing, Purpose};
use crate::live::Live;
use crate::opened::Opened;
use crate::records::{AccessKey, Owner, Status};
use crate::seal;
use crate::session::new_secret;
use crate::throttle::Throttle;
use crate::usage::Usage;
use rolecall_federation::Fetch;
use rolecall_store::{Blobs, Store};
use rolecall_wire::sigv4::{SecretKey, SigningKeyCache};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The running system.
pub struct System {
    /// Records.
    pub store: Store,
    /// Object bytes.
    pub blobs: Blobs,
    /// The server's own keys.
    pub keys: KeyRing,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The audit log.
    pub audit: Audit,
    /// What goes on beside requests.
    pub background: Background,
    /// What the operator chose.
    pub settings: Settings,
    /// Signing keys derived lately.
    pub signing_keys: SigningKeyCache,
    /// Sessions opened lately.
    pub sessions: Opened,
    /// The sessions in force, as far as is known.
    pub live: Live,
    /// Who has sent how many requests lately.
    pub throttle: Throttle,
    /// When keys and roles were last used.
    pub usage: Usage,
    /// When the process started, in seconds since 1970.
    pub started: i64,
    /// What has happened since.
    pub metrics: crate::metrics::Metrics,
    /// The door out.
    pub fetch: Arc<dyn Fetch>,
    /// What is known of identity providers.
    pub federation: Federation,
    /// What is known of instances that get their role from where they run.
    pub metadata: crate::metadata::Metadata,
    /// Decisions made lately, to be explained.
    pub decisions: crate::decisions::Decisions,
}

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account that buckets, users and roles of a fresh installation belong to.
    pub account: AccountId,
    /// The region this server says it is in.
    pub region: Arc<str>,
    /// Host names under which virtual-hosted buckets are served, such as `s3.example.org`.
    pub s3_hosts: Vec<String>,
    /// The URLs, besides AWS's, that identity providers may send SAML responses to.
    pub saml_sign_in_urls: Vec<String>,
    /// Whether presigned URLs of Signature Version 2 are verified or refused.
    pub signature_v2_urls: bool,
    /// Which decisions are kept to be explained, and how they are spoken of.
    pub keeping: crate::decisions::Keeping,
    /// Whether issuers on this machine's loopback may be registered without TLS (development).
    pub loopback_issuers: bool,
    /// The URL under which others reach this server: what the issuers of its tokens begin with.
    pub public_url: String,
}

/// A fresh long-term access key: what is stored, and the secret that is shown once.
pub struct NewAccessKey {
    /// The record.
    pub record: AccessKey,
    /// The secret access key.
    pub secret: Zeroizing<String>,
}

impl System {
    /// The stored secret of a long-term key; `None` when it cannot be unsealed with our keys.
    pub fn secret_of(&self, key: &AccessKey) -> Option<SecretKey> {
        let plain = seal::open(&self.keys, Purpose::StoredSecret, key.id.as_bytes(), &key.sealed_secret)?;
        let plain = Zeroizing::new(plain);
        std::str::from_utf8(&plain).ok().map(|text| SecretKey::new(text.to_owned()))
    }

    /// Makes a long-term access key with a random id and secret. Nothing is stored yet.
    ///
    /// # Errors
    /// When the random generator or the key ring fails.
    pub fn new_access_key(&self, account: &AccountId, owner: Owner) -> Result<NewAccessKey, Error> {
        let id = crate::id::access_key_id(crate::id::Prefix::AccessKey, account)?;
        let secret = new_secret()?;
        Ok(NewAccessKey { record: self.seal_access_key(id, account, owner, &secret)?, secret })
    }

    /// Makes a long-term access key of an id and a secret that are given. Nothing is stored yet.
    ///
    /// # Errors
    /// When the key ring fails.
    pub(crate) fn seal_access_key(
        &self,
        id: String,
        account: &AccountId,
        owner: Owner,
        secret: &str,
    ) -> Result<AccessKey, Error> {
        let sealed_secret = seal::seal(&self.keys, Purpose::StoredSecret, id.as_bytes(), secret.as_bytes())?;
        let (account, created) = (account.clone(), self.clock.now());
        Ok(AccessKey { id, owner, account, sealed_secret, status: Status::Active, created })
    }
}
