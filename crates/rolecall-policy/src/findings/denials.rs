//! Findings about what a `Deny` misses: a variable that has no value makes what it stands in fit nothing.

use super::{Report, allows, positive};
use crate::catalogue::closest;
use crate::catalogue::keys::{GLOBAL_KEYS, global};
use crate::context::Context;
use crate::pattern::Pattern;
use crate::syntax::{Clause, Draft, Test, Text};
use crate::variable::Dialect;

pub(super) fn check(clause: &Clause, draft: &Draft, report: &mut Report) {
    let modern = draft.version.as_ref().is_some_and(|version| version.value == "2012-10-17");
    if allows(clause) || !modern {
        return;
    }
    let resources = positive(clause.resource.as_ref()).into_iter().flat_map(|list| &list.items);
    let values = clause.conditions.iter().filter(|test| is_firm(test)).flat_map(|test| &test.values);
    for text in resources.chain(values) {
        unresolved(clause, text, report);
    }
}

/// True when the condition must be met by a value: negated ones are met by what resolves to nothing.
fn is_firm(test: &Test) -> bool {
    let spelling = &test.spelling;
    !spelling.is_negated()
        && ["String", "Arn", "Bool"].iter().any(|family| spelling.name().starts_with(family))
}

fn unresolved(clause: &Clause, text: &Text, report: &mut Report) {
    let pattern = Pattern::wild(&text.value, Dialect::Variables);
    let nothing = Context::new();
    let missing = pattern.variables().filter(|variable| variable.is_missing(&nothing));
    let key = missing.map(|variable| variable.key.to_string()).find(|key| !is_always_there(clause, key));
    let Some(key) = key else { return };
    let message = format!(
        "Requests that have no {key} are not denied, since {} then fits nothing.{} Give it a default, as in \
         ${{{key}, 'none'}}, or deny those requests by \"Null\": {{\"{key}\": \"true\"}}.",
        text.value,
        unknown(&key)
    );
    report.security("DENY_WITH_UNRESOLVABLE_VARIABLE", text.at, message);
}

/// True for keys of every request, and those that the statement itself demands.
fn is_always_there(clause: &Clause, key: &str) -> bool {
    let demands = |test: &Test| {
        let is_false = test.values.iter().all(|value| value.value.eq_ignore_ascii_case("false"));
        test.spelling.name() == "Null" && test.key.eq_ignore_ascii_case(key) && is_false
    };
    global(key).is_some_and(|known| known.always) || clause.conditions.iter().any(demands)
}

fn unknown(key: &str) -> String {
    let is_global = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    if !is_global || global(key).is_some() {
        return String::new();
    }
    match closest(key, GLOBAL_KEYS.iter().map(|global| global.key.name)) {
        Some(name) => format!(" There is no such key; {name} may be meant."),
        None => " There is no such key.".to_owned(),
    }
}
