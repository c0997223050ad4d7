//! Log lines on stderr, and a development server's lines about its requests.

use super::paint;
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
/// there is a line for each of them, whatever the filter.
pub(super) fn start(format: LogFormat, requests: bool) {
    if !requests {
        return tracing_subscriber::registry().with(log(format)).init();
    }
    let lines = match format {
        LogFormat::Text => Requests { colour: paint::wants_colour(&std::io::stderr()) }.boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let about = filter_fn(|event| event.target() == REQUESTS).with_max_level_hint(LevelFilter::DEBUG);
    tracing_subscriber::registry().with(lines.with_filter(about)).with(log(format)).init();
}

/// The log; lines about requests have a place of their own.
fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut filter = EnvFilter::try_from_env("ROLECALL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    if let Ok(off) = format!("{REQUESTS}=off").parse() {
        filter = filter.add_directive(off);
    }
    // A terminal that is gone takes no line, and no complaint about it either.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    match format {
        LogFormat::Text => {
            lines.with_ansi(paint::wants_colour(&std::io::stderr())).with_filter(filter).boxed()
        }
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    }
}

/// One line a request, for people: the outcome, and for a refusal the command that explains it.
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
    let why = match error {
        "" => String::new(),
        error => format!("  {error}: rolecall why {id}"),
    };
    let unread = match unread {
        "" => String::new(),
        names => paint("33", &format!("  not understood: {}", names.escape_debug())),
    };
    // What a stranger sends must not move the cursor of whoever reads it.
    let (operation, caller) = (operation.escape_debug(), caller.escape_debug());
    Some(format!("{time}  {outcome}  {service}:{operation}  by {caller}{why}{unread}"))
}

/// What the gate calls its events about requests.
const REQUESTS: &str = "rolecall::requests";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_command_that_explains_it() {
        let fields = |error: &str, operation: &str| {
            let all = [
                ("status", "403"),
                ("service", "iam"),
                ("operation", operation),
                ("caller", "arn:aws:iam::123456789012:user/ann"),
                ("error", error),
                ("request_id", "r-1"),
            ];
            Fields(all.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
        };
        let told = line(&fields("AccessDenied", "ListUsers"), false).unwrap();
        assert!(!told.contains("understood"), "{told}");
        let expected =
            "  403  iam:ListUsers  by arn:aws:iam::123456789012:user/ann  AccessDenied: rolecall why r-1";
        assert!(told.ends_with(expected), "{told}");
        assert!(!line(&fields("", "ListUsers"), false).unwrap().contains("why"));
        assert!(line(&fields("", "ListRefusals"), false).is_none());
        assert!(line(&fields("AccessDenied", "ListRefusals"), false).is_some());
    }

    #[test]
    fn a_parameter_that_was_not_understood_is_told_and_cannot_paint() {
        let all = [
            ("status", "200"),
            ("operation", "Create\x1bUser"),
            ("not_understood", "PermissionBoundary, \x1b[2J"),
        ];
        let fields = Fields(all.into_iter().map(|(name, value)| (name, value.to_owned())).collect());
        let told = line(&fields, false).unwrap();
        assert!(told.contains(r":Create\u{1b}User  by"), "{told}");
        assert!(told.ends_with("  not understood: PermissionBoundary, \\u{1b}[2J"), "{told}");
    }
}
