//! The tags of instance profiles: `TagInstanceProfile`, `UntagInstanceProfile` and
//! `ListInstanceProfileTags`.

use super::instance_profiles::{change, load, target};
use super::paging::Paging;
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse, TagInstanceProfileRequest,
    UntagInstanceProfileRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagInstanceProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagInstanceProfileRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:TagInstanceProfile", &input.instance_profile_name).await?;
        Ok(Targets::one(target.with_request_tags(&tags::sent(&input.tags)?)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagInstanceProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        change(cx, &input.instance_profile_name, |profile| tags::add(&mut profile.tags, sent.clone()))
            .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagInstanceProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagInstanceProfileRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:UntagInstanceProfile", &input.instance_profile_name).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagInstanceProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.instance_profile_name, |profile| {
            tags::remove(&mut profile.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListInstanceProfileTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListInstanceProfileTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(target(cx, "iam:ListInstanceProfileTags", &input.instance_profile_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListInstanceProfileTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListInstanceProfileTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let profile = load(cx, &input.instance_profile_name).await?;
        let page = paging.list(tags::shown(&profile.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListInstanceProfileTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
