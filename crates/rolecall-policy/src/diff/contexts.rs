//! Which contexts two policies tell apart: for every condition key of theirs the values at which some
//! condition changes its mind, and its absence.

use super::Keys;
use crate::json;
use crate::syntax::{self, Test};

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
        let draft = json::parse(text).ok().and_then(|node| syntax::read(&node).ok());
        let clauses = draft.iter().flat_map(|draft| &draft.clauses);
        clauses.flat_map(|clause| &clause.conditions).for_each(|test| condition(test, &mut choices));
    }
    combined(&choices)
}

fn condition(test: &Test, choices: &mut Choices) {
    let operator = test.operator.value.to_ascii_lowercase();
    let is_set = operator.starts_with("for");
    let near = test.values.iter().flat_map(|value| near(&operator, &value.value));
    for value in near.chain([OTHER.to_owned()]) {
        add(choices, &test.key, vec![value.clone()]);
        if is_set {
            add(choices, &test.key, vec![value, OTHER.to_owned()]);
        }
    }
}

/// The value itself and those at which a comparison with it changes its mind.
fn near(operator: &str, value: &str) -> Vec<String> {
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
    vec![exemplary(value)]
}

/// A text that a pattern fits: its wildcards stand for one letter, its escapes for what they mean.
fn exemplary(pattern: &str) -> String {
    let pieces: Vec<&str> = pattern.split("${*}").collect();
    let plain = |piece: &&str| {
        let parts: Vec<String> = piece.split("${?}").map(|part| part.replace(['*', '?'], "x")).collect();
        parts.join("?").replace("${$}", "$")
    };
    pieces.iter().map(plain).collect::<Vec<_>>().join("*")
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

/// A value that no condition is likely to name.
const OTHER: &str = "another-value";
/// The most combinations that are tried in full.
const MOST: usize = 512;
