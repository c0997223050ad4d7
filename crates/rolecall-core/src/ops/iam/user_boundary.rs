//! `PutUserPermissionsBoundary`, `DeleteUserPermissionsBoundary`.

use super::boundary;
use super::entity::{self, Entity};
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, User};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{DeleteUserPermissionsBoundaryRequest, PutUserPermissionsBoundaryRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::PutUserPermissionsBoundary {
    type Seen = ();

    /// `iam:PermissionsBoundary` is the boundary asked for.
    async fn targets(cx: &Cx<'_>, input: &PutUserPermissionsBoundaryRequest) -> Result<Targets, Error> {
        boundary::check_form(&input.permissions_boundary)?;
        let action = "iam:PutUserPermissionsBoundary";
        let target = entity::target::<User>(cx, action, &input.user_name).await?;
        Ok(Targets::one(target.with("iam:PermissionsBoundary", input.permissions_boundary.as_str())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutUserPermissionsBoundaryRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        set(cx, &input.user_name, Some(&input.permissions_boundary)).await
    }
}

impl Serve for op::DeleteUserPermissionsBoundary {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteUserPermissionsBoundaryRequest) -> Result<Targets, Error> {
        let action = "iam:DeleteUserPermissionsBoundary";
        Ok(Targets::one(entity::bounded_target::<User>(cx, action, &input.user_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteUserPermissionsBoundaryRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        set(cx, &input.user_name, None).await
    }
}

async fn set(cx: &Cx<'_>, name: &str, arn: Option<&str>) -> Result<Reply<Nothing>, Error> {
    let account = cx.account();
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut user: User = entity::read(&mut txn, account, name).await?;
        if let Some(arn) = arn {
            boundary::check_exists(&mut txn, account, arn).await?;
        }
        boundary::mark::<User>(&mut txn, account, name, user.boundary.as_deref(), arn);
        user.boundary = arn.map(str::to_owned);
        records::write(&mut txn, User::key(account, name), &user)?;
        if retry.commit(txn).await? {
            return Ok(Nothing.into());
        }
    }
}
