//! `UploadSSHPublicKey`, `GetSSHPublicKey`, `ListSSHPublicKeys`, `UpdateSSHPublicKey`, `DeleteSSHPublicKey`: the
//! keys by which users are known to AWS CodeCommit. Nothing here lets anybody in by one.

use crate::error::{Error, iam};
use crate::gate::{Cx, Depend, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::credentials::ssh_public_key_body::Body;
use crate::ops::iam::users::belongings::Belonging;
use crate::ops::iam::users::{Holder, SeenHolder, Whose};
use crate::ops::paging::{Page, Paging};
use crate::records::{self, Sight, SshPublicKey, SshPublicKeys, Status, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::iam::{self as wire, op};
use rolecall_wire::operation::Nothing;

/// A user and its keys, as they were when permission was decided.
#[derive(Debug)]
pub struct SeenKeys {
    holder: SeenHolder,
    /// `None` for the root user, and for a user that does not exist.
    keys: Option<Sight<SshPublicKeys>>,
}

impl Serve for op::UploadSSHPublicKey {
    type Seen = SeenKeys;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::UploadSSHPublicKeyRequest,
    ) -> Result<Targets<SeenKeys>, Error> {
        targets(cx, "iam:UploadSSHPublicKey", Some(&input.user_name)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::UploadSSHPublicKeyRequest,
        granted: Granted<SeenKeys>,
    ) -> Result<Reply<wire::UploadSSHPublicKeyResponse>, Error> {
        let mut record = granted.seen().record()?;
        let fresh = uploaded(cx, &input.ssh_public_key_body)?;
        if record.keys.iter().any(|key| key.openssh == fresh.openssh) {
            return Err(iam::duplicate_ssh_public_key());
        }
        if record.keys.len() >= MOST {
            return Err(iam::quota("SSHPublicKeysPerUser", MOST));
        }
        record.keys.push(fresh.clone());
        write(cx, &granted, &record).await?;
        let shown = shown(&input.user_name, &fresh, is_pem(&input.ssh_public_key_body))?;
        Ok(wire::UploadSSHPublicKeyResponse { ssh_public_key: Some(shown) }.into())
    }
}

impl Serve for op::GetSSHPublicKey {
    type Seen = SeenKeys;

    async fn targets(cx: &Cx<'_>, input: &wire::GetSSHPublicKeyRequest) -> Result<Targets<SeenKeys>, Error> {
        targets(cx, "iam:GetSSHPublicKey", Some(&input.user_name)).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: wire::GetSSHPublicKeyRequest,
        granted: Granted<SeenKeys>,
    ) -> Result<Reply<wire::GetSSHPublicKeyResponse>, Error> {
        let mut record = granted.seen().record()?;
        let found = find(&mut record, &input.ssh_public_key_id)?;
        let shown = shown(&input.user_name, found, input.encoding == "PEM")?;
        Ok(wire::GetSSHPublicKeyResponse { ssh_public_key: Some(shown) }.into())
    }
}

impl Serve for op::ListSSHPublicKeys {
    type Seen = SeenKeys;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListSSHPublicKeysRequest,
    ) -> Result<Targets<SeenKeys>, Error> {
        targets(cx, "iam:ListSSHPublicKeys", input.user_name.as_deref()).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: wire::ListSSHPublicKeysRequest,
        granted: Granted<SeenKeys>,
    ) -> Result<Reply<wire::ListSSHPublicKeysResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let name = granted.seen().holder.require()?.name();
        let held = granted.seen().keys.as_ref().and_then(Sight::record);
        let held = held.into_iter().flat_map(|held| &held.keys);
        let page = paging.list(held.map(|key| listed(name, key)), |key| key.ssh_public_key_id.clone());
        let is_truncated = page.is_truncated();
        let Page { items: ssh_public_keys, marker } = page;
        Ok(wire::ListSSHPublicKeysResponse { ssh_public_keys, is_truncated, marker }.into())
    }
}

