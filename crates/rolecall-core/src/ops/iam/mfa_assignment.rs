//! `EnableMFADevice`, `ResyncMFADevice` and `DeactivateMFADevice`: a device becomes somebody's by two
//! consecutive codes, which also tell how far its clock is off.

use super::entity;
use super::mfa_devices::{holder, place, read, whose, write};
use super::users::Whose;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::mfa;
use crate::records::{self, Assignment, MfaDevice, Owner, User, key};
use crate::system::System;
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam::{DeactivateMFADeviceRequest, EnableMFADeviceRequest, ResyncMFADeviceRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::EnableMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &EnableMFADeviceRequest) -> Result<Targets, Error> {
        let whose = whose(cx, Some(&input.user_name)).await?;
        Ok(Targets::one(whose.target(cx, "iam:EnableMFADevice").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: EnableMFADeviceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let whose = whose(cx, Some(&input.user_name)).await?;
        let (account, now) = (cx.account(), cx.now);
        let pair = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let owner = owner(&mut txn, account, &whose).await?;
            let mut device = read(&mut txn, account, &input.serial_number).await?;
            if device.assigned.is_some() {
                return Err(iam::mfa_device_in_use());
            }
            check_quota(&mut txn, account, &owner).await?;
            let outcome = align(cx.system, &mut device, pair, now);
            if outcome.is_ok() {
                txn.put(key::mfa_of(account, holder(account, &owner), &place(&device)), Vec::new());
                device.assigned = Some(Assignment { owner, enabled: now });
            }
            write(&mut txn, &device)?;
            if retry.commit(txn).await? {
                return outcome.map(|()| Nothing.into());
            }
        }
    }
}

impl Serve for op::ResyncMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ResyncMFADeviceRequest) -> Result<Targets, Error> {
        let whose = whose(cx, Some(&input.user_name)).await?;
        Ok(Targets::one(whose.target(cx, "iam:ResyncMFADevice").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ResyncMFADeviceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let whose = whose(cx, Some(&input.user_name)).await?;
        let pair = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut device = own(&mut txn, cx.account(), &whose, &input.serial_number).await?;
            let outcome = align(cx.system, &mut device, pair, cx.now);
            write(&mut txn, &device)?;
            if retry.commit(txn).await? {
                return outcome.map(|()| Nothing.into());
            }
        }
    }
}

impl Serve for op::DeactivateMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeactivateMFADeviceRequest) -> Result<Targets, Error> {
        let whose = whose(cx, input.user_name.as_deref()).await?;
        Ok(Targets::one(whose.target(cx, "iam:DeactivateMFADevice").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeactivateMFADeviceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let whose = whose(cx, input.user_name.as_deref()).await?;
        let account = cx.account();
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut device = own(&mut txn, account, &whose, &input.serial_number).await?;
            if let Some(Assignment { owner, .. }) = device.assigned.take() {
                txn.delete(key::mfa_of(account, holder(account, &owner), &place(&device)));
            }
            write(&mut txn, &device)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

/// Gives the devices of a user the name that it has now.
///
/// # Errors
/// When the store fails.
pub(super) async fn rename(txn: &mut Txn<'_>, user: &User) -> Result<(), Error> {
    for (mark, _) in txn.scan(&key::mfas_of(&user.account, &user.id), MOST).await? {
        let key = key::mfa_device(&user.account, key::last_part(&mark));
        let Some((mut device, _)) = records::read::<MfaDevice>(txn, &key).await? else { continue };
        let owner = Owner::User { name: user.name.clone(), id: user.id.clone() };
        device.assigned = device.assigned.map(|assigned| Assignment { owner, ..assigned });
        records::write(txn, key, &device)?;
    }
    Ok(())
}

/// Who is to have the device: a user that exists, or root.
async fn owner(txn: &mut Txn<'_>, account: &AccountId, whose: &Whose) -> Result<Owner, Error> {
    Ok(match whose {
        Whose::Root => Owner::Root,
        Whose::User(name) => {
            let user: User = entity::read(txn, account, name).await?;
            Owner::User { name: user.name, id: user.id }
        }
    })
}

/// A device that is theirs; somebody else's does not exist for them.
async fn own(
    txn: &mut Txn<'_>,
    account: &AccountId,
    whose: &Whose,
    serial_number: &str,
) -> Result<MfaDevice, Error> {
    let owner = owner(txn, account, whose).await?;
    let device = read(txn, account, serial_number).await?;
    match &device.assigned {
        Some(assigned) if assigned.owner == owner => Ok(device),
        _ => Err(iam::no_such_mfa_device(serial_number)),
    }
}

async fn check_quota(txn: &mut Txn<'_>, account: &AccountId, owner: &Owner) -> Result<(), Error> {
    let held = txn.scan(&key::mfas_of(account, holder(account, owner)), MOST).await?;
    if held.len() < MOST { Ok(()) } else { Err(iam::quota("MFADevicesPerUser", MOST)) }
}

/// A device that is locked looks at no codes here either.
fn align(system: &System, device: &mut MfaDevice, pair: (&str, &str), now: i64) -> Result<(), Error> {
    let codes = mfa::codes_of(system, device)?;
    let is_right = !device.is_locked(now) && device.align(&codes, pair.0, pair.1, now);
    if is_right { Ok(()) } else { Err(iam::wrong_authentication_code()) }
}

/// The most devices of a user or of root (IAM User Guide, IAM quotas).
const MOST: usize = 8;
