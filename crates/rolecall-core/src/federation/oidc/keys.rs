//! The keys of issuers, as fetched lately (OpenID Connect Discovery 1.0 §4). One request a time asks an
//! issuer, whoever else wants its keys waits for that answer; an issuer that is down is not asked again and
//! again, and for a while its last known keys stay good.

use super::json;
use super::key::{Key, candidates, key_set};
use crate::federation::fetch::{Fetch, FetchError};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

/// Where keys come from. Other thumbprints, or a provider made anew, are another source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Source {
    /// The ARN or well-known name of the provider.
    pub provider: String,
    /// The issuer's URL.
    pub issuer: String,
    /// Certificates that vouch for it.
    pub thumbprints: Vec<String>,
    /// When the provider was created, in seconds since 1970.
    pub created: i64,
}

/// Why there is no key for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has no such key, or may not be asked.
    Unknown,
    /// The issuer does not answer.
    Unreachable,
    /// Nobody vouches for the issuer's certificate.
    Certificate,
}

/// What is known of all issuers.
#[derive(Default)]
pub(crate) struct Keys {
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
    keys: Option<Arc<Vec<Key>>>,
    /// When the keys were fetched, in milliseconds since 1970.
    fetched: i64,
    /// When the issuer was last asked, and what it failed with.
    tried: Option<i64>,
    failure: Option<FetchError>,
}

/// What to do for a token.
enum Plan {
    Use(Arc<Vec<Key>>),
    /// Good for now, and due to be fetched again.
    Renew(Arc<Vec<Key>>),
    Ask,
    GiveUp(NoKey),
}

impl Keys {
    /// Keys of a source among which is that of `kid`.
    pub(super) async fn find(
        &self,
        fetch: &dyn Fetch,
        source: &Source,
        kid: Option<&str>,
        now_ms: i64,
    ) -> Result<Arc<Vec<Key>>, NoKey> {
        let issuer = self.issuer(source);
        match issuer.plan(kid, now_ms) {
            Plan::Use(keys) => Ok(keys),
            Plan::GiveUp(why) => Err(why),
            Plan::Renew(keys) => {
                if let Ok(_turn) = issuer.turn.try_lock() {
                    issuer.ask(fetch, source, now_ms).await;
                }
                issuer.plan(kid, now_ms).settled().or(Ok(keys))
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
    fn settled(self) -> Result<Arc<Vec<Key>>, NoKey> {
        match self {
            Self::Use(keys) | Self::Renew(keys) => Ok(keys),
            Self::Ask => Err(NoKey::Unreachable),
            Self::GiveUp(why) => Err(why),
        }
    }
}

impl Issuer {
    fn plan(&self, kid: Option<&str>, now_ms: i64) -> Plan {
        let Ok(known) = self.known.read() else { return Plan::GiveUp(NoKey::Unknown) };
        let age = now_ms.saturating_sub(known.fetched);
        let since_tried = known.tried.map_or(i64::MAX, |tried| now_ms.saturating_sub(tried));
        let keys = known.keys.as_ref().filter(|_| age < STALE);
        match keys {
            Some(keys) if !candidates(keys, kid).is_empty() => {
                match age < FRESH || since_tried < AFTER_FAILURE {
                    true => Plan::Use(Arc::clone(keys)),
                    false => Plan::Renew(Arc::clone(keys)),
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
    ) -> Result<Arc<Vec<Key>>, NoKey> {
        let _place = Place::take(&self.waiting).ok_or(NoKey::Unreachable)?;
        let _turn = self.turn.lock().await;
        if let Plan::Ask = self.plan(kid, now_ms) {
            self.ask(fetch, source, now_ms).await;
        }
        self.plan(kid, now_ms).settled()
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
    fn why(&self) -> NoKey {
        match self.failure {
            Some(FetchError::Certificate(_)) => NoKey::Certificate,
            Some(FetchError::Unreachable(_)) => NoKey::Unreachable,
            Some(FetchError::Refused(_) | FetchError::Unusable(_)) | None => NoKey::Unknown,
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
async fn discover(fetch: &dyn Fetch, source: &Source) -> Result<Vec<Key>, FetchError> {
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
    key_set(&keys).ok_or_else(|| unusable("the keys are not a key set"))
}

/// How long fetched keys are used without asking again, in milliseconds.
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
