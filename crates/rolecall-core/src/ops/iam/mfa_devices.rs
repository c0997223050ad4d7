//! MFA devices: found, changed and shown, and whose an operation means.

use super::entity;
use super::users::Whose;
use crate::caller::Who;
use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::id::AccountId;
use crate::records::{self, MfaDevice, Owner, Record, User, key, mfa_device};
use crate::target::Target;
use rolecall_store::{Key, Retry, Txn};
use std::sync::Arc;

/// The device of a serial number, spelled exactly so.
///
/// # Errors
/// When the store fails.
pub(super) async fn find(cx: &Cx<'_>, serial_number: &str) -> Result<Option<Arc<MfaDevice>>, Error> {
    let Some(key) = key_of(cx.account(), serial_number) else { return Ok(None) };
    let found = cx.system.store.cached(&key, MfaDevice::decode).await?;
    Ok(found.map(|(device, _)| device).filter(|device| device.serial_number() == serial_number))
}

/// The same, which must exist.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn load(cx: &Cx<'_>, serial_number: &str) -> Result<Arc<MfaDevice>, Error> {
    find(cx, serial_number).await?.ok_or_else(|| iam::no_such_mfa_device(serial_number))
}

/// The same within a transaction.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn read(
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
pub(super) fn write(txn: &mut Txn<'_>, device: &MfaDevice) -> Result<(), Error> {
    records::write(txn, key::mfa_device(&device.account, &place(device)), device)
}

/// Changes a device, alone.
///
/// # Errors
/// `NoSuchEntity`, and whatever `edit` reports.
pub(super) async fn change(
    cx: &Cx<'_>,
    serial_number: &str,
    mut edit: impl FnMut(&mut MfaDevice) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut device = read(&mut txn, cx.account(), serial_number).await?;
        edit(&mut device)?;
        write(&mut txn, &device)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// An action on a device, with its tags.
///
/// # Errors
/// When the store fails.
pub(super) async fn target(cx: &Cx<'_>, action: &'static str, serial_number: &str) -> Result<Target, Error> {
    let found = find(cx, serial_number).await?;
    let tags = found.as_ref().map(|device| device.tags.as_slice()).unwrap_or_default();
    Ok(Target::new(action, serial_number).with_resource_tags(Some("iam:ResourceTag"), tags))
}

/// Whose devices are meant: the user's of the name, or the caller's own. The root user is `name` too when it
/// calls itself by the account's id and no user has that name.
///
/// # Errors
/// When nobody is named and the caller is no user, or the store fails.
pub(super) async fn whose(cx: &Cx<'_>, name: Option<&str>) -> Result<Whose, Error> {
    let is_root = matches!(cx.identity()?.who, Who::Root) && name == Some(cx.account().as_str());
    match name {
        Some(name) if is_root && entity::find::<User>(cx, name).await?.is_none() => Ok(Whose::Root),
        _ => Whose::of(cx, name),
    }
}

/// The owner's id in the marks of devices.
pub(super) fn holder<'a>(account: &'a AccountId, owner: &'a Owner) -> &'a str {
    match owner {
        Owner::Root => account.as_str(),
        Owner::User { id, .. } => id,
    }
}

/// The owner's name in answers; root goes by the account's id.
pub(super) fn owner_name(account: &AccountId, owner: &Owner) -> String {
    match owner {
        Owner::Root => account.to_string(),
        Owner::User { name, .. } => name.clone(),
    }
}

/// A device's path and name in one.
pub(super) fn place(device: &MfaDevice) -> String {
    format!("{}{}", device.path, device.name)
}

fn key_of(account: &AccountId, serial_number: &str) -> Option<Key> {
    mfa_device::place(account, serial_number).map(|place| key::mfa_device(account, place))
}
