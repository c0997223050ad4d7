//! Throttling: how much is listened to, in one place. Each limit is a bucket of tokens that fills at a steady
//! rate (the generic cell rate algorithm, ITU-T I.371), counted on the machine's monotonic clock, in bounded memory.
//!
//! A *principal* is charged for every request. An *address* and an *issuer* are charged only for what turns out
//! to be nothing: a signature, a token or a SAML response that does not hold, or an anonymous request that is
//! refused. As long as one of them has failed too often, what it sends is turned away before it costs
//! public-key work, and answered late; what is signed, and holds, is not touched.

use crate::error::Error;
use rolecall_wire::error as code;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How fast a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a second, in the long run.
    pub per_second: u32,
    /// Requests at once, after a rest.
    pub burst: u32,
}

/// What is limited. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one principal to STS, IAM and the administration. Whoever an identity provider vouches for is
    /// a principal, too.
    pub principal: Option<Rate>,
    /// Requests from one address that prove nobody and are refused.
    pub address: Option<Rate>,
    /// Tokens and responses that do not hold and claim to be of one identity provider.
    pub issuer: Option<Rate>,
    /// How long the answer is held back that turns away whoever has proved nobody.
    pub hold: Duration,
}

/// The buckets of a running server.
pub struct Throttle {
    principals: Option<Buckets>,
    addresses: Option<Buckets>,
    issuers: Option<Buckets>,
    hold: Duration,
}

impl Throttle {
    /// Full buckets.
    pub fn new(limits: Limits) -> Self {
        Self {
            principals: limits.principal.map(Buckets::new),
            addresses: limits.address.map(Buckets::new),
            issuers: limits.issuer.map(Buckets::new),
            hold: limits.hold,
        }
    }

    /// Takes a token of a principal, named by its unique id; false when there is none.
    pub fn admits_principal(&self, unique_id: impl Hash) -> bool {
        self.principals.as_ref().is_none_or(|buckets| buckets.take(unique_id))
    }

    /// True while an address has not failed too often. An IPv6 network of 64 bits is one address.
    pub fn admits_address(&self, address: IpAddr) -> bool {
        self.addresses.as_ref().is_none_or(|buckets| buckets.has(network(address)))
    }

    /// True while an issuer, named by its provider's ARN, has not failed too often.
    pub fn admits_issuer(&self, provider: &str) -> bool {
        self.issuers.as_ref().is_none_or(|buckets| buckets.has(provider))
    }

    /// Charges an address with a request that proved nobody, if it was refused for that; false when it had
    /// nothing left. What an issuer that is down or this server fails with is nobody's guess.
    pub fn charge_address(&self, address: IpAddr, refusal: &Error) -> bool {
        let Some(buckets) = self.addresses.as_ref().filter(|_| is_failed_guess(refusal)) else { return true };
        buckets.take(network(address))
    }

    /// Charges an issuer with a token that was looked at and did not hold.
    pub fn charge_issuer(&self, provider: &str) {
        if let Some(buckets) = &self.issuers {
            buckets.take(provider);
        }
    }

    /// Lets time pass before somebody who has proved nobody is turned away: a flood over few connections becomes
    /// a trickle, and leaves the processor to others.
    pub async fn hold(&self) {
        if !self.hold.is_zero() {
            tokio::time::sleep(self.hold).await;
        }
    }
}

/// A request that is malformed or not allowed; not what is missing, and not what is turned away unseen.
fn is_failed_guess(refusal: &Error) -> bool {
    let Error::Api(error) = refusal else { return false };
    let turned_away = [code::common::THROTTLING, rolecall_wire::sts::error::IDP_COMMUNICATION_ERROR];
    matches!(error.code.status, 400 | 403) && !turned_away.contains(&error.code)
}

fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6) >> 64 << 64,
    }
}

struct Buckets {
    /// Microseconds between two tokens.
    interval: u64,
    /// Microseconds that a full bucket holds.
    depth: u64,
    hash: RandomState,
    start: Instant,
    shards: Vec<Mutex<HashMap<u64, u64>>>,
}

impl Buckets {
    fn new(rate: Rate) -> Self {
        let interval = 1_000_000 / u64::from(rate.per_second.clamp(1, 1_000_000));
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let depth = interval * u64::from(rate.burst.max(1));
        Self { interval, depth, hash: RandomState::new(), start: Instant::now(), shards }
    }

    fn take(&self, name: impl Hash) -> bool {
        self.take_at(name, self.now())
    }

