//! An installation: what a data directory holds, how it comes to be, and how its parts know one another.
//!
//! It has a random id, made once, and the account it was founded with. The key ring's file carries the id, the store
//! holds both in a record beside a sealed probe, and so do marks in the other parts (ADR 22).

use crate::accounts;
use crate::audit::Audit;
use crate::clock::text::iso8601;
use crate::entropy::{random, uuid};
use crate::error::Error;
use crate::id::AccountId;
use crate::keyring::{KeyRing, Purpose};
use crate::records::{self, AccessKey, Account, Owner, Record, Status, key};
use crate::seal;
use crate::system::{NewAccessKey, System};
use data_encoding::HEXLOWER;
use rolecall_store::{Store, Txn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use zeroize::Zeroizing;

pub use crate::records::Installation;

/// The id of an installation: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstallationId(Arc<str>);

/// What is wrong with a text that should be the id of an installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no installation id: 32 hexadecimal digits")]
pub struct NotAnInstallation(String);

/// What a store without a record of its installation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unrecorded {
    /// No account: nothing was ever made in it.
    Empty,
    /// An installation that an earlier build founded.
    Earlier {
        /// Its accounts and when each was made, in seconds since 1970, oldest first.
        accounts: Vec<(AccountId, i64)>,
        /// Whether the ring opens what it sealed; true when nothing was.
        opened: bool,
    },
}

/// Whether a key that is said to be a root user's is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKey {
    /// It is, and works.
    Active,
    /// It is, and is switched off.
    Inactive,
    /// It is not, or not any more.
    Gone,
}

/// A root key that was made anew.
pub struct Recovered {
    /// The key.
    pub fresh: NewAccessKey,
    /// The ids of the root user's keys from before, and whether each works.
    pub before: Vec<(String, RootKey)>,
}

impl InstallationId {
    /// A random id.
    ///
    /// # Errors
    /// When the random generator fails.
    pub fn random() -> Result<Self, Error> {
        Ok(Self(HEXLOWER.encode(&random::<16>()?).into()))
    }

    /// Its digits.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for InstallationId {
    type Err = NotAnInstallation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_id { Ok(Self(text.into())) } else { Err(NotAnInstallation(text.to_owned())) }
    }
}

