//! What AWS answers, as `spec/aws-truth.jsonl` records it: every row is played against a system in
//! memory and compared, or stands in [`open::OPEN`] with the reason why it is not. A row that is
//! neither, or both, fails.

mod forms;
mod iam;
mod open;
mod s3;
mod s3_requests;
mod sts;
mod web_identity;

use open::{NOT_SERVED, OPEN};
use rolecall_core::testing::{ACCOUNT, Seen, World};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A recorded fact.
#[derive(Debug, Deserialize)]
struct Row {
    service: String,
    operation: String,
    situation: String,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    /// Elements of S3's errors beside code and message, and remarks.
    #[serde(default)]
    extra: Map<String, Value>,
}

#[tokio::test]
async fn sts_answers_as_recorded() {
    account_for("sts").await;
}

#[tokio::test]
async fn iam_answers_as_recorded() {
    account_for("iam").await;
}

#[tokio::test]
async fn s3_answers_as_recorded() {
    account_for("s3").await;
}

#[test]
fn every_row_is_of_a_service_played_and_every_open_entry_is_a_row() {
    let rows = rows();
    assert_eq!(rows.len(), ROWS);
    assert!(rows.iter().all(|row| ["sts", "iam", "s3"].contains(&row.service.as_str())));
    for entry in OPEN {
        assert_eq!(rows.iter().filter(|row| row.is(entry)).count(), 1, "{entry:?}");
    }
}

