//! `AddUserToGroup`, `RemoveUserFromGroup`: a user's record lists its groups, and a mark for each makes
//! the group's members countable.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::users::belongings::Belonging;
use crate::records::{self, Group, Sight, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{AddUserToGroupRequest, RemoveUserFromGroupRequest, op};
use rolecall_wire::operation::Nothing;

/// The group, whose permission it is, and the user, if they exist.
type Seen = (Sight<Group>, Sight<User>);

impl Serve for op::AddUserToGroup {
    type Seen = Seen;

    async fn targets(cx: &Cx<'_>, input: &AddUserToGroupRequest) -> Result<Targets<Seen>, Error> {
        targets(cx, "iam:AddUserToGroup", &input.group_name, &input.user_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddUserToGroupRequest,
        granted: Granted<Seen>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, &input.group_name, &input.user_name, add).await
    }
}

impl Serve for op::RemoveUserFromGroup {
    type Seen = Seen;

    async fn targets(cx: &Cx<'_>, input: &RemoveUserFromGroupRequest) -> Result<Targets<Seen>, Error> {
        targets(cx, "iam:RemoveUserFromGroup", &input.group_name, &input.user_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveUserFromGroupRequest,
        granted: Granted<Seen>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, &input.group_name, &input.user_name, remove).await
    }
}

impl Belonging for Group {
    async fn check_none(_: &mut Txn<'_>, user: &User) -> Result<(), Error> {
        if user.groups.is_empty() { Ok(()) } else { Err(iam::must_leave_groups()) }
    }

    async fn follow(txn: &mut Txn<'_>, user: &User, old: &str) -> Result<(), Error> {
        for group in &user.groups {
            txn.delete(key::member(&user.account, group, old));
            txn.put(key::member(&user.account, group, &user.name), Vec::new());
        }
        Ok(())
    }
}

async fn targets(cx: &Cx<'_>, action: &'static str, group: &str, user: &str) -> Result<Targets<Seen>, Error> {
    let user = entity::see(cx, user).await?;
    Ok(entity::targets(cx, action, group).await?.seen_as(|group| (group, user)))
}

async fn change(
    cx: &Cx<'_>,
    granted: &Granted<Seen>,
    group: &str,
    user: &str,
    how: fn(&mut Txn<'_>, &Group, &mut User) -> Result<(), Error>,
) -> Result<Reply<Nothing>, Error> {
    let (seen_group, seen_user) = granted.seen();
    let group = entity::require(seen_group, group)?;
    let mut user = User::clone(entity::require(seen_user, user)?);
    let mut txn = granted.begin(cx);
    how(&mut txn, group, &mut user)?;
    records::write(&mut txn, seen_user.key().clone(), &user)?;
    txn.commit().await?;
    Ok(Nothing.into())
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
