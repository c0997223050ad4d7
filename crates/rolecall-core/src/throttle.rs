//! Throttling: how many requests a principal, and an address that proves nobody, may send.
//!
//! Each has a bucket of tokens that fills at a steady rate (the generic cell rate algorithm, ITU-T I.371).
//! Buckets are counted on the machine's monotonic clock and kept in bounded memory.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

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
    /// Requests of one principal to STS, IAM and the administration.
    pub principal: Option<Rate>,
    /// Requests from one address that are unsigned, or whose signature does not hold.
    pub address: Option<Rate>,
}

/// The buckets of a running server.
pub struct Throttle {
    principals: Option<Buckets>,
    addresses: Option<Buckets>,
}

impl Throttle {
    /// Full buckets.
    pub fn new(limits: Limits) -> Self {
        Self { principals: limits.principal.map(Buckets::new), addresses: limits.address.map(Buckets::new) }
    }

    /// Takes a token of a principal, named by its unique id; false when there is none.
    pub fn admits_principal(&self, unique_id: &str) -> bool {
        self.principals.as_ref().is_none_or(|buckets| buckets.take(unique_id))
    }

    /// Takes a token of an address; false when there is none. An IPv6 network of 64 bits is one address.
    pub fn admits_address(&self, address: IpAddr) -> bool {
        self.addresses.as_ref().is_none_or(|buckets| buckets.take(network(address)))
    }
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
        let now = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.take_at(name, now)
    }

    /// `full` is when the bucket will be full again.
    fn take_at(&self, name: impl Hash, now: u64) -> bool {
        let name = self.hash.hash_one(name);
        let at = usize::try_from(name).unwrap_or_default() % SHARDS;
        let Some(shard) = self.shards.get(at) else { return false };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let full = shard.get(&name).copied().unwrap_or(0).max(now) + self.interval;
        if full - now > self.depth {
            return false;
        }
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
    fn neighbours_in_a_network_share_a_bucket() {
        let limits = Limits { address: Some(Rate { per_second: 1, burst: 1 }), principal: None };
        let throttle = Throttle::new(limits);
        let admits = |text: &str| throttle.admits_address(text.parse().unwrap());
        assert!(admits("2001:db8::1"));
        assert!(!admits("2001:db8::2"));
        assert!(admits("2001:db8:0:1::1"));
        assert!(admits("10.0.0.1") && admits("10.0.0.2"));
        assert!(!admits("::ffff:10.0.0.1"));
        assert!((0..1000).all(|_| throttle.admits_principal("AIDA")));
    }
}
