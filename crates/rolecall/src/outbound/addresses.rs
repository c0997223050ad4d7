//! Which addresses may be asked: those of the public internet, and what the operator allows besides. A name
//! that leads anywhere else (this machine, the networks around it, a cloud's metadata) leads nowhere.

use anyhow::{Result, bail};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the operator allows besides the public internet.
#[derive(Debug, Default)]
pub struct Allowed {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, u8)>,
}

impl Allowed {
    /// Reads host names, addresses and networks such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// When an entry is none of them.
    pub fn parse(entries: &[String]) -> Result<Self> {
        let mut allowed = Self::default();
        for entry in entries {
            match network(entry) {
                Some(network) => allowed.networks.push(network),
                None if is_host(entry) => allowed.hosts.push(entry.to_ascii_lowercase()),
                None => bail!("`allow_outbound`: '{entry}' is neither a host name nor an address or network"),
            }
        }
        Ok(allowed)
    }

    /// True for a host that is allowed wherever its name leads.
    pub(super) fn names(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// True for an address in an allowed network.
    pub(super) fn holds(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|(base, length)| match (base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let shift = 32_u32.saturating_sub(u32::from(*length));
                u32::from(*base).checked_shr(shift) == u32::from(ip).checked_shr(shift)
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                let shift = 128_u32.saturating_sub(u32::from(*length));
                u128::from(*base).checked_shr(shift) == u128::from(ip).checked_shr(shift)
            }
            _ => false,
        })
    }
}

/// True for an address of the public internet (IANA special-purpose address registries).
pub(super) fn may_be_asked(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|(base, length)| within_v4(v4, *base, *length)),
        IpAddr::V6(v6) => {
            let global = u128::from(v6) >> 125 == 1;
            global && !SPECIAL_V6.iter().any(|(base, length)| within_v6(v6, *base, *length))
        }
    }
}

fn within_v4(ip: Ipv4Addr, base: [u8; 4], length: u32) -> bool {
    u32::from(ip) >> (32 - length) == u32::from(Ipv4Addr::from(base)) >> (32 - length)
}

fn within_v6(ip: Ipv6Addr, base: [u16; 2], length: u32) -> bool {
    let [high, low] = base;
    let base = (u128::from(high) << 112) | (u128::from(low) << 96);
    u128::from(ip) >> (128 - length) == base >> (128 - length)
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (base, length) = text.split_once('/').map_or((text, None), |(base, length)| (base, Some(length)));
    let base: IpAddr = base.parse().ok()?;
    let most = if base.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(most), |length| length.parse().ok())?;
    (length <= most).then_some((base, length))
}

fn is_host(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || b == b'_';
    !text.is_empty() && text.bytes().all(plain) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

const SPECIAL_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Where Azure's machines reach their host.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// Within the global unicast range: Teredo and other protocol assignments, documentation, 6to4.
const SPECIAL_V6: &[([u16; 2], u32)] =
    &[([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_may_be_asked() {
        for bad in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "127.9.9.9",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "100::1",
        ] {
            assert!(!may_be_asked(bad.parse().unwrap()), "{bad}");
        }
        for good in ["1.1.1.1", "172.32.0.1", "168.63.129.17", "192.0.3.1", "2606:4700::1111", "2a00:1450::1"]
        {
            assert!(may_be_asked(good.parse().unwrap()), "{good}");
        }
    }

    #[test]
    fn the_operator_allows_hosts_addresses_and_networks() {
        let entries =
            ["idp.internal", "10.2.0.0/16", "192.168.1.7", "fd00::/8", "0.0.0.0/0"].map(str::to_owned);
        let allowed = Allowed::parse(&entries[..4]).unwrap();
        assert!(allowed.names("IDP.internal") && !allowed.names("other.internal"));
        for (ip, held) in [
            ("10.2.3.4", true),
            ("10.3.0.1", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
            ("fd12::1", true),
            ("fe80::1", false),
        ] {
            assert_eq!(allowed.holds(ip.parse().unwrap()), held, "{ip}");
        }
        assert!(Allowed::parse(&entries[4..]).unwrap().holds("127.0.0.1".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "a b", "http://x", "1.2.3", "fd00::/129"] {
            assert!(Allowed::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
