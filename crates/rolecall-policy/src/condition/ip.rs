//! The address operators: CIDR ranges of either version.

use std::net::IpAddr;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug, PartialEq, Eq)]
struct Range {
    network: IpAddr,
    prefix: u32,
}

/// An address without prefix length is a range of one.
pub(super) fn within(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Range::parse(text)?))
}

impl Test for Range {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        value.parse().is_ok_and(|address: IpAddr| self.contains(address))
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().ok()?;
        let longest = if network.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), number)?;
        (prefix <= longest).then_some(Self { network, prefix })
    }

    /// An IPv4 address inside IPv6 (`::ffff:192.0.2.1`, as two-version sockets show it) is IPv4.
    fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
                (network.to_bits() ^ address.to_bits()) & mask == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
                (network.to_bits() ^ address.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

/// Decimal, and without zeros before it, which some take for octal: RFC 4632, §3.1, has neither.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    (digits && plain).then(|| text.parse().ok()).flatten()
}
