//! The tags of virtual MFA devices: `TagMFADevice`, `UntagMFADevice` and `ListMFADeviceTags`.

use super::mfa_devices::{change, load, target};
use super::paging::Paging;
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListMFADeviceTagsRequest, ListMFADeviceTagsResponse, TagMFADeviceRequest, UntagMFADeviceRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagMFADeviceRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:TagMFADevice", &input.serial_number).await?;
        Ok(Targets::one(target.with_request_tags(&tags::sent(&input.tags)?)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagMFADeviceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        change(cx, &input.serial_number, |device| tags::add(&mut device.tags, sent.clone())).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagMFADevice {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagMFADeviceRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:UntagMFADevice", &input.serial_number).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagMFADeviceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.serial_number, |device| {
            tags::remove(&mut device.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListMFADeviceTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListMFADeviceTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(target(cx, "iam:ListMFADeviceTags", &input.serial_number).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListMFADeviceTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListMFADeviceTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let device = load(cx, &input.serial_number).await?;
        let page = paging.list(tags::shown(&device.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListMFADeviceTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
