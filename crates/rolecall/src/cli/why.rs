//! `rolecall why`: why a request was refused, drawn as the path of the decision.

use super::denials::Filter;
use super::paint::wants_colour;
use super::remote::Server;
use super::say;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

/// What `rolecall why` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Why {
    /// Request id or authorization id of the request
    #[arg(required_unless_present_any = ["last", "user", "action", "since"], conflicts_with_all = ["last", "user", "action", "since"])]
    id: Option<String>,
    /// The last request that was refused
    #[arg(long)]
    last: bool,
    #[command(flatten)]
    filter: Filter,
    /// Print the denial as an encoded message for `aws sts decode-authorization-message`, nothing else
    #[arg(long)]
    encoded: bool,
    #[command(flatten)]
    server: Server,
}

impl Why {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => match self.filter.last(&self.server).await? {
                Some(id) => id,
                None => bail!("no such request was refused since the server's start, as far as is kept"),
            },
        };
        let reply = self.server.ask("ExplainRequest", &[("RequestId", &id)]).await?;
        if self.encoded {
            return say(&reply
                .text("EncodedMessage")
                .context("no policy denied it, so there is no message")?);
        }
        let text = reply.text("Explanation").context("the answer has no explanation")?;
        let told: Value = serde_json::from_str(&text).context("the explanation is not JSON")?;
        let ink = Ink { colour: wants_colour(&std::io::stdout()) };
        self.server.print(drawn(&told, ink).trim_end(), &told)
    }
}

/// Colours, where they are wanted.
#[derive(Clone, Copy)]
struct Ink {
    colour: bool,
}

impl Ink {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Green for what lets pass, red for what denies, grey for the rest.
    fn effect(self, effect: &str) -> String {
        let code = match effect {
            "allows" | "allowed" => "32",
            "denies" | "does not allow" | "explicitDeny" | "implicitDeny" => "31",
            _ => "2",
        };
        self.paint(code, effect)
    }
}

fn drawn(told: &Value, ink: Ink) -> String {
    let mut out = String::new();
    let by = match at(told, "/principal/arn").as_str() {
        Some(arn) => match at(told, "/principal/kind").as_str() {
            Some(kind) => format!("{arn} ({kind})"),
            None => arn.to_owned(),
        },
        None => "nobody who was proved".to_owned(),
    };
    let refusal = &told["refusal"];
    let mut head = vec![
        ("Request", format!("{} at {}", text(&told["requestId"]), text(&told["time"]))),
        ("Asked", text(&told["operation"])),
        ("By", by),
    ];
    if let Some(code) = refusal["code"].as_str() {
        let (message, status) = (text(&refusal["message"]), &refusal["status"]);
        head.push(("Answer", ink.paint("31", &format!("{status} {code}: {message}"))));
    }
    for (name, value) in head {
        let _ = writeln!(out, "{} {value}", ink.paint("1", &format!("{name:<8}")));
    }
    if list(&told["evaluations"]).is_empty() {
        cause_of(&mut out, refusal, ink);
    }
    for evaluation in list(&told["evaluations"]) {
        evaluation_of(&mut out, told, evaluation, ink);
    }
    out
}

/// Why a request was refused that no policy was asked about.
fn cause_of(out: &mut String, refusal: &Value, ink: Ink) {
    let from = match refusal["accessKeyId"].as_str() {
        Some(key) => format!("{}, with the access key {key}", text(&refusal["address"])),
        None => text(&refusal["address"]),
    };
    let mut lines = vec![("From", from), ("Refused", text(&refusal["stage"]))];
    lines.extend(refusal["cause"].as_str().map(|cause| ("Because", cause.to_owned())));
    for (name, value) in lines {
        let _ = writeln!(out, "{} {value}", ink.paint("1", &format!("{name:<8}")));
    }
}

fn evaluation_of(out: &mut String, told: &Value, evaluation: &Value, ink: Ink) {
    let decision = match text(&evaluation["decision"]).as_str() {
        "allowed" => ink.paint("32", "allowed"),
        "explicitDeny" => ink.paint("31", "denied: a statement denies it"),
        _ => ink.paint("31", "denied: nothing allows it"),
    };
    let (action, resource) = (text(&evaluation["action"]), text(&evaluation["resource"]));
    let _ = writeln!(out, "\n{} on {resource}\n└─ {decision}", ink.paint("1", &action));
    for layer in list(&evaluation["layers"]) {
        layer_of(out, told, layer, ink);
    }
    let missing: Vec<String> = list(&evaluation["missingKeys"]).iter().map(text).collect();
    if !missing.is_empty() {
        let _ = writeln!(out, "   the request has no {}", missing.join(", "));
    }
    edits_of(out, evaluation, ink);
}

fn layer_of(out: &mut String, told: &Value, layer: &Value, ink: Ink) {
    let effect = text(&layer["effect"]);
    let _ = writeln!(out, "   {:<24} {}", text(&layer["layer"]), ink.effect(&effect));
    let decides = |statement: &&Value| effect != "denies" || statement["effect"] == "Deny";
    for statement in list(&layer["matched"]).iter().filter(decides) {
        statement_of(out, told, statement, "applies", ink);
    }
    for statement in list(&layer["unmet"]) {
        statement_of(out, told, statement, "would apply, but a condition does not hold", ink);
    }
}

