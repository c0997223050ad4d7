//! What is kept and told of a request that was refused, besides the answer.

use super::call::Answer;
use crate::audit::{Asked, Trail};
use crate::decisions::{Refusal, Stage};
use crate::error::cause;
use crate::system::System;
use http::{HeaderName, HeaderValue};
use rolecall_wire::{ApiError, Protocol, operation};

/// Keeps a refusal to be explained, and names the command that does it in a header of the answer: AWS's texts
/// stay as they are.
pub(super) fn keep(system: &System, trail: &Trail, stage: Stage, mut answer: Answer) -> Answer {
    let keeping = &system.settings.keeping;
    let Some(error) = trail.error.as_ref().filter(|_| keeping.most > 0 && answer.status >= 400) else {
        return answer;
    };
    let was_decided = system.decisions.find(keeping, &trail.request_id, trail.now()).is_some();
    let stage = if stage == Stage::Operation && was_decided { Stage::Permission } else { stage };
    system.decisions.refuse(keeping, refusal(trail, error, stage));
    if keeping.in_messages
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
        caller: caller(trail),
        access_key_id: trail.access_key_id.as_deref().map(cut),
        address: trail.peer.text().to_owned(),
    }
}

/// Who asked, as far as it is proved.
fn caller(trail: &Trail) -> Option<String> {
    if let Some(federated) = &trail.federated {
        let assertion = &federated.assertion;
        return Some(format!("{}:{}", assertion.provider, assertion.subject));
    }
    trail.caller.as_ref()?.identity().map(|identity| identity.principal.arn.clone())
}

/// One line a request, for whoever watches a development server: off unless a log asks for it.
pub(super) fn tell(trail: &Trail, answer: &Answer) {
    tracing::debug!(
        target: "rolecall::requests",
        status = answer.status,
        service = trail.service.prefix(),
        operation = &*trail.operation,
        caller = caller(trail).as_deref().unwrap_or("nobody known"),
        error = trail.error.as_ref().map_or("", |error| error.code.code),
        not_understood = not_understood(trail),
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

/// What strangers send must not fill the memory.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Parameters that a line names.
const MOST_NAMED: usize = 5;
/// The longest text that is kept, in characters.
const LONGEST: usize = 2_048;
static WHY: HeaderName = HeaderName::from_static("x-rolecall-why");
