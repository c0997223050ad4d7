//! `ListMFADevices` and `GetMFADevice`: the devices that are somebody's.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::mfa::mfa_devices::{holder_id, load, owner_name, whose};
use crate::ops::iam::users::SeenHolder;
use crate::ops::paging::{Page, Paging};
use crate::records::{MfaDevice, Record, key};
use crate::target::Targets;
use rolecall_wire::iam::{
    GetMFADeviceRequest, GetMFADeviceResponse, ListMFADevicesRequest, ListMFADevicesResponse, MFADevice, op,
};

impl Serve for op::ListMFADevices {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &ListMFADevicesRequest) -> Result<Targets<SeenHolder>, Error> {
        whose(cx, input.user_name.as_deref()).await?.targets(cx, "iam:ListMFADevices").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListMFADevicesRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<ListMFADevicesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let owner = granted.seen().require()?.owner();
        let mut held = Vec::new();
        let marks = key::mfas_of(cx.account(), holder_id(cx.account(), &owner));
        for (mark, _) in cx.system.store.scan(&marks, usize::MAX).await? {
            let key = key::mfa_device(cx.account(), key::last_part(&mark));
            let found = cx.system.store.cached(&key, MfaDevice::decode).await?;
            held.extend(found.and_then(|(device, _)| shown(&device)));
        }
        let page = paging.list(held, |device| device.serial_number.clone());
        let is_truncated = page.is_truncated();
        let Page { items: mfa_devices, marker } = page;
        Ok(ListMFADevicesResponse { mfa_devices, is_truncated, marker }.into())
    }
}

impl Serve for op::GetMFADevice {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &GetMFADeviceRequest) -> Result<Targets<SeenHolder>, Error> {
        whose(cx, input.user_name.as_deref()).await?.targets(cx, "iam:GetMFADevice").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetMFADeviceRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<GetMFADeviceResponse>, Error> {
        let owner = granted.seen().require()?.owner();
        let device = load(cx, &input.serial_number).await?;
        let own = shown(&device).filter(|_| device.assigned.as_ref().is_some_and(|a| a.owner == owner));
        let shown = own.ok_or_else(|| iam::no_such_mfa_device(&input.serial_number))?;
        Ok(GetMFADeviceResponse {
            user_name: Some(shown.user_name),
            serial_number: shown.serial_number,
            enable_date: Some(shown.enable_date),
            certifications: Vec::new(),
        }
        .into())
    }
}

fn shown(device: &MfaDevice) -> Option<MFADevice> {
    let assigned = device.assigned.as_ref()?;
    Some(MFADevice {
        user_name: owner_name(&device.account, &assigned.owner),
        serial_number: device.serial_number(),
        enable_date: assigned.enabled,
    })
}
