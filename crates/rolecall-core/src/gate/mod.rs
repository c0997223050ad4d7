//! The gate: every request of every protocol comes through here, in this order: find the operation,
//! authenticate, read the message, gather policies, decide, run, record, answer.
//!
//! Handlers cannot be reached any other way, and none of them checks a permission itself.

mod admission;
mod authority;
mod call;
mod cx;
mod granted;
mod handler;
mod payload;
mod post_object;
mod refused;
mod render;
mod span;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use call::{Answer, Call, Message, Refused};
pub use cx::Cx;
pub use granted::{Depend, Granted};
pub use handler::{Core, Handler, Reply, Serve};
pub use payload::{Digests, Payload};

use crate::audit::{Room, Trail};
use crate::caller::{Caller, Who};
use crate::decisions::Stage;
use crate::error::{Error, sts};
use crate::system::System;
use call::Tracked;
use foldhash::fast::RandomState;
use rolecall_wire::{ApiError, Effect, Row, Service, error as code};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// The gate of a running system.
pub struct Gate {
    system: Arc<System>,
    handlers: HashMap<(Service, &'static str), &'static Handler, RandomState>,
}

impl Gate {
    /// A gate in front of a system, open to these operations.
    pub fn new(system: Arc<System>, handlers: impl Iterator<Item = &'static Handler>) -> Self {
        let handlers = handlers.map(|h| ((h.row.service, h.row.name), h)).collect();
        Self { system, handlers }
    }

    /// The system behind the gate.
    pub fn system(&self) -> &Arc<System> {
        &self.system
    }

    /// True when the operation has a handler.
    pub fn serves(&self, row: &Row) -> bool {
        self.handlers.contains_key(&(row.service, row.name))
    }

    /// Serves one request. Every request is answered and leaves exactly one audit record; without the
    /// record there is no answer but an error.
    pub async fn serve(&self, call: Call) -> Answer {
        let started = Instant::now();
        let mut trail = call.trail(&self.system);
        let span = trail.span.clone();
        let answer = self.answer(call, &mut trail).instrument(span).await;
        let (metrics, record) = (&self.system.metrics, &trail.record);
        metrics.answered(record.service, answer.status);
        metrics.took(record.service, record.effect, started.elapsed());
        refused::tell(&trail, &answer);
        answer
    }

    async fn answer(&self, call: Call, trail: &mut Tracked) -> Answer {
        let mut room = self.system.audit.no_room();
        let answer = match self.attempt(call, trail, &mut room).await {
            Ok(answer) => answer,
            Err(error) => {
                self.hold(&trail.record, &error).await;
                let answer = render::error(&mut trail.record, error, trail.wants_json);
                refused::keep(&self.system, trail, answer)
            }
        };
        let answer = self.record(&trail.record, answer, trail.wants_json, room).await;
        span::ended(trail, &answer);
        answer
    }

    /// Whoever proved nobody and is turned away unseen waits for it.
    async fn hold(&self, trail: &Trail, error: &Error) {
        let is_known = trail.caller.as_ref().is_some_and(|caller| caller.identity().is_some());
        let turned_away = [code::common::THROTTLING, code::s3::SLOW_DOWN];
        if !is_known && matches!(error, Error::Api(error) if turned_away.contains(&error.code)) {
            self.system.throttle.hold().await;
        }
    }

    /// Answers a request that never became a [`Call`], and leaves its audit record.
    pub async fn refuse(&self, refused: Refused) -> Answer {
        let (error, mut trail) = refused.trail(&self.system);
        let span = trail.span.clone();
        let answer = self.turn_away(error, &mut trail).instrument(span).await;
        self.system.metrics.answered(trail.record.service, answer.status);
        refused::tell(&trail, &answer);
        answer
    }

    async fn turn_away(&self, error: Error, trail: &mut Tracked) -> Answer {
        span::found(trail);
        let answer = render::error(&mut trail.record, error, false);
        let answer = refused::keep(&self.system, trail, answer);
        let answer = self.record(&trail.record, answer, false, self.system.audit.no_room()).await;
        span::ended(trail, &answer);
        answer
    }

