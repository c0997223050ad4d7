//! `DeleteUser`: only once nothing belongs to it any more.

use super::boundary;
use super::entity::{self, Entity};
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{User, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{DeleteUserRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeleteUser {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteUserRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<User>(cx, "iam:DeleteUser", &input.user_name).await?))
    }

    async fn run(cx: &mut Cx<'_>, input: DeleteUserRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let account = cx.account();
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let user: User = entity::read(&mut txn, account, &input.user_name).await?;
            check_unused(&user)?;
            if !txn.scan(&key::mfas_of(account, &user.id), 1).await?.is_empty() {
                return Err(iam::must_delete_mfa_devices());
            }
            boundary::mark::<User>(&mut txn, account, &user.name, user.boundary.as_deref(), None);
            txn.delete(User::key(account, &user.name));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

fn check_unused(user: &User) -> Result<(), Error> {
    entity::check_bare(user)?;
    if !user.access_keys.is_empty() {
        return Err(iam::must_delete_access_keys());
    }
    if user.groups.is_empty() { Ok(()) } else { Err(iam::must_leave_groups()) }
}
