//! `RevokeSessions`: ends the sessions issued up to now, from the next request on, and tells which of those known
//! it meets. What is revoked is what is named, known or not: a session that was not seen since the start ends, too.

use super::sessions;
use super::standing::Standing;
use crate::error::{Error, iam, rolecall as sentence};
use crate::gate::{Cx, Depend, Granted, Reply, Serve};
use crate::id::{AccountId, account_of_access_key};
use crate::live::LiveSession;
use crate::records::{self, Revocations, Role, Scope, Sight, User, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::rolecall::{RevokeSessionsRequest, RevokeSessionsResponse, op};
use std::collections::HashSet;
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
        input: RevokeSessionsRequest,
        granted: Granted<Named>,
    ) -> Result<Reply<RevokeSessionsResponse>, Error> {
        let at = cx.system.clock.now_ms();
        let scope = granted.seen().scope();
        let mut met = Met::by(cx, &scope).await?;
        let mut scopes = vec![scope];
        if input.chained.unwrap_or(false) {
            scopes.extend(met.chained.iter().map(|session| Scope::Session(session.access_key_id.clone())));
            met.ended.append(&mut met.chained);
        }
        scopes.retain(|scope| is_own(cx, scope));
        revoke(cx, &granted, &scopes, at).await?;
        Ok(met.told(cx.account(), at.div_euclid(1000)).into())
    }
}

/// A session tells its account by its key id. Another account's is nobody's to end here.
fn is_own(cx: &Cx<'_>, scope: &Scope) -> bool {
    match scope {
        Scope::Session(id) => account_of_access_key(id).as_ref() == Some(cx.account()),
        _ => true,
    }
}

async fn revoke(cx: &Cx<'_>, granted: &Granted<Named>, scopes: &[Scope], at_ms: i64) -> Result<(), Error> {
    if scopes.is_empty() {
        return Ok(());
    }
    let key = key::revocations(cx.account());
    let mut txn = granted.begin(cx);
    let found = records::read::<Revocations>(&mut txn, &key).await?;
    let mut revocations = found.map(|(known, _)| known).unwrap_or_default();
    for scope in scopes {
        revocations.revoke(scope.clone(), at_ms, at_ms - LONGEST_SESSION_MS);
    }
    if revocations.count() > MOST {
        return Err(sentence::too_many_revocations(MOST));
    }
    records::write(&mut txn, key, &revocations)?;
    txn.commit().await?;
    Ok(())
}

/// The sessions in force that a revocation meets, as far as this server knows them.
#[derive(Default)]
struct Met {
    /// Those that it names.
    ended: Vec<LiveSession>,
    /// Those of the account that were made with them, or with one of these, and live on.
    chained: Vec<LiveSession>,
    /// How many of them are in other accounts.
    elsewhere: usize,
}

impl Met {
    async fn by(cx: &Cx<'_>, scope: &Scope) -> Result<Self, Error> {
        let (live, account) = (&cx.system.live, cx.account());
        let ended = in_force(cx, live.named_by(account, scope, cx.now)).await?;
        let mut known: HashSet<String> = ended.iter().map(|session| session.access_key_id.clone()).collect();
        let mut met = Self { ended, ..Self::default() };
        let mut parents = known.clone();
        while !parents.is_empty() {
            let mut made = live.made_with(&parents, cx.now);
            made.retain(|session| known.insert(session.access_key_id.clone()));
            parents = made.iter().map(|session| session.access_key_id.clone()).collect();
            let (own, others): (Vec<_>, Vec<_>) = in_force(cx, made)
                .await?
                .into_iter()
                .partition(|session| session.account().as_ref() == Some(account));
            met.elsewhere += others.len();
            met.chained.extend(own);
        }
        Ok(met)
    }

    /// Those of other accounts that a user of this one began are counted and not shown.
    fn told(self, account: &AccountId, issued_until: i64) -> RevokeSessionsResponse {
        let count = |sessions: &[LiveSession]| i64::try_from(sessions.len()).unwrap_or(i64::MAX);
        let (ended_count, chained_count) = (count(&self.ended), count(&self.chained));
        let some = |sessions: Vec<LiveSession>, standing| {
            let own = sessions.into_iter().filter(|session| session.account().as_ref() == Some(account));
            own.take(SHOWN).map(|session| sessions::told(session, standing)).collect()
        };
        RevokeSessionsResponse {
            issued_until,
            ended_count,
            ended: some(self.ended, Standing::Revoked),
            chained_count,
            chained: some(self.chained, Standing::InForce),
            elsewhere_count: i64::try_from(self.elsewhere).unwrap_or(i64::MAX),
        }
    }
}

async fn in_force(cx: &Cx<'_>, sessions: Vec<LiveSession>) -> Result<Vec<LiveSession>, Error> {
    let mut found = Vec::new();
    for session in sessions {
        if Standing::of(cx.system, &session).await? == Standing::InForce {
            found.push(session);
        }
    }
    Ok(found)
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
/// How many sessions of a kind an answer shows.
const SHOWN: usize = 100;