impl TryFrom<String> for InstallationId {
    type Error = NotAnInstallation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<InstallationId> for String {
    fn from(id: InstallationId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a store says of its installation; `None` when nothing is recorded.
///
/// # Errors
/// When the store fails or the record is unreadable.
pub async fn read(store: &Store) -> Result<Option<Installation>, Error> {
    let stored = store.get(&key::installation()).await?;
    Ok(stored.map(|stored| Installation::decode(&stored)).transpose()?)
}

/// Looks at a store that has no record of its installation, without changing it. Earlier builds wrote none: whether
/// such a store and a ring belong together is told by opening a sealed access key.
///
/// # Errors
/// When the store fails or a record is unreadable.
pub async fn look(store: &Store, ring: &KeyRing) -> Result<Unrecorded, Error> {
    let found = store.scan(&key::accounts(), usize::MAX).await?;
    let accounts = found.iter().map(|(_, stored)| Account::decode(stored));
    let mut accounts = accounts.collect::<Result<Vec<_>, _>>()?;
    if accounts.is_empty() {
        return Ok(Unrecorded::Empty);
    }
    accounts.sort_by_key(|account| account.created);
    let accounts = accounts.into_iter().map(|account| (account.id, account.created)).collect();
    Ok(Unrecorded::Earlier { accounts, opened: opens_a_secret(store, ring).await? })
}

async fn opens_a_secret(store: &Store, ring: &KeyRing) -> Result<bool, Error> {
    let Some((_, stored)) = store.scan(&key::access_keys(), 1).await?.pop() else { return Ok(true) };
    let held = AccessKey::decode(&stored)?;
    Ok(seal::open(ring, Purpose::StoredSecret, held.id.as_bytes(), &held.sealed_secret).is_some())
}

/// Records in a store of an earlier build which installation it is, by the ring's id. Succeeds once.
///
/// # Errors
/// When the ring carries no id, the store has a record already, or it fails.
pub async fn adopt(store: &Store, ring: &KeyRing, account: &AccountId, now: i64) -> Result<(), Error> {
    let mut txn = store.begin();
    record(&mut txn, ring, account, now).await?;
    txn.commit().await?;
    Ok(())
}

async fn record(txn: &mut Txn<'_>, ring: &KeyRing, account: &AccountId, now: i64) -> Result<(), Error> {
    if txn.get(&key::installation()).await?.is_some() {
        return Err(Error::internal("the store is an installation's already"));
    }
    let id = ring.installation().ok_or_else(|| Error::internal("the key ring carries no installation"))?;
    let sealed_probe = seal::seal(ring, Purpose::StoredSecret, id.as_bytes(), PROBE)?;
    let record = Installation { id: id.clone(), account: account.clone(), founded: now, sealed_probe };
    records::write(txn, key::installation(), &record)
}

impl System {
    /// True when the installation's account exists already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_initialised(&self) -> Result<bool, Error> {
        Ok(self.store.get(&key::account(&self.settings.account)).await?.is_some())
    }

    /// The ids of the root user's access keys; `None` before [`System::initialise`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn root_key_ids(&self) -> Result<Option<Vec<String>>, Error> {
        let found = self.store.cached(&key::account(&self.settings.account), Account::decode).await?;
        Ok(found.map(|(account, _)| account.root_keys.clone()))
    }

    /// Founds the installation: its record, and its account with one key for its root user, a random one or the pair
    /// given. Succeeds once; a second call, even at the same moment, is refused.
    ///
    /// # Errors
    /// When the store is an installation's already, the key exists, or the store fails.
    pub async fn initialise(
        &self,
        given: Option<(String, Zeroizing<String>)>,
    ) -> Result<NewAccessKey, Error> {
        let account = &self.settings.account;
        let fresh = match given {
            Some((id, secret)) => {
                NewAccessKey { record: self.seal_access_key(id, account, Owner::Root, &secret)?, secret }
            }
            None => self.new_access_key(account, Owner::Root)?,
        };
        let mut txn = self.store.begin();
        record(&mut txn, &self.keys, account, self.clock.now()).await?;
        let root_keys = vec![fresh.record.id.clone()];
        let new = Account { root_keys, ..Account::new(account.clone(), self.clock.now()) };
        accounts::add(&mut txn, &new).await?.map_err(|taken| Error::internal(taken.to_string()))?;
        add_key(&mut txn, &fresh.record).await?;
        txn.commit().await?;
        Ok(fresh)
    }

    /// Whether an access key is that of an account's root user.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn root_key(&self, account: &AccountId, id: &str) -> Result<RootKey, Error> {
        let mut txn = self.store.begin();
        let Some((held, _)) = records::read::<Account>(&mut txn, &key::account(account)).await? else {
            return Ok(RootKey::Gone);
        };
        standing(&mut txn, &held, id).await
    }

    /// Gives the root user of an account one more key, for an operator who has none that works; no key of before is
    /// touched. The audit record is written first: without it nothing changes. `None` when there is no such account.
    ///
    /// `by` says whose word this is, for the record: there is no signature.
    ///
    /// # Errors
    /// When the audit log or the store fails.
    pub async fn recover_root(&self, account: &AccountId, by: &str) -> Result<Option<Recovered>, Error> {
        let fresh = self.new_access_key(account, Owner::Root)?;
        if self.store.get(&key::account(account)).await?.is_none() {
            return Ok(None);
        }
        self.note_recovery(&fresh.record, by, None).await?;
        match self.add_root_key(account, &fresh.record).await {
            Ok(before) => Ok(Some(Recovered { fresh, before })),
            Err(error) => {
                self.note_recovery(&fresh.record, by, Some(&error)).await?;
                Err(error)
            }
        }
    }

