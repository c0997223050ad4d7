//! `AddUserToGroup`, `RemoveUserFromGroup`: a user's record lists its groups, and a mark for each makes
//! the group's members countable.

use super::entity::{self, Entity};
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, Group, User, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam::{AddUserToGroupRequest, RemoveUserFromGroupRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::AddUserToGroup {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &AddUserToGroupRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Group>(cx, "iam:AddUserToGroup", &input.group_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddUserToGroupRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.group_name, &input.user_name, add).await
    }
}

impl Serve for op::RemoveUserFromGroup {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &RemoveUserFromGroupRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Group>(cx, "iam:RemoveUserFromGroup", &input.group_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveUserFromGroupRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.group_name, &input.user_name, remove).await
    }
}

async fn change(
    cx: &Cx<'_>,
    group: &str,
    user: &str,
    how: fn(&mut Txn<'_>, &Group, &mut User) -> Result<(), Error>,
) -> Result<Reply<Nothing>, Error> {
    let account = cx.account();
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let group: Group = entity::read(&mut txn, account, group).await?;
        let mut user: User = entity::read(&mut txn, account, user).await?;
        how(&mut txn, &group, &mut user)?;
        records::write(&mut txn, User::key(account, &user.name), &user)?;
        if retry.commit(txn).await? {
            return Ok(Nothing.into());
        }
    }
}

/// A member that is added again stays one.
fn add(txn: &mut Txn<'_>, group: &Group, user: &mut User) -> Result<(), Error> {
    if user.groups.contains(&group.name) {
        return Ok(());
    }
    if user.groups.len() >= MOST {
        return Err(iam::quota("GroupsPerUser", MOST));
    }
    user.groups.push(group.name.clone());
    txn.put(key::member(&group.account, &group.name, &user.name), Vec::new());
    Ok(())
}

/// Who is no member is removed without complaint.
fn remove(txn: &mut Txn<'_>, group: &Group, user: &mut User) -> Result<(), Error> {
    user.groups.retain(|name| *name != group.name);
    txn.delete(key::member(&group.account, &group.name, &user.name));
    Ok(())
}

/// The most groups of a user (IAM User Guide, IAM quotas).
const MOST: usize = 10;
