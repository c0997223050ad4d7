//! `CreateAccessKey`, `ListAccessKeys`, `UpdateAccessKey`, `DeleteAccessKey`: the long-term keys of users
//! and of the root user. Each owner's record lists its keys.

use super::entity::{self, Entity};
use super::paging::{Page, Paging};
use super::users::Whose;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{self, AccessKey, Account, Owner, Record, Status, User, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::iam::{self as wire, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateAccessKey {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::CreateAccessKeyRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:CreateAccessKey").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::CreateAccessKeyRequest,
        _: Granted<()>,
    ) -> Result<Reply<wire::CreateAccessKeyResponse>, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut holder = Holder::read(&mut txn, cx.account(), &whose).await?;
            if holder.keys().len() >= MOST {
                return Err(iam::quota("AccessKeysPerUser", MOST));
            }
            let fresh = cx.system.new_access_key(cx.account(), holder.owner())?;
            holder.keys().push(fresh.record.id.clone());
            holder.write(&mut txn)?;
            records::write(&mut txn, key::access_key(&fresh.record.id), &fresh.record)?;
            if retry.commit(txn).await? {
                let access_key = shown(&whose, &fresh.record, &fresh.secret);
                return Ok(wire::CreateAccessKeyResponse { access_key }.into());
            }
        }
    }
}

impl Serve for op::ListAccessKeys {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::ListAccessKeysRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:ListAccessKeys").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::ListAccessKeysRequest,
        _: Granted<()>,
    ) -> Result<Reply<wire::ListAccessKeysResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        let mut holder = Holder::read(&mut cx.system.store.begin(), cx.account(), &whose).await?;
        let page = paging.list(holder.keys().clone(), String::clone);
        let is_truncated = page.is_truncated();
        let Page { items, marker } = page;
        let mut access_key_metadata = Vec::new();
        for id in &items {
            let found = cx.system.store.cached(&key::access_key(id), AccessKey::decode).await?;
            access_key_metadata.extend(found.map(|(key, _)| listed(&whose, &key)));
        }
        Ok(wire::ListAccessKeysResponse { access_key_metadata, is_truncated, marker }.into())
    }
}

impl Serve for op::UpdateAccessKey {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::UpdateAccessKeyRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        status(&input.status)?;
        Ok(Targets::one(whose.target(cx, "iam:UpdateAccessKey").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::UpdateAccessKeyRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        let id = &input.access_key_id;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            Holder::read(&mut txn, cx.account(), &whose).await?.place(id)?;
            let found = records::read::<AccessKey>(&mut txn, &key::access_key(id)).await?;
            let (record, _) = found.ok_or_else(|| iam::no_such_access_key(id))?;
            let record = AccessKey { status: status(&input.status)?, ..record };
            records::write(&mut txn, key::access_key(id), &record)?;
            if retry.commit(txn).await? {
                cx.system.signing_keys.forget(id);
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::DeleteAccessKey {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::DeleteAccessKeyRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:DeleteAccessKey").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::DeleteAccessKeyRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        let id = &input.access_key_id;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut holder = Holder::read(&mut txn, cx.account(), &whose).await?;
            let at = holder.place(id)?;
            holder.keys().remove(at);
            holder.write(&mut txn)?;
            txn.delete(key::access_key(id));
            txn.delete(key::access_key_use(id));
            if retry.commit(txn).await? {
                cx.system.signing_keys.forget(id);
                return Ok(Nothing.into());
            }
        }
    }
}

/// The record that lists an owner's keys.
enum Holder {
    Root(Account),
    User(User),
}

impl Holder {
    async fn read(txn: &mut Txn<'_>, account: &AccountId, whose: &Whose) -> Result<Self, Error> {
        match whose {
            Whose::User(name) => entity::read(txn, account, name).await.map(Self::User),
            Whose::Root => {
                let found = records::read::<Account>(txn, &key::account(account)).await?;
                let (record, _) = found.ok_or_else(|| Error::internal("the account's record is missing"))?;
                Ok(Self::Root(record))
            }
        }
    }

    fn write(&self, txn: &mut Txn<'_>) -> Result<(), Error> {
        match self {
            Self::Root(account) => records::write(txn, key::account(&account.id), account),
            Self::User(user) => records::write(txn, User::key(&user.account, &user.name), user),
        }
    }

    fn keys(&mut self) -> &mut Vec<String> {
        match self {
            Self::Root(account) => &mut account.root_keys,
            Self::User(user) => &mut user.access_keys,
        }
    }

    /// Where a key stands among the owner's; somebody else's key is not found.
    fn place(&mut self, id: &str) -> Result<usize, Error> {
        self.keys().iter().position(|held| held == id).ok_or_else(|| iam::no_such_access_key(id))
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Root(_) => Owner::Root,
            Self::User(user) => Owner::User { name: user.name.clone(), id: user.id.clone() },
        }
    }
}

/// `Expired` is in the model, but not for callers to set.
fn status(text: &str) -> Result<Status, Error> {
    let all = [Status::Active, Status::Inactive];
    all.into_iter().find(|status| status.as_str() == text).ok_or_else(iam::expired_is_not_settable)
}

fn shown(whose: &Whose, key: &AccessKey, secret: &str) -> wire::AccessKey {
    wire::AccessKey {
        user_name: whose.name(),
        access_key_id: key.id.clone(),
        status: key.status.as_str().to_owned(),
        secret_access_key: secret.to_owned(),
        create_date: Some(key.created),
    }
}

fn listed(whose: &Whose, key: &AccessKey) -> wire::AccessKeyMetadata {
    wire::AccessKeyMetadata {
        user_name: Some(whose.name()).filter(|name| !name.is_empty()),
        access_key_id: Some(key.id.clone()),
        status: Some(key.status.as_str().to_owned()),
        create_date: Some(key.created),
    }
}

/// The most keys of an owner, whatever their status (IAM User Guide, IAM quotas).
const MOST: usize = 2;
