//! The tags of virtual MFA devices: `TagMFADevice`, `UntagMFADevice` and `ListMFADeviceTags`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::mfa::mfa_devices::{SeenDevice, change, require, targets};
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::target::Targets;
use rolecall_wire::iam::{
    ListMFADeviceTagsRequest, ListMFADeviceTagsResponse, TagMFADeviceRequest, UntagMFADeviceRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagMFADevice {
    type Seen = SeenDevice;

    async fn targets(cx: &Cx<'_>, input: &TagMFADeviceRequest) -> Result<Targets<SeenDevice>, Error> {
        let targets = targets(cx, "iam:TagMFADevice", &input.serial_number).await?;
        let sent = tags::sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagMFADeviceRequest,
        granted: Granted<SeenDevice>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        change(cx, &granted, &input.serial_number, |device| tags::add(&mut device.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagMFADevice {
    type Seen = SeenDevice;

    async fn targets(cx: &Cx<'_>, input: &UntagMFADeviceRequest) -> Result<Targets<SeenDevice>, Error> {
        let targets = targets(cx, "iam:UntagMFADevice", &input.serial_number).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagMFADeviceRequest,
        granted: Granted<SeenDevice>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, &input.serial_number, |device| {
            tags::remove(&mut device.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListMFADeviceTags {
    type Seen = SeenDevice;

    async fn targets(cx: &Cx<'_>, input: &ListMFADeviceTagsRequest) -> Result<Targets<SeenDevice>, Error> {
        targets(cx, "iam:ListMFADeviceTags", &input.serial_number).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListMFADeviceTagsRequest,
        granted: Granted<SeenDevice>,
    ) -> Result<Reply<ListMFADeviceTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let device = require(granted.seen(), &input.serial_number)?;
        let page = paging.list(tags::shown(&device.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListMFADeviceTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
