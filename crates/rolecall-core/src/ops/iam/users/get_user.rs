//! `GetUser`: a user, or the caller itself.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::{self, Holder, SeenHolder, Whose};
use crate::target::Targets;
use rolecall_wire::iam::{GetUserRequest, GetUserResponse, op};

impl Serve for op::GetUser {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &GetUserRequest) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:GetUser").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _: GetUserRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<GetUserResponse>, Error> {
        let user = match granted.seen().require()? {
            Holder::Root(account) => users::root(account),
            Holder::User(user) => users::shown(user),
        };
        Ok(GetUserResponse { user }.into())
    }
}
