//! Addresses to listen on, as people write them: what is left out is the machine itself, and the usual port.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Reads `127.0.0.1:4566`, `localhost:4566`, `:4566`, `4566`, `[::1]:4566`, or an address without a port. Without a
/// host, and as `localhost`, it is 127.0.0.1: to be reached from elsewhere, `0.0.0.0` must be said.
///
/// # Errors
/// A sentence that says what is wrong and how to write it.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, String> {
    with_usual(text, USUAL_PORT)
}

/// The same for the listener that scrapers of metrics ask.
///
/// # Errors
/// As above.
pub(super) fn parse_metrics(text: &str) -> Result<SocketAddr, String> {
    with_usual(text, METRICS_PORT)
}

fn with_usual(text: &str, usual: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    if let Ok(ip) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, usual));
    }
    if let Some((scheme @ ("http" | "https"), rest)) = text.split_once("://") {
        let rest = rest.trim_end_matches('/');
        return Err(format!("'{text}' is a URL; leave out '{scheme}://': {rest}"));
    }
    let usual = usual.to_string();
    let (host, port) = text.rsplit_once(':').unwrap_or(match text.bytes().all(|b| b.is_ascii_digit()) {
        true => ("", text),
        false => (text, &usual),
    });
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return Err(format!(
            "'{text}' is no address to listen on: give the IP address of an interface, localhost, or 0.0.0.0 for all, \
             such as 127.0.0.1:{usual}"
        ));
    }
    let port = port.parse().map_err(|_| format!("'{text}': a port is a number from 0 to 65535"))?;
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

/// The same in a file.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// The same for the listener that scrapers ask.
pub(super) fn deserialize_metrics<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<SocketAddr>, D::Error> {
    parse_metrics(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

/// Refuses `--port`, which people try.
pub(super) fn no_port(text: &str) -> Result<String, String> {
    Err(format!("there is no --port; the port is a part of the address: --listen 127.0.0.1:{text}"))
}

/// The address that other machines may reach this one at: that from which it would call out. Nothing is sent.
pub(crate) fn reachable(family: IpAddr) -> Option<IpAddr> {
    let (own, other) = match family {
        IpAddr::V4(_) => ("0.0.0.0:0", "192.0.2.1:9"),
        IpAddr::V6(_) => ("[::]:0", "[2001:db8::1]:9"),
    };
    let socket = std::net::UdpSocket::bind(own).ok()?;
    socket.connect(other).ok()?;
    let found = socket.local_addr().ok()?.ip();
    (!found.is_loopback() && !found.is_unspecified()).then_some(found)
}

pub(super) const USUAL_PORT: u16 = 4566;
/// Where exporters for Prometheus listen that come with OpenTelemetry.
const METRICS_PORT: u16 = 9464;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_11_addresses_are_taken_as_people_write_them() {
        for (text, address) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("localhost:4567", "127.0.0.1:4567"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            ("localhost", "127.0.0.1:4566"),
            (":4567", "127.0.0.1:4567"),
            ("4567", "127.0.0.1:4567"),
            ("0.0.0.0", "0.0.0.0:4566"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("::1", "[::1]:4566"),
            ("[::1]", "[::1]:4566"),
            ("[::]:1", "[::]:1"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), address, "{text}");
        }
        for (text, because) in [
            ("", "is a number"),
            (":", "is a number"),
            ("65536", "is a number"),
            ("localhost:x", "is a number"),
            ("example.org:80", "no address to listen on"),
            ("http://127.0.0.1:4566/", "leave out 'http://': 127.0.0.1:4566"),
            ("1.2.3.4.5", "no address to listen on"),
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains(because), "{text}: {refused}");
        }
        assert_eq!(parse_metrics("localhost").unwrap().to_string(), "127.0.0.1:9464");
        assert_eq!(parse_metrics("9000").unwrap().to_string(), "127.0.0.1:9000");
        assert_eq!(parse_metrics("0.0.0.0").unwrap().to_string(), "0.0.0.0:9464");
        assert!(parse_metrics("example.org").unwrap_err().contains("127.0.0.1:9464"));
        assert!(no_port("8080").unwrap_err().contains("--listen 127.0.0.1:8080"));
    }
}
