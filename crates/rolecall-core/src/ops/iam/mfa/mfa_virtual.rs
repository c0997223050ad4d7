//! `CreateVirtualMFADevice`, `ListVirtualMFADevices` and `DeleteVirtualMFADevice`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::mfa;
use crate::ops::iam::mfa::mfa_devices::{SeenDevice, place, require, targets, write};
use crate::ops::iam::path;
use crate::ops::iam::tags;
use crate::ops::iam::users;
use crate::ops::paging::{Page, Paging};
use crate::records::{Assignment, MfaDevice, Owner, Record, User, key, mfa_device};
use crate::target::{Target, Targets};
use data_encoding::BASE32;
use rolecall_store::Txn;
use rolecall_wire::iam::{
    CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse, DeleteVirtualMFADeviceRequest,
    ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse, VirtualMFADevice, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateVirtualMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateVirtualMFADeviceRequest) -> Result<Targets, Error> {
        let path = path::or_root(input.path.as_deref())?;
        let arn = mfa_device::arn(cx.account(), &path, &input.virtual_mfa_device_name);
        let sent = tags::sent(&input.tags)?;
        Ok(tags::creation(Target::new("iam:CreateVirtualMFADevice", arn), "iam:TagMFADevice", &sent))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateVirtualMFADeviceRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateVirtualMFADeviceResponse>, Error> {
        let path = path::or_root(input.path.as_deref())?;
        let mut fresh = mfa::new_device(cx.system, cx.account(), &path, &input.virtual_mfa_device_name)?;
        fresh.record.tags = tags::sent(&input.tags)?;
        store(granted.begin(cx), &fresh.record).await?;
        let seed = BASE32.encode(fresh.seed.as_slice());
        let account = users::account(cx).await?;
        let label = account.alias.as_deref().unwrap_or(account.id.as_str());
        let virtual_mfa_device = VirtualMFADevice {
            serial_number: fresh.record.serial_number(),
            qr_code_png: Some(mfa::png(&mfa::uri(&fresh.record.name, label, &seed))?),
            base32_string_seed: Some(seed.into_bytes()),
            tags: tags::shown(&fresh.record.tags),
            ..Default::default()
        };
        Ok(CreateVirtualMFADeviceResponse { virtual_mfa_device }.into())
    }
}

impl Serve for op::ListVirtualMFADevices {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListVirtualMFADevicesRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListVirtualMFADevices", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListVirtualMFADevicesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListVirtualMFADevicesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let keep = |device: &MfaDevice| match input.assignment_status.as_deref() {
            Some("Assigned") => device.assigned.is_some(),
            Some("Unassigned") => device.assigned.is_none(),
            _ => true,
        };
        let range = key::mfa_devices(cx.account());
        let page = paging.records(&cx.system.store, &range, keep).await?;
        let is_truncated = page.is_truncated();
        let Page { items, marker } = page;
        let mut virtual_mfa_devices = Vec::with_capacity(items.len());
        for device in &items {
            virtual_mfa_devices.push(listed(cx, device).await?);
        }
        Ok(ListVirtualMFADevicesResponse { virtual_mfa_devices, is_truncated, marker }.into())
    }
}

impl Serve for op::DeleteVirtualMFADevice {
    type Seen = SeenDevice;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteVirtualMFADeviceRequest,
    ) -> Result<Targets<SeenDevice>, Error> {
        targets(cx, "iam:DeleteVirtualMFADevice", &input.serial_number).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteVirtualMFADeviceRequest,
        granted: Granted<SeenDevice>,
    ) -> Result<Reply<Nothing>, Error> {
        let device = require(granted.seen(), &input.serial_number)?;
        if device.assigned.is_some() {
            return Err(iam::must_deactivate_mfa_device());
        }
        let mut txn = granted.begin(cx);
        txn.delete(key::mfa_device(&device.account, &place(device)));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

async fn store(mut txn: Txn<'_>, device: &MfaDevice) -> Result<(), Error> {
    if txn.get(&key::mfa_device(&device.account, &place(device))).await?.is_some() {
        return Err(iam::mfa_device_exists());
    }
    write(&mut txn, device)?;
    txn.commit().await?;
    Ok(())
}

/// Without its seed, and without its tags; whose it is, when it is enabled.
async fn listed(cx: &Cx<'_>, device: &MfaDevice) -> Result<VirtualMFADevice, Error> {
    let serial_number = device.serial_number();
    let Some(Assignment { owner, enabled }) = &device.assigned else {
        return Ok(VirtualMFADevice { serial_number, ..Default::default() });
    };
    let user = match owner {
        Owner::Root => Some(users::root(&*users::account(cx).await?)),
        Owner::User { name, .. } => {
            let found = cx.system.store.cached(&key::user(&device.account, name), User::decode).await?;
            found.map(|(user, _)| users::listed(&user))
        }
    };
    Ok(VirtualMFADevice { serial_number, user, enable_date: Some(*enabled), ..Default::default() })
}
