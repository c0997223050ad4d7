//! The tags of roles: `TagRole`, `UntagRole` and `ListRoleTags`.

use super::entity::{self, Entity};
use super::paging::Paging;
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::Role;
use crate::target::Targets;
use rolecall_wire::iam::{ListRoleTagsRequest, ListRoleTagsResponse, TagRoleRequest, UntagRoleRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagRoleRequest) -> Result<Targets, Error> {
        let target = entity::target::<Role>(cx, "iam:TagRole", &input.role_name).await?;
        Ok(Targets::one(target.with_request_tags(&tags::sent(&input.tags)?)))
    }

    async fn run(cx: &mut Cx<'_>, input: TagRoleRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        entity::change(cx, &input.role_name, |role: &mut Role| {
            role.check_modifiable()?;
            tags::add(&mut role.tags, sent.clone())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagRoleRequest) -> Result<Targets, Error> {
        let target = entity::target::<Role>(cx, "iam:UntagRole", &input.role_name).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(cx: &mut Cx<'_>, input: UntagRoleRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        entity::change(cx, &input.role_name, |role: &mut Role| {
            role.check_modifiable()?;
            tags::remove(&mut role.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListRoleTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListRoleTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Role>(cx, "iam:ListRoleTags", &input.role_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListRoleTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListRoleTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let role = entity::load::<Role>(cx, &input.role_name).await?;
        let page = paging.list(tags::shown(&role.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListRoleTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
