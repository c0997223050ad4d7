//! `ListKeys`, `RotateKeys`, `RemoveKey`: the life of the server's own keys.
//!
//! A rotation prepares a key and puts it to work; what older keys sealed stays good until they are
//! removed. Stored secrets are sealed anew, so that their old key can go at once.

use super::revoke_sessions::LONGEST_SESSION_MS;
use crate::error::{Error, rolecall as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::keyring::{PURPOSES, Purpose, RingKey, SIGNING, State};
use crate::records::sealed;
use crate::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::rolecall::{
    Key, ListKeysResponse, RemoveKeyRequest, RotateKeysRequest, RotateKeysResponse, op,
};

impl Serve for op::ListKeys {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:ListKeys", "*"))
    }

    async fn run(cx: &mut Cx<'_>, _input: Nothing, _: Granted<()>) -> Result<Reply<ListKeysResponse>, Error> {
        Ok(ListKeysResponse { keys: shown(cx) }.into())
    }
}

impl Serve for op::RotateKeys {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &RotateKeysRequest) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:RotateKeys", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RotateKeysRequest,
        _: Granted<()>,
    ) -> Result<Reply<RotateKeysResponse>, Error> {
        let named = input.purpose.as_deref().and_then(purpose);
        let signing = SIGNING.into_iter().filter(|purpose| cx.system.keys.active(*purpose).is_some());
        let every: Vec<Purpose> = PURPOSES.into_iter().chain(signing).collect();
        let purposes = named.as_ref().map_or(every.as_slice(), std::slice::from_ref);
        let (prepares, activates) = match input.step.as_deref() {
            Some("Prepare") => (true, false),
            Some("Activate") => (false, true),
            _ => (true, true),
        };
        let ring = &cx.system.keys;
        if prepares {
            ring.prepare(purposes, cx.now).await.map_err(|why| sentence::unchanged(&why))?;
        }
        if activates {
            ring.activate(purposes, cx.now).await.map_err(|why| sentence::unchanged(&why))?;
            sealed::reseal(cx.system).await?;
        }
        Ok(RotateKeysResponse { keys: shown(cx) }.into())
    }
}

impl Serve for op::RemoveKey {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &RemoveKeyRequest) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:RemoveKey", "*"))
    }

    async fn run(cx: &mut Cx<'_>, input: RemoveKeyRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let id = u32::try_from(input.key_id).unwrap_or(0);
        check_removal(cx, id, input.force.unwrap_or(false)).await?;
        cx.system.keys.remove(id).await.map_err(|why| sentence::unchanged(&why))?;
        cx.system.sessions.forget();
        Ok(Nothing.into())
    }
}

/// Nothing that is stored may be lost, and no session ended unless the caller insists.
async fn check_removal(cx: &Cx<'_>, id: u32, force: bool) -> Result<(), Error> {
    let ring = cx.system.keys.all();
    let Some(key) = ring.iter().find(|key| key.id() == id && key.state() == State::Retired) else {
        return Ok(());
    };
    if key.purpose() == Purpose::StoredSecret {
        let secrets = sealed::count(cx.system, id).await?;
        return if secrets == 0 { Ok(()) } else { Err(sentence::key_seals_secrets(id.into(), secrets)) };
    }
    let may_be_needed = (cx.now - key.since()) * 1000 < LONGEST_SESSION_MS;
    if may_be_needed && !force { Err(sentence::key_may_seal_sessions(id.into())) } else { Ok(()) }
}

fn shown(cx: &Cx<'_>) -> Vec<Key> {
    cx.system.keys.all().iter().map(show).collect()
}

fn show(key: &RingKey) -> Key {
    let state = match key.state() {
        State::Prepared => "Prepared",
        State::Active => "Active",
        State::Retired => "Retired",
    };
    Key {
        key_id: key.id().into(),
        purpose: name(key.purpose()).to_owned(),
        state: state.to_owned(),
        since: (key.since() > 0).then(|| key.since()),
    }
}

fn name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SessionToken => "SessionToken",
        Purpose::SessionSecret => "SessionSecret",
        Purpose::StoredSecret => "StoredSecret",
        Purpose::TokenRs256 => "TokenRs256",
        Purpose::TokenEs384 => "TokenEs384",
        Purpose::AuthorizationMessage => "AuthorizationMessage",
    }
}

fn purpose(text: &str) -> Option<Purpose> {
    PURPOSES.into_iter().chain(SIGNING).find(|purpose| name(*purpose) == text)
}
