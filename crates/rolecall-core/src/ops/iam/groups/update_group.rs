//! `UpdateGroup`: another name or path. Its members and policies follow it.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path;
use crate::records::{self, Group, Sight, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{UpdateGroupRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::UpdateGroup {
    type Seen = Sight<Group>;

    async fn targets(cx: &Cx<'_>, input: &UpdateGroupRequest) -> Result<Targets<Sight<Group>>, Error> {
        let (path, name) = (input.new_path.as_deref(), input.new_group_name.as_deref());
        path.map_or(Ok(path::ROOT), path::checked)?;
        entity::moving_targets(cx, "iam:UpdateGroup", &input.group_name, path, name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateGroupRequest,
        granted: Granted<Sight<Group>>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut group = entity::modifiable(granted.seen(), &input.group_name)?;
        let mut txn = granted.begin(cx);
        if let Some(path) = input.new_path {
            group.path = path;
        }
        if let Some(name) = &input.new_group_name {
            rename(&mut txn, cx.account(), &mut group, name).await?;
        }
        records::write(&mut txn, Group::key(cx.account(), &group.name), &group)?;
        txn.commit().await?;
        Ok(Nothing.into())
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
