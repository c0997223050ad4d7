//! Commands that ask a running server.

use crate::client::{Client, Credentials, Reply};
use crate::data_dir::DataDir;
use crate::tls;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use serde_json::json;
use std::env::var;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which server, and as whom.
#[derive(Debug, Args)]
pub(super) struct Server {
    /// URL of the server
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566")]
    endpoint: String,
    /// Region to sign for
    #[arg(long, env = "AWS_DEFAULT_REGION", default_value = "us-east-1")]
    region: String,
    /// PEM file of certificates to trust for HTTPS
    #[arg(long, value_name = "FILE", env = "AWS_CA_BUNDLE")]
    ca_bundle: Option<PathBuf>,
    /// Sign as the root user of this data directory when AWS_ACCESS_KEY_ID is not set
    #[arg(long, value_name = "DIR", env = "ROLECALL_DATA_DIR")]
    data_dir: Option<PathBuf>,
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

/// `rolecall metrics`.
pub(super) async fn metrics(server: Server) -> Result<ExitCode> {
    let text = server.ask("GetMetrics", &[]).await?.text("Text").unwrap_or_default();
    server.print(text.trim_end(), &json!({ "Text": text }))
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
        let reply = self.client()?.query(&self.credentials()?, service, action, params).await?;
        reply.done().with_context(|| format!("{} refused {action}", self.endpoint))
    }

    /// Asks for an operation of the administration and reads its result.
    pub(super) async fn result(&self, action: &str, params: &[(&str, &str)]) -> Result<serde_json::Value> {
        let result = self.client()?.result(&self.credentials()?, Service::Rolecall, action, params).await;
        result.with_context(|| format!("{} refused {action}", self.endpoint))
    }

    fn client(&self) -> Result<Client> {
        let tls = self.ca_bundle.as_deref().map(tls::connector).transpose()?;
        Client::new(&self.endpoint, &self.region, tls)
    }

    /// The environment's credentials as every AWS client reads them, else the root user's of the data
    /// directory.
    fn credentials(&self) -> Result<Credentials> {
        if let (Ok(access_key_id), Ok(secret)) = (var("AWS_ACCESS_KEY_ID"), var("AWS_SECRET_ACCESS_KEY")) {
            let session_token = var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty());
            return Ok(Credentials { access_key_id, secret: SecretKey::new(secret), session_token });
        }
        let data_dir = self.data_dir.as_deref().context(
            "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --data-dir DIR of the server",
        )?;
        let root = DataDir::at(data_dir).read_root()?;
        let secret = SecretKey::new(root.secret.to_string());
        Ok(Credentials { access_key_id: root.access_key_id, secret, session_token: None })
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

/// A member of an answer; null when it is not there.
pub(super) fn member<'a>(answer: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    answer.get(name).unwrap_or(&serde_json::Value::Null)
}
