//! `PutRolePermissionsBoundary` and `DeleteRolePermissionsBoundary`.

use super::boundary;
use super::entity::{self, Entity};
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, Role};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{DeleteRolePermissionsBoundaryRequest, PutRolePermissionsBoundaryRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::PutRolePermissionsBoundary {
    type Seen = ();

    /// `iam:PermissionsBoundary` is the boundary asked for.
    async fn targets(cx: &Cx<'_>, input: &PutRolePermissionsBoundaryRequest) -> Result<Targets, Error> {
        boundary::check_form(&input.permissions_boundary)?;
        let action = "iam:PutRolePermissionsBoundary";
        let target = entity::target::<Role>(cx, action, &input.role_name).await?;
        Ok(Targets::one(target.with("iam:PermissionsBoundary", input.permissions_boundary.as_str())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutRolePermissionsBoundaryRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        set(cx, &input.role_name, Some(&input.permissions_boundary)).await
    }
}

impl Serve for op::DeleteRolePermissionsBoundary {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteRolePermissionsBoundaryRequest) -> Result<Targets, Error> {
        let action = "iam:DeleteRolePermissionsBoundary";
        Ok(Targets::one(entity::bounded_target::<Role>(cx, action, &input.role_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteRolePermissionsBoundaryRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        set(cx, &input.role_name, None).await
    }
}

async fn set(cx: &Cx<'_>, name: &str, arn: Option<&str>) -> Result<Reply<Nothing>, Error> {
    let account = cx.account();
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut role: Role = entity::read(&mut txn, account, name).await?;
        role.check_modifiable()?;
        if let Some(arn) = arn {
            boundary::check_exists(&mut txn, account, arn).await?;
        }
        boundary::mark::<Role>(&mut txn, account, name, role.boundary.as_deref(), arn);
        role.boundary = arn.map(str::to_owned);
        records::write(&mut txn, Role::key(account, name), &role)?;
        if retry.commit(txn).await? {
            return Ok(Nothing.into());
        }
    }
}
