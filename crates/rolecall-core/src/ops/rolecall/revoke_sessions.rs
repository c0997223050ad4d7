//! `RevokeSessions`: ends the sessions issued up to now, from the next request on.

use super::sessions;
use crate::error::{Error, iam, rolecall as sentence};
use crate::gate::{Cx, Depend, Granted, Reply, Serve};
use crate::records::{self, Revocations, Role, Scope, Sight, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::rolecall::{RevokeSessionsRequest, RevokeSessionsResponse, op};
use std::sync::Arc;

impl Serve for op::RevokeSessions {
    type Seen = Named;

    async fn targets(cx: &Cx<'_>, input: &RevokeSessionsRequest) -> Result<Targets<Named>, Error> {
        let named = named(cx, input).await?;
        let resource = match &named {
            Named::Session(id) => sessions::arn(cx, id),
            Named::Role(role, _) => role.arn(),
            Named::User(user, _) => user.arn(),
            Named::SourceIdentity(_) | Named::All => "*".to_owned(),
        };
        Ok(sessions::own(cx, "rolecall:RevokeSessions", resource).seeing(named))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: RevokeSessionsRequest,
        granted: Granted<Named>,
    ) -> Result<Reply<RevokeSessionsResponse>, Error> {
        let at = cx.system.clock.now_ms();
        revoke(cx, &granted, at).await?;
        Ok(RevokeSessionsResponse { issued_until: at.div_euclid(1000) }.into())
    }
}

async fn revoke(cx: &Cx<'_>, granted: &Granted<Named>, at_ms: i64) -> Result<(), Error> {
    let key = key::revocations(cx.account());
    let mut txn = granted.begin(cx);
    let found = records::read::<Revocations>(&mut txn, &key).await?;
    let mut revocations = found.map(|(known, _)| known).unwrap_or_default();
    revocations.revoke(granted.seen().scope(), at_ms, at_ms - LONGEST_SESSION_MS);
    if revocations.count() > MOST {
        return Err(sentence::too_many_revocations(MOST));
    }
    records::write(&mut txn, key, &revocations)?;
    txn.commit().await?;
    Ok(())
}

/// What the request names, as it was seen.
#[derive(Debug)]
pub enum Named {
    /// Every session of the account.
    All,
    /// A session, by its access key id.
    Session(String),
    /// The sessions of a role.
    Role(Arc<Role>, Sight<Role>),
    /// The sessions of a user.
    User(Arc<User>, Sight<User>),
    /// The sessions with a source identity.
    SourceIdentity(String),
}

impl Named {
    fn scope(&self) -> Scope {
        match self {
            Self::All => Scope::All,
            Self::Session(id) => Scope::Session(id.clone()),
            Self::Role(role, _) => Scope::Role(role.id.clone()),
            Self::User(user, _) => Scope::User(user.id.clone()),
            Self::SourceIdentity(name) => Scope::SourceIdentity(name.clone()),
        }
    }
}

impl Depend for Named {
    fn depend(&self, txn: &mut Txn<'_>) {
        match self {
            Self::Role(_, seen) => seen.depend(txn),
            Self::User(_, seen) => seen.depend(txn),
            Self::All | Self::Session(_) | Self::SourceIdentity(_) => {}
        }
    }
}

async fn named(cx: &Cx<'_>, input: &RevokeSessionsRequest) -> Result<Named, Error> {
    let all = input.all.unwrap_or(false);
    match (&input.access_key_id, &input.role_name, &input.user_name, &input.source_identity, all) {
        (None, None, None, None, true) => Ok(Named::All),
        (Some(id), None, None, None, false) => Ok(Named::Session(id.clone())),
        (None, Some(name), None, None, false) => role(cx, name).await,
        (None, None, Some(name), None, false) => user(cx, name).await,
        (None, None, None, Some(name), false) => Ok(Named::SourceIdentity(name.clone())),
        _ => Err(sentence::one_scope()),
    }
}

async fn role(cx: &Cx<'_>, name: &str) -> Result<Named, Error> {
    let seen = Sight::of(&cx.system.store, key::role(cx.account(), name)).await?;
    let role = seen.record().filter(|role: &&Arc<Role>| role.name == name).cloned();
    Ok(Named::Role(role.ok_or_else(|| iam::no_such_entity("role", name))?, seen))
}

async fn user(cx: &Cx<'_>, name: &str) -> Result<Named, Error> {
    let seen = Sight::of(&cx.system.store, key::user(cx.account(), name)).await?;
    let user = seen.record().filter(|user: &&Arc<User>| user.name == name).cloned();
    Ok(Named::User(user.ok_or_else(|| iam::no_such_entity("user", name))?, seen))
}

/// No session lasts longer than a `GetSessionToken` of 36 hours.
pub(super) const LONGEST_SESSION_MS: i64 = 129_600_000;
/// Revocations of an account in force at a time: they are one record, read with every session's request.
const MOST: usize = 10_000;
