//! Findings about `Action` and `NotAction`, and how they go together with resources.

use super::{Report, allows, covers, has_wildcard, is_everything, positive};
use crate::catalogue::{self, Action, Service};
use crate::document::Kind;
use crate::syntax::{Clause, List, Text};

pub(super) fn check(clause: &Clause, report: &mut Report) {
    let Some(list) = &clause.action else { return };
    breadth(clause, list, report);
    redundant(list, report);
    for text in &list.items {
        known(text, report);
    }
    if let Some(resources) = positive(clause.resource.as_ref()).filter(|_| !list.negated) {
        list.items.iter().for_each(|text| applicable(text, resources, report));
    }
}

fn breadth(clause: &Clause, list: &List, report: &mut Report) {
    if !allows(clause) || matches!(report.kind, Kind::ServiceControl | Kind::Boundary | Kind::Session) {
        return;
    }
    if list.negated {
        report.security(
            "ALLOW_WITH_NOT_ACTION",
            list.at,
            "Allow with NotAction grants every action that is not listed, also those that come later; \
             list what is granted in Action.",
        );
    }
    if let Some(resources) = clause.resource.as_ref().filter(|list| list.negated) {
        report.security(
            "ALLOW_WITH_NOT_RESOURCE",
            resources.at,
            "Allow with NotResource grants the actions on every resource that is not listed; \
             list what is granted in Resource.",
        );
    }
    if is_everything(Some(list)) && is_everything(clause.resource.as_ref()) && clause.conditions.is_empty() {
        report.security(
            "ALLOW_STAR_ON_STAR",
            list.at,
            "Every action on every resource is allowed; name the actions and resources that are needed.",
        );
    }
}

fn redundant(list: &List, report: &mut Report) {
    for (n, text) in list.items.iter().enumerate() {
        let lower = text.value.to_ascii_lowercase();
        let other = list.items.iter().enumerate().find(|(m, other)| {
            let other = other.value.to_ascii_lowercase();
            *m != n && covers(&other, &lower) && (other != lower || *m < n)
        });
        if let Some((_, other)) = other {
            let message = format!("{} is part of {} and can be left out.", text.value, other.value);
            report.suggestion("REDUNDANT_ACTION", text.at, message);
        }
    }
}

/// The service and its actions that an entry names; `None` for `*` and what is not known.
fn named(text: &str) -> Option<(&'static Service, Vec<&'static Action>)> {
    let (prefix, name) = text.split_once(':')?;
    let service = catalogue::service(prefix)?;
    let name = name.to_ascii_lowercase();
    let fits = |action: &&Action| covers(&name, &action.name.to_ascii_lowercase());
    Some((service, service.actions().iter().filter(fits).collect()))
}

fn known(text: &Text, report: &mut Report) {
    let Some((prefix, _)) = text.value.split_once(':') else { return };
    let meant =
        || catalogue::suggest(&text.value).map_or(String::new(), |meant| format!(" Did you mean {meant}?"));
    match named(&text.value) {
        None => {
            let message = format!("There is no service {prefix:?}.{}", meant());
            report.error("INVALID_SERVICE_IN_ACTION", text.at, message);
        }
        Some((_, actions)) if actions.is_empty() => {
            let message = format!("There is no action {}.{}", text.value, meant());
            report.error("INVALID_ACTION", text.at, message);
        }
        Some(_) => {}
    }
}

/// An action that is spelt out acts on some resource named beside it.
fn applicable(text: &Text, resources: &List, report: &mut Report) {
    let Some((service, actions)) = named(&text.value).filter(|_| !has_wildcard(&text.value)) else { return };
    let Some(action) = actions.first() else { return };
    let mut forms = service.resource_types_of(action).peekable();
    let starred = resources.items.iter().any(|resource| resource.value == "*");
    if starred || resources.items.is_empty() {
        return;
    }
    if forms.peek().is_none() {
        let message = format!("{} has no resources of its own; it is granted on \"*\" only.", text.value);
        return report.warning("ACTION_NEEDS_STAR_RESOURCE", text.at, message);
    }
    let forms: Vec<&str> = forms.map(|form| form.arn).collect();
    let met = |resource: &Text| forms.iter().any(|form| may_be(&resource.value, form));
    if !resources.items.iter().any(met) {
        let message = format!(
            "{} does not act on any resource named in this statement; it acts on {}.",
            text.value,
            forms.join(", ")
        );
        report.warning("ACTION_NEVER_APPLIES", text.at, message);
    }
}

/// True when a resource pattern and the form of a type's ARN can both fit one ARN.
pub(super) fn may_be(pattern: &str, form: &str) -> bool {
    let pattern: Vec<&str> = pattern.splitn(6, ':').collect();
    let form: Vec<&str> = form.splitn(6, ':').collect();
    pattern.iter().zip(&form).enumerate().all(|(n, (pattern, form))| match n {
        0 => true,
        _ => meet(&wild(pattern, "*"), &wild(form, "?*")),
    })
}

/// The text with wildcards for variables, or for placeholders, which are never empty.
fn wild(text: &str, wildcards: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.extend(before.chars());
        out.extend(wildcards.chars());
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.extend(rest.chars());
    out
}

/// True when two patterns have a text in common.
fn meet(a: &[char], b: &[char]) -> bool {
    // Row by row: which beginnings of `b` meet the beginning of `a` so far.
    let is = |row: &[bool], n: usize| row.get(n) == Some(&true);
    let mut row = vec![true];
    for (n, y) in b.iter().enumerate() {
        row.push(is(&row, n) && *y == '*');
    }
    for x in a {
        let mut next = vec![*x == '*' && is(&row, 0)];
        for (n, y) in b.iter().enumerate() {
            next.push(match (*x, *y) {
                ('*', _) | (_, '*') => is(&row, n + 1) || is(&next, n),
                (x, y) => is(&row, n) && (x == y || x == '?' || y == '?'),
            });
        }
        row = next;
    }
    row.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_where_a_text_fits_both() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, expected) in [
            ("", "", true),
            ("", "*", true),
            ("a", "", false),
            ("abc", "a*", true),
            ("*c", "a*", true),
            ("b*", "a*", false),
            ("a?c", "*b*", true),
            ("b/*", "*", true),
            ("*/x", "b/*", true),
            ("b", "*/*", false),
            ("b*", "*/*", true),
            ("role/*", "user/*", false),
        ] {
            assert_eq!(meet(&chars(a), &chars(b)), expected, "{a} {b}");
            assert_eq!(meet(&chars(b), &chars(a)), expected, "{b} {a}");
        }
    }
}
