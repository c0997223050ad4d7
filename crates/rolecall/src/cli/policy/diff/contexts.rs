//! Which contexts two policies tell apart: for every condition key of theirs the values at which some
//! condition changes its mind, and its absence.

use super::super::subject::Keys;
use serde_json::Value;

/// The contexts to ask in.
pub(super) struct Contexts {
    /// Every combination, the emptiest first.
    pub all: Vec<Keys>,
    /// Whether all combinations are there.
    pub complete: bool,
}

/// Every key with what it may hold.
type Choices = Vec<(String, Vec<Vec<String>>)>;

/// The contexts for policies by their texts; `variables` are keys that resources name, with a value.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>, variables: &[(String, String)]) -> Contexts {
    let mut choices = Choices::new();
    for (key, value) in variables {
        add(&mut choices, key, vec![value.clone()]);
    }
    for text in texts {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = document.get("Statement").map(listed).unwrap_or_default();
        statements.into_iter().for_each(|statement| conditions(statement, &mut choices));
    }
    combined(&choices)
}

fn conditions(statement: &Value, choices: &mut Choices) {
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    for (operator, tests) in operators {
        let is_set = operator.to_ascii_lowercase().starts_with("for");
        for (key, values) in tests.as_object().into_iter().flatten() {
            let near = listed(values).into_iter().flat_map(|value| near(operator, &shown(value)));
            for value in near.chain([OTHER.to_owned()]) {
                add(choices, key, vec![value.clone()]);
                if is_set {
                    add(choices, key, vec![value, OTHER.to_owned()]);
                }
            }
        }
    }
}

/// The value itself and those at which a comparison with it changes its mind.
fn near(operator: &str, value: &str) -> Vec<String> {
    let operator = operator.to_ascii_lowercase();
    if operator.contains("ipaddress") {
        return vec![value.split('/').next().unwrap_or(value).to_owned(), "203.0.113.250".to_owned()];
    }
    if operator.contains("numeric") {
        let number = value.parse::<f64>().unwrap_or_default();
        return [number - 1.0, number, number + 1.0].map(|n| n.to_string()).to_vec();
    }
    if operator.contains("date") {
        return vec!["1970-01-02T00:00:00Z".to_owned(), value.to_owned(), "9999-01-01T00:00:00Z".to_owned()];
    }
    if operator.contains("bool") || operator.contains("null") {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    vec![value.replace("${*}", "*").replace(['*', '?'], "x")]
}

fn add(choices: &mut Choices, key: &str, values: Vec<String>) {
    match choices.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
        Some((_, all)) if all.contains(&values) => {}
        Some((_, all)) => all.push(values),
        None => choices.push((key.to_owned(), vec![values])),
    }
}

/// All combinations; when they are too many, those where at most two keys are there.
fn combined(choices: &Choices) -> Contexts {
    let count = choices.iter().fold(1usize, |count, (_, values)| count.saturating_mul(values.len() + 1));
    let most_keys = if count <= MOST { choices.len() } else { 2 };
    let mut all: Vec<Keys> = vec![Vec::new()];
    for (key, values) in choices {
        let room: Vec<Keys> = all.iter().filter(|context| context.len() < most_keys).cloned().collect();
        for context in room {
            let with = |value: &Vec<String>| [context.as_slice(), &[(key.clone(), value.clone())]].concat();
            all.extend(values.iter().map(with));
        }
        all.truncate(MOST * 4);
    }
    all.sort_by_key(Vec::len);
    Contexts { all, complete: count <= MOST }
}

fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value that no condition is likely to name.
const OTHER: &str = "another-value";
/// The most combinations that are tried in full.
const MOST: usize = 512;
