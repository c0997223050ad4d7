//! `GetUser`: a user, or the caller itself.

use super::entity;
use super::users::{self, Whose};
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::User;
use crate::target::Targets;
use rolecall_wire::iam::{GetUserRequest, GetUserResponse, op};

impl Serve for op::GetUser {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetUserRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:GetUser").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetUserRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetUserResponse>, Error> {
        let user = match Whose::of(cx, input.user_name.as_deref())? {
            Whose::Root => users::root(users::account(cx).await?.as_ref()),
            Whose::User(name) => users::shown(entity::load::<User>(cx, &name).await?.as_ref()),
        };
        Ok(GetUserResponse { user }.into())
    }
}
