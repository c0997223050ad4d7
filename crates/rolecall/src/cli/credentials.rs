//! As whom our own commands ask, and where: flags first, then the server's own directory when it is beside us and
//! ours to read, then what every AWS client reads, the environment and the shared files.

use super::profiles::Profile;
use crate::client::Credentials;
use crate::config::default_data_dir;
use crate::data_dir::DataDir;
use anyhow::{Context, Result, bail};
use rolecall_wire::sigv4::SecretKey;
use std::env::var;
use std::path::{Path, PathBuf};

/// What flags say.
pub(super) struct Flags<'a> {
    /// `--endpoint`.
    pub endpoint: Option<&'a str>,
    /// `--region`.
    pub region: Option<&'a str>,
    /// `--ca-bundle`.
    pub ca_bundle: Option<&'a Path>,
    /// `--data-dir`.
    pub data_dir: Option<&'a Path>,
    /// `--profile`.
    pub profile: Option<&'a str>,
}

/// Where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The server's URL.
    pub endpoint: String,
    /// The region to sign for.
    pub region: String,
    /// Certificates to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
}

/// Credentials, and where they come from.
pub(super) struct Found {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they come from, in words.
    pub from: String,
    /// Whether they are only supposed to be this server's, so that others are tried when it does not know them.
    pub supposed: bool,
}

impl Flags<'_> {
    /// Where to ask.
    ///
    /// # Errors
    /// When a profile is named and nowhere to be found, or a shared file cannot be read.
    pub(super) fn place(&self) -> Result<Place> {
        let named = self.named()?;
        let usual = usual()?;
        let flag = |value: Option<&str>| value.map(str::to_owned);
        let from = |profile: &Option<Profile>, name: &str| profile.as_ref()?.get(name).map(str::to_owned);
        let endpoint = flag(self.endpoint)
            .or_else(|| from(&named, "endpoint_url"))
            .or_else(|| set("AWS_ENDPOINT_URL"))
            .or_else(|| from(&usual, "endpoint_url"));
        let region = flag(self.region)
            .or_else(|| from(&named, "region"))
            .or_else(|| set("AWS_REGION"))
            .or_else(|| set("AWS_DEFAULT_REGION"))
            .or_else(|| from(&usual, "region"));
        let ca_bundle = self.ca_bundle.map(Path::to_owned);
        let ca_bundle = ca_bundle
            .or_else(|| set("AWS_CA_BUNDLE").map(PathBuf::from))
            .or_else(|| from(&named, "ca_bundle").or_else(|| from(&usual, "ca_bundle")).map(PathBuf::from));
        Ok(Place {
            endpoint: endpoint.unwrap_or_else(|| "http://127.0.0.1:4566".to_owned()),
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            ca_bundle,
        })
    }

    /// All credentials there are for a server, the first to be used first.
    ///
    /// # Errors
    /// When what a flag names has none, or there are none at all.
    pub(super) fn credentials(&self, endpoint: &str) -> Result<Vec<Found>> {
        if let Some(directory) = self.data_dir {
            let from = format!("--data-dir {}", directory.display());
            return Ok(vec![of_directory(directory, from)?]);
        }
        if let (Some(name), Some(profile)) = (self.profile, self.named()?) {
            return Ok(vec![of_profile(&profile, format!("--profile {name}"))?]);
        }
        let found: Vec<Found> =
            beside(endpoint).into_iter().chain(of_environment()).chain(of_usual()?).collect();
        if found.is_empty() {
            bail!(
                "no credentials: neither in a data directory beside us, nor in AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, nor in ~/.aws. Give --data-dir DIR of the server, or --profile NAME"
            );
        }
        Ok(found)
    }

    fn named(&self) -> Result<Option<Profile>> {
        let Some(name) = self.profile else { return Ok(None) };
        let found = Profile::read(name)?;
        found.map(Some).with_context(|| format!("--profile {name}: no such profile in ~/.aws"))
    }
}

/// The server's own directory, when the server is on this machine and the directory ours to read.
fn beside(endpoint: &str) -> Option<Found> {
    if !is_here(endpoint) {
        return None;
    }
    let directory = set("ROLECALL_DATA_DIR").map(PathBuf::from).or_else(|| default_data_dir().ok())?;
    let from = format!("the data directory {}, as its root user", directory.display());
    let found = of_directory(&directory, from).ok()?;
    Some(Found { supposed: true, ..found })
}

fn is_here(endpoint: &str) -> bool {
    let uri = endpoint.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn of_directory(directory: &Path, from: String) -> Result<Found> {
    let root = DataDir::at(directory).read_root()?;
    let secret = SecretKey::new(root.secret.to_string());
    let credentials = Credentials { access_key_id: root.access_key_id, secret, session_token: None };
    Ok(Found { credentials, from, supposed: false })
}

fn of_environment() -> Option<Found> {
    let (access_key_id, secret) = (set("AWS_ACCESS_KEY_ID")?, SecretKey::new(set("AWS_SECRET_ACCESS_KEY")?));
    let session_token = set("AWS_SESSION_TOKEN");
    let credentials = Credentials { access_key_id, secret, session_token };
    Some(Found { credentials, from: "the environment (AWS_ACCESS_KEY_ID)".to_owned(), supposed: false })
}

fn of_usual() -> Result<Option<Found>> {
    let name = usual_name();
    match usual()? {
        Some(profile) if set("AWS_PROFILE").is_some() || profile.get(KEY).is_some() => {
            of_profile(&profile, format!("the profile {name} in ~/.aws")).map(Some)
        }
        _ => Ok(None),
    }
}

fn of_profile(profile: &Profile, from: String) -> Result<Found> {
    let (Some(id), Some(secret)) = (profile.get(KEY), profile.get("aws_secret_access_key")) else {
        match profile.indirect() {
            Some(way) => bail!(
                "{from} has its credentials by {way}, which only the AWS CLI resolves. Export them first: eval \
                 \"$(aws configure export-credentials --format env)\""
            ),
            None => bail!("{from} has no aws_access_key_id and aws_secret_access_key"),
        }
    };
    let session_token = profile.get("aws_session_token").map(str::to_owned);
    let secret = SecretKey::new(secret.to_owned());
    let credentials = Credentials { access_key_id: id.to_owned(), secret, session_token };
    Ok(Found { credentials, from, supposed: false })
}

/// The profile that every AWS client uses without being told.
fn usual() -> Result<Option<Profile>> {
    let found = Profile::read(&usual_name())?;
    match (set("AWS_PROFILE"), &found) {
        (Some(name), None) => bail!("AWS_PROFILE={name}: no such profile in ~/.aws"),
        _ => Ok(found),
    }
}

fn usual_name() -> String {
    set("AWS_PROFILE").unwrap_or_else(|| "default".to_owned())
}

fn set(name: &str) -> Option<String> {
    var(name).ok().filter(|value| !value.is_empty())
}

const KEY: &str = "aws_access_key_id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_beside_us_on_loopback_addresses_alone() {
        for here in
            ["http://127.0.0.1:4566", "https://localhost", "http://[::1]:1", "http://s3.localhost:4566"]
        {
            assert!(is_here(here), "{here}");
        }
        for there in
            ["https://rolecall.example.org", "http://10.0.0.1:4566", "http://localhost.example.org", "x"]
        {
            assert!(!is_here(there), "{there}");
        }
    }
}