impl Serve for op::UpdateSSHPublicKey {
    type Seen = SeenKeys;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::UpdateSSHPublicKeyRequest,
    ) -> Result<Targets<SeenKeys>, Error> {
        Status::settable(&input.status).ok_or_else(iam::expired_ssh_public_key)?;
        targets(cx, "iam:UpdateSSHPublicKey", Some(&input.user_name)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::UpdateSSHPublicKeyRequest,
        granted: Granted<SeenKeys>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut record = granted.seen().record()?;
        let found = find(&mut record, &input.ssh_public_key_id)?;
        found.status = Status::settable(&input.status).ok_or_else(iam::expired_ssh_public_key)?;
        write(cx, &granted, &record).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeleteSSHPublicKey {
    type Seen = SeenKeys;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::DeleteSSHPublicKeyRequest,
    ) -> Result<Targets<SeenKeys>, Error> {
        targets(cx, "iam:DeleteSSHPublicKey", Some(&input.user_name)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::DeleteSSHPublicKeyRequest,
        granted: Granted<SeenKeys>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut record = granted.seen().record()?;
        find(&mut record, &input.ssh_public_key_id)?;
        record.keys.retain(|key| key.id != input.ssh_public_key_id);
        write(cx, &granted, &record).await?;
        Ok(Nothing.into())
    }
}

impl SeenKeys {
    /// The keys of the user, for changing.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such user.
    fn record(&self) -> Result<SshPublicKeys, Error> {
        match (self.holder.require()?, &self.keys) {
            (Holder::User(user), Some(seen)) => {
                let fresh = || SshPublicKeys {
                    account: user.account.clone(),
                    user_id: user.id.clone(),
                    keys: Vec::new(),
                };
                Ok(seen.record().map_or_else(fresh, |held| SshPublicKeys::clone(held)))
            }
            (Holder::Root(_) | Holder::User(_), _) => Err(iam::must_name_user()),
        }
    }
}

impl Depend for SeenKeys {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.holder.depend(txn);
        self.keys.depend(txn);
    }
}

/// They know their user by its unique id, so they follow it by themselves.
impl Belonging for SshPublicKeys {
    async fn check_none(txn: &mut Txn<'_>, user: &User) -> Result<(), Error> {
        match txn.get(&key::ssh_public_keys(&user.account, &user.id)).await? {
            Some(_) => Err(iam::must_remove_referenced_objects()),
            None => Ok(()),
        }
    }

    async fn follow(_: &mut Txn<'_>, _: &User, _: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// What an action on a user's keys needs. Without a name it is about the caller's own.
async fn targets(cx: &Cx<'_>, action: &'static str, user: Option<&str>) -> Result<Targets<SeenKeys>, Error> {
    let targets = Whose::of(cx, user)?.targets(cx, action).await?;
    let keys = match targets.seen.require() {
        Ok(Holder::User(user)) => {
            Some(Sight::of(&cx.system.store, key::ssh_public_keys(&user.account, &user.id)).await?)
        }
        Ok(Holder::Root(_)) | Err(_) => None,
    };
    Ok(targets.seen_as(|holder| SeenKeys { holder, keys }))
}

fn uploaded(cx: &Cx<'_>, body: &str) -> Result<SshPublicKey, Error> {
    Ok(SshPublicKey {
        openssh: Body::parse(body)?.to_openssh()?,
        id: unique_id(Prefix::PublicKey)?,
        status: Status::Active,
        uploaded: cx.now,
    })
}

/// The key of an id; somebody else's is not found.
fn find<'r>(record: &'r mut SshPublicKeys, id: &str) -> Result<&'r mut SshPublicKey, Error> {
    record.keys.iter_mut().find(|key| key.id == id).ok_or_else(|| iam::no_such_ssh_public_key(id))
}

/// Writes a user's keys, or, once there are none, that there are none.
async fn write(cx: &Cx<'_>, granted: &Granted<SeenKeys>, record: &SshPublicKeys) -> Result<(), Error> {
    let key = key::ssh_public_keys(&record.account, &record.user_id);
    let mut txn = granted.begin(cx);
    if record.keys.is_empty() {
        txn.delete(key);
    } else {
        records::write(&mut txn, key, record)?;
    }
    txn.commit().await?;
    Ok(())
}

/// An upload is answered in the encoding that it came in.
fn is_pem(body: &str) -> bool {
    body.trim_start().starts_with('-')
}

fn shown(user: &str, key: &SshPublicKey, pem: bool) -> Result<wire::SSHPublicKey, Error> {
    let body = Body::parse(&key.openssh)?;
    Ok(wire::SSHPublicKey {
        user_name: user.to_owned(),
        ssh_public_key_id: key.id.clone(),
        fingerprint: body.fingerprint()?,
        ssh_public_key_body: if pem { body.to_pem()? } else { key.openssh.clone() },
        status: key.status.as_str().to_owned(),
        upload_date: Some(key.uploaded),
    })
}

fn listed(user: Option<&str>, key: &SshPublicKey) -> wire::SSHPublicKeyMetadata {
    wire::SSHPublicKeyMetadata {
        user_name: user.unwrap_or_default().to_owned(),
        ssh_public_key_id: key.id.clone(),
        status: key.status.as_str().to_owned(),
        upload_date: key.uploaded,
    }
}

/// The most keys of a user, whatever their status (IAM User Guide, IAM quotas).
const MOST: usize = 5;
