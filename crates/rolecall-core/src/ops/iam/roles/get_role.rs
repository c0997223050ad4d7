//! `GetRole` and `ListRoles`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::path::has_prefix;
use crate::ops::iam::roles;
use crate::ops::paging::Paging;
use crate::records::{Role, Sight, key};
use crate::target::Targets;
use rolecall_wire::iam::{GetRoleRequest, GetRoleResponse, ListRolesRequest, ListRolesResponse, op};

impl Serve for op::GetRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &GetRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:GetRole", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<GetRoleResponse>, Error> {
        let role = entity::require(granted.seen(), &input.role_name)?;
        Ok(GetRoleResponse { role: roles::shown(cx.system, role).await? }.into())
    }
}

impl Serve for op::ListRoles {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListRolesRequest) -> Result<Targets, Error> {
        let path = input.path_prefix.as_deref().unwrap_or("/");
        Ok(Targets::on("iam:ListRoles", format!("arn:aws:iam::{}:role{path}", cx.account())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListRolesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListRolesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let keep = |role: &Role| has_prefix(&role.path, input.path_prefix.as_deref());
        let page = paging.records(&cx.system.store, &key::roles(cx.account()), keep).await?;
        let is_truncated = page.is_truncated();
        let mut shown = Vec::with_capacity(page.items.len());
        for role in &page.items {
            shown.push(roles::listed(cx.system, role).await?);
        }
        Ok(ListRolesResponse { roles: shown, is_truncated, marker: page.marker }.into())
    }
}
