//! What an edit opens besides the request: the differences between the policy before and after it, found by
//! asking both.

use super::Edit;
use super::draft::{Change, Draft};
use rolecall_policy::Layer;
use rolecall_policy::diff::{self, Effort};
use serde_json::{Map, Value as Json, json};

/// What is opened.
pub(super) struct Opened {
    /// In words.
    pub(super) words: String,
    /// Each difference, with a request that shows it.
    pub(super) changes: Vec<Json>,
    /// Whether all of them were looked for.
    pub(super) complete: bool,
}

/// What an edit of a draft opens.
pub(super) fn by(draft: &Draft<'_>, edit: &Edit) -> Opened {
    let (kind, old, new) = match &edit.change {
        Change::Keys(_) => return nothing(edit),
        Change::Text { layer: Layer::Boundary, text: None, .. } => {
            return told_by("everything that the boundary kept back and another policy allows", true);
        }
        Change::Text { layer, uri, text } => {
            let Some(policy) = draft.policies.iter().find(|policy| policy.uri == *uri) else {
                return told_by("what the bucket's policy gives to everybody", true);
            };
            let old = Some(policy.text.as_str()).filter(|text| !text.is_empty());
            (draft.kind(*layer, uri), old, text.as_deref())
        }
        Change::New { layer, text, .. } => (draft.kind(*layer, ""), None, Some(text.as_str())),
    };
    let Ok(found) = diff::diff(kind, old, new, Effort::SMALL) else {
        return told_by("what else cannot be told", false);
    };
    let added: Vec<_> = found.changes.iter().filter(|change| change.adds()).collect();
    let whom = whom(draft, edit.layer);
    Opened {
        words: words(draft, &added, &whom, found.complete),
        changes: added.iter().map(|c| told(c)).collect(),
        complete: found.complete,
    }
}

/// A caller who asks in another way opens nothing; a tag may.
fn nothing(edit: &Edit) -> Opened {
    match edit.words.contains("the tag ") {
        true => told_by("no policy changes, but others may speak of this tag, too", false),
        false => told_by("nothing: no policy changes", true),
    }
}

fn told_by(words: &str, complete: bool) -> Opened {
    Opened { words: words.to_owned(), changes: Vec::new(), complete }
}

fn words(draft: &Draft<'_>, added: &[&diff::Change], whom: &str, complete: bool) -> String {
    let target = &draft.asked.target;
    let is_request = |change: &&&diff::Change| {
        change.actions == [target.action] && change.resource == target.resource && change.keys.is_empty()
    };
    let mut parts: Vec<String> = Vec::new();
    if added.iter().any(|change| is_request(&change)) {
        parts.push("this action on this resource".to_owned());
    }
    for part in added.iter().filter(|change| !is_request(change)).map(|change| part(change)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let hidden = parts.len().saturating_sub(SHOWN);
    parts.truncate(SHOWN);
    let rest = if hidden > 0 { format!("; and {hidden} more kinds of requests") } else { String::new() };
    let doubt = if complete { "" } else { " (not every combination was tried)" };
    let what = if parts.is_empty() { "nothing that was found".to_owned() } else { parts.join("; ") };
    format!("{what}{rest}, for {whom}{doubt}")
}

fn part(change: &diff::Change) -> String {
    let with: Vec<String> =
        change.keys.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
    let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(" ")) };
    let resource = if change.resource == "*" {
        "everything".to_owned()
    } else {
        format!("resources such as {}", change.resource)
    };
    format!("{} on {resource}{with}", change.some_actions())
}

fn told(change: &diff::Change) -> Json {
    let keys: Map<String, Json> =
        change.keys.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
    json!({ "change": change.what(), "actions": change.actions, "principal": change.principal,
        "resource": change.resource, "context": keys })
}

fn whom(draft: &Draft<'_>, layer: Layer) -> String {
    match layer {
        Layer::Resource | Layer::Trust => "whoever the statement names".to_owned(),
        Layer::Session => "this session alone".to_owned(),
        Layer::ServiceControl | Layer::ResourceControl => {
            "every account under it, as far as other policies allow it".to_owned()
        }
        Layer::Boundary => "everybody who has this boundary and is allowed it by another policy".to_owned(),
        Layer::Identity => format!("everybody who has this policy, {} among them", draft.recorded.holder()),
    }
}

/// How many kinds of requests are told in words.
const SHOWN: usize = 4;
