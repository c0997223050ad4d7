//! `UpdateUser`: another name or path. What belongs to the user follows it, and its unique id stays.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path;
use crate::ops::iam::users::belongings;
use crate::records::{self, Sight, User};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{UpdateUserRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::UpdateUser {
    type Seen = Sight<User>;

    async fn targets(cx: &Cx<'_>, input: &UpdateUserRequest) -> Result<Targets<Sight<User>>, Error> {
        let (path, name) = (input.new_path.as_deref(), input.new_user_name.as_deref());
        path.map_or(Ok(path::ROOT), path::checked)?;
        entity::moving_targets(cx, "iam:UpdateUser", &input.user_name, path, name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateUserRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut user = entity::modifiable(granted.seen(), &input.user_name)?;
        let mut txn = granted.begin(cx);
        if let Some(path) = input.new_path {
            user.path = path;
        }
        if let Some(name) = &input.new_user_name {
            rename(&mut txn, cx.account(), &mut user, name).await?;
        }
        records::write(&mut txn, User::key(cx.account(), &user.name), &user)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

/// Moves the user's record, belongings and marks to a new name, which may be the old one in another case.
async fn rename(txn: &mut Txn<'_>, account: &AccountId, user: &mut User, name: &str) -> Result<(), Error> {
    let old = std::mem::replace(&mut user.name, name.to_owned());
    if User::key(account, &old) != User::key(account, name) {
        entity::check_free::<User>(txn, account, name).await?;
    }
    txn.delete(User::key(account, &old));
    belongings::follow(txn, user, &old).await?;
    entity::move_marks(txn, account, user, &old);
    Ok(())
}
