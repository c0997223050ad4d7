//! Statements as JSON: found in a policy's text, edited, and put back.

use super::super::Evidence;
use super::Edit;
use super::draft::{Change, Draft};
use rolecall_policy::{Examined, Layer, Policy};
use serde_json::{Value as Json, json};

/// A statement in the policy that it stands in.
pub(super) struct Sheet<'a> {
    policy: &'a Evidence,
    layer: Layer,
    document: Json,
    at: usize,
    /// The statement.
    pub(super) statement: Json,
    /// Its name and place, and the policy's title.
    pub(super) title: String,
}

impl<'a> Sheet<'a> {
    /// The statement of a policy that can be edited.
    pub(super) fn of(draft: &'a Draft<'_>, examined: &Examined) -> Option<Self> {
        let policy = draft.policy_of(examined).filter(|policy| is_ours(policy))?;
        let parsed = Policy::parse(&policy.text, draft.kind(policy.layer, &policy.uri)).ok()?;
        let at = parsed.places().iter().position(|place| *place == examined.position)?;
        let document: Json = serde_json::from_str(&policy.text).ok()?;
        let statement = match document.get("Statement")? {
            Json::Array(all) => all.get(at)?.clone(),
            one => one.clone(),
        };
        let written = first_place(draft, policy, at, parsed.places().len()).unwrap_or(examined.position);
        let title = format!("the statement {} of the {}", place(examined, written), policy.title);
        Some(Self { policy, layer: examined.layer, document, at, statement, title })
    }

    /// The edit that puts another statement there, or takes it away.
    pub(super) fn edit(&self, statement: Option<Json>, words: String) -> Edit {
        let text = with_statement(&self.document, self.at, statement.clone());
        let words = in_session(self.layer, words);
        let change = Change::Text { layer: self.layer, uri: self.policy.uri.clone(), text };
        Edit { layer: self.layer, change, words, statement }
    }

    /// True when nothing else stands in the policy.
    pub(super) fn is_alone(&self) -> bool {
        !matches!(self.document.get("Statement"), Some(Json::Array(all)) if all.len() > 1)
    }

    /// What the policy is, in words.
    pub(super) fn policy_title(&self) -> &str {
        &self.policy.title
    }
}

/// True for policies that somebody here can edit: AWS's own are not.
pub(super) fn is_ours(policy: &Evidence) -> bool {
    !policy.text.is_empty()
        && !AWS.iter().any(|prefix| policy.uri.starts_with(prefix))
        && !policy.uri.is_empty()
}

/// A session's policies are given to it when it is made.
pub(super) fn in_session(layer: Layer, words: String) -> String {
    if layer == Layer::Session { format!("make the session anew: {words}") } else { words }
}

/// The policy's text with one more statement.
pub(super) fn with_another(text: &str, statement: &Json) -> Option<String> {
    let mut document: Json = serde_json::from_str(text).ok()?;
    let all = document.get_mut("Statement")?;
    match all {
        Json::Array(all) => all.push(statement.clone()),
        one => *one = json!([one.clone(), statement]),
    }
    Some(printed(&document))
}

/// A policy of one statement.
pub(super) fn document(statement: &Json) -> String {
    printed(&json!({ "Version": "2012-10-17", "Statement": [statement] }))
}

/// The values of an element, one or many.
pub(super) fn list(value: Option<&Json>) -> Vec<Json> {
    match value {
        Some(Json::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// One value stands alone.
pub(super) fn unlist(mut values: Vec<Json>) -> Json {
    if values.len() == 1 { values.remove(0) } else { Json::Array(values) }
}

/// The statement with another value of an element.
pub(super) fn with(statement: &Json, element: &str, value: Json) -> Json {
    let mut statement = statement.clone();
    if let Some(members) = statement.as_object_mut() {
        members.insert(element.to_owned(), value);
    }
    statement
}

/// Where a statement stands in the text that was in force: edits before this one have written it anew.
fn first_place(draft: &Draft<'_>, policy: &Evidence, at: usize, count: usize) -> Option<(usize, usize)> {
    let first = draft.recorded.policies().into_iter().find(|first| first.uri == policy.uri)?;
    let places = Policy::parse(&first.text, draft.kind(policy.layer, &policy.uri)).ok()?.places();
    places.get(at).copied().filter(|_| places.len() == count)
}

fn place(examined: &Examined, (line, column): (usize, usize)) -> String {
    match &examined.sid {
        Some(sid) => format!("{sid} ({line}:{column})"),
        None => format!("at {line}:{column}"),
    }
}

/// Without any statement there is no policy.
fn with_statement(document: &Json, at: usize, statement: Option<Json>) -> Option<String> {
    let mut document = document.clone();
    let slot = document.get_mut("Statement")?;
    match (slot, statement) {
        (Json::Array(all), Some(new)) => *all.get_mut(at)? = new,
        (Json::Array(all), None) if all.len() > 1 && at < all.len() => drop(all.remove(at)),
        (slot @ Json::Object(_), Some(new)) => *slot = new,
        _ => return None,
    }
    Some(printed(&document))
}

fn printed(document: &Json) -> String {
    format!("{document:#}")
}

const AWS: [&str; 2] = ["arn:aws:iam::aws:", "arn:aws:organizations::aws:"];
