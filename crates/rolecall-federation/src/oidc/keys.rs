//! The keys of issuers, as fetched lately (OpenID Connect Discovery 1.0 §4). One request a time asks an
//! issuer, whoever else wants its keys waits for that answer, or goes on with keys that are not yet an hour old; an
//! issuer that is down is not asked again and again, and for a while its last known keys stay good.
//!
//! What an issuer answers counts at once: a key that is not among those it has just told is good for nothing more,
//! not even for the request that asked.

use super::key::KeySet;
use super::{Refusal, json};
use crate::{Fetch, FetchError};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

/// Where keys come from. Other thumbprints, or a provider made anew, are another source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Source {
    /// The ARN or well-known name of the provider.
    pub provider: String,
    /// The issuer's URL.
    pub issuer: String,
    /// Certificates that vouch for it.
    pub thumbprints: Vec<String>,
    /// When the provider was created, in seconds since 1970.
    pub created: i64,
}

/// What is known of all issuers.
#[derive(Default)]
pub struct Keys {
    issuers: Mutex<HashMap<Source, Arc<Issuer>>>,
}

/// What is known of one.
#[derive(Default)]
struct Issuer {
    known: RwLock<Known>,
    /// Whoever holds it asks the issuer.
    turn: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
}

#[derive(Default, Clone)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// When the keys were fetched, in milliseconds since 1970.
    fetched: i64,
    /// When the issuer was last asked, and what it failed with.
    tried: Option<i64>,
    failure: Option<FetchError>,
}

/// What to do for a token.
enum Plan {
    Use(Arc<KeySet>),
    /// Due to be fetched again, and good for whoever finds that somebody is at it.
    Renew(Arc<KeySet>),
    /// Nothing is good without asking.
    Ask,
    GiveUp(Refusal),
}

impl Keys {
    /// Keys of a source among which is that of `kid`, as of `now_ms` (milliseconds since 1970).
    ///
    /// # Errors
    /// When there is no such key, or nobody who could be believed says so.
    pub async fn find(
        &self,
        fetch: &dyn Fetch,
        source: &Source,
        kid: Option<&str>,
        now_ms: i64,
    ) -> Result<Arc<KeySet>, Refusal> {
        let issuer = self.issuer(source);
        match issuer.plan(kid, now_ms) {
            Plan::Use(keys) => Ok(keys),
            Plan::GiveUp(why) => Err(why),
            Plan::Renew(_) => {
                if let Ok(_turn) = issuer.turn.try_lock() {
                    issuer.ask_if_due(fetch, source, kid, now_ms).await;
                }
                issuer.plan(kid, now_ms).settled()
            }
            Plan::Ask => issuer.wait_and_ask(fetch, source, kid, now_ms).await,
        }
    }

    /// When too many are known, all are forgotten: every one is a registered provider, so this is rare.
    fn issuer(&self, source: &Source) -> Arc<Issuer> {
        let Ok(mut issuers) = self.issuers.lock() else { return Arc::default() };
        if let Some(known) = issuers.get(source) {
            return Arc::clone(known);
        }
        if issuers.len() >= MOST_ISSUERS {
            issuers.clear();
        }
        Arc::clone(issuers.entry(source.clone()).or_default())
    }
}

impl Plan {
    fn settled(self) -> Result<Arc<KeySet>, Refusal> {
        match self {
            Self::Use(keys) | Self::Renew(keys) => Ok(keys),
            Self::Ask => Err(Refusal::Unreachable),
            Self::GiveUp(why) => Err(why),
        }
    }
}

impl Issuer {
    fn plan(&self, kid: Option<&str>, now_ms: i64) -> Plan {
        let Ok(known) = self.known.read() else { return Plan::GiveUp(Refusal::NoKey) };
        let age = now_ms.saturating_sub(known.fetched);
        let since_tried = known.tried.map_or(i64::MAX, |tried| now_ms.saturating_sub(tried));
        let keys = known.keys.as_ref().filter(|_| age < STALE);
        match keys {
            Some(keys) if !keys.of(kid).is_empty() => {
                let keys = Arc::clone(keys);
                if age < DUE || since_tried < AFTER_FAILURE {
                    Plan::Use(keys)
                } else if age < FRESH || known.failure.is_some() {
                    Plan::Renew(keys)
                } else {
                    Plan::Ask
                }
            }
            Some(_) if since_tried < UNKNOWN_KID => Plan::GiveUp(known.why()),
            None if since_tried < AFTER_FAILURE => Plan::GiveUp(known.why()),
            _ => Plan::Ask,
        }
    }

