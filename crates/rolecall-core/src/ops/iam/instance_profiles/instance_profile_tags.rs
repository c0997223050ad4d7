//! The tags of instance profiles: `TagInstanceProfile`, `UntagInstanceProfile` and
//! `ListInstanceProfileTags`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::instance_profiles::{require, targets};
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::records::{InstanceProfile, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse, TagInstanceProfileRequest,
    UntagInstanceProfileRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagInstanceProfile {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &TagInstanceProfileRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        let targets = targets(cx, "iam:TagInstanceProfile", &input.instance_profile_name).await?;
        let sent = tags::sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagInstanceProfileRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        let missing = || iam::no_such_instance_profile(&input.instance_profile_name);
        granted.change(cx, missing, |profile| tags::add(&mut profile.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagInstanceProfile {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UntagInstanceProfileRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        let targets = targets(cx, "iam:UntagInstanceProfile", &input.instance_profile_name).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagInstanceProfileRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_such_instance_profile(&input.instance_profile_name);
        let remove = |profile: &mut InstanceProfile| {
            tags::remove(&mut profile.tags, &input.tag_keys);
            Ok(())
        };
        granted.change(cx, missing, remove).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListInstanceProfileTags {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListInstanceProfileTagsRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        targets(cx, "iam:ListInstanceProfileTags", &input.instance_profile_name).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListInstanceProfileTagsRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<ListInstanceProfileTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let profile = require(granted.seen(), &input.instance_profile_name)?;
        let page = paging.list(tags::shown(&profile.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListInstanceProfileTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
