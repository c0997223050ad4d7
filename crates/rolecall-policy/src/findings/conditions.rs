//! Findings about condition operators and keys.

use super::{Report, allows, has_wildcard, positive};
use crate::catalogue::keys::global;
use crate::catalogue::{self, Key, KeyKind, closest};
use crate::document::Kind;
use crate::syntax::{Clause, Test, Text};

pub(super) fn check(clause: &Clause, report: &mut Report) {
    hollow(clause, report);
    for (n, test) in clause.conditions.iter().enumerate() {
        twice(clause.conditions.get(..n).unwrap_or_default(), test, report);
        let Some(key) = known(test, report) else { continue };
        kind(test, &key, report);
        sets(clause, test, &key, report);
    }
    for test in &clause.conditions {
        for_all(clause, test, report);
        supported(clause, test, report);
        mfa(clause, test, report);
        never(clause, test, report);
        ever(clause, test, report);
    }
}

fn hollow(clause: &Clause, report: &mut Report) {
    for text in &clause.hollow {
        let message =
            format!("{} is empty and asks for nothing; leave it out, or say what is meant.", text.value);
        report.suggestion("EMPTY_OBJECT_CONDITION", text.at, message);
    }
    for test in clause.conditions.iter().filter(|test| test.values.is_empty()) {
        let message = format!("{} is compared with no value; name one, or leave the key out.", test.key);
        report.suggestion("EMPTY_ARRAY_CONDITION", test.key_at, message);
    }
}

fn twice(earlier: &[Test], test: &Test, report: &mut Report) {
    let same = |other: &&Test| {
        other.operator.value.eq_ignore_ascii_case(&test.operator.value)
            && other.key.eq_ignore_ascii_case(&test.key)
    };
    if let Some(other) = earlier.iter().find(same) {
        let message = format!(
            "{} under {} is the key {} again, and both must hold; write one with all values.",
            test.key, test.operator.value, other.key
        );
        report.error("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", test.key_at, message);
    }
}

/// What the catalogue knows of the key; a finding when it ought to know it.
fn known(test: &Test, report: &mut Report) -> Option<Key> {
    let key = test.key.as_str();
    if let Some(global) = global(key) {
        return Some(global.key);
    }
    let Some((prefix, _)) = key.rsplit_once(':') else {
        let message = format!("{key:?} is not a condition key: those are written service:name.");
        report.error("INVALID_CONDITION_KEY_FORMAT", test.key_at, message);
        return None;
    };
    if prefix.eq_ignore_ascii_case("aws") {
        let names = catalogue::keys::GLOBAL_KEYS.iter().map(|global| global.key.name);
        let message = format!("There is no global condition key {key}.{}", meant(key, names));
        report.error("INVALID_GLOBAL_CONDITION_KEY", test.key_at, message);
        return None;
    }
    // Identity providers name keys after themselves; which claims they have is theirs to say.
    let service = catalogue::service(prefix)?;
    let found = service.key(key).copied();
    if found.is_none() && !OPEN.contains(&service.prefix) {
        let message = format!(
            "{} has no condition key {key}.{}",
            service.prefix,
            meant(key, service.keys().iter().map(|key| key.name))
        );
        report.error("INVALID_SERVICE_CONDITION_KEY", test.key_at, message);
    }
    found
}

fn meant<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> String {
    closest(key, names).map_or(String::new(), |name| format!(" Did you mean {name}?"))
}

/// That the operator compares what the key holds.
fn kind(test: &Test, key: &Key, report: &mut Report) {
    let name = test.spelling.name();
    let fits = match key.kind {
        // Times are also compared as seconds, account numbers as numbers.
        KeyKind::Text => ["String", "Numeric", "Binary"].iter().any(|family| name.starts_with(family)),
        KeyKind::Arn => ["Arn", "String"].iter().any(|family| name.starts_with(family)),
        KeyKind::Date => ["Date", "Numeric"].iter().any(|family| name.starts_with(family)),
        KeyKind::Number => name.starts_with("Numeric"),
        KeyKind::Bool => name == "Bool" || name.starts_with("String"),
        KeyKind::Address => name.ends_with("IpAddress"),
    };
    if !fits && name != "Null" {
        let message =
            format!("{} holds {}, which {name} does not compare; use {}.", test.key, what(key), better(key));
        report.error("TYPE_MISMATCH", test.operator.at, message);
    } else if key.kind == KeyKind::Arn && name.starts_with("String") && name.contains("Like") {
        let message = format!("{} holds an ARN; ArnLike compares its parts one by one.", test.key);
        report.warning("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", test.operator.at, message);
    }
}

fn what(key: &Key) -> &'static str {
    match key.kind {
        KeyKind::Text => "text",
        KeyKind::Number => "a number",
        KeyKind::Date => "a time",
        KeyKind::Bool => "true or false",
        KeyKind::Address => "an address",
        KeyKind::Arn => "an ARN",
    }
}

fn better(key: &Key) -> &'static str {
    match key.kind {
        KeyKind::Text => "StringEquals or StringLike",
        KeyKind::Number => "a Numeric operator",
        KeyKind::Date => "a Date operator",
        KeyKind::Bool => "Bool",
        KeyKind::Address => "IpAddress",
        KeyKind::Arn => "ArnLike",
    }
}

