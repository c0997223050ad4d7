//! The tags of users: `TagUser`, `UntagUser` and `ListUserTags`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::tags;
use crate::ops::paging::{Page, Paging};
use crate::records::{Sight, User};
use crate::target::Targets;
use rolecall_wire::iam::{ListUserTagsRequest, ListUserTagsResponse, TagUserRequest, UntagUserRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagUser {
    type Seen = Sight<User>;

    async fn targets(cx: &Cx<'_>, input: &TagUserRequest) -> Result<Targets<Sight<User>>, Error> {
        let sent = tags::sent(&input.tags)?;
        let targets = entity::targets(cx, "iam:TagUser", &input.user_name).await?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagUserRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        entity::change(cx, &granted, &input.user_name, |user| tags::add(&mut user.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagUser {
    type Seen = Sight<User>;

    async fn targets(cx: &Cx<'_>, input: &UntagUserRequest) -> Result<Targets<Sight<User>>, Error> {
        let targets = entity::targets(cx, "iam:UntagUser", &input.user_name).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagUserRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        entity::change(cx, &granted, &input.user_name, |user| {
            tags::remove(&mut user.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListUserTags {
    type Seen = Sight<User>;

    async fn targets(cx: &Cx<'_>, input: &ListUserTagsRequest) -> Result<Targets<Sight<User>>, Error> {
        entity::targets(cx, "iam:ListUserTags", &input.user_name).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListUserTagsRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<ListUserTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let user = entity::require(granted.seen(), &input.user_name)?;
        let page = paging.list(tags::shown(&user.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        let Page { items: tags, marker } = page;
        Ok(ListUserTagsResponse { tags, is_truncated, marker }.into())
    }
}
