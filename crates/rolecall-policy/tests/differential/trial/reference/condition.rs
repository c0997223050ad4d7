//! Conditions: operators with prefix and suffix, absent and multivalued keys (IAM User Guide, Condition
//! operators).

use super::document::Json;
use super::text::{Fact, Facts, expand, fact, fits, segments};
use super::value::{Date, Number, Range, base64, boolean};

/// One operator on one key.
#[derive(Debug)]
pub(crate) struct Condition {
    operator: Operator,
    key: String,
    values: Vec<String>,
}

/// An operator's name, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// `forallvalues` or `foranyvalue`.
    set: Option<Set>,
    if_exists: bool,
    negated: bool,
    /// The positive operator, in lower case.
    base: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    All,
    Any,
}

/// Every condition of a `Condition` element that validation has let pass.
pub(crate) fn all(element: &Json) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (name, keys) in element.map().unwrap_or_default() {
        let Some(operator) = Operator::parse(name) else { continue };
        for (key, values) in keys.map().unwrap_or_default() {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: values.texts(),
            });
        }
    }
    conditions
}

impl Operator {
    /// `None` when there is no such operator.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Some(Set::All), rest),
            Some(("foranyvalue", rest)) => (Some(Set::Any), rest),
            Some(_) => return None,
            None => (None, name.as_str()),
        };
        let (name, if_exists) = name.strip_suffix("ifexists").map_or((name, false), |name| (name, true));
        let (base, negated) = match name {
            "notipaddress" => ("ipaddress".to_owned(), true),
            _ => (name.replacen("not", "", 1), name.contains("not")),
        };
        let known = match negated {
            true => NEGATED.contains(&base.as_str()),
            false => POSITIVE.contains(&base.as_str()) || NEGATED.contains(&base.as_str()),
        };
        let bare = set.is_none() && !if_exists;
        (known && (base != "null" || bare)).then_some(Self { set, if_exists, negated, base })
    }

    /// True for the date operators.
    pub(crate) fn is_date(&self) -> bool {
        self.base.starts_with("date")
    }
}

impl Condition {
    pub(crate) fn holds(&self, facts: &Facts, variables: bool) -> bool {
        let values = match fact(facts, &self.key) {
            Some(Fact::Many(values)) if values.is_empty() => None,
            other => other,
        };
        if self.operator.base == "null" {
            return self.values.iter().any(|value| boolean(value) == Some(values.is_none()));
        }
        let satisfies = |value: &String| {
            let met = self.values.iter().any(|limit| self.compare(limit, value, facts, variables));
            met != self.operator.negated
        };
        match (values, self.operator.set) {
            (None, _) if self.operator.if_exists => true,
            (None, Some(set)) => set == Set::All,
            (None, None) => self.operator.negated,
            (Some(Fact::One(value)), None) => satisfies(value),
            (Some(Fact::Many(_)), None) => false,
            (Some(Fact::One(value)), Some(Set::All)) => value.is_empty() || satisfies(value),
            (Some(Fact::One(value)), Some(Set::Any)) => satisfies(value),
            (Some(Fact::Many(values)), Some(Set::All)) => {
                values.iter().all(|value| value.is_empty()) || values.iter().all(satisfies)
            }
            (Some(Fact::Many(values)), Some(Set::Any)) => values.iter().any(satisfies),
        }
    }

    /// The positive operator on one value of the policy and one of the request.
    fn compare(&self, limit: &str, value: &str, facts: &Facts, variables: bool) -> bool {
        let plain = || {
            let tokens = expand(limit, false, variables, facts)?;
            Some(
                tokens
                    .iter()
                    .map(|token| if let super::text::Token::Char(c) = token { *c } else { ' ' })
                    .collect(),
            )
        };
        let plain = || -> Option<String> { plain() };
        match self.operator.base.as_str() {
            "stringequals" => plain().is_some_and(|limit| limit == value),
            "stringequalsignorecase" => plain().is_some_and(|limit| alike(&limit, value)),
            "stringlike" => expand(limit, true, variables, facts).is_some_and(|tokens| fits(&tokens, value)),
            "arnequals" | "arnlike" => arn(limit, value, facts, variables),
            "bool" => {
                plain().and_then(|limit| boolean(&limit)).is_some_and(|limit| boolean(value) == Some(limit))
            }
            "binaryequals" => base64(limit).is_some_and(|limit| base64(value) == Some(limit)),
            "ipaddress" => Range::parse(limit).is_some_and(|range| range.contains(value)),
            name if name.starts_with("numeric") => ordered(name, Number::parse(value), Number::parse(limit)),
            name => ordered(name, Date::parse(value), Date::parse(limit)),
        }
    }
}

/// The same but for case. ASCII keeps to itself: what only folds into it is something else.
fn alike(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = |(a, b): (&char, &char)| {
        let folded = a.to_lowercase().eq(b.to_lowercase()) || a.to_uppercase().eq(b.to_uppercase());
        a.is_ascii() == b.is_ascii() && folded
    };
    one.len() == other.len() && one.iter().zip(&other).all(same)
}

/// The comparison that the end of an operator's name asks for; nothing compares with what is unreadable.
fn ordered<T: Ord>(name: &str, value: Option<T>, limit: Option<T>) -> bool {
    let (Some(value), Some(limit)) = (value, limit) else { return false };
    let name = name.trim_start_matches("numeric").trim_start_matches("date");
    match name {
        "equals" => value == limit,
        "lessthan" => value < limit,
        "lessthanequals" => value <= limit,
        "greaterthan" => value > limit,
        _ => value >= limit,
    }
}

/// Six parts, compared one by one.
fn arn(limit: &str, value: &str, facts: &Facts, variables: bool) -> bool {
    let wanted = segments(limit, variables);
    let given: Vec<&str> = value.splitn(6, ':').collect();
    let shaped = wanted.len() == 6 && given.len() == 6 && wanted[0] == "arn" && given[0] == "arn";
    shaped
        && wanted.iter().zip(given).all(|(pattern, part)| {
            expand(pattern, true, variables, facts).is_some_and(|tokens| fits(&tokens, part))
        })
}

/// Operators that have a `Not`.
const NEGATED: [&str; 8] = [
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "numericequals",
    "dateequals",
    "ipaddress",
    "arnequals",
    "arnlike",
];
const POSITIVE: [&str; 11] = [
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "datelessthan",
    "datelessthanequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "bool",
    "binaryequals",
    "null",
];
