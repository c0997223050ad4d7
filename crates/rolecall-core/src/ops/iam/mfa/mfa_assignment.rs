//! `EnableMFADevice`, `ResyncMFADevice` and `DeactivateMFADevice`: a device becomes somebody's by two
//! consecutive codes, which also tell how far its clock is off.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::mfa;
use crate::ops::iam::account::count;
use crate::ops::iam::mfa::mfa_devices::{holder_id, place, read, whose, write};
use crate::ops::iam::users::belongings::{Belonging, Cells, Counts};
use crate::ops::iam::users::{Holder, SeenHolder};
use crate::records::{self, Account, Assignment, MfaDevice, Owner, User, key};
use crate::system::System;
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{DeactivateMFADeviceRequest, EnableMFADeviceRequest, ResyncMFADeviceRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::EnableMFADevice {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &EnableMFADeviceRequest) -> Result<Targets<SeenHolder>, Error> {
        whose(cx, Some(&input.user_name)).await?.targets(cx, "iam:EnableMFADevice").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: EnableMFADeviceRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        let (account, now) = (cx.account(), cx.now);
        let pair = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
        let owner = granted.seen().require()?.owner();
        let mut txn = granted.begin(cx);
        let mut device = read(&mut txn, account, &input.serial_number).await?;
        if device.assigned.is_some() {
            return Err(iam::mfa_device_in_use());
        }
        check_quota(&mut txn, account, &owner).await?;
        let outcome = align(cx.system, &mut device, pair, now);
        if outcome.is_ok() {
            txn.put(key::mfa_of(account, holder_id(account, &owner), &place(&device)), Vec::new());
            device.assigned = Some(Assignment { owner, enabled: now });
        }
        write(&mut txn, &device)?;
        txn.commit().await?;
        outcome.map(|()| Nothing.into())
    }
}

impl Serve for op::ResyncMFADevice {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &ResyncMFADeviceRequest) -> Result<Targets<SeenHolder>, Error> {
        whose(cx, Some(&input.user_name)).await?.targets(cx, "iam:ResyncMFADevice").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ResyncMFADeviceRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        let pair = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
        let owner = granted.seen().require()?.owner();
        let mut txn = granted.begin(cx);
        let mut device = own(&mut txn, cx.account(), &owner, &input.serial_number).await?;
        let outcome = align(cx.system, &mut device, pair, cx.now);
        write(&mut txn, &device)?;
        txn.commit().await?;
        outcome.map(|()| Nothing.into())
    }
}

impl Serve for op::DeactivateMFADevice {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &DeactivateMFADeviceRequest) -> Result<Targets<SeenHolder>, Error> {
        whose(cx, input.user_name.as_deref()).await?.targets(cx, "iam:DeactivateMFADevice").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeactivateMFADeviceRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        let account = cx.account();
        let owner = granted.seen().require()?.owner();
        let mut txn = granted.begin(cx);
        let device = own(&mut txn, account, &owner, &input.serial_number).await?;
        txn.delete(key::mfa_of(account, holder_id(account, &owner), &place(&device)));
        write(&mut txn, &MfaDevice { assigned: None, ..device })?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Belonging for MfaDevice {
    async fn check_none(txn: &mut Txn<'_>, user: &User) -> Result<(), Error> {
        let held = txn.scan(&key::mfas_of(&user.account, &user.id), 1).await?;
        if held.is_empty() { Ok(()) } else { Err(iam::must_delete_mfa_devices()) }
    }

    async fn follow(txn: &mut Txn<'_>, user: &User, _: &str) -> Result<(), Error> {
        for (mark, _) in txn.scan(&key::mfas_of(&user.account, &user.id), MOST).await? {
            let key = key::mfa_device(&user.account, key::last_part(&mark));
            let Some((mut device, _)) = records::read::<Self>(txn, &key).await? else { continue };
            let owner = Holder::User(user).owner();
            device.assigned = device.assigned.map(|assigned| Assignment { owner, ..assigned });
            records::write(txn, key, &device)?;
        }
        Ok(())
    }

    async fn counted(cx: &Cx<'_>, account: &Account) -> Result<Counts, Error> {
        let of_root = key::mfas_of(&account.id, account.id.as_str());
        Ok(vec![
            ("MFADevices", count(cx, &key::mfa_devices(&account.id)).await?),
            ("MFADevicesInUse", count(cx, &key::all_mfas(&account.id)).await?),
            ("AccountMFAEnabled", count(cx, &of_root).await?.min(1)),
        ])
    }

    async fn reported(cx: &Cx<'_>, holder: Holder<'_>) -> Result<Cells, Error> {
        let marks = key::mfas_of(cx.account(), holder_id(cx.account(), &holder.owner()));
        let is_active = !cx.system.store.scan(&marks, 1).await?.is_empty();
        Ok(vec![("mfa_active".to_owned(), is_active.to_string())])
    }
}

/// A device that is theirs; somebody else's does not exist for them.
async fn own(
    txn: &mut Txn<'_>,
    account: &AccountId,
    owner: &Owner,
    serial_number: &str,
) -> Result<MfaDevice, Error> {
    let device = read(txn, account, serial_number).await?;
    match &device.assigned {
        Some(assigned) if assigned.owner == *owner => Ok(device),
        _ => Err(iam::no_such_mfa_device(serial_number)),
    }
}

async fn check_quota(txn: &mut Txn<'_>, account: &AccountId, owner: &Owner) -> Result<(), Error> {
    let held = txn.scan(&key::mfas_of(account, holder_id(account, owner)), MOST).await?;
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
