//! What a configuration must not say, all of it told at once, with file and line.

use super::{Config, Mode};
use crate::instances;
use crate::outbound::Outbound;
use crate::tls;
use anyhow::{Result, bail};
use rolecall_core::throttle::Rate;
use tokio::sync::Semaphore;

/// What is wrong with the value of a name.
pub(super) struct Fault {
    name: String,
    message: String,
}

impl Config {
    /// Refuses what this mode must not do, and values that make no sense.
    ///
    /// # Errors
    /// Everything that is wrong, and what to do about it.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        self.check_values(&mut faults);
        self.check_throttle(&mut faults);
        self.check_listeners(&mut faults);
        faults.extend(
            instances::faults(&self.instances)
                .map(|(at, error)| fault(&format!("instance[{at}]"), error.to_string())),
        );
        match self.mode {
            Mode::Dev => self.check_development(&mut faults),
            Mode::Serve => self.check_production(&mut faults),
        }
        self.refuse(&faults)
    }

    /// Refuses files that the configuration names and that cannot be used.
    ///
    /// # Errors
    /// Everything that is wrong, and what to do about it.
    pub fn check_files(&self) -> Result<()> {
        let mut faults = Vec::new();
        if let Err(error) = Outbound::new(self) {
            let name = if self.ca_bundle.is_some() { "ca_bundle" } else { "allow_outbound" };
            faults.push(fault(name, format!("{error:#}")));
        }
        for (at, listen) in self.listen.iter().enumerate() {
            if let Err(error) = tls::Certificate::load(listen) {
                faults.push(fault(&format!("listen[{at}].tls_certificate"), format!("{error:#}")));
            }
        }
        self.refuse(&faults)
    }

    fn refuse(&self, faults: &[Fault]) -> Result<()> {
        let told: Vec<String> = faults.iter().map(|f| self.places.tell(&f.name, &f.message)).collect();
        if told.is_empty() { Ok(()) } else { bail!(told.join("\n")) }
    }

    fn check_values(&self, faults: &mut Vec<Fault>) {
        let mut refuse = |name: &str, message: String| faults.push(fault(name, message));
        if !is_region(&self.region) {
            refuse(
                "region",
                format!("`region`: '{}' is no region, such as us-east-1 or eu-central-1", self.region),
            );
        }
        if let Some(url) = self.public_url.as_deref().filter(|url| !is_base(url)) {
            refuse(
                "public_url",
                format!("`public_url`: '{url}' is not an http or https URL of host and path"),
            );
        }
        for (at, url) in self.saml_sign_in_urls.iter().enumerate().filter(|(_, url)| !is_base(url)) {
            let message =
                format!("`saml_sign_in_urls`: '{url}' is not an http or https URL of host and path");
            refuse(&format!("saml_sign_in_urls[{at}]"), message);
        }
        for (at, host) in self.s3_hosts.iter().enumerate().filter(|(_, host)| !is_host(host)) {
            let message = format!("`s3_hosts`: '{host}' is no host name, such as s3.example.org");
            refuse(&format!("s3_hosts[{at}]"), message);
        }
        match self.max_connections {
            0 => refuse("max_connections", "`max_connections`: with 0 nobody could connect".to_owned()),
            1..=Semaphore::MAX_PERMITS => {}
            many => refuse("max_connections", format!("`max_connections`: no machine has {many}")),
        }
    }

    /// A limit of nothing would refuse everybody; no limit is said by leaving it out in `rolecall dev`, or by
    /// `off = true`.
    fn check_throttle(&self, faults: &mut Vec<Fault>) {
        let zero = |rate: &Rate| rate.per_second == 0 || rate.burst == 0;
        let rates = [
            ("principal", self.throttle.principal),
            ("address", self.throttle.address),
            ("issuer", self.throttle.issuer),
        ];
        for (name, _) in rates.iter().filter(|(_, rate)| rate.as_ref().is_some_and(zero)) {
            faults.push(fault(
                &format!("throttle.{name}"),
                format!(
                    "`throttle.{name}`: `per_second` and `burst` are at least 1: with 0 nobody would be listened to. \
                     For no limits write `off = true` and leave `{name}` out"
                ),
            ));
        }
    }

    fn check_listeners(&self, faults: &mut Vec<Fault>) {
        if self.listen.is_empty() {
            faults.push(fault("listen", "`listen`: no address to listen on"));
        }
        for (at, listen) in self.listen.iter().enumerate() {
            let (given, missing) = match (&listen.tls_certificate, &listen.tls_key) {
                (Some(_), None) => ("tls_certificate", "tls_key"),
                (None, Some(_)) => ("tls_key", "tls_certificate"),
                _ => continue,
            };
            faults.push(fault(
                &format!("listen[{at}].{given}"),
                format!(
                    "{}: `tls_certificate` and `tls_key` go together, and `{missing}` is missing; give both or neither",
                    listen.address
                ),
            ));
        }
    }

    fn check_development(&self, faults: &mut Vec<Fault>) {
        if self.has_chosen_keys() && !self.is_loopback() {
            faults.push(fault(
                "listen",
                "--root-credentials and --account ID:KEY:SECRET are for loopback addresses only: anybody who \
                 can reach the server could guess them. Leave them out, and random keys are made",
            ));
        }
    }

    fn check_production(&self, faults: &mut Vec<Fault>) {
        if self.has_chosen_keys() || self.test_clock {
            faults.push(fault(
                "",
                "chosen root credentials and the test clock belong to `rolecall dev`; `rolecall serve` refuses them",
            ));
        }
        if self.allow_plaintext {
            return;
        }
        let plain = |listen: &super::Listen| listen.tls_key.is_none() && !listen.address.ip().is_loopback();
        for (at, listen) in self.listen.iter().enumerate().filter(|(_, listen)| plain(listen)) {
            faults.push(fault(
                &format!("listen[{at}].address"),
                format!(
                    "{} would serve plain HTTP to other machines. Give the listener `tls_certificate` and \
                     `tls_key`, or set `allow_plaintext = true` when something in front of it encrypts",
                    listen.address
                ),
            ));
        }
    }
}

fn fault(name: &str, message: impl Into<String>) -> Fault {
    Fault { name: name.to_owned(), message: message.into() }
}

/// The form of AWS's regions: two letters, words, and a number (`us-gov-west-1`).
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let area = parts.next().is_some_and(|area| area.len() == 2 && letters(area));
    let number = parts.next_back();
    let number = number.is_some_and(|n| (1..=2).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    area && number && (1..=3).contains(&words.len()) && words.into_iter().all(letters)
}

/// A URL that issuers can begin with.
fn is_base(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok().filter(|uri| uri.host().is_some() && uri.query().is_none());
    uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https"))) && !url.contains(['@', '#'])
}

fn is_host(host: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_11_a_region_has_the_form_of_awss() {
        for good in ["us-east-1", "eu-central-2", "us-gov-west-1", "us-isob-east-1", "ap-southeast-12"] {
            assert!(is_region(good), "{good}");
        }
        for bad in
            ["", "Mars", "mars", "us-east", "us-east-", "US-EAST-1", "us--1", "us-east-1a", "-east-1", "us-1"]
        {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        assert!(is_host("s3.example.org") && is_host("localhost"));
        for bad in ["", ".", "a..b", "http://s3", "s3:80", "s 3"] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
