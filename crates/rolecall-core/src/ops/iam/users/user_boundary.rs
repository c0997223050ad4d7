//! `PutUserPermissionsBoundary` and `DeleteUserPermissionsBoundary`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::policies::boundary;
use crate::records::{Sight, User};
use crate::target::Targets;
use rolecall_wire::iam::{DeleteUserPermissionsBoundaryRequest, PutUserPermissionsBoundaryRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::PutUserPermissionsBoundary {
    type Seen = Sight<User>;

    /// `iam:PermissionsBoundary` is the boundary asked for.
    async fn targets(
        cx: &Cx<'_>,
        input: &PutUserPermissionsBoundaryRequest,
    ) -> Result<Targets<Sight<User>>, Error> {
        boundary::check_form(&input.permissions_boundary)?;
        let targets = entity::targets(cx, "iam:PutUserPermissionsBoundary", &input.user_name).await?;
        Ok(targets.map(|target| target.with("iam:PermissionsBoundary", input.permissions_boundary.as_str())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutUserPermissionsBoundaryRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        boundary::set(cx, &granted, &input.user_name, Some(&input.permissions_boundary)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeleteUserPermissionsBoundary {
    type Seen = Sight<User>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteUserPermissionsBoundaryRequest,
    ) -> Result<Targets<Sight<User>>, Error> {
        entity::bounded_targets(cx, "iam:DeleteUserPermissionsBoundary", &input.user_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteUserPermissionsBoundaryRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        boundary::set(cx, &granted, &input.user_name, None).await?;
        Ok(Nothing.into())
    }
}
