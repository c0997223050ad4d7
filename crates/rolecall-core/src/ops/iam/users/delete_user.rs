//! `DeleteUser`: only once nothing belongs to it any more.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::policies::boundary;
use crate::ops::iam::users::belongings;
use crate::records::{Sight, User, key};
use crate::target::Targets;
use rolecall_wire::iam::{DeleteUserRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeleteUser {
    type Seen = Sight<User>;

    async fn targets(cx: &Cx<'_>, input: &DeleteUserRequest) -> Result<Targets<Sight<User>>, Error> {
        entity::targets(cx, "iam:DeleteUser", &input.user_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteUserRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        let user = entity::require(granted.seen(), &input.user_name)?;
        entity::check_bare(user.as_ref())?;
        let mut txn = granted.begin(cx);
        belongings::check_none(&mut txn, user).await?;
        boundary::mark(&mut txn, user.as_ref(), user.boundary.as_deref(), None);
        txn.delete(key::user(&user.account, &user.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
