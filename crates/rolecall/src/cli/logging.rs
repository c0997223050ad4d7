//! Log lines on stderr, and a development server's lines about its requests.

use super::paint;
use crate::app::App;
use crate::config::LogFormat;
use std::collections::BTreeMap;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts logging; `ROLECALL_LOG` filters as `RUST_LOG` does elsewhere, such as `rolecall=debug`. With `requests`
/// there is a line for each of them, whatever the filter, and without they are in the log when it asks for them.
pub(super) fn start(format: LogFormat, requests: bool) {
    let asked = std::env::var("ROLECALL_LOG").ok();
    let filter = filter(asked.as_deref(), requests);
    if !requests {
        return tracing_subscriber::registry().with(log(format, filter)).init();
    }
    let lines = match format {
        LogFormat::Text => Requests { colour: paint::wants_colour(&std::io::stderr()) }.boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let about = filter_fn(|event| event.target() == REQUESTS).with_max_level_hint(LevelFilter::INFO);
    tracing_subscriber::registry().with(lines.with_filter(about)).with(log(format, filter)).init();
}

/// Says where scrapers find the counters.
pub(super) fn metrics(app: &App) {
    let Some(address) = app.metrics() else { return };
    tracing::info!(%address, "metrics are told at /metrics");
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "whoever reaches this address reads the metrics, unsigned and over plain HTTP");
    }
}

/// What the log holds. A line for each request stands elsewhere, or is asked for by name; a development server tells of
/// which request every other line is.
fn filter(asked: Option<&str>, requests_stand_elsewhere: bool) -> EnvFilter {
    let usual = if requests_stand_elsewhere { DEVELOPMENT } else { PRODUCTION };
    let filter = asked.filter(|text| !text.trim().is_empty()).and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(usual));
    if !requests_stand_elsewhere && asked.is_some_and(|text| text.contains(REQUESTS)) {
        return filter;
    }
    match format!("{REQUESTS}=off").parse() {
        Ok(off) => filter.add_directive(off),
        Err(_) => filter,
    }
}

fn log<S>(format: LogFormat, filter: EnvFilter) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // A terminal that is gone takes no line, and no complaint about it either.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    match format {
        LogFormat::Text => {
            lines.with_ansi(paint::wants_colour(&std::io::stderr())).with_filter(filter).boxed()
        }
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    }
}

/// One line a request, for people: the outcome, and the command that explains it when somebody may wonder.
struct Requests {
    colour: bool,
}

impl<S: Subscriber> Layer<S> for Requests {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(line) = line(&fields, self.colour) {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }
}

/// What an event says, as text.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Fields {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// `None` for what tells nothing new: somebody who watches the refusals asks for them every other second.
fn line(fields: &Fields, colour: bool) -> Option<String> {
    let [status, service, operation, caller, error, id, unread] =
        ["status", "service", "operation", "caller", "error", "request_id", "not_understood"]
            .map(|name| fields.text(name));
    let refused = !error.is_empty();
    if !refused && operation == "ListRefusals" {
        return None;
    }
    let time = jiff::Timestamp::now().strftime("%H:%M:%S");
    let paint = |code: &str, text: &str| {
        if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let outcome = if refused { paint("31", status) } else { paint("32", status) };
    // What a stranger says must not steer the terminal.
    let operation = operation.escape_debug();
    let hint =
        if fields.text("explained") == "true" { format!(": rolecall why {id}") } else { String::new() };
    let why = if refused { format!("  {error}{hint}") } else { String::new() };
    let unread = match unread {
        "" => String::new(),
        names => paint("33", &format!("  not understood: {}", names.escape_debug())),
    };
    Some(format!("{time}  {outcome}  {service}:{operation}  by {caller}{why}{unread}"))
}

/// What the gate calls its events about requests.
const REQUESTS: &str = "rolecall::requests";
/// What is logged when nobody says. In development every line says of which request it is.
const DEVELOPMENT: &str = "info,rolecall::request=debug";
const PRODUCTION: &str = "info";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: &str, error: &str, operation: &str, explained: bool) -> Option<String> {
        let all = [
            ("status", status),
            ("service", "iam"),
            ("operation", operation),
            ("caller", "arn:aws:iam::123456789012:user/ann"),
            ("error", error),
            ("explained", if explained { "true" } else { "false" }),
            ("request_id", "r-1"),
        ];
        line(&Fields(all.into_iter().map(|(name, value)| (name, value.to_owned())).collect()), false)
    }

    #[test]
    fn a_refusal_names_the_command_that_explains_it() {
        let refused = told("403", "AccessDenied", "ListUsers", true).unwrap();
        let expected =
            "  403  iam:ListUsers  by arn:aws:iam::123456789012:user/ann  AccessDenied: rolecall why r-1";
        assert!(refused.ends_with(expected), "{refused}");
        assert!(told("404", "NoSuchEntity", "GetUser", false).unwrap().ends_with("  NoSuchEntity"));
        assert!(!told("200", "", "ListUsers", false).unwrap().contains("why"));
        assert!(told("200", "", "ListRefusals", false).is_none());
        assert!(told("403", "AccessDenied", "ListRefusals", true).is_some());
    }

    #[test]
    fn what_strangers_call_an_operation_does_not_steer_the_terminal() {
        let line = told("400", "InvalidAction", "\u{1b}[2J\nx", true).unwrap();
        assert!(line.contains("iam:\\u{1b}[2J\\nx  by") && line.lines().count() == 1, "{line}");
    }

    #[test]
    fn requests_are_in_the_log_of_a_server_for_production_when_it_asks_for_them() {
        let shown = |asked, elsewhere| filter(asked, elsewhere).to_string();
        for asked in [None, Some(""), Some("info"), Some("rolecall=debug"), Some("not a filter=")] {
            assert!(shown(asked, false).contains("rolecall::requests=off"), "{asked:?}");
        }
        let asked = shown(Some("warn,rolecall::requests=info"), false);
        assert!(asked.contains("rolecall::requests=info") && !asked.contains("off"), "{asked}");
        let asked = shown(Some("warn,rolecall::requests=info"), true);
        assert!(asked.contains("rolecall::requests=off"), "they have their lines: {asked}");
        assert!(shown(None, true).contains("rolecall::request=debug"));
        assert!(!shown(None, false).contains("rolecall::request=debug"), "it costs something");
    }

    #[test]
    fn a_parameter_that_was_not_understood_is_told_and_cannot_paint() {
        let mut fields = Fields::default();
        fields.0.insert("not_understood", "PermissionBoundary, \x1b[2J".to_owned());
        let told = line(&fields, false).unwrap();
        assert!(told.ends_with("  not understood: PermissionBoundary, \\u{1b}[2J"), "{told}");
        assert!(!line(&Fields::default(), false).unwrap().contains("understood"));
    }
}
