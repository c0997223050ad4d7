//! Commands that ask a running server.

use super::credentials::{Flags, Found, Place};
use crate::client::{Client, Credentials, Refused, Reply};
use crate::trust;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use rolecall_wire::Service;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which server, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "The server, and who asks")]
pub(super) struct Server {
    /// URL of the server; else AWS_ENDPOINT_URL, else endpoint_url in ~/.aws/config, else http://127.0.0.1:4566
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Region to sign for; else AWS_REGION, AWS_DEFAULT_REGION, ~/.aws/config, us-east-1
    #[arg(long)]
    region: Option<String>,
    /// PEM file of certificates to trust for HTTPS instead of the system's; else AWS_CA_BUNDLE
    #[arg(long, value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    /// Ask as the root user of this data directory. A server on this machine is asked as the root user of its own
    /// when that is readable: ROLECALL_DATA_DIR, or where `rolecall dev` keeps it
    #[arg(long, value_name = "DIR", conflicts_with = "profile")]
    data_dir: Option<PathBuf>,
    /// Ask as this profile of ~/.aws; else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, `default`
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `rolecall clock`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Clock {
    /// Move the clock of `rolecall dev --test-clock` forward
    Advance {
        /// Seconds to move it by
        seconds: u32,
        #[command(flatten)]
        server: Server,
    },
}

impl Clock {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let Self::Advance { seconds, server } = self;
        let reply = server.ask("AdvanceClock", &[("Seconds", &seconds.to_string())]).await?;
        let now = reply.text("Now").unwrap_or_default();
        server.print(&format!("It is now {now}"), &json!({ "Now": now }))
    }
}

/// `rolecall info`.
pub(super) async fn info(server: Server) -> Result<ExitCode> {
    let reply = server.ask("GetServerInfo", &[]).await?;
    let members = ["Version", "AccountId", "Region", "Now", "UptimeSeconds"];
    let pairs = members.map(|name| (name, reply.text(name).unwrap_or_default()));
    let text = pairs.iter().map(|(name, value)| format!("{name:<15}{value}")).collect::<Vec<_>>().join("\n");
    let members: serde_json::Map<_, _> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    server.print(&text, &members.into())
}

impl Server {
    /// Asks for an operation of the administration.
    pub(super) async fn ask(&self, action: &str, params: &[(&str, &str)]) -> Result<Reply> {
        self.ask_of(Service::Rolecall, action, params).await
    }

    /// Asks for an operation of a query service.
    pub(super) async fn ask_of(
        &self,
        service: Service,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Reply> {
        let ask = async |client: &Client, who: &Credentials| {
            client.query(who, service, action, params).await?.done()
        };
        self.by_somebody(action, ask).await
    }

    /// Asks for an operation of the administration and reads its result.
    pub(super) async fn result(&self, action: &str, params: &[(&str, &str)]) -> Result<serde_json::Value> {
        let ask = async |client: &Client, who: &Credentials| {
            client.result(who, Service::Rolecall, action, params).await
        };
        self.by_somebody(action, ask).await
    }

    /// Asks with the first credentials there are. Those of a directory beside us may be another server's: when they
    /// are not known, the next are used.
    async fn by_somebody<T>(
        &self,
        action: &str,
        ask: impl AsyncFn(&Client, &Credentials) -> Result<T>,
    ) -> Result<T> {
        let place = self.flags().place()?;
        let client = client(&place)?;
        let mut all = self.flags().credentials(&place.endpoint)?.into_iter().peekable();
        while let Some(found) = all.next() {
            let error = match ask(&client, &found.credentials).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let code = error.downcast_ref::<Refused>().map(|refused| refused.code.as_str());
            match code {
                None => return Err(error),
                Some(UNKNOWN) if found.supposed && all.peek().is_some() => {}
                Some(code) => {
                    let about = if ABOUT_WHO.contains(&code) { of_whom(&found) } else { String::new() };
                    return Err(error.context(format!("{} refused {action}{about}", place.endpoint)));
                }
            }
        }
        bail!("no credentials")
    }

    /// Where this asks, and as whom.
    pub(super) fn asks(&self) -> Result<(Place, Found)> {
        let place = self.flags().place()?;
        let found = self.flags().credentials(&place.endpoint)?.into_iter().next();
        Ok((place, found.context("no credentials")?))
    }

    /// The server's URL.
    pub(super) fn endpoint(&self) -> Result<String> {
        Ok(self.flags().place()?.endpoint)
    }

    fn flags(&self) -> Flags<'_> {
        Flags {
            endpoint: self.endpoint.as_deref(),
            region: self.region.as_deref(),
            ca_bundle: self.ca_bundle.as_deref(),
            data_dir: self.data_dir.as_deref(),
            profile: self.profile.as_deref(),
        }
    }

    /// Whether programs read what is printed.
    pub(super) fn wants_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Prints an answer in the form asked for.
    pub(super) fn print(&self, text: &str, value: &serde_json::Value) -> Result<ExitCode> {
        match self.output {
            Output::Text => super::say(text),
            Output::Json => super::say(&format!("{value:#}")),
        }
    }
}

fn client(place: &Place) -> Result<Client> {
    let secure = place.endpoint.starts_with("https:");
    let tls = secure.then(|| trust::connector(place.ca_bundle.as_deref())).transpose()?;
    Client::new(&place.endpoint, &place.region, tls)
}

/// Who was refused: nobody can tell from the answer which of several credentials were used.
fn of_whom(found: &Found) -> String {
    format!(" to the access key {}, from {}", found.credentials.access_key_id, found.from)
}

/// Codes that speak of who asks.
const ABOUT_WHO: [&str; 5] =
    ["AccessDenied", "SignatureDoesNotMatch", "ExpiredToken", "MissingAuthenticationToken", UNKNOWN];
/// The code of a server that does not know an access key.
const UNKNOWN: &str = "InvalidClientTokenId";

/// A member of an answer; null when it is not there.
pub(super) fn member<'a>(answer: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    answer.get(name).unwrap_or(&serde_json::Value::Null)
}