#[test]
fn a_pattern_matches_its_own_kind_only() {
    for (pattern, text, expected) in [
        ("Policy <arn> was not found.", "Policy arn:aws:iam::1:policy/p was not found.", true),
        ("Policy <arn> was not found.", "Policy p was not found.", false),
        ("Policy <arn> was not found.", "Policy arn:a was not found", false),
        ("uses <n>% of space", "uses 104% of space", true),
        ("uses <n>% of space", "uses much% of space", false),
        ("<value> is invalid", " is invalid", false),
        ("to '<region>'. ", "to 'eu-west-1'. ", true),
        ("to '<region>'. ", "to 'eu-west-1'.", false),
        ("'<part>' in '<header>'.", "'a' in 'a b'.", true),
        ("5242880", "5242880", true),
        ("5242880", "524288", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}

async fn account_for(service: &str) {
    let mut wrong = Vec::new();
    for row in rows().into_iter().filter(|row| row.service == service) {
        let open: Vec<_> = OPEN.iter().filter(|entry| row.is(entry)).collect();
        let fault = match open.as_slice() {
            [(_, _, _, NOT_SERVED)] => row.is_served().then(|| "said not to be served, but is".to_owned()),
            open => match (row.play().await, open) {
                (Some(seen), []) => row.difference(&seen).err(),
                (None, [_]) => None,
                (None, []) => Some("neither played nor open".to_owned()),
                (_, _) => Some("accounted for twice".to_owned()),
            },
        };
        wrong.extend(fault.map(|fault| format!("{} | {} | {fault}", row.operation, row.situation)));
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

fn rows() -> Vec<Row> {
    let file = include_str!("../../../../../spec/aws-truth.jsonl");
    file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl Row {
    fn is(&self, (service, operation, situation, _): &open::Entry) -> bool {
        (self.service.as_str(), self.operation.as_str(), self.situation.as_str())
            == (*service, *operation, *situation)
    }

    fn is_served(&self) -> bool {
        rolecall::operations::served().any(|known| known == (self.service.as_str(), self.operation.as_str()))
    }

    async fn play(&self) -> Option<Seen> {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        match self.service.as_str() {
            "sts" => sts::play(&world, &self.operation, &self.situation).await,
            "iam" => iam::play(&world, &self.operation, &self.situation).await,
            _ => s3::play(&world, &self.operation, &self.situation).await,
        }
    }

    fn difference(&self, seen: &Seen) -> Result<(), String> {
        if let Some(status) = self.status {
            check("status", &status.to_string(), &seen.status.to_string())?;
        }
        match self.code.as_deref() {
            // An answer without a body; that of HEAD is left out where it is sent.
            Some("304") => check("body", "", &seen.body),
            Some("404" | "412") => Ok(()),
            Some(code) if self.message.starts_with('{') => json(code, seen),
            Some(code) => {
                check("code", code, &element(seen, "Code")?)?;
                check("message", &self.expected(), &element(seen, "Message")?)?;
                self.fields(seen)
            }
            None => check("envelope", &self.message, &envelope(&seen.body)),
        }
    }

    /// The message; names that a denial of STS quotes are those of every scene.
    fn expected(&self) -> String {
        if self.service != "sts" || self.code.as_deref() != Some("AccessDenied") {
            return self.message.clone();
        }
        let names = [("<acct>", ACCOUNT), ("<name>", sts::USER), ("<role>", sts::ROLE), ("<session>", "job")];
        names.iter().fold(self.message.clone(), |text, (placeholder, name)| text.replace(placeholder, name))
    }

    /// S3's elements beside code and message.
    fn fields(&self, seen: &Seen) -> Result<(), String> {
        if self.service != "s3" {
            return Ok(());
        }
        for (name, value) in self.extra.iter().filter(|(name, _)| !REMARKS.contains(&name.as_str())) {
            check(name, value.as_str().unwrap_or_default(), &element(seen, name)?)?;
        }
        let named = self.extra.get("fields").and_then(Value::as_array);
        named
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .try_for_each(|name| element(seen, name).map(drop))
    }
}

fn element(seen: &Seen, name: &str) -> Result<String, String> {
    let text = seen.tag(name).ok_or_else(|| format!("no {name}: {} {}", seen.status, seen.body))?;
    let text = text.replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'");
    Ok(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

fn check(what: &str, recorded: &str, seen: &str) -> Result<(), String> {
    match matches(recorded, seen) || recorded == seen {
        true => Ok(()),
        false => Err(format!("{what}\n    recorded {recorded}\n    answered {seen}")),
    }
}

fn json(code: &str, seen: &Seen) -> Result<(), String> {
    let body: Value = serde_json::from_str(&seen.body).map_err(|_| format!("no JSON: {}", seen.body))?;
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    check("code", code, &text("/Error/Code"))?;
    check("message", "<text>", &text("/Error/Message"))?;
    check("type", "Sender", &text("/Error/Type"))?;
    check("request id", "<text>", &text("/RequestId"))
}

/// A body without the text of what differs from answer to answer.
fn envelope(body: &str) -> String {
    let body = body.split_once("?>").map_or(body, |(_, rest)| rest).trim();
    ["Code", "Message", "RequestId"].iter().fold(body.to_owned(), |body, name| {
        let (Some((before, rest)), close) = (body.split_once(&format!("<{name}>")), format!("</{name}>"))
        else {
            return body;
        };
        let (text, after) = rest.split_once(&close).unwrap_or_default();
        if text.is_empty() { body } else { format!("{before}<{name}/>{after}") }
    })
}

/// True when `text` is `pattern` with something of its kind in place of each `<placeholder>`.
fn matches(pattern: &str, text: &str) -> bool {
    let placeholder = pattern.split_once('<').and_then(|(before, rest)| {
        let (kind, after) = rest.split_once('>')?;
        let name = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric());
        name.then_some((before, kind, after))
    });
    let Some((before, kind, after)) = placeholder else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.into_iter().any(|end| fits(kind, &rest[..end]) && matches(after, &rest[end..]))
}

fn fits(kind: &str, text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        "acct" => text.len() == 12 && digits(text),
        "n" | "epoch" | "seconds" => digits(text),
        "arn" => text.starts_with("arn:"),
        "hex" => text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "yyyymmddThhmmssZ" => text.len() == 16 && text.ends_with('Z') && text.contains('T'),
        _ => true,
    }
}

/// Rows of the file.
const ROWS: usize = 200;
/// Members of `extra` that are no elements.
const REMARKS: [&str; 2] = ["note", "fields"];
