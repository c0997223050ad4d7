//! `GetLoginProfile`, `DeleteLoginProfile`: no user can have a password here yet. Clients ask before they delete a
//! user, and are told the truth.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::{Holder, SeenHolder, Whose};
use crate::target::Targets;
use rolecall_wire::iam::{self as wire, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::GetLoginProfile {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::GetLoginProfileRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:GetLoginProfile").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: wire::GetLoginProfileRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<wire::GetLoginProfileResponse>, Error> {
        Err(no_login_profile(granted.seen())?)
    }
}

impl Serve for op::DeleteLoginProfile {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::DeleteLoginProfileRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:DeleteLoginProfile").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: wire::DeleteLoginProfileRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        Err(no_login_profile(granted.seen())?)
    }
}

fn no_login_profile(seen: &SeenHolder) -> Result<Error, Error> {
    Ok(match seen.require()? {
        Holder::Root(account) => iam::no_such_login_profile(account.id.as_str()),
        Holder::User(user) => iam::no_such_login_profile(&user.name),
    })
}
