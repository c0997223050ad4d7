//! `TagUser`, `UntagUser`, `ListUserTags`.

use super::entity;
use super::paging::{Page, Paging};
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::User;
use crate::target::Targets;
use rolecall_wire::iam::{
    ListUserTagsRequest, ListUserTagsResponse, Tag, TagUserRequest, UntagUserRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagUser {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagUserRequest) -> Result<Targets, Error> {
        let sent = tags::sent(&input.tags)?;
        let target = entity::target::<User>(cx, "iam:TagUser", &input.user_name).await?;
        Ok(Targets::one(target.with_request_tags(&sent)))
    }

    async fn run(cx: &mut Cx<'_>, input: TagUserRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        entity::change::<User>(cx, &input.user_name, |user| tags::add(&mut user.tags, sent.clone())).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagUser {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagUserRequest) -> Result<Targets, Error> {
        let target = entity::target::<User>(cx, "iam:UntagUser", &input.user_name).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(cx: &mut Cx<'_>, input: UntagUserRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        entity::change::<User>(cx, &input.user_name, |user| {
            tags::remove(&mut user.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListUserTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListUserTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<User>(cx, "iam:ListUserTags", &input.user_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListUserTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListUserTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let user = entity::load::<User>(cx, &input.user_name).await?;
        let page = paging.list(tags::shown(&user.tags), |tag: &Tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        let Page { items: tags, marker } = page;
        Ok(ListUserTagsResponse { tags, is_truncated, marker }.into())
    }
}