    async fn record(&self, trail: &Trail, answer: Answer, json: bool, room: Room<'_>) -> Answer {
        match self.system.audit.append(&trail.line(), trail.day(), room).await {
            Ok(()) => answer,
            Err(error) => {
                self.system.metrics.audit_failed();
                tracing::error!(%error, request_id = &*trail.request_id, "an answer was withheld");
                render::unavailable(trail, json)
            }
        }
    }

    async fn attempt(
        &self,
        mut call: Call,
        trail: &mut Tracked,
        room: &mut Room<'_>,
    ) -> Result<Answer, Error> {
        let row = call.row().inspect_err(|_| trail.record.operation = call.claimed_operation().into())?;
        trail.record.service = row.service;
        trail.record.operation = Cow::Borrowed(row.name);
        trail.record.effect = row.effect;
        span::found(trail);
        let peer = call.peer.address;
        let guessed = |error| self.guessed(row, peer, error);
        trail.stage = Stage::Authentication;
        let authenticated = admission::admit(&self.system, row, &mut call, trail).await.map_err(guessed)?;
        span::admitted(trail);
        trail.stage = Stage::Limits;
        self.throttle(row, &authenticated.caller)?;
        trail.stage = Stage::Service;
        let handler = self.handlers.get(&(row.service, row.name)).ok_or_else(|| not_served(row))?;
        trail.stage = Stage::Credentials;
        self.check_standing(row, &authenticated.caller)?;
        trail.stage = Stage::Operation;
        if row.effect != Effect::Reads {
            let record = &trail.record;
            let ready = self.system.audit.ready(record.day(), record.longest(), room).await;
            ready.map_err(|error| Error::internal(error.to_string()))?;
        }
        let is_proved = authenticated.caller.identity().is_some();
        let mut cx = Cx::new(&self.system, row, call, authenticated, trail);
        let outcome = handler.serve(&mut cx).await;
        cx.leave(&mut trail.record);
        if is_proved { outcome } else { outcome.map_err(guessed) }
    }

    /// The refusal of a request that proved nobody: who keeps sending what does not hold is told to slow down.
    fn guessed(&self, row: &Row, peer: IpAddr, error: Error) -> Error {
        let may_guess = self.system.throttle.charge_address(peer, &error);
        if may_guess { error } else { throttled(row.service) }
    }

    fn throttle(&self, row: &Row, caller: &Caller) -> Result<(), Error> {
        match caller.identity() {
            Some(identity) if row.service != Service::S3 => {
                let admitted = self.system.throttle.admits_principal(identity.unique_id());
                if admitted { Ok(()) } else { Err(throttled(row.service)) }
            }
            _ => Ok(()),
        }
    }

    /// What kinds of credentials cannot do, whatever policies say (IAM User Guide, Comparing the AWS
    /// STS API operations).
    fn check_standing(&self, row: &Row, caller: &Caller) -> Result<(), Error> {
        let Some(identity) = caller.identity() else { return Ok(()) };
        let Some(session) = identity.claims() else { return Ok(()) };
        let from_session_token = matches!(identity.who, Who::User(_) | Who::Root);
        let is_federated = matches!(identity.who, Who::Federated(_));
        match row.service {
            Service::Iam if session.is_assumed_root() => Ok(()),
            Service::Iam if is_federated || (from_session_token && session.mfa.is_none()) => {
                Err(sts::not_for_iam())
            }
            Service::Sts if from_session_token => sts::allowed_with_session_token(row.name),
            Service::Sts if is_federated => sts::allowed_when_federated(row.name),
            _ => Ok(()),
        }
    }
}

/// Too many requests, in the service's words (S3 API Reference, Error responses; STS, Common errors).
pub(super) fn throttled(service: Service) -> Error {
    match service {
        Service::S3 => Error::api(code::s3::SLOW_DOWN, "Please reduce your request rate."),
        _ => Error::api(code::common::THROTTLING, "Rate exceeded"),
    }
}

/// An operation of the model that has no handler says so, under the code that AWS has for what it does not know.
/// AWS's own sentence would send whoever reads it to look for the fault in the client.
fn not_served(row: &Row) -> Error {
    let message = format!("Rolecall does not serve {}:{}.", row.service.prefix(), row.name);
    match row.service {
        Service::S3 => ApiError::new(code::s3::NOT_IMPLEMENTED, message).with("Operation", row.name).into(),
        _ => Error::api(code::common::INVALID_ACTION, message),
    }
}

#[cfg(test)]
mod tests;
