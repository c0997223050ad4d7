//! `UpdateGroup`: another name or path. Its members and policies follow it.

use super::entity::{self, Entity};
use super::path;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{self, Group, User, group, key};
use crate::target::{Target, Targets};
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam::{UpdateGroupRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::UpdateGroup {
    type Seen = ();

    /// The old ARN and the new one.
    async fn targets(cx: &Cx<'_>, input: &UpdateGroupRequest) -> Result<Targets, Error> {
        input.new_path.as_deref().map_or(Ok(path::ROOT), path::checked)?;
        let old = entity::target::<Group>(cx, "iam:UpdateGroup", &input.group_name).await?;
        let found = entity::find::<Group>(cx, &input.group_name).await?;
        let old_path = found.as_ref().map_or(path::ROOT, |group| &group.path);
        let (path, name) = (input.new_path.as_deref(), input.new_group_name.as_deref());
        let (path, name) = (path.unwrap_or(old_path), name.unwrap_or(&input.group_name));
        let new = Target { resource: group::arn(cx.account(), path, name), ..old.clone() };
        Ok(Targets::one(old).and(new))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateGroupRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let account = cx.account();
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut group: Group = entity::read(&mut txn, account, &input.group_name).await?;
            if let Some(path) = &input.new_path {
                path.clone_into(&mut group.path);
            }
            if let Some(name) = &input.new_group_name {
                rename(&mut txn, account, &mut group, name).await?;
            }
            records::write(&mut txn, Group::key(account, &group.name), &group)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

/// Moves the group's record, members and marks to a new name, which may be the old one in another case.
async fn rename(txn: &mut Txn<'_>, account: &AccountId, group: &mut Group, name: &str) -> Result<(), Error> {
    let old = std::mem::replace(&mut group.name, name.to_owned());
    if Group::key(account, &old) != Group::key(account, name) {
        entity::check_free::<Group>(txn, account, name).await?;
    }
    txn.delete(Group::key(account, &old));
    for (mark, _) in txn.scan(&key::members(account, &old), usize::MAX).await? {
        let member = User::key(account, key::last_part(&mark));
        let Some((mut user, _)) = records::read::<User>(txn, &member).await? else { continue };
        for held in user.groups.iter_mut().filter(|held| **held == old) {
            name.clone_into(held);
        }
        txn.delete(mark);
        txn.put(key::member(account, name, &user.name), Vec::new());
        records::write(txn, member, &user)?;
    }
    entity::move_marks(txn, account, group, &old);
    Ok(())
}
