//! Every stored record that holds something sealed under the ring's stored-secret key, so that a rotation
//! can seal it anew.

use super::{AccessKey, Installation, MfaDevice, Record, SamlProvider, key, read, write};
use crate::error::Error;
use crate::keyring::Purpose;
use crate::seal;
use crate::system::System;
use rolecall_store::{Key, Range};

/// A record that holds sealed secrets.
trait Sealed: Record {
    /// All of its kind.
    fn range() -> Range;

    /// Each sealed secret, with what it is bound to.
    fn secrets(&mut self) -> Vec<(Vec<u8>, &mut Vec<u8>)>;
}

impl Sealed for AccessKey {
    fn range() -> Range {
        key::access_keys()
    }

    fn secrets(&mut self) -> Vec<(Vec<u8>, &mut Vec<u8>)> {
        vec![(self.id.clone().into_bytes(), &mut self.sealed_secret)]
    }
}

impl Sealed for MfaDevice {
    fn range() -> Range {
        key::every_mfa_device()
    }

    fn secrets(&mut self) -> Vec<(Vec<u8>, &mut Vec<u8>)> {
        vec![(self.id.clone().into_bytes(), &mut self.sealed_seed)]
    }
}

impl Sealed for SamlProvider {
    fn range() -> Range {
        key::every_saml_provider()
    }

    fn secrets(&mut self) -> Vec<(Vec<u8>, &mut Vec<u8>)> {
        self.private_keys.iter_mut().map(|key| (key.id.clone().into_bytes(), &mut key.sealed)).collect()
    }
}

impl Sealed for Installation {
    fn range() -> Range {
        key::installations()
    }

    fn secrets(&mut self) -> Vec<(Vec<u8>, &mut Vec<u8>)> {
        vec![(self.id.as_bytes().to_vec(), &mut self.sealed_probe)]
    }
}

/// Seals every stored secret under the active key.
///
/// # Errors
/// When the store fails or a secret cannot be opened; those sealed anew by then stay so.
pub(crate) async fn reseal(system: &System) -> Result<(), Error> {
    reseal_all::<Installation>(system).await?;
    reseal_all::<AccessKey>(system).await?;
    reseal_all::<MfaDevice>(system).await?;
    reseal_all::<SamlProvider>(system).await
}

/// How many stored secrets are sealed under a key.
///
/// # Errors
/// When the store fails.
pub(crate) async fn count(system: &System, key: u32) -> Result<usize, Error> {
    let long_term = count_of::<AccessKey>(system, key).await? + count_of::<MfaDevice>(system, key).await?;
    let probe = count_of::<Installation>(system, key).await?;
    Ok(long_term + probe + count_of::<SamlProvider>(system, key).await?)
}

async fn reseal_all<R: Sealed>(system: &System) -> Result<(), Error> {
    for key in keys::<R>(system).await? {
        reseal_one::<R>(system, &key).await?;
    }
    Ok(())
}

async fn reseal_one<R: Sealed>(system: &System, key: &Key) -> Result<(), Error> {
    let sealed_anew = |mut txn| async move {
        let Some((mut record, _)) = read::<R>(&mut txn, key).await? else { return Ok((txn, ())) };
        for (bound_to, sealed) in record.secrets() {
            let plain = seal::open(&system.keys, Purpose::StoredSecret, &bound_to, sealed);
            let plain = zeroize::Zeroizing::new(plain.ok_or_else(unopened)?);
            *sealed = seal::seal(&system.keys, Purpose::StoredSecret, &bound_to, &plain)?;
        }
        write(&mut txn, key.clone(), &record)?;
        Ok((txn, ()))
    };
    match system.store.transact(sealed_anew).await {
        // Not to be answered by doing it all again: the keys have been rotated by then.
        Err(Error::Conflict) => Err(Error::internal("a stored secret was changed each time it was read")),
        done => done,
    }
}

async fn count_of<R: Sealed>(system: &System, key: u32) -> Result<usize, Error> {
    let mut count = 0;
    for at in keys::<R>(system).await? {
        let Some(stored) = system.store.get(&at).await? else { continue };
        let mut record = R::decode(&stored)?;
        count += record.secrets().iter().filter(|(_, sealed)| seal::key_id(sealed) == Some(key)).count();
    }
    Ok(count)
}

async fn keys<R: Sealed>(system: &System) -> Result<Vec<Key>, Error> {
    let found = system.store.scan(&R::range(), usize::MAX).await?;
    Ok(found.into_iter().map(|(key, _)| key).collect())
}

fn unopened() -> Error {
    Error::internal("a stored secret cannot be opened with the keys there are")
}
