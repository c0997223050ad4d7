//! `UpdateRole` and `UpdateRoleDescription`. What a request leaves out stays as it is.

use super::entity::{self, Entity};
use super::roles;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::Role;
use crate::target::Targets;
use rolecall_wire::iam::{
    UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, UpdateRoleRequest, UpdateRoleResponse, op,
};

impl Serve for op::UpdateRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UpdateRoleRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Role>(cx, "iam:UpdateRole", &input.role_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateRoleRequest,
        _: Granted<()>,
    ) -> Result<Reply<UpdateRoleResponse>, Error> {
        update(cx, &input.role_name, input.description.as_deref(), input.max_session_duration).await?;
        Ok(UpdateRoleResponse {}.into())
    }
}

impl Serve for op::UpdateRoleDescription {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UpdateRoleDescriptionRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Role>(cx, "iam:UpdateRoleDescription", &input.role_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateRoleDescriptionRequest,
        _: Granted<()>,
    ) -> Result<Reply<UpdateRoleDescriptionResponse>, Error> {
        update(cx, &input.role_name, Some(&input.description), None).await?;
        let role = entity::load::<Role>(cx, &input.role_name).await?;
        let role = roles::listed(cx.system, &role).await?;
        Ok(UpdateRoleDescriptionResponse { role: Some(role) }.into())
    }
}

async fn update(
    cx: &Cx<'_>,
    name: &str,
    description: Option<&str>,
    max_session_duration: Option<i64>,
) -> Result<(), Error> {
    entity::change(cx, name, |role: &mut Role| {
        role.check_modifiable()?;
        role.description = description.map(str::to_owned).or(role.description.take());
        role.max_session_duration = max_session_duration.unwrap_or(role.max_session_duration);
        Ok(())
    })
    .await
}