    async fn add_root_key(
        &self,
        account: &AccountId,
        fresh: &AccessKey,
    ) -> Result<Vec<(String, RootKey)>, Error> {
        let added = |mut txn| async move {
            let found = records::read::<Account>(&mut txn, &key::account(account)).await?;
            let (mut held, _) = found.ok_or_else(|| Error::internal("the account is gone"))?;
            let mut before = Vec::new();
            for id in &held.root_keys {
                before.push((id.clone(), standing(&mut txn, &held, id).await?));
            }
            held.root_keys.push(fresh.id.clone());
            records::write(&mut txn, key::account(account), &held)?;
            add_key(&mut txn, fresh).await?;
            Ok((txn, before))
        };
        self.store.transact(added).await
    }

    async fn note_recovery(&self, fresh: &AccessKey, by: &str, error: Option<&Error>) -> Result<(), Error> {
        let now = self.clock.now();
        let line = recovery(&self.settings.region, fresh, by, now, error).to_string();
        let written = note(&self.audit, &line, now).await;
        written.map_err(|error| Error::internal(format!("nothing was changed: {error}")))
    }
}

async fn note(audit: &Audit, line: &str, now: i64) -> Result<(), crate::AuditError> {
    let day = now.div_euclid(86_400);
    audit.probe(day).await?;
    audit.append(line.as_bytes(), day, audit.no_room()).await
}

/// The record, in CloudTrail's form (CloudTrail User Guide, Record contents, 1.11). Nobody has signed for it.
fn recovery(region: &str, fresh: &AccessKey, by: &str, now: i64, error: Option<&Error>) -> serde_json::Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "Unknown", "principalId": by, "invokedBy": "rolecall recover-root"},
        "eventTime": iso8601(now),
        "eventSource": "rolecall.amazonaws.com",
        "eventName": "RecoverRoot",
        "awsRegion": region,
        "sourceIPAddress": "rolecall recover-root",
        "userAgent": concat!("rolecall/", env!("CARGO_PKG_VERSION")),
        "requestParameters": {"accountId": fresh.account.as_str()},
        "responseElements": {"accessKeyId": fresh.id},
        "requestID": uuid().as_str(),
        "eventID": uuid().as_str(),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": fresh.account.as_str(),
        "eventCategory": "Management",
    });
    if let Some((error, members)) = error.zip(record.as_object_mut()) {
        members.insert("errorCode".to_owned(), json!("InternalFailure"));
        members.insert("errorMessage".to_owned(), json!(error.to_string()));
        members.insert("responseElements".to_owned(), json!(null));
    }
    record
}

async fn standing(txn: &mut Txn<'_>, account: &Account, id: &str) -> Result<RootKey, Error> {
    if !account.root_keys.iter().any(|held| held == id) {
        return Ok(RootKey::Gone);
    }
    let record = records::read::<AccessKey>(txn, &key::access_key(id)).await?;
    let record = record.filter(|(key, _)| key.owner == Owner::Root && key.account == account.id);
    Ok(match record.map(|(key, _)| key.status) {
        Some(Status::Active) => RootKey::Active,
        Some(Status::Inactive) => RootKey::Inactive,
        None => RootKey::Gone,
    })
}

/// An access key is never taken over: one that exists stays whose it is.
async fn add_key(txn: &mut Txn<'_>, record: &AccessKey) -> Result<(), Error> {
    let at = key::access_key(&record.id);
    if txn.get(&at).await?.is_some() {
        return Err(Error::internal(accounts::Taken::Key(record.id.clone()).to_string()));
    }
    records::write(txn, at, record)
}

const PROBE: &[u8] = b"rolecall installation";

#[cfg(test)]
mod tests;
