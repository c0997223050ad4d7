//! What is kept and told of a request that was refused, besides the answer.

use super::call::{Answer, Tracked};
use crate::audit::{Asked, Trail};
use crate::decisions::{Refusal, Stage};
use crate::error::cause;
use crate::federation::Federated;
use crate::system::System;
use http::{HeaderName, HeaderValue};
use rolecall_wire::{ApiError, Protocol, operation};
use std::borrow::Cow;

/// Keeps a refusal to be explained, notes whether policies refused it, and names the command that explains it in a
/// header of the answer: AWS's texts stay as they are. Whoever has not proved who he is hears nothing that AWS would
/// not say.
pub(super) fn keep(system: &System, tracked: &mut Tracked, mut answer: Answer) -> Answer {
    let (keeping, trail) = (&system.settings.keeping, &tracked.record);
    let Some(error) = trail.error.as_ref().filter(|_| keeping.most > 0 && answer.status >= 400) else {
        return answer;
    };
    if tracked.stage == Stage::Operation
        && system.decisions.find(keeping, &trail.request_id, trail.now()).is_some()
    {
        tracked.stage = Stage::Permission;
    }
    system.decisions.refuse(keeping, refusal(trail, error, tracked.stage));
    if keeping.in_messages
        && caller(trail).is_some()
        && let Ok(command) = HeaderValue::try_from(format!("rolecall why {}", trail.request_id))
    {
        answer.headers.insert(&WHY, command);
    }
    answer
}

fn refusal(trail: &Trail, error: &ApiError, stage: Stage) -> Refusal {
    Refusal {
        sequence: 0,
        request_id: trail.request_id,
        at: trail.now(),
        service: trail.service,
        operation: trail.operation.to_string(),
        status: error.code.status,
        code: error.code.code,
        message: cut(&error.message),
        cause: error.cause.as_deref().map(cut).or_else(|| cause::usual(error).map(str::to_owned)),
        stage,
        caller: caller(trail).map(Cow::into_owned),
        access_key_id: trail.access_key_id.as_deref().map(cut),
        address: trail.peer.text().to_owned(),
    }
}

/// Who asked, as far as it is proved.
pub(super) fn caller(trail: &Trail) -> Option<Cow<'_, str>> {
    if let Some(federated) = &trail.federated {
        return Some(named(federated).into());
    }
    Some(trail.caller.as_ref()?.identity()?.principal.arn.as_str().into())
}

/// Whoever a provider vouches for, by the provider and its name for him.
pub(super) fn named(federated: &Federated) -> String {
    format!("{}:{}", federated.assertion.provider, federated.assertion.subject)
}

/// One line a request, for whoever watches: off in a server for production unless its log asks for it.
pub(super) fn tell(tracked: &Tracked, answer: &Answer) {
    let trail = &tracked.record;
    tracing::info!(
        target: "rolecall::requests",
        parent: None,
        status = answer.status,
        service = trail.service.prefix(),
        operation = &*trail.operation,
        caller = caller(trail).as_deref().unwrap_or("nobody known"),
        error = trail.error.as_ref().map_or("", |error| error.code.code),
        not_understood = not_understood(trail),
        explained = is_worth_explaining(tracked, answer),
        request_id = &*trail.request_id,
    );
}

/// The parameters that the operation does not have, such as a misspelt `PermissionBoundary`: they are left unread, here
/// and by AWS, and whoever sent them meant something.
fn not_understood(trail: &Trail) -> String {
    let (Asked::Message(params), Some(row)) =
        (&trail.asked, operation::find(trail.service, &trail.operation))
    else {
        return String::new();
    };
    let speaks = matches!(row.service.protocol(), Protocol::Query | Protocol::Json);
    let unread = params.iter().map(|(name, _)| name).filter(|name| speaks && !row.understands(name));
    cut(&unread.take(MOST_NAMED).collect::<Vec<_>>().join(", "))
}

/// Whether somebody may wonder at the answer. What is not there, asked for by somebody known whom no policy refused,
/// says all there is to say.
fn is_worth_explaining(tracked: &Tracked, answer: &Answer) -> bool {
    let is_in_vain = answer.status == 404 && tracked.stage == Stage::Operation;
    tracked.record.error.is_some() && !(is_in_vain && caller(&tracked.record).is_some())
}

/// What strangers send must not fill the memory.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Parameters that a line names.
const MOST_NAMED: usize = 5;
/// The longest text that is kept, in characters.
const LONGEST: usize = 2_048;
static WHY: HeaderName = HeaderName::from_static("x-rolecall-why");
