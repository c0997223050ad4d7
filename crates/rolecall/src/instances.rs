//! Instances: machines, or what stands for one in a test, that read their credentials from where they run. Each
//! has a listener of its own, as an EC2 instance has a metadata service of its own at 169.254.169.254.

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use rolecall_core::id::AccountId;
use rolecall_core::metadata::{Demand, Instance};
use serde::{Deserialize, Serialize};
use socket2::SockRef;
use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// An instance as the operator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceConfig {
    /// The name of its instance profile, in the installation's account.
    pub profile: String,
    /// Where its metadata is served.
    #[serde(default = "usual_address")]
    pub listen: SocketAddr,
    /// Its id; without one, an id is made of profile and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether requests must bring a token.
    #[serde(default)]
    pub tokens: Demand,
    /// How many hops answers travel: 1 reaches the machine itself, 2 the containers on its bridge.
    #[serde(default = "one_hop")]
    pub hop_limit: u8,
}

/// An instance behind its listener.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The instance.
    pub instance: Arc<Instance>,
    hop_limit: u8,
}

impl InstanceConfig {
    /// Refuses what cannot be an instance, or would tell other machines its credentials.
    fn check(&self) -> Result<()> {
        let at = self.listen;
        ensure!(
            is_local(at.ip()),
            "instance '{}': metadata hands out credentials to whoever can connect, so it is served on loopback and \
             link-local addresses only (127.0.0.1, 169.254.169.254, [fd00:ec2::254]), not on {at}",
            self.profile
        );
        ensure!(
            is_name(&self.profile),
            "instance '{}': `profile` is the name of an instance profile",
            self.profile
        );
        ensure!((1..=64).contains(&self.hop_limit), "instance '{}': `hop_limit` is 1 to 64", self.profile);
        match &self.id {
            Some(id) if !is_id(id) => bail!("'{id}' is no instance id: i- and 8 to 17 hexadecimal digits"),
            _ => Ok(()),
        }
    }

    fn id(&self) -> String {
        let made = || {
            let named = format!("{}={}", self.profile, self.listen);
            let hex = HEXLOWER.encode(digest(&SHA256, named.as_bytes()).as_ref());
            format!("i-{}", hex.get(..17).unwrap_or_default())
        };
        self.id.clone().unwrap_or_else(made)
    }

    /// The instance in this account.
    pub fn machine(&self, account: &AccountId) -> Machine {
        let instance = Instance {
            id: self.id(),
            account: account.clone(),
            profile: self.profile.clone(),
            tokens: self.tokens,
        };
        Machine { instance: Arc::new(instance), hop_limit: self.hop_limit }
    }
}

impl Machine {
    /// Lets what is sent on a connection travel no farther than the operator said.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn limit_hops(&self, stream: &tokio::net::TcpStream) -> io::Result<()> {
        let hops = u32::from(self.hop_limit);
        match stream.local_addr()? {
            SocketAddr::V4(_) => SockRef::from(stream).set_ttl_v4(hops),
            SocketAddr::V6(_) => SockRef::from(stream).set_unicast_hops_v6(hops),
        }
    }
}

/// Instances that cannot be, by their place in the list, and two of one id; and what is wrong.
pub(crate) fn faults(instances: &[InstanceConfig]) -> impl Iterator<Item = (usize, anyhow::Error)> {
    let mut seen = HashSet::new();
    instances.iter().enumerate().filter_map(move |(at, instance)| {
        let checked = instance.check().and_then(|()| {
            let id = instance.id();
            ensure!(
                !seen.contains(&id),
                "two instances have the id '{id}'; give one another `id` or address"
            );
            seen.insert(id);
            Ok(())
        });
        Some((at, checked.err()?))
    })
}

impl FromStr for InstanceConfig {
    type Err = anyhow::Error;

    /// `PROFILE` or `PROFILE=ADDRESS`.
    fn from_str(text: &str) -> Result<Self> {
        let (profile, address) = text.split_once('=').map_or((text, None), |(name, at)| (name, Some(at)));
        let listen =
            address.map(|at| at.parse().with_context(|| format!("'{at}' is no address with a port")));
        Ok(Self {
            profile: profile.to_owned(),
            listen: listen.transpose()?.unwrap_or_else(usual_address),
            id: None,
            tokens: Demand::default(),
            hop_limit: one_hop(),
        })
    }
}

/// The addresses of the machine itself, and the two that EC2 serves metadata at.
fn is_local(address: IpAddr) -> bool {
    const EC2: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local() || v6 == EC2,
    }
}

/// (IAM API Reference, `InstanceProfileName`.) The equals sign, which IAM allows, parts the flag's halves.
fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

fn is_id(id: &str) -> bool {
    let digits = id.strip_prefix("i-").unwrap_or_default();
    (8..=17).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

/// Where the test tools for EC2's metadata listen.
fn usual_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 1338))
}

fn one_hop() -> u8 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(instances: &[InstanceConfig]) -> Result<()> {
        faults(instances).next().map_or(Ok(()), |(_, error)| Err(error))
    }

    #[test]
    fn what_would_tell_other_machines_is_refused() {
        for (text, good) in [
            ("web", true),
            ("web=127.0.0.1:80", true),
            ("web=169.254.169.254:80", true),
            ("web=[::1]:80", true),
            ("web=[fd00:ec2::254]:80", true),
            ("web=0.0.0.0:80", false),
            ("web=[::]:80", false),
            ("web=192.168.0.7:80", false),
            ("web=203.0.113.9:80", false),
            ("=127.0.0.1:80", false),
            ("a b", false),
        ] {
            let instance: InstanceConfig = text.parse().unwrap();
            assert_eq!(check(&[instance]).is_ok(), good, "{text}");
        }
        assert!("web=127.0.0.1".parse::<InstanceConfig>().is_err());
    }

    #[test]
    fn an_id_is_made_given_or_refused_and_never_shared() {
        let web: InstanceConfig = "web".parse().unwrap();
        let made = web.id();
        assert!(is_id(&made) && made == web.clone().id(), "{made}");
        let other: InstanceConfig = "web=127.0.0.1:1339".parse().unwrap();
        assert_ne!(other.id(), made);
        assert!(check(&[web.clone(), other.clone()]).is_ok());
        assert!(check(&[web.clone(), InstanceConfig { id: Some(made), ..other }]).is_err());
        for (id, good) in
            [("i-01234567", true), ("i-0123456789abcdef0", true), ("i-1", false), ("web", false)]
        {
            let given = InstanceConfig { id: Some(id.to_owned()), ..web.clone() };
            assert_eq!(check(&[given]).is_ok(), good, "{id}");
        }
        assert!(check(&[InstanceConfig { hop_limit: 0, ..web }]).is_err());
    }
}
