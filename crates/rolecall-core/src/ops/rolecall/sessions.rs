//! `ListSessions` and `GetSession`: the sessions that this server knows, and how it stands with them.

use super::standing::Standing;
use crate::error::{Error, rolecall as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::account_of_access_key;
use crate::live::{LiveSession, Wanted};
use crate::records::{Record, User, key};
use crate::system::System;
use crate::target::{ResourcePolicy, Target, Targets};
use rolecall_wire::rolecall::{
    GetSessionRequest, GetSessionResponse, ListSessionsRequest, ListSessionsResponse, Session, op,
};

impl Serve for op::ListSessions {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &ListSessionsRequest) -> Result<Targets, Error> {
        Ok(own(cx, "rolecall:ListSessions", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListSessionsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListSessionsResponse>, Error> {
        let limit = input.max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE);
        let user_arn = match &input.user_name {
            Some(name) => Some(user_arn(cx, name).await?),
            None => None,
        };
        let wanted = Wanted {
            role: input.role_name.as_deref(),
            user_arn: user_arn.as_deref(),
            source_identity: input.source_identity.as_deref(),
        };
        let live = &cx.system.live;
        let (found, more) = live.list(cx.account(), &wanted, input.marker.as_deref(), limit, cx.now);
        let marker = found.last().filter(|_| more).map(|last| last.access_key_id.clone());
        let sessions = shown(cx.system, found, input.include_ended.unwrap_or(false)).await?;
        Ok(ListSessionsResponse { sessions, is_truncated: Some(more), marker }.into())
    }
}

/// A user that is gone may have sessions that it began; they are listed by the name it had.
async fn user_arn(cx: &Cx<'_>, name: &str) -> Result<String, Error> {
    let found = cx.system.store.cached(&key::user(cx.account(), name), User::decode).await?;
    Ok(found.map_or_else(|| format!("arn:aws:iam::{}:user/{name}", cx.account()), |(user, _)| user.arn()))
}

impl Serve for op::GetSession {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetSessionRequest) -> Result<Targets, Error> {
        Ok(own(cx, "rolecall:GetSession", arn(cx, &input.access_key_id)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetSessionRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetSessionResponse>, Error> {
        let is_own = is_own(cx, &input.access_key_id);
        let found = cx.system.live.find(&input.access_key_id, cx.now).filter(|_| is_own);
        let session = found.ok_or_else(|| sentence::no_such_session(&input.access_key_id))?;
        let chain = shown(cx.system, chain(cx, &session), true).await?;
        let standing = Standing::of(cx.system, &session).await?;
        Ok(GetSessionResponse { session: told(session, standing), chain }.into())
    }
}

/// The sessions that led to one, nearest first, as far as they are still known and the account's own: what
/// another account's sessions do is not shown, also when they stand between.
fn chain(cx: &Cx<'_>, session: &LiveSession) -> Vec<LiveSession> {
    let parent = |child: &LiveSession| cx.system.live.find(child.parent.as_deref()?, cx.now);
    let all = std::iter::successors(parent(session), parent).take(LONGEST_CHAIN);
    all.filter(|session| is_own(cx, &session.access_key_id)).collect()
}

fn is_own(cx: &Cx<'_>, access_key_id: &str) -> bool {
    account_of_access_key(access_key_id).as_ref() == Some(cx.account())
}

/// An action on sessions of the caller's account.
pub(super) fn own(cx: &Cx<'_>, action: &'static str, resource: impl Into<String>) -> Targets {
    Targets::one(Target::new(action, resource).owned(cx.account().as_str(), ResourcePolicy::None))
}

/// The ARN by which a policy names a session of the caller's account.
pub(super) fn arn(cx: &Cx<'_>, access_key_id: &str) -> String {
    format!("arn:aws:rolecall::{}:session/{access_key_id}", cx.account())
}

/// Sessions as they are told: those in force, or with how it stands with each.
pub(super) async fn shown(
    system: &System,
    found: Vec<LiveSession>,
    also_ended: bool,
) -> Result<Vec<Session>, Error> {
    let mut sessions = Vec::with_capacity(found.len());
    for live in found {
        let standing = Standing::of(system, &live).await?;
        if also_ended || standing == Standing::InForce {
            sessions.push(told(live, standing));
        }
    }
    Ok(sessions)
}

/// A session with how it stands with it.
pub(super) fn told(live: LiveSession, standing: Standing) -> Session {
    Session {
        access_key_id: live.access_key_id,
        arn: live.arn,
        origin: live.origin,
        status: standing.name().to_owned(),
        parent_access_key_id: live.parent,
        source_identity: live.source_identity,
        issue_date: live.issued_ms.div_euclid(1000),
        expiration: live.expires,
        last_action_date: live.last.as_ref().map(|last| last.at),
        last_action: live.last.as_ref().map(|last| last.operation.clone()),
        last_address: live.last.map(|last| last.address),
    }
}

const PAGE: usize = 100;
const LONGEST_CHAIN: usize = 100;
