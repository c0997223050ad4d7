//! Keys that the caller's identity and session know.

use super::request::word;
use crate::caller::{Caller, Identity, Who};
use crate::clock::text::iso8601;
use crate::session::Session;
use rolecall_policy::{Context, Key};
use std::borrow::Cow;

pub(super) fn fill<'a>(context: &mut Context<'a>, caller: &'a Caller, now: i64) {
    let Some(identity) = caller.identity() else {
        context.set(const { Key::new("aws:PrincipalAccount") }, "anonymous");
        context.set(const { Key::new("aws:PrincipalType") }, "Anonymous");
        context.set(const { Key::new("aws:userid") }, "anonymous");
        return;
    };
    context.set(const { Key::new("aws:PrincipalAccount") }, identity.account.as_str());
    context.set(const { Key::new("aws:PrincipalArn") }, principal_arn(identity));
    context.set(const { Key::new("aws:PrincipalType") }, principal_type(&identity.who));
    context.set(const { Key::new("aws:PrincipalIsAWSService") }, "false");
    context.set(const { Key::new("aws:userid") }, identity.user_id());
    if let Some(name) = identity.user_name() {
        context.set(const { Key::new("aws:username") }, name);
    }
    own_tags(context, &identity.who);
    if let Some(session) = identity.claims() {
        session_keys(context, session, now);
    }
}

/// For a session this is the role's ARN, not the session's.
fn principal_arn(identity: &Identity) -> Cow<'_, str> {
    match &identity.who {
        Who::Role(role) => role.arn().into(),
        Who::Root | Who::User(_) | Who::Federated(_) => identity.principal.arn.as_str().into(),
    }
}

fn principal_type(who: &Who) -> &'static str {
    match who {
        Who::Root => "Account",
        Who::User(_) => "User",
        Who::Role(_) => "AssumedRole",
        Who::Federated(_) => "FederatedUser",
    }
}

fn own_tags<'a>(context: &mut Context<'a>, who: &'a Who) {
    let tags = match who {
        Who::Root | Who::Federated(None) => return,
        Who::User(user) | Who::Federated(Some(user)) => &user.tags,
        Who::Role(role) => &role.tags,
    };
    set_tags(context, tags);
}

fn session_keys<'a>(context: &mut Context<'a>, session: &'a Session, now: i64) {
    context.set(const { Key::new("aws:TokenIssueTime") }, iso8601(session.issued));
    context.set(const { Key::new("aws:MultiFactorAuthPresent") }, word(session.mfa.is_some()));
    if let Some(at) = session.mfa {
        context.set(const { Key::new("aws:MultiFactorAuthAge") }, now.saturating_sub(at).to_string());
    }
    if let Some(identity) = &session.source_identity {
        context.set(const { Key::new("aws:SourceIdentity") }, identity.as_str());
    }
    if session.is_assumed_root() {
        context.set("aws:AssumedRoot", "true");
    }
    if let Some(provider) = &session.provider {
        context.set(const { Key::new("aws:FederatedProvider") }, provider.as_str());
    }
    for (key, value) in &session.facts {
        context.set(key.as_str(), value);
    }
    set_tags(context, &session.tags);
}

/// Later tags replace earlier ones of the same key in any case: session tags win.
fn set_tags<'a>(context: &mut Context<'a>, tags: &'a [(String, String)]) {
    for (key, value) in tags {
        context.set(Key::tag("aws:PrincipalTag/", key), value);
    }
}
