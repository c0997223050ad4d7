//! `RevokeSessions`: ends the sessions issued up to now, from the next request on.

use super::sessions;
use crate::error::{Error, iam, rolecall as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, Record, Revocations, Role, Scope, User, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::rolecall::{RevokeSessionsRequest, RevokeSessionsResponse, op};

impl Serve for op::RevokeSessions {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &RevokeSessionsRequest) -> Result<Targets, Error> {
        let resource = match scope(cx, input).await? {
            Named::Session(id) => sessions::arn(cx, &id),
            Named::Role(role) => role.arn(),
            Named::User(user) => user.arn(),
            Named::SourceIdentity(_) | Named::All => "*".to_owned(),
        };
        Ok(sessions::own(cx, "rolecall:RevokeSessions", resource))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RevokeSessionsRequest,
        _: Granted<()>,
    ) -> Result<Reply<RevokeSessionsResponse>, Error> {
        let scope = scope(cx, &input).await?.into_scope();
        let at = cx.system.clock.now_ms();
        revoke(cx, scope, at).await?;
        Ok(RevokeSessionsResponse { issued_until: at.div_euclid(1000) }.into())
    }
}

async fn revoke(cx: &Cx<'_>, scope: Scope, at_ms: i64) -> Result<(), Error> {
    let key = key::revocations(cx.account());
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let found = records::read::<Revocations>(&mut txn, &key).await?;
        let mut revocations = found.map(|(known, _)| known).unwrap_or_default();
        revocations.revoke(scope.clone(), at_ms, at_ms - LONGEST_SESSION_MS);
        if revocations.count() > MOST {
            return Err(sentence::too_many_revocations(MOST));
        }
        records::write(&mut txn, key.clone(), &revocations)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// What the request names, looked up.
enum Named {
    All,
    Session(String),
    Role(Box<Role>),
    User(Box<User>),
    SourceIdentity(String),
}

impl Named {
    fn into_scope(self) -> Scope {
        match self {
            Self::All => Scope::All,
            Self::Session(id) => Scope::Session(id),
            Self::Role(role) => Scope::Role(role.id),
            Self::User(user) => Scope::User(user.id),
            Self::SourceIdentity(name) => Scope::SourceIdentity(name),
        }
    }
}

async fn scope(cx: &Cx<'_>, input: &RevokeSessionsRequest) -> Result<Named, Error> {
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
    let found = cx.system.store.cached(&key::role(cx.account(), name), Role::decode).await?;
    let role = found.map(|(role, _)| role).filter(|role| role.name == name);
    let role = role.ok_or_else(|| iam::no_such_entity("role", name))?;
    Ok(Named::Role(Box::new((*role).clone())))
}

async fn user(cx: &Cx<'_>, name: &str) -> Result<Named, Error> {
    let found = cx.system.store.cached(&key::user(cx.account(), name), User::decode).await?;
    let user = found.map(|(user, _)| user).filter(|user| user.name == name);
    let user = user.ok_or_else(|| iam::no_such_entity("user", name))?;
    Ok(Named::User(Box::new((*user).clone())))
}

/// No session lasts longer than a `GetSessionToken` of 36 hours.
pub(super) const LONGEST_SESSION_MS: i64 = 129_600_000;
/// Revocations of an account in force at a time: they are one record, read with every session's request.
const MOST: usize = 10_000;