    /// Whoever waits for an answer that another request is getting takes that answer.
    async fn wait_and_ask(
        &self,
        fetch: &dyn Fetch,
        source: &Source,
        kid: Option<&str>,
        now_ms: i64,
    ) -> Result<Arc<KeySet>, Refusal> {
        let _place = Place::take(&self.waiting).ok_or(Refusal::Unreachable)?;
        let _turn = self.turn.lock().await;
        self.ask_if_due(fetch, source, kid, now_ms).await;
        self.plan(kid, now_ms).settled()
    }

    /// Asks, unless somebody has while this request came to its turn.
    async fn ask_if_due(&self, fetch: &dyn Fetch, source: &Source, kid: Option<&str>, now_ms: i64) {
        if let Plan::Ask | Plan::Renew(_) = self.plan(kid, now_ms) {
            self.ask(fetch, source, now_ms).await;
        }
    }

    /// Asks the issuer and remembers the outcome. Old keys outlive a failure.
    async fn ask(&self, fetch: &dyn Fetch, source: &Source, now_ms: i64) {
        let outcome = discover(fetch, source).await;
        if let Err(error) = &outcome {
            tracing::warn!(issuer = source.issuer, %error, "the keys of an issuer could not be fetched");
        }
        let Ok(mut known) = self.known.write() else { return };
        known.tried = Some(now_ms);
        match outcome {
            Ok(keys) => {
                known.keys = Some(Arc::new(keys));
                known.fetched = now_ms;
                known.failure = None;
            }
            Err(error) => known.failure = Some(error),
        }
    }
}

impl Known {
    fn why(&self) -> Refusal {
        match self.failure {
            Some(FetchError::Certificate(_)) => Refusal::Certificate,
            Some(FetchError::Unreachable(_)) => Refusal::Unreachable,
            Some(FetchError::Refused(_) | FetchError::Unusable(_)) | None => Refusal::NoKey,
        }
    }
}

/// A place in the queue for an issuer's answer.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::SeqCst);
        let place = Self(waiting);
        (before < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The issuer says where its keys are, and must say of itself what its tokens say.
async fn discover(fetch: &dyn Fetch, source: &Source) -> Result<KeySet, FetchError> {
    let unusable = |what: &str| FetchError::Unusable(what.to_owned());
    let base = source.issuer.trim_end_matches('/');
    let about = fetch.get(&format!("{base}/.well-known/openid-configuration"), &source.thumbprints).await?;
    let about = json::object(&about).ok_or_else(|| unusable("the configuration is not a JSON object"))?;
    let text = |name| about.text(name);
    if text("issuer") != Some(source.issuer.as_str()) {
        return Err(unusable("the configuration is of another issuer"));
    }
    let place = text("jwks_uri").ok_or_else(|| unusable("the configuration has no jwks_uri"))?;
    let keys = fetch.get(place, &source.thumbprints).await?;
    KeySet::read(&keys).ok_or_else(|| unusable("the keys are not a key set"))
}

/// How old keys are, in milliseconds, when one request asks for them again while the others go on.
const DUE: i64 = 55 * 60_000;
/// How long fetched keys are used before nobody goes on without an answer.
const FRESH: i64 = 3_600_000;
/// How long they are used at most when the issuer cannot be asked.
const STALE: i64 = 24 * 3_600_000;
/// How often an issuer is asked for a key that it does not have.
const UNKNOWN_KID: i64 = 60_000;
/// How long an issuer that failed is left alone.
const AFTER_FAILURE: i64 = 10_000;
/// Requests that wait for one issuer's answer.
const MOST_WAITING: usize = 256;
/// Issuers whose keys are remembered.
const MOST_ISSUERS: usize = 4096;

#[cfg(test)]
mod tests;