fn statement_of(out: &mut String, told: &Value, statement: &Value, how: &str, ink: Ink) {
    let policy = list(&told["policies"]).iter().find(|policy| policy["uri"] == statement["policy"]);
    let title = policy.map_or_else(|| text(&statement["policy"]), |policy| text(&policy["title"]));
    let sid = statement["sid"].as_str().map(|sid| format!(" {sid}")).unwrap_or_default();
    let (line, column) = (at(statement, "/start/line"), at(statement, "/start/column"));
    let effect = text(&statement["effect"]);
    let _ = writeln!(out, "     {effect}{sid} at {line}:{column} of the {title} {how}");
    if let Some(snippet) = policy.and_then(|policy| snippet(policy, statement)) {
        snippet.lines().for_each(|line| {
            let _ = writeln!(out, "       {}", ink.paint("2", &format!("│ {line}")));
        });
    }
    for condition in list(&statement["conditions"]) {
        let _ = writeln!(out, "       {}", condition_of(condition, ink));
    }
}

fn condition_of(condition: &Value, ink: Ink) -> String {
    let values = |value: &Value| list(value).iter().map(text).collect::<Vec<_>>().join(" or ");
    let holds = condition["holds"] == true;
    let mark = if holds { ink.paint("32", "holds") } else { ink.paint("31", "does not hold") };
    let actual = match &condition["actual"] {
        Value::Null => "has none".to_owned(),
        actual => format!("has {}", values(actual)),
    };
    let (operator, key) = (text(&condition["operator"]), text(&condition["key"]));
    format!("{operator} {key}: wants {}, the request {actual}: {mark}", values(&condition["expected"]))
}

/// The edits that allow the request, all of which were tried on the policies of its time.
fn edits_of(out: &mut String, evaluation: &Value, ink: Ink) {
    let (edits, others) = (list(&evaluation["edits"]), list(&evaluation["alternative"]));
    let all = |edits: &[Value]| if edits.len() > 1 { ", all of these" } else { "" };
    if !edits.is_empty() {
        let _ = writeln!(out, "   {}", ink.paint("1", &format!("This allows it{}:", all(edits))));
        edits.iter().for_each(|edit| edit_of(out, edit));
    }
    if !others.is_empty() {
        let title = format!("Or, with the request as it is{}:", all(others));
        let _ = writeln!(out, "   {}", ink.paint("1", &title));
        others.iter().for_each(|edit| edit_of(out, edit));
    }
    if let Some(why) = evaluation["noEdit"].as_str() {
        let _ = writeln!(out, "   {}", ink.paint("1", why));
    }
}

fn edit_of(out: &mut String, edit: &Value) {
    let _ = writeln!(out, "   - {}: {}", text(&edit["layer"]), text(&edit["edit"]));
    if edit["statement"].is_object() {
        let _ = writeln!(out, "     {}", edit["statement"]);
    }
    for command in list(&edit["commands"]) {
        let _ = writeln!(out, "     $ {}", text(command));
    }
    let _ = writeln!(out, "     this opens: {}", text(&edit["opens"]));
}

/// The statement's own text, at most [`SNIPPET`] lines of it.
fn snippet(policy: &Value, statement: &Value) -> Option<String> {
    let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
    let (from, to) = (number(at(statement, "/start/line"))?, number(at(statement, "/end/line"))?);
    let all = policy["text"].as_str()?;
    let count = to.checked_sub(from)?.saturating_add(1);
    let wanted: Vec<&str> = all.lines().skip(from.checked_sub(1)?).take(count.min(SNIPPET)).collect();
    if count == 1 {
        let (start, end) = (number(at(statement, "/start/column"))?, number(at(statement, "/end/column"))?);
        let statement = wanted.first()?.chars().skip(start.checked_sub(1)?).take(end.checked_sub(start)?);
        return Some(cut(&statement.collect::<String>()));
    }
    let cut = if count > SNIPPET { "\n…" } else { "" };
    Some(wanted.iter().map(|line| self::cut(line)).collect::<Vec<_>>().join("\n") + cut)
}

/// A line of at most [`WIDTH`] characters; one that is longer ends in an ellipsis.
fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some(_) => line.chars().take(WIDTH - 1).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

/// A value within a value, by its JSON pointer (RFC 6901).
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The most lines of a statement that are shown.
const SNIPPET: usize = 12;
/// The most characters of a statement on one line that are shown.
const WIDTH: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_end_in_an_ellipsis_and_short_ones_are_whole() {
        let (short, long) = ("x".repeat(WIDTH), "é".repeat(WIDTH + 1));
        assert_eq!(cut(&short), short);
        assert!(cut(&long).ends_with("é…") && cut(&long).chars().count() == WIDTH);
    }
}
