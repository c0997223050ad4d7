//! The `Host` of a request: which service or bucket it names, and whether it is one of ours.

use rolecall_wire::Service;
use std::net::IpAddr;

/// The host names a server answers for.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Host names under which virtual-hosted buckets are served.
    pub s3: Vec<String>,
    /// Whether every other name is refused, so that no web page can reach a server on the loopback
    /// address through a name of its own (DNS rebinding).
    pub only_known: bool,
}

/// What a host stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A bucket.
    Bucket(String),
    /// One service.
    Service(Service),
    /// The server, whatever is asked.
    Server,
}

impl Place {
    pub(super) fn bucket(self) -> Option<String> {
        match self {
            Self::Bucket(name) => Some(name),
            Self::Service(_) | Self::Server => None,
        }
    }
}

impl Hosts {
    /// What the host stands for; `None` when this server does not answer for it.
    pub(super) fn place(&self, host: &str) -> Option<Place> {
        let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
        let place = self.bucket(&name).map(Place::Bucket).or_else(|| service(&name).map(Place::Service));
        match place {
            Some(place) => Some(place),
            None if !self.only_known || is_ours(&name) || self.s3.contains(&name) => Some(Place::Server),
            None => None,
        }
    }

    fn bucket(&self, name: &str) -> Option<String> {
        let configured = self.s3.iter().find_map(|host| below(name, host));
        let bucket = configured.or_else(|| below_amazon_s3(name)).or_else(|| below(name, "s3.localhost"));
        let bucket =
            bucket.or_else(|| below(name, "localhost").filter(|label| Service::from_prefix(label).is_none()));
        bucket.map(str::to_owned)
    }
}

/// `sts.localhost`, `sts.amazonaws.com`, `sts.eu-west-1.amazonaws.com`.
fn service(name: &str) -> Option<Service> {
    let rest = name.strip_suffix(".localhost").or_else(|| name.strip_suffix(".amazonaws.com"))?;
    Service::from_prefix(rest.split('.').next()?)
}

/// `bucket.s3.amazonaws.com` and `bucket.s3.<region>.amazonaws.com`.
fn below_amazon_s3(name: &str) -> Option<&str> {
    let rest = name.strip_suffix(".amazonaws.com")?;
    if let Some(bucket) = rest.strip_suffix(".s3") {
        return Some(bucket);
    }
    let (rest, _region) = rest.rsplit_once('.')?;
    rest.strip_suffix(".s3")
}

fn below<'a>(name: &'a str, host: &str) -> Option<&'a str> {
    name.strip_suffix(host)?.strip_suffix('.').filter(|label| !label.is_empty())
}

fn is_ours(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|ip| ip.is_loopback()) || name == "localhost" || name.ends_with(".amazonaws.com")
}

/// The host without its port (RFC 3986 §3.2.2): `[::1]:80`, `a.b:80`, `a.b`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stand_for_buckets_services_or_the_server() {
        let hosts = Hosts { s3: vec!["s3.example.org".into()], only_known: true };
        let bucket = |name: &str| Some(Place::Bucket(name.into()));
        for (host, place) in [
            ("127.0.0.1:4566", Some(Place::Server)),
            ("127.8.0.1", Some(Place::Server)),
            ("[::1]:4566", Some(Place::Server)),
            ("[::1]", Some(Place::Server)),
            ("LocalHost:1", Some(Place::Server)),
            ("s3.example.org", Some(Place::Server)),
            ("a.b.s3.example.org:443", bucket("a.b")),
            ("photos.localhost:4566", bucket("photos")),
            ("photos.s3.localhost", bucket("photos")),
            ("a.s3.amazonaws.com", bucket("a")),
            ("a.s3.eu-west-1.amazonaws.com", bucket("a")),
            ("s3.localhost", Some(Place::Service(Service::S3))),
            ("sts.localhost", Some(Place::Service(Service::Sts))),
            ("sts.eu-west-1.amazonaws.com", Some(Place::Service(Service::Sts))),
            ("iam.amazonaws.com", Some(Place::Service(Service::Iam))),
            ("dynamodb.amazonaws.com", Some(Place::Server)),
            ("evil.example", None),
            ("localhost.evil.example", None),
            ("127.0.0.1.evil.example", None),
            ("10.0.0.1", None),
            ("evilamazonaws.com", None),
            ("", None),
        ] {
            assert_eq!(hosts.place(host), place, "{host}");
        }
        assert_eq!(Hosts::default().place("evil.example"), Some(Place::Server));
    }
}
