//! MFA devices: found, changed and shown, and whose an operation means.

use crate::caller::Who;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted};
use crate::id::AccountId;
use crate::ops::iam::entity;
use crate::ops::iam::users::Whose;
use crate::records::{self, MfaDevice, Owner, Sight, User, key, mfa_device};
use crate::target::{Target, Targets};
use rolecall_store::{Key, Txn};
use std::sync::Arc;

/// The device of a serial number, spelled exactly so, as permission is decided on it. A text that is no serial
/// number of the account's has no place to look at.
pub(in crate::ops::iam) type SeenDevice = Option<Sight<MfaDevice>>;

/// What an action on a device needs, with its tags.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    serial_number: &str,
) -> Result<Targets<SeenDevice>, Error> {
    let seen = see(cx, serial_number).await?;
    let device = seen.as_ref().and_then(Sight::record);
    let tags = device.map(|device| device.tags.as_slice()).unwrap_or_default();
    let target = Target::new(action, serial_number).with_resource_tags(Some("iam:ResourceTag"), tags);
    Ok(Targets::one(target).seeing(seen))
}

/// The device that permission was decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) fn require<'s>(
    seen: &'s SeenDevice,
    serial_number: &str,
) -> Result<&'s Arc<MfaDevice>, Error> {
    seen.as_ref().and_then(Sight::record).ok_or_else(|| iam::no_such_mfa_device(serial_number))
}

/// Changes the device that permission was decided on, alone.
///
/// # Errors
/// `NoSuchEntity`, and whatever `edit` reports.
pub(in crate::ops::iam) async fn change(
    cx: &Cx<'_>,
    granted: &Granted<SeenDevice>,
    serial_number: &str,
    edit: impl FnOnce(&mut MfaDevice) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut device = MfaDevice::clone(require(granted.seen(), serial_number)?);
    edit(&mut device)?;
    let mut txn = granted.begin(cx);
    write(&mut txn, &device)?;
    txn.commit().await?;
    Ok(())
}

/// A device that permission is not decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) async fn load(cx: &Cx<'_>, serial_number: &str) -> Result<Arc<MfaDevice>, Error> {
    require(&see(cx, serial_number).await?, serial_number).cloned()
}

/// The same within a transaction.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) async fn read(
    txn: &mut Txn<'_>,
    account: &AccountId,
    serial_number: &str,
) -> Result<MfaDevice, Error> {
    let missing = || iam::no_such_mfa_device(serial_number);
    let key = key_of(account, serial_number).ok_or_else(missing)?;
    let found = records::read::<MfaDevice>(txn, &key).await?.map(|(device, _)| device);
    found.filter(|device| device.serial_number() == serial_number).ok_or_else(missing)
}

/// Writes a device within a transaction.
///
/// # Errors
/// When the record cannot be encoded.
pub(in crate::ops::iam) fn write(txn: &mut Txn<'_>, device: &MfaDevice) -> Result<(), Error> {
    records::write(txn, key::mfa_device(&device.account, &place(device)), device)
}

/// Whose devices are meant: the user's of the name, or the caller's own. The root user is `name` too when it
/// calls itself by the account's id and no user has that name.
///
/// # Errors
/// When nobody is named and the caller is no user, or the store fails.
pub(in crate::ops::iam) async fn whose(cx: &Cx<'_>, name: Option<&str>) -> Result<Whose, Error> {
    let is_root = matches!(cx.identity()?.who, Who::Root) && name == Some(cx.account().as_str());
    match name {
        Some(name) if is_root && entity::find::<User>(cx, name).await?.is_none() => Ok(Whose::Root),
        _ => Whose::of(cx, name),
    }
}

/// The owner's id in the marks of devices.
pub(in crate::ops::iam) fn holder_id<'a>(account: &'a AccountId, owner: &'a Owner) -> &'a str {
    match owner {
        Owner::Root => account.as_str(),
        Owner::User { id, .. } => id,
    }
}

/// The owner's name in answers; root goes by the account's id.
pub(in crate::ops::iam) fn owner_name(account: &AccountId, owner: &Owner) -> String {
    match owner {
        Owner::Root => account.to_string(),
        Owner::User { name, .. } => name.clone(),
    }
}

/// A device's path and name in one.
pub(in crate::ops::iam) fn place(device: &MfaDevice) -> String {
    format!("{}{}", device.path, device.name)
}

async fn see(cx: &Cx<'_>, serial_number: &str) -> Result<SeenDevice, Error> {
    let Some(key) = key_of(cx.account(), serial_number) else { return Ok(None) };
    let seen = Sight::of(&cx.system.store, key).await?;
    Ok(Some(seen.filter(|device: &MfaDevice| device.serial_number() == serial_number)))
}

fn key_of(account: &AccountId, serial_number: &str) -> Option<Key> {
    mfa_device::place(account, serial_number).map(|place| key::mfa_device(account, place))
}
