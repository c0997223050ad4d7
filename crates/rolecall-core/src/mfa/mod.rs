//! The second factor: virtual MFA devices, their codes, and the check that a request's code is right.

#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, reason = "tests of other crates take it"))]
mod codes;
mod picture;

#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, reason = "tests of other crates take it"))]
pub use codes::Codes;
pub(crate) use picture::{png, uri};

use crate::caller::{Identity, Who};
use crate::entropy::{random, uuid};
use crate::error::{Error, sts};
use crate::id::AccountId;
use crate::keyring::Purpose;
use crate::records::{self, MfaDevice, Owner, key, mfa_device};
use crate::seal;
use crate::system::System;
use zeroize::Zeroizing;

/// Checks the device and code that a request names. `true`: they are the caller's own and right, and the
/// code is used up, durably; `false`: none were named.
///
/// # Errors
/// In AWS's words, when either is named without the other, the device is not the caller's, or the code
/// is wrong, used, or not looked at.
pub(crate) async fn check(
    system: &System,
    identity: &Identity,
    serial_number: Option<&str>,
    token_code: Option<&str>,
    now: i64,
) -> Result<bool, Error> {
    match (serial_number, token_code) {
        (None, None) => Ok(false),
        (Some(serial_number), Some(code)) => {
            let place = mfa_device::place(&identity.account, serial_number);
            let place = place.ok_or_else(sts::mfa_unknown_device)?;
            take(system, identity, serial_number, place, code, now).await.map(|()| true)
        }
        _ => Err(sts::mfa_incomplete()),
    }
}

/// What came of a code is written before anybody is told, so no code is taken twice and no guess is free,
/// whatever else happens at the moment.
async fn take(
    system: &System,
    identity: &Identity,
    serial_number: &str,
    place: &str,
    code: &str,
    now: i64,
) -> Result<(), Error> {
    let key = &key::mfa_device(&identity.account, place);
    let taken = |mut txn| async move {
        let found = records::read::<MfaDevice>(&mut txn, key).await?.map(|(device, _)| device);
        let own = found.filter(|device| device.serial_number() == serial_number && is_own(device, identity));
        let mut device = own.ok_or_else(sts::mfa_unknown_device)?;
        if device.is_locked(now) {
            return Err(sts::mfa_wrong_code());
        }
        let is_right = device.accept(&codes_of(system, &device)?, code, now);
        records::write(&mut txn, key.clone(), &device)?;
        Ok((txn, is_right))
    };
    let is_right = system.store.transact(taken).await?;
    if is_right { Ok(()) } else { Err(sts::mfa_wrong_code()) }
}

/// True when the device was enabled for the caller, or for the user whose session it is.
fn is_own(device: &MfaDevice, identity: &Identity) -> bool {
    match (&identity.who, device.assigned.as_ref().map(|a| &a.owner)) {
        (Who::User(user), Some(Owner::User { id, .. })) => user.id == *id,
        (Who::Root, Some(Owner::Root)) => true,
        _ => false,
    }
}

/// The codes of a device.
///
/// # Errors
/// When the seed cannot be unsealed with our keys.
pub(crate) fn codes_of(system: &System, device: &MfaDevice) -> Result<Codes, Error> {
    let seed = seal::open(&system.keys, Purpose::StoredSecret, device.id.as_bytes(), &device.sealed_seed);
    let codes = seed.map(Zeroizing::new).and_then(|seed| Codes::of(&seed));
    codes.ok_or_else(|| Error::internal("the seed of an MFA device cannot be unsealed"))
}

/// A device made now, and the seed that is shown once.
pub(crate) struct NewDevice {
    /// The record.
    pub record: MfaDevice,
    /// The seed.
    pub seed: Zeroizing<[u8; SEED]>,
}

/// Makes a device with a random seed, for nobody yet. Nothing is stored.
///
/// # Errors
/// When the random generator or the key ring fails.
pub(crate) fn new_device(
    system: &System,
    account: &AccountId,
    path: &str,
    name: &str,
) -> Result<NewDevice, Error> {
    let (id, seed) = (uuid().to_string(), Zeroizing::new(random::<SEED>()?));
    let sealed_seed = seal::seal(&system.keys, Purpose::StoredSecret, id.as_bytes(), seed.as_slice())?;
    let record = MfaDevice {
        account: account.clone(),
        path: path.to_owned(),
        name: name.to_owned(),
        id,
        tags: Vec::new(),
        sealed_seed,
        assigned: None,
        drift: 0,
        last_step: 0,
        wrong: 0,
        locked_until: 0,
    };
    Ok(NewDevice { record, seed })
}

/// The length of a seed, in bytes: 64 characters of Base32, as AWS gives.
const SEED: usize = 40;