/// Multivalued keys need a set operator; for single-valued ones it opens a hole.
fn sets(clause: &Clause, test: &Test, key: &Key, report: &mut Report) {
    let spelling = &test.spelling;
    if key.many && !spelling.has_quantifier() && spelling.name() != "Null" {
        let message = format!(
            "{} may have several values, which {} never compares; write ForAnyValue: or ForAllValues: before it.",
            test.key, test.operator.value
        );
        report.error("MISSING_QUALIFIER", test.operator.at, message);
    } else if !key.many && spelling.is_for_all() && allows(clause) {
        let message = format!(
            "{} has one value; ForAllValues also holds when it has none. Leave ForAllValues away.",
            test.key
        );
        report.security("FORALLVALUES_WITH_SINGLE_VALUED_KEY", test.operator.at, message);
    }
}

/// `ForAllValues` holds when the key is absent, so an Allow needs `Null` beside it.
fn for_all(clause: &Clause, test: &Test, report: &mut Report) {
    let guards = |other: &Test| {
        let null = other.spelling.name() == "Null"
            && other.values.iter().all(|v| v.value.eq_ignore_ascii_case("false"));
        let any =
            other.spelling.has_quantifier() && !other.spelling.is_for_all() && !other.spelling.is_if_exists();
        other.key.eq_ignore_ascii_case(&test.key) && (null || any)
    };
    if allows(clause) && test.spelling.is_for_all() && !clause.conditions.iter().any(guards) {
        let message = format!(
            "ForAllValues also holds when the request has no {0}; add \"Null\": {{\"{0}\": \"false\"}}.",
            test.key
        );
        report.security("FORALLVALUES_WITHOUT_NULL_CHECK", test.operator.at, message);
    }
}

/// A service's key that none of the actions has is always absent.
fn supported(clause: &Clause, test: &Test, report: &mut Report) {
    let Some(actions) = positive(clause.action.as_ref()) else { return };
    let Some((prefix, _)) = test.key.split_once(':') else { return };
    let spelt_out = |text: &str| !has_wildcard(text);
    if global(&test.key).is_some() || !actions.items.iter().all(|text| spelt_out(&text.value)) {
        return;
    }
    let Some(known) = catalogue::service(prefix).and_then(|service| service.key(&test.key)) else { return };
    let has = |action: &str| {
        let found = action.split_once(':').and_then(|(service, name)| {
            let service = catalogue::service(service)?;
            Some((service, service.action(name)?))
        });
        found.is_none_or(|(service, action)| service.keys_of(action).any(|key| key.name == known.name))
    };
    if report.kind != Kind::Trust && !actions.items.iter().any(|text| has(&text.value)) {
        let message =
            format!("No action named in this statement has the key {}; it is always absent.", test.key);
        report.warning("CONDITION_KEY_NOT_SUPPORTED_BY_ACTION", test.key_at, message);
    }
}

/// Long-term credentials have no such key, so a denial that asks for "false" spares them.
fn mfa(clause: &Clause, test: &Test, report: &mut Report) {
    let key = test.key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent");
    let plain = test.spelling.name() == "Bool" && !test.spelling.is_if_exists();
    let refuses = test.values.iter().any(|value| value.value.eq_ignore_ascii_case("false"));
    if key && plain && refuses && !allows(clause) {
        report.security(
            "DENY_WITHOUT_MFA_SPARES_ACCESS_KEYS",
            test.operator.at,
            "Requests signed with long-term access keys have no aws:MultiFactorAuthPresent and are not denied; \
             use BoolIfExists.",
        );
    }
}

/// Conditions that no request meets.
fn never(clause: &Clause, test: &Test, report: &mut Report) {
    let spelling = &test.spelling;
    let firm = !spelling.is_negated() && !spelling.is_if_exists() && !spelling.is_for_all();
    let unread = test.values.iter().all(|value| !value.value.contains("${") && !spelling.reads(&value.value));
    let absent = |other: &Test| {
        let null = other.spelling.name() == "Null"
            && other.values.iter().all(|v| v.value.eq_ignore_ascii_case("true"));
        null && other.key.eq_ignore_ascii_case(&test.key)
    };
    let contradicted = spelling.name() != "Null" && clause.conditions.iter().any(absent);
    if firm && (unread || contradicted) {
        let message = match contradicted {
            true => format!("{} must be absent and have a value at once, which no request meets.", test.key),
            false => format!("{} is compared with nothing that it can be; no request meets this.", test.key),
        };
        match allows(clause) {
            true => report.warning("ALLOW_NEVER_APPLIES", test.key_at, message),
            false => report.security("DENY_NEVER_APPLIES", test.key_at, message),
        }
    }
}

/// Negated conditions that every request meets, for want of a value that could be equal.
fn ever(clause: &Clause, test: &Test, report: &mut Report) {
    let unread = |value: &Text| !value.value.contains("${") && !test.spelling.reads(&value.value);
    if !test.spelling.is_negated() || test.values.is_empty() || !test.values.iter().all(unread) {
        return;
    }
    let message = format!(
        "{} is compared with nothing that it can be, so every request meets {}; correct the value.",
        test.key, test.operator.value
    );
    match allows(clause) {
        true => report.security("CONDITION_ALWAYS_HOLDS", test.key_at, message),
        false => report.warning("CONDITION_ALWAYS_HOLDS", test.key_at, message),
    }
}

/// Services whose keys are not all known beforehand: claims of identity providers, tags of objects.
const OPEN: [&str; 2] = ["sts", "cognito-identity"];
