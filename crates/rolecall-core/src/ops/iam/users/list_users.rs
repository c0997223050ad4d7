//! `ListUsers`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::path::has_prefix;
use crate::ops::iam::users::listed;
use crate::ops::paging::{Page, Paging};
use crate::records::{User, key, user};
use crate::target::Targets;
use rolecall_wire::iam::{ListUsersRequest, ListUsersResponse, op};

impl Serve for op::ListUsers {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListUsersRequest) -> Result<Targets, Error> {
        let prefix = input.path_prefix.as_deref().unwrap_or(crate::ops::iam::path::ROOT);
        Ok(Targets::on("iam:ListUsers", user::arn(cx.account(), prefix, "")))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListUsersRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListUsersResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let keep = |user: &User| has_prefix(&user.path, input.path_prefix.as_deref());
        let page = paging.records(&cx.system.store, &key::users(cx.account()), keep).await?;
        let is_truncated = page.is_truncated();
        let Page { items: users, marker } = page.map(|user| listed(&user));
        Ok(ListUsersResponse { users, is_truncated, marker }.into())
    }
}
