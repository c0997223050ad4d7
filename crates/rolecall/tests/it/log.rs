//! What is logged of requests: a line each for who asks for it, and of which request every other line is.

use crate::process::{self, Running, program, tell};
use rolecall_core::testing::World;
use rolecall_wire::Service;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

type Fields = BTreeMap<&'static str, String>;

/// Every span that was left, and every event with the spans it was in.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Told>>);

/// Spans with their fields, and events with theirs and those of the spans around.
type Told = (Vec<Fields>, Vec<(Fields, Vec<Fields>)>);

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Captured {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Reader(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(&mut Reader(span.extensions_mut().get_mut::<Fields>().unwrap()));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Reader(&mut fields));
        let spans = context.event_scope(event).into_iter().flatten();
        let spans = spans.map(|span| span.extensions().get::<Fields>().unwrap().clone()).collect();
        self.0.lock().unwrap().1.push((fields, spans));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let fields = context.span(&id).unwrap().extensions().get::<Fields>().unwrap().clone();
        self.0.lock().unwrap().0.push(fields);
    }
}

async fn captured(most: LevelFilter, asks: impl Future<Output = ()>) -> Told {
    let captured = Captured::default();
    let filter = Targets::new().with_default(most);
    asks.with_subscriber(Registry::default().with(captured.clone().with_filter(filter))).await;
    std::mem::take(&mut *captured.0.lock().unwrap())
}

/// Asks as root while records are refused, then for a user that is not there; then as nobody.
async fn three_requests(most: LevelFilter) -> Told {
    let world = World::new().await;
    let asks = async {
        world.audit.refuse(true);
        world.ask(&world.root, Service::Iam, "GetUser", &[]).await;
        world.audit.refuse(false);
        world.ask(&world.root, Service::Iam, "GetUser", &[("UserName", "none")]).await;
        world.ask_as(None, Service::Iam, "GetUser", &[]).await;
    };
    captured(most, asks).await
}

#[tokio::test]
async fn every_line_inside_a_request_says_which_operation_and_caller_it_is_about() {
    let (spans, events) = three_requests(LevelFilter::TRACE).await;
    let root = "arn:aws:iam::123456789012:root";
    let told: Vec<_> = spans
        .iter()
        .map(|span| ["operation", "caller", "outcome"].map(|name| span.get(name).map(String::as_str)))
        .collect();
    assert_eq!(
        told,
        [
            [Some("iam:GetUser"), Some(root), Some("withheld")],
            [Some("iam:GetUser"), Some(root), Some("NoSuchEntity")],
            [Some("iam:GetUser"), None, Some("MissingAuthenticationToken")],
        ]
    );
    let ids: Vec<&String> = spans.iter().map(|span| &span["request_id"]).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids.iter().all(|id| !id.is_empty()), "{ids:?}");
    let (_, around) =
        events.iter().find(|(event, _)| event["message"] == "an answer was withheld").expect("an event");
    assert_eq!(around.len(), 1);
    assert_eq!((&around[0]["request_id"], &*around[0]["operation"]), (ids[0], "iam:GetUser"));
    assert_eq!(around[0]["caller"], root);
    let lines: Vec<_> =
        events.iter().filter(|(event, _)| event.contains_key("status")).map(|(event, _)| event).collect();
    let told: Vec<_> = lines.iter().map(|line| (&line["request_id"], &*line["status"])).collect();
    assert_eq!(told, [(ids[0], "503"), (ids[1], "404"), (ids[2], "403")]);
    let explained: Vec<_> = lines.iter().map(|line| &*line["explained"]).collect();
    assert_eq!(explained, ["false", "false", "true"], "what is not there explains itself");
}

#[tokio::test]
async fn aud_05_no_secret_is_in_a_line_or_a_span() {
    let world = World::new().await;
    let mut secrets = vec![world.root.secret.expose().to_owned()];
    let told = captured(LevelFilter::TRACE, async {
        let seen = world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await.ok();
        let session = seen.credential();
        secrets.extend([session.secret.expose().to_owned(), session.token.clone().unwrap()]);
        world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
        world.ask(&session, Service::Sts, "GetSessionToken", &[]).await;
    });
    let (spans, events) = told.await;
    let written = format!("{spans:?}{events:?}");
    assert!(spans.len() == 3 && secrets.iter().all(|secret| !written.contains(secret)), "{written}");
    assert!(!written.contains("Signature="), "{written}");
}

#[tokio::test]
async fn without_being_asked_for_there_is_no_span() {
    let (spans, events) = three_requests(LevelFilter::INFO).await;
    assert!(spans.is_empty(), "{spans:?}");
    assert_eq!(events.iter().filter(|(event, _)| event.contains_key("status")).count(), 3);
}

#[test]
fn dev_prints_a_line_a_request_with_a_hint_where_there_is_something_to_explain() {
    let home = tempfile::tempdir().unwrap();
    let rolecall = env!("CARGO_BIN_EXE_rolecall");
    let script = format!(
        "{rolecall} info; {rolecall} account describe 999999999999; AWS_SECRET_ACCESS_KEY=wrong {rolecall} info; true"
    );
    let mut command = program();
    command.env("HOME", home.path()).env_remove("XDG_DATA_HOME");
    let done = command.args(["dev", "--ephemeral", "--", "sh", "-c", &script]).output().unwrap();
    let log = String::from_utf8_lossy(&done.stderr).into_owned();
    let line = |text: &str| log.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{log}"));
    let root = "by arn:aws:iam::123456789012:root";
    assert!(line("200  rolecall:GetServerInfo").ends_with(root));
    assert!(line("404  rolecall:DescribeAccount").ends_with(&format!("{root}  NoSuchEntity")), "{log}");
    let stranger = line("403  rolecall:GetServerInfo");
    assert!(stranger.contains("by nobody known  SignatureDoesNotMatch: rolecall why "), "{stranger}");
}

#[test]
fn serve_has_lines_of_requests_when_its_log_asks_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let file = process::configuration(directory.path(), "");
    assert!(program().args(["init", "--config"]).arg(&file).output().unwrap().status.success());
    for (asked, lines) in [("info", 0), ("warn,rolecall=info,rolecall::requests=info", 1)] {
        let mut command = program();
        command.env("ROLECALL_LOG", asked).stderr(Stdio::piped());
        let mut running = Running::by(command, &file);
        let mut stream = TcpStream::connect(running.address).unwrap();
        stream.write_all(b"GET /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        tell(&running.child, Signal::TERM);
        let mut log = String::new();
        running.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(log.matches("rolecall::requests: ").count(), lines, "{log}");
        assert_eq!(log.matches("operation=\"GetObject\" caller=\"nobody known\"").count(), lines, "{log}");
        assert!(process::wait(&mut running.child).success());
    }
}
