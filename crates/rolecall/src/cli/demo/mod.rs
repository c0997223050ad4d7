//! `rolecall demo`: the assume-role story, played over real HTTP against a server of its own.

mod story;

use super::remote::Output;
use crate::app::App;
use crate::client::{Client, Credentials, Reply};
use crate::config::{Config, Mode, Overrides};
use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use http::Method;
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

/// What `rolecall demo` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// How to print the steps
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// The story so far.
struct Play {
    client: Client,
    root: Credentials,
    steps: Vec<Step>,
    output: Output,
}

/// One request of the story, and what came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Step {
    chapter: &'static str,
    caller: &'static str,
    asked: String,
    answered: String,
    expected: String,
    as_expected: bool,
}

/// What is asked: the command a person would type, and the request it stands for.
struct Ask<'a> {
    command: &'a str,
    request: Request<'a>,
}

enum Request<'a> {
    Query(Service, &'a str, &'a [(&'a str, &'a str)]),
    S3(Method, &'a str, &'static str),
}

/// What AWS answers.
enum Expect<'a> {
    /// Success, with this text in the body.
    Done(&'a str),
    /// An error: status, code and message.
    Refused(u16, &'a str, &'a str),
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let directory = tempfile::tempdir().context("no temporary directory")?;
        let config = config(directory.path())?;
        let app = App::start(&config).await?;
        let root = DataDir::at(&config.data_dir).read_root()?;
        let root = Credentials {
            access_key_id: root.access_key_id,
            secret: SecretKey::new(root.secret.to_string()),
            session_token: None,
        };
        let client = Client::new(app.endpoint(), &config.region, None)?;
        let mut play = Play { client, root, steps: Vec::new(), output: self.output };
        let told = story::tell(&mut play).await;
        app.stop().await;
        play.end(told)
    }
}

fn config(directory: &Path) -> Result<Config> {
    let overrides = Overrides {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        data_dir: Some(directory.join("data")),
        ..Overrides::default()
    };
    let mut config = Config::load(Mode::Dev, overrides, None)?;
    config.test_clock = true;
    config.authorization_ids = false;
    config.drain_seconds = 1;
    Ok(config)
}

impl Play {
    /// Asks, shows, and compares with what AWS answers. The answer is handed back so that the story
    /// can go on with what it brought.
    async fn step(
        &mut self,
        chapter: &'static str,
        caller: (&'static str, &Credentials),
        ask: Ask<'_>,
        expect: Expect<'_>,
    ) -> Result<Reply> {
        let reply = send(&self.client, caller.1, &ask.request).await?;
        let step = Step {
            chapter,
            caller: caller.0,
            asked: ask.command.to_owned(),
            answered: shown(&reply),
            expected: expect.shown(),
            as_expected: expect.is_met(&reply),
        };
        if self.output == Output::Text {
            super::say(&step.text(self.steps.last().is_none_or(|last| last.chapter != chapter)))?;
        }
        self.steps.push(step);
        Ok(reply)
    }

    fn end(self, told: Result<()>) -> Result<ExitCode> {
        let wrong = self.steps.iter().filter(|step| !step.as_expected).count();
        let verdict = format!("\n{} requests, {wrong} answered differently from AWS.", self.steps.len());
        match self.output {
            Output::Text => super::say(&verdict)?,
            Output::Json => super::say(&serde_json::to_string_pretty(&self.steps)?)?,
        };
        told.context("the story broke off")?;
        Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn send(client: &Client, who: &Credentials, request: &Request<'_>) -> Result<Reply> {
    match request {
        Request::Query(service, action, params) => client.query(who, *service, action, params).await,
        Request::S3(method, target, body) => {
            client.s3(Some(who), method.clone(), target, (*body).into()).await
        }
    }
}

impl Expect<'_> {
    fn is_met(&self, reply: &Reply) -> bool {
        match self {
            Self::Done(text) => reply.is_success() && String::from_utf8_lossy(&reply.body).contains(text),
            Self::Refused(status, code, message) => {
                let error = reply.error();
                let error = error.as_ref().map(|(code, message)| (code.as_str(), message.as_str()));
                (reply.status, error) == (*status, Some((*code, *message)))
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Done("") => "success".to_owned(),
            Self::Done(text) => text.to_string(),
            Self::Refused(status, code, message) => refusal(*status, code, message),
        }
    }
}

impl Step {
    fn text(&self, first: bool) -> String {
        let title = if first { format!("\n## {}\n", self.chapter) } else { String::new() };
        let mark = if self.as_expected { "" } else { "\n    DIFFERS; AWS answers: " };
        let expected = if self.as_expected { "" } else { &self.expected };
        format!("{title}\n[{}]$ {}\n    {}{mark}{expected}", self.caller, self.asked, self.answered)
    }
}

/// What of an answer is worth showing; never a secret.
fn shown(reply: &Reply) -> String {
    if let Some((code, message)) = reply.error().filter(|_| !reply.is_success()) {
        return refusal(reply.status, &code, &message);
    }
    let named = TELLING.iter().filter_map(|name| Some(format!("{name}: {}", reply.text(name)?)));
    let named = named.collect::<Vec<_>>().join("\n    ");
    let body = String::from_utf8_lossy(&reply.body);
    match named.is_empty() {
        false => named,
        true if body.is_empty() || body.contains('<') => "done".to_owned(),
        true => body.into_owned(),
    }
}

fn refusal(status: u16, code: &str, message: &str) -> String {
    format!("An error occurred ({code}, HTTP {status}): {message}")
}

/// The elements of answers that tell the story.
const TELLING: [&str; 4] = ["Arn", "Name", "Expiration", "Now"];
