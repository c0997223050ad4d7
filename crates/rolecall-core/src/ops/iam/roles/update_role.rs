//! `UpdateRole` and `UpdateRoleDescription`. What a request leaves out stays as it is.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::roles;
use crate::records::{Role, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{
    UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, UpdateRoleRequest, UpdateRoleResponse, op,
};

impl Serve for op::UpdateRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &UpdateRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:UpdateRole", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<UpdateRoleResponse>, Error> {
        entity::change(cx, &granted, &input.role_name, |role| {
            role.description = input.description.or(role.description.take());
            role.max_session_duration = input.max_session_duration.unwrap_or(role.max_session_duration);
            Ok(())
        })
        .await?;
        Ok(UpdateRoleResponse {}.into())
    }
}

impl Serve for op::UpdateRoleDescription {
    type Seen = Sight<Role>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateRoleDescriptionRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:UpdateRoleDescription", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateRoleDescriptionRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<UpdateRoleDescriptionResponse>, Error> {
        let role = entity::change(cx, &granted, &input.role_name, |role| {
            role.description = Some(input.description);
            Ok(())
        })
        .await?;
        let role = roles::within(cx.system, &role).await?;
        Ok(UpdateRoleDescriptionResponse { role: Some(role) }.into())
    }
}
