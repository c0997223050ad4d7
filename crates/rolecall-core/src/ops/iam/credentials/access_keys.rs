//! `CreateAccessKey`, `ListAccessKeys`, `UpdateAccessKey`, `DeleteAccessKey`: the long-term keys of users
//! and of the root user. Each owner's record lists its keys.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::credentials::credential_report::date;
use crate::ops::iam::users::belongings::{Belonging, Cells, Counts};
use crate::ops::iam::users::{Holder, SeenHolder, Whose};
use crate::ops::paging::{Page, Paging};
use crate::records::{self, AccessKey, Account, LastUse, Record, Status, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{self as wire, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateAccessKey {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::CreateAccessKeyRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:CreateAccessKey").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _: wire::CreateAccessKeyRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<wire::CreateAccessKeyResponse>, Error> {
        let holder = granted.seen().require()?;
        let mut ids = holder.access_keys().to_vec();
        if ids.len() >= MOST {
            return Err(iam::quota("AccessKeysPerUser", MOST));
        }
        let fresh = cx.system.new_access_key(cx.account(), holder.owner())?;
        ids.push(fresh.record.id.clone());
        let mut txn = granted.begin(cx);
        list(&mut txn, holder, ids)?;
        records::write(&mut txn, key::access_key(&fresh.record.id), &fresh.record)?;
        txn.commit().await?;
        let access_key = shown(holder, &fresh.record, &fresh.secret);
        Ok(wire::CreateAccessKeyResponse { access_key }.into())
    }
}

impl Serve for op::ListAccessKeys {
    type Seen = SeenHolder;

    async fn targets(cx: &Cx<'_>, input: &wire::ListAccessKeysRequest) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:ListAccessKeys").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::ListAccessKeysRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<wire::ListAccessKeysResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let holder = granted.seen().require()?;
        let page = paging.list(holder.access_keys().iter().cloned(), String::clone);
        let is_truncated = page.is_truncated();
        let Page { items, marker } = page;
        let mut access_key_metadata = Vec::new();
        for id in &items {
            let found = cx.system.store.cached(&key::access_key(id), AccessKey::decode).await?;
            access_key_metadata.extend(found.map(|(key, _)| listed(holder, &key)));
        }
        Ok(wire::ListAccessKeysResponse { access_key_metadata, is_truncated, marker }.into())
    }
}

impl Serve for op::UpdateAccessKey {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::UpdateAccessKeyRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        status(&input.status)?;
        whose.targets(cx, "iam:UpdateAccessKey").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::UpdateAccessKeyRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        let id = &input.access_key_id;
        without(granted.seen().require()?, id)?;
        let mut txn = granted.begin(cx);
        let found = records::read::<AccessKey>(&mut txn, &key::access_key(id)).await?;
        let (record, _) = found.ok_or_else(|| iam::no_such_access_key(id))?;
        let record = AccessKey { status: status(&input.status)?, ..record };
        records::write(&mut txn, key::access_key(id), &record)?;
        txn.commit().await?;
        cx.system.signing_keys.forget(id);
        Ok(Nothing.into())
    }
}

impl Serve for op::DeleteAccessKey {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::DeleteAccessKeyRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:DeleteAccessKey").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::DeleteAccessKeyRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        let holder = granted.seen().require()?;
        let id = &input.access_key_id;
        let rest = without(holder, id)?;
        let mut txn = granted.begin(cx);
        list(&mut txn, holder, rest)?;
        txn.delete(key::access_key(id));
        txn.delete(key::access_key_use(id));
        txn.commit().await?;
        cx.system.signing_keys.forget(id);
        Ok(Nothing.into())
    }
}

impl Belonging for AccessKey {
    async fn check_none(_: &mut Txn<'_>, user: &User) -> Result<(), Error> {
        if user.access_keys.is_empty() { Ok(()) } else { Err(iam::must_delete_access_keys()) }
    }

    async fn follow(txn: &mut Txn<'_>, user: &User, _: &str) -> Result<(), Error> {
        for id in &user.access_keys {
            let key = key::access_key(id);
            let Some((record, _)) = records::read::<Self>(txn, &key).await? else { continue };
            records::write(txn, key, &Self { owner: Holder::User(user).owner(), ..record })?;
        }
        Ok(())
    }

    async fn counted(_: &Cx<'_>, account: &Account) -> Result<Counts, Error> {
        Ok(vec![("AccountAccessKeysPresent", i64::from(!account.root_keys.is_empty()))])
    }

    /// Whether each key is active, since when it is there, and when, where and for what it was last used.
    async fn reported(cx: &Cx<'_>, holder: Holder<'_>) -> Result<Cells, Error> {
        let mut cells = Cells::new();
        for (id, number) in holder.access_keys().iter().zip(1..) {
            let mut tell = |what: &str, text| cells.push((format!("access_key_{number}_{what}"), text));
            let found = cx.system.store.cached(&key::access_key(id), Self::decode).await?;
            let Some((key, _)) = found else { continue };
            tell("active", (key.status == Status::Active).to_string());
            tell("last_rotated", date(key.created));
            let used = cx.system.store.cached(&key::access_key_use(id), LastUse::decode).await?;
            let Some((used, _)) = used else { continue };
            tell("last_used_date", date(used.at));
            tell("last_used_region", used.region.clone());
            tell("last_used_service", used.service.clone());
        }
        Ok(cells)
    }
}

/// Writes the record that lists an owner's keys, with these.
fn list(txn: &mut Txn<'_>, holder: Holder<'_>, ids: Vec<String>) -> Result<(), Error> {
    match holder {
        Holder::Root(account) => {
            records::write(txn, key::account(&account.id), &Account { root_keys: ids, ..account.clone() })
        }
        Holder::User(user) => {
            let user = User { access_keys: ids, ..user.clone() };
            records::write(txn, key::user(&user.account, &user.name), &user)
        }
    }
}

/// An owner's keys without one of them; somebody else's key is not found.
fn without(holder: Holder<'_>, id: &str) -> Result<Vec<String>, Error> {
    let held = holder.access_keys();
    let rest: Vec<String> = held.iter().filter(|held| *held != id).cloned().collect();
    if rest.len() < held.len() { Ok(rest) } else { Err(iam::no_such_access_key(id)) }
}

fn status(text: &str) -> Result<Status, Error> {
    Status::settable(text).ok_or_else(iam::expired_is_not_settable)
}

fn shown(holder: Holder<'_>, key: &AccessKey, secret: &str) -> wire::AccessKey {
    wire::AccessKey {
        user_name: holder.name().unwrap_or_default().to_owned(),
        access_key_id: key.id.clone(),
        status: key.status.as_str().to_owned(),
        secret_access_key: secret.to_owned(),
        create_date: Some(key.created),
    }
}

fn listed(holder: Holder<'_>, key: &AccessKey) -> wire::AccessKeyMetadata {
    wire::AccessKeyMetadata {
        user_name: holder.name().map(str::to_owned),
        access_key_id: Some(key.id.clone()),
        status: Some(key.status.as_str().to_owned()),
        create_date: Some(key.created),
    }
}

/// The most keys of an owner, whatever their status (IAM User Guide, IAM quotas).
const MOST: usize = 2;
