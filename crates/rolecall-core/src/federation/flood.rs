//! How much unsigned nonsense is listened to. Checking a provider's word costs public-key work before anybody
//! is known, so what turns out to be none is counted: an address, or an issuer, that has sent too much of it
//! is told to slow down, at no cost, until a little time has passed. What holds is never counted.

use crate::error::{Error, sts};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;

/// The failures of late.
#[derive(Default)]
pub(crate) struct Flood {
    addresses: Mutex<HashMap<IpAddr, Debt>>,
    issuers: Mutex<HashMap<String, Debt>>,
}

/// Failures that are not forgiven yet.
#[derive(Clone, Copy)]
struct Debt {
    /// In thousandths of a failure.
    owed: i64,
    /// When that was, in milliseconds since 1970.
    at: i64,
}

/// How many failures are borne at once, and how many a second are forgiven.
#[derive(Clone, Copy)]
struct Patience {
    most: i64,
    per_second: i64,
}

impl Flood {
    /// Lets a request of this address on to the costly part, unless it has failed too often.
    ///
    /// # Errors
    /// `Throttling`.
    pub(crate) fn admit(&self, peer: IpAddr, now_ms: i64) -> Result<(), Error> {
        check(&self.addresses, &network(peer), ADDRESS, now_ms)
    }

    /// The same for the issuer (the ARN of its provider) that a request claims to come from.
    ///
    /// # Errors
    /// `Throttling`.
    pub(crate) fn admit_issuer(&self, issuer: &str, now_ms: i64) -> Result<(), Error> {
        check(&self.issuers, issuer, ISSUER, now_ms)
    }

    /// Notes that a request of this address did not hold.
    pub(crate) fn failed(&self, peer: IpAddr, issuer: Option<&str>, now_ms: i64) {
        charge(&self.addresses, network(peer), ADDRESS, now_ms);
        if let Some(issuer) = issuer {
            charge(&self.issuers, issuer.to_owned(), ISSUER, now_ms);
        }
    }
}

fn check<K: std::hash::Hash + Eq + std::borrow::Borrow<Q>, Q: std::hash::Hash + Eq + ?Sized>(
    debts: &Mutex<HashMap<K, Debt>>,
    who: &Q,
    patience: Patience,
    now_ms: i64,
) -> Result<(), Error> {
    let owed = debts.lock().ok().and_then(|debts| debts.get(who).map(|debt| debt.owed(patience, now_ms)));
    if owed.is_some_and(|owed| owed >= patience.most * 1000) { Err(sts::throttled()) } else { Ok(()) }
}

/// When too many are known, those that owe nothing any more are forgotten; if none does, all are.
fn charge<K: std::hash::Hash + Eq>(debts: &Mutex<HashMap<K, Debt>>, who: K, patience: Patience, now_ms: i64) {
    let Ok(mut debts) = debts.lock() else { return };
    if debts.len() >= REMEMBERED && !debts.contains_key(&who) {
        debts.retain(|_, debt| debt.owed(patience, now_ms) > 0);
        if debts.len() >= REMEMBERED {
            debts.clear();
        }
    }
    let debt = debts.entry(who).or_insert(Debt { owed: 0, at: now_ms });
    *debt = Debt { owed: debt.owed(patience, now_ms) + 1000, at: now_ms };
}

impl Debt {
    fn owed(self, patience: Patience, now_ms: i64) -> i64 {
        let forgiven = now_ms.saturating_sub(self.at).max(0).saturating_mul(patience.per_second);
        self.owed.saturating_sub(forgiven).clamp(0, (patience.most + 1) * 1000)
    }
}

/// Whoever has one IPv6 address has all of its /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
    }
}

/// A client that tries a wrong token every 50 ms gets through; its hundredth at once does not.
const ADDRESS: Patience = Patience { most: 100, per_second: 20 };
/// At 60 µs a check, this is a fifth of a core at most.
const ISSUER: Patience = Patience { most: 3000, per_second: 3000 };
/// Addresses, or issuers, that are remembered.
const REMEMBERED: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_borne_up_to_a_number_and_forgiven_in_time() {
        let (flood, bad, good) = (Flood::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..ADDRESS.most {
            flood.admit(bad, 0).unwrap();
            flood.failed(bad, Some("issuer"), 0);
        }
        assert!(flood.admit(bad, 0).is_err());
        flood.admit(good, 0).unwrap();
        flood.admit_issuer("issuer", 0).unwrap();
        flood.admit(bad, 1000 / ADDRESS.per_second).unwrap();
    }

    #[test]
    fn one_network_is_one_sender_and_memory_is_bounded() {
        let flood = Flood::default();
        for n in 0..=u16::MAX {
            flood.failed(IpAddr::from([0x2001, 0xdb8, 0, n, 0, 0, 0, n]), None, 0);
        }
        assert!(flood.addresses.lock().unwrap().len() <= REMEMBERED);
        for n in 0..200 {
            flood.failed(IpAddr::from([0x2001, 0xdb8, 7, 7, 0, 0, 0, n]), None, 0);
        }
        assert!(flood.admit(IpAddr::from([0x2001, 0xdb8, 7, 7, 1, 1, 1, 1]), 0).is_err());
    }

    #[test]
    fn an_issuer_under_attack_recovers_within_a_second() {
        let flood = Flood::default();
        for n in 0..4000_u32 {
            flood.failed(IpAddr::from(n.to_be_bytes()), Some("issuer"), 0);
        }
        assert!(flood.admit_issuer("issuer", 0).is_err());
        flood.admit_issuer("other", 0).unwrap();
        flood.admit_issuer("issuer", 1000).unwrap();
    }
}
