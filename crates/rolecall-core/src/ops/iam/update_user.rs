//! `UpdateUser`: another name or path. What belongs to the user follows it, and its unique id stays.

use super::entity::{self, Entity};
use super::mfa_assignment;
use super::path;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{self, AccessKey, Owner, User, key, user};
use crate::target::{Target, Targets};
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam::{UpdateUserRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::UpdateUser {
    type Seen = ();

    /// The old ARN and the new one.
    async fn targets(cx: &Cx<'_>, input: &UpdateUserRequest) -> Result<Targets, Error> {
        input.new_path.as_deref().map_or(Ok(path::ROOT), path::checked)?;
        let old = entity::target::<User>(cx, "iam:UpdateUser", &input.user_name).await?;
        let found = entity::find::<User>(cx, &input.user_name).await?;
        let old_path = found.as_ref().map_or(path::ROOT, |user| &user.path);
        let (path, name) = (input.new_path.as_deref(), input.new_user_name.as_deref());
        let (path, name) = (path.unwrap_or(old_path), name.unwrap_or(&input.user_name));
        let new = Target { resource: user::arn(cx.account(), path, name), ..old.clone() };
        Ok(Targets::one(old).and(new))
    }

    async fn run(cx: &mut Cx<'_>, input: UpdateUserRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let account = cx.account();
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut user: User = entity::read(&mut txn, account, &input.user_name).await?;
            if let Some(path) = &input.new_path {
                path.clone_into(&mut user.path);
            }
            if let Some(name) = &input.new_user_name {
                rename(&mut txn, account, &mut user, name).await?;
            }
            records::write(&mut txn, User::key(account, &user.name), &user)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

/// Moves the user's record, keys, MFA devices, memberships and marks to a new name, which may be the old one in
/// another case.
async fn rename(txn: &mut Txn<'_>, account: &AccountId, user: &mut User, name: &str) -> Result<(), Error> {
    let old = std::mem::replace(&mut user.name, name.to_owned());
    if User::key(account, &old) != User::key(account, name) {
        entity::check_free::<User>(txn, account, name).await?;
    }
    txn.delete(User::key(account, &old));
    for id in &user.access_keys {
        let key = key::access_key(id);
        let Some((record, _)) = records::read::<AccessKey>(txn, &key).await? else { continue };
        let owner = Owner::User { name: name.to_owned(), id: user.id.clone() };
        records::write(txn, key, &AccessKey { owner, ..record })?;
    }
    mfa_assignment::rename(txn, user).await?;
    for group in &user.groups {
        txn.delete(key::member(account, group, &old));
        txn.put(key::member(account, group, name), Vec::new());
    }
    entity::move_marks(txn, account, user, &old);
    Ok(())
}
