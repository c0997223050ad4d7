//! Which actions two policies tell apart: classes of actions that both treat alike.

use std::collections::BTreeMap;

use crate::catalogue;
use crate::document::Policy;

/// The classes, each with its actions by name. Actions that no pattern names are a class, too.
pub(super) fn of<'a>(policies: impl Iterator<Item = &'a Policy>) -> Vec<Vec<String>> {
    let named = policies.flat_map(|policy| policy.actions());
    let patterns: Vec<String> = named.map(|action| action.to_ascii_lowercase()).collect();
    let mut classes: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    let mut add = |action: String| {
        let lower = action.to_ascii_lowercase();
        let class =
            classes.entry(patterns.iter().map(|pattern| fits(pattern, &lower)).collect()).or_default();
        if !class.iter().any(|known| known.eq_ignore_ascii_case(&lower)) {
            class.push(action);
        }
    };
    for service in catalogue::services().iter().filter(|service| is_named(&patterns, service.prefix)) {
        service.actions().iter().for_each(|action| add(format!("{}:{}", service.prefix, action.name)));
    }
    // What the catalogue does not know, and an action that nothing names.
    patterns.iter().filter(|pattern| pattern.contains(':')).for_each(|p| add(p.replace(['*', '?'], "x")));
    add("other:Action".to_owned());
    classes.into_values().collect()
}

/// A policy that names all services is shown by those that everybody has.
fn is_named(patterns: &[String], prefix: &str) -> bool {
    let all = patterns.iter().any(|pattern| pattern == "*");
    all && COMMON.contains(&prefix) || patterns.iter().any(|p| p.split(':').next() == Some(prefix))
}

/// True when a pattern, in which `*` and `?` are wildcards, fits a text: the places in the text up to which
/// the pattern fits so far, letter by letter.
fn fits(pattern: &str, text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let mut open: Vec<usize> = vec![0];
    for wanted in pattern.chars() {
        open = match wanted {
            '*' => open.first().map(|first| (*first..=letters.len()).collect()).unwrap_or_default(),
            _ => {
                let fits = |at: &usize| letters.get(*at).is_some_and(|c| wanted == '?' || *c == wanted);
                open.into_iter().filter(fits).map(|at| at + 1).collect()
            }
        };
    }
    open.contains(&letters.len())
}

const COMMON: [&str; 4] = ["iam", "s3", "sts", "organizations"];
