//! Admission: who asks, by the proof that the operation's row demands. Nobody else looks at credentials.

use super::call::{Call, Message, Tracked};
use super::cx::Cx;
use super::handler::Serve;
use super::{post_object, span, throttled};
use crate::authenticate::{self, Authenticated, fault};
use crate::caller::{Caller, Who};
use crate::error::Error;
use crate::federation::Federated;
use crate::peer::Peer;
use crate::records::key;
use crate::system::System;
use rolecall_wire::sigv4::{Mechanism, Presented, Rules, moved};
use rolecall_wire::{Proof, Protocol, Row};

/// Finds out who asks. A provider's word is in the message and waits for [`vouch`]; a signature that is sent
/// along with one is not looked at.
///
/// # Errors
/// When the credential presented does not hold, when one is needed and there is none, or when whoever sends
/// none asks too often.
pub(super) async fn admit(
    system: &System,
    row: &'static Row,
    call: &mut Call,
    trail: &mut Tracked,
) -> Result<Authenticated, Error> {
    match row.proof {
        Proof::Signature => match signature(system, row, call, trail).await? {
            Some(known) => Ok(known),
            None => {
                trail.record.caller = Some(Caller::Anonymous);
                Err(fault::missing())
            }
        },
        Proof::SignatureIfAny => match signature(system, row, call, trail).await? {
            Some(known) => {
                if let Some(verified) = &known.verified {
                    moved::take_in(&mut call.request, verified.mechanism)?;
                }
                Ok(known)
            }
            None => anonymous(system, row, call, trail),
        },
        // Boxed, so that no other request carries the room that a form takes.
        Proof::Form => Box::pin(form(system, row, call, trail)).await,
        Proof::Provider | Proof::Instance => anonymous(system, row, call, trail),
    }
}

/// Lets whoever a provider or a service vouches for be the principal of the decision.
///
/// # Errors
/// When the word does not hold.
pub(super) async fn vouch<By, O: Serve<By>>(cx: &mut Cx<'_>, input: &O::Input) -> Result<(), Error> {
    match cx.row.proof {
        Proof::Signature | Proof::SignatureIfAny | Proof::Form => Ok(()),
        Proof::Provider | Proof::Instance => {
            let (account, assertion) = O::vouched(cx, input).await?.ok_or_else(fault::missing)?;
            let federated = Federated::new(&account, assertion);
            span::vouched(&federated);
            cx.federated = Some(Box::new(federated));
            Ok(())
        }
    }
}

async fn signature(
    system: &System,
    row: &'static Row,
    call: &Call,
    trail: &mut Tracked,
) -> Result<Option<Authenticated>, Error> {
    let Some(presented) = authenticate::presented(row.service, &call.request)? else { return Ok(None) };
    trail.record.access_key_id = Some(presented.access_key_id.to_owned());
    let rules = rules(row, call, signing_time(system, &presented, trail.record.now()));
    let known = authenticate::authenticate(system, row.service, &call.request, &presented, &rules).await?;
    trail.record.is_for_region(known.region.as_ref());
    trail.record.caller = Some(known.caller.clone());
    note_use(system, &known, presented.access_key_id, row, trail.record.now(), &call.peer);
    Ok(Some(known))
}

/// A form's credential is in its body, every other one in the request's head.
async fn form(
    system: &System,
    row: &'static Row,
    call: &mut Call,
    trail: &mut Tracked,
) -> Result<Authenticated, Error> {
    let admitted = post_object::admit(system, call).await?;
    let known = admitted.known;
    trail.record.is_for_region(known.region.as_ref());
    trail.record.caller = Some(known.caller.clone());
    if let Some(id) = admitted.access_key_id {
        note_use(system, &known, &id, row, trail.record.now(), &call.peer);
        trail.record.access_key_id = Some(id);
    }
    Ok(known)
}

fn anonymous(system: &System, row: &Row, call: &Call, trail: &mut Tracked) -> Result<Authenticated, Error> {
    trail.record.caller = Some(Caller::Anonymous);
    let known = Authenticated { caller: Caller::Anonymous, verified: None, region: None };
    let admitted = system.throttle.admits_address(call.peer.address);
    if admitted { Ok(known) } else { Err(throttled(row.service)) }
}

/// A URL's life is counted on our clock; a header's freshness on the machine's.
fn signing_time(system: &System, presented: &Presented<'_>, now: i64) -> i64 {
    match presented.mechanism {
        Mechanism::Header => system.clock.signing_now(),
        Mechanism::Query { .. } | Mechanism::V2Query { .. } => now,
    }
}

fn rules<'a>(row: &Row, call: &'a Call, now: i64) -> Rules<'a> {
    match (row.service.protocol(), &call.message) {
        (Protocol::RestXml, Message::Rest { bucket, virtual_host, .. }) => {
            Rules::s3(now).with_virtual_bucket(bucket.as_deref().filter(|_| *virtual_host))
        }
        (_, Message::Query { body, .. } | Message::Json { body, .. }) => {
            Rules::query(row.service.prefix(), now, rolecall_wire::sigv4::key::sha256(body))
        }
        (_, Message::Rest { .. } | Message::Instance(_)) => Rules::s3(now),
    }
}

fn note_use(
    system: &System,
    known: &Authenticated,
    access_key_id: &str,
    row: &'static Row,
    now: i64,
    peer: &Peer,
) {
    let Some(identity) = known.caller.identity() else { return };
    if let Some(session) = identity.claims() {
        system.live.used(session, now, row, peer.text());
    }
    let key = match &identity.who {
        Who::Role(role) => key::role_use(&role.id),
        Who::User(_) | Who::Root if identity.session.is_none() => key::access_key_use(access_key_id),
        Who::User(_) | Who::Root | Who::Federated(_) => return,
    };
    let region = known.region.as_deref().unwrap_or(&system.settings.region);
    let System { usage, store, background, .. } = system;
    usage.note(store, background, key, now, region, row.service.prefix());
}