    fn has(&self, name: impl Hash) -> bool {
        self.has_at(name, self.now())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn has_at(&self, name: impl Hash, now: u64) -> bool {
        let (name, shard) = self.shard(name);
        shard.is_some_and(|shard| self.is_left(shard.get(&name).copied(), now).is_some())
    }

    /// When the bucket will be full again if a token is taken now, if there is one.
    fn is_left(&self, full: Option<u64>, now: u64) -> Option<u64> {
        let full = full.unwrap_or(0).max(now) + self.interval;
        (full - now <= self.depth).then_some(full)
    }

    fn shard(&self, name: impl Hash) -> (u64, Option<MutexGuard<'_, HashMap<u64, u64>>>) {
        let name = self.hash.hash_one(name);
        let at = usize::try_from(name).unwrap_or_default() % SHARDS;
        let shard = self.shards.get(at);
        (name, shard.map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn take_at(&self, name: impl Hash, now: u64) -> bool {
        let (name, Some(mut shard)) = self.shard(name) else { return false };
        let Some(full) = self.is_left(shard.get(&name).copied(), now) else { return false };
        if shard.len() >= SHARD_MOST {
            make_room(&mut shard, now);
        }
        shard.insert(name, full);
        true
    }
}

/// A full bucket need not be remembered. When all are in use, all are forgotten: then the memory is the
/// limit that counts.
fn make_room(shard: &mut HashMap<u64, u64>, now: u64) {
    shard.retain(|_, full| *full > now);
    if shard.len() >= SHARD_MOST {
        shard.clear();
    }
}

const SHARDS: usize = 16;
const SHARD_MOST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let buckets = Buckets::new(Rate { per_second: 10, burst: 3 });
        let taken = |now| buckets.take_at("a", now);
        assert_eq!([taken(0), taken(0), taken(0), taken(0)], [true, true, true, false]);
        assert_eq!([taken(99_999), taken(100_000), taken(100_001)], [false, true, false]);
        assert!(buckets.take_at("b", 0), "others are not affected");
        let passed = (0..10_000_u64).filter(|n| buckets.take_at("c", n * 1_000)).count();
        assert_eq!(passed, 102, "ten seconds at ten a second, and the burst");
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = Buckets::new(Rate { per_second: 1, burst: 1 });
        (0..300_000_u32).for_each(|n| assert!(buckets.take_at(n, 0)));
        let kept: usize = buckets.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * SHARD_MOST);
    }

    #[test]
    fn an_address_and_an_issuer_are_charged_for_what_does_not_hold_and_forgiven_in_time() {
        let buckets = Buckets::new(Rate { per_second: 50, burst: 500 });
        let failed = (0..600).filter(|_| buckets.has_at("a", 0) && buckets.take_at("a", 0)).count();
        assert_eq!(failed, 500);
        assert!(!buckets.has_at("a", 19_999) && buckets.has_at("a", 20_000));
        assert!(buckets.has_at("b", 0), "others are not affected");
        assert!((0..100_000).all(|_| buckets.has_at("b", 0)), "to be asked after costs nothing");
        let limits = Limits { issuer: Some(Rate { per_second: 1, burst: 2 }), ..Limits::default() };
        let throttle = Throttle::new(limits);
        let left = [0, 1, 2].map(|_| {
            let admitted = throttle.admits_issuer("arn");
            throttle.charge_issuer("arn");
            admitted
        });
        assert_eq!(left, [true, true, false]);
        assert!(throttle.admits_issuer("other"));
    }

    #[test]
    fn only_guesses_are_charged() {
        let throttle = Throttle::new(address(1));
        let peer = IpAddr::from([10, 0, 0, 1]);
        let unseen = [
            Error::api(code::common::THROTTLING, "Rate exceeded"),
            Error::api(rolecall_wire::sts::error::IDP_COMMUNICATION_ERROR, "down"),
            Error::api(code::s3::NO_SUCH_KEY, "none"),
            Error::internal("ours"),
            Error::Conflict,
        ];
        for error in &unseen {
            assert!((0..5).all(|_| throttle.charge_address(peer, error)), "{error}");
            assert!(throttle.admits_address(peer), "{error}");
        }
        assert!(throttle.charge_address(peer, &denied()));
        assert!(!throttle.admits_address(peer) && !throttle.charge_address(peer, &denied()));
    }

    #[test]
    fn neighbours_in_a_network_share_a_bucket() {
        let throttle = Throttle::new(address(1));
        let charge = |text: &str| throttle.charge_address(text.parse().unwrap(), &denied());
        assert!(charge("2001:db8::1"));
        assert!(!charge("2001:db8::2"));
        assert!(charge("2001:db8:0:1::1"));
        assert!(charge("10.0.0.1") && charge("10.0.0.2"));
        assert!(!charge("::ffff:10.0.0.1"));
        assert!((0..1000).all(|_| throttle.admits_principal("AIDA")));
    }

    fn address(burst: u32) -> Limits {
        Limits { address: Some(Rate { per_second: 1, burst }), ..Limits::default() }
    }

    fn denied() -> Error {
        Error::api(code::common::ACCESS_DENIED, "no")
    }
}
