//! `PutRolePermissionsBoundary` and `DeleteRolePermissionsBoundary`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::policies::boundary;
use crate::records::{Role, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{DeleteRolePermissionsBoundaryRequest, PutRolePermissionsBoundaryRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::PutRolePermissionsBoundary {
    type Seen = Sight<Role>;

    /// `iam:PermissionsBoundary` is the boundary asked for.
    async fn targets(
        cx: &Cx<'_>,
        input: &PutRolePermissionsBoundaryRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        boundary::check_form(&input.permissions_boundary)?;
        let targets = entity::targets(cx, "iam:PutRolePermissionsBoundary", &input.role_name).await?;
        Ok(targets.map(|target| target.with("iam:PermissionsBoundary", input.permissions_boundary.as_str())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutRolePermissionsBoundaryRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        boundary::set(cx, &granted, &input.role_name, Some(&input.permissions_boundary)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeleteRolePermissionsBoundary {
    type Seen = Sight<Role>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteRolePermissionsBoundaryRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        entity::bounded_targets(cx, "iam:DeleteRolePermissionsBoundary", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteRolePermissionsBoundaryRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        boundary::set(cx, &granted, &input.role_name, None).await?;
        Ok(Nothing.into())
    }
}
