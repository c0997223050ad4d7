//! The tags of roles: `TagRole`, `UntagRole` and `ListRoleTags`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::tags;
use crate::ops::paging::{Page, Paging};
use crate::records::{Role, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{ListRoleTagsRequest, ListRoleTagsResponse, TagRoleRequest, UntagRoleRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &TagRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        let sent = tags::sent(&input.tags)?;
        let targets = entity::targets(cx, "iam:TagRole", &input.role_name).await?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        entity::change(cx, &granted, &input.role_name, |role| tags::add(&mut role.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &UntagRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        let targets = entity::targets(cx, "iam:UntagRole", &input.role_name).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        entity::change(cx, &granted, &input.role_name, |role| {
            tags::remove(&mut role.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListRoleTags {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &ListRoleTagsRequest) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:ListRoleTags", &input.role_name).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListRoleTagsRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<ListRoleTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let role = entity::require(granted.seen(), &input.role_name)?;
        let page = paging.list(tags::shown(&role.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        let Page { items: tags, marker } = page;
        Ok(ListRoleTagsResponse { tags, is_truncated, marker }.into())
    }
}
