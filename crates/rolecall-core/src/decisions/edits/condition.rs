//! Edits of a statement's conditions, so that one holds that does not, or the other way round.

use super::Edit;
use super::draft::Draft;
use super::statement::{Sheet, list, unlist};
use crate::clock::text::iso8601;
use rolecall_policy::{Examined, Tested};
use serde_json::{Map, Value as Json, json};

/// Edits of the conditions of a statement that are not as wanted, the smallest first.
pub(super) fn edits(draft: &Draft<'_>, examined: &Examined, wanted: bool) -> Vec<Edit> {
    let Some(sheet) = Sheet::of(draft, examined) else { return Vec::new() };
    let amend = |test| Amending { sheet: &sheet, test, names: Operator::of(test) }.edits(wanted);
    examined.conditions.iter().filter(|test| test.holds != wanted).flat_map(amend).collect()
}

struct Amending<'a> {
    sheet: &'a Sheet<'a>,
    test: &'a Tested,
    names: Operator,
}

/// What an operator's name says.
struct Operator {
    /// Without prefix and suffix, in lower case.
    base: String,
    negated: bool,
    if_exists: bool,
    is_set: bool,
}

impl Operator {
    fn of(test: &Tested) -> Self {
        let lower = test.operator.to_ascii_lowercase();
        let base = lower.rsplit(':').next().unwrap_or_default();
        let if_exists = base.ends_with("ifexists");
        let base = base.strip_suffix("ifexists").unwrap_or(base).to_owned();
        Self { negated: base.contains("not"), if_exists, is_set: lower.contains(':'), base }
    }
}

impl Amending<'_> {
    fn edits(&self, wanted: bool) -> Vec<Edit> {
        let actual = self.test.actual.clone().unwrap_or_default();
        let mut all = Vec::new();
        match (wanted, self.names.negated) {
            _ if self.names.base == "null" => {}
            (true, false) if actual.is_empty() => all.extend(self.if_exists()),
            (true, true) if actual.is_empty() => all.extend(self.if_exists()),
            (true, false) if !self.names.is_set && actual.len() > 1 => all.extend(self.any_value(&actual)),
            (true, false) => all.extend(self.added(&actual)),
            (false, true) if !actual.is_empty() => all.extend(self.added(&actual)),
            (true, true) | (false, false) => all.extend(self.fewer()),
            (false, true) => {}
        }
        if wanted {
            all.push(self.without());
        }
        all
    }

    /// The request's values among those of the condition; of an order, the next limit.
    fn added(&self, actual: &[String]) -> Option<Edit> {
        let of = self.described();
        if let Some(limit) = self.limit(actual.first()?) {
            return Some(self.valued(vec![json!(limit)], format!("change the value of {of} to \"{limit}\"")));
        }
        let known = self.values();
        let new =
            actual.iter().map(|value| json!(self.literal(value))).filter(|value| !known.contains(value));
        let new: Vec<Json> = new.collect();
        let words = format!("add {} to the values of {of}", shown(&new));
        (!new.is_empty()).then(|| self.valued([known, new].concat(), words))
    }

    /// Without one of several values, whichever it takes.
    fn fewer(&self) -> Vec<Edit> {
        let all = self.values();
        let one = |at: usize| {
            let mut rest = all.clone();
            let gone = rest.remove(at);
            self.valued(rest, format!("take {gone} out of the values of {}", self.described()))
        };
        if all.len() > 1 { (0..all.len()).map(one).collect() } else { Vec::new() }
    }

    /// Lets the key be absent.
    fn if_exists(&self) -> Option<Edit> {
        let name = format!("{}IfExists", self.test.operator);
        let words = format!("change {} to {name}, so that the key may be absent", self.described());
        (!self.names.if_exists).then(|| self.renamed(&name, self.values(), words))
    }

    /// A key with several values needs a set operator.
    fn any_value(&self, actual: &[String]) -> Option<Edit> {
        let name = format!("ForAnyValue:{}", self.test.operator);
        let value = json!(self.literal(actual.first()?));
        let words = format!(
            "change {} to {name}, because the key has several values, and add {value}",
            self.described()
        );
        let known = self.values();
        let values = if known.contains(&value) { known } else { [known, vec![value]].concat() };
        Some(self.renamed(&name, values, words))
    }

    /// Without the condition.
    fn without(&self) -> Edit {
        let (_, rest) = self.taken();
        self.put(rest, format!("remove the condition {}", self.described()))
    }

    /// The limit at which the request's value passes, for the operators that know an order.
    fn limit(&self, actual: &str) -> Option<String> {
        let base = self.names.base.as_str();
        let step = match base {
            _ if base.ends_with("thanequals") => 0,
            _ if base.ends_with("lessthan") => 1,
            _ if base.ends_with("greaterthan") => -1,
            _ => return None,
        };
        if base.starts_with("date") {
            return Some(iso8601(seconds(actual)? + step));
        }
        let number: f64 = actual.parse().ok()?;
        Some((number + f64::from(i32::try_from(step).ok()?)).to_string())
    }

    /// A value that is not read as a pattern or variable.
    fn literal(&self, value: &str) -> String {
        let text = if self.names.base.starts_with("string") {
            value.replace("${", "${$}{")
        } else {
            value.to_owned()
        };
        if self.names.base.ends_with("like") && self.names.base.starts_with("string") {
            return text.replace('*', "${*}").replace('?', "${?}");
        }
        text
    }

    fn described(&self) -> String {
        format!("{} {} in {}", self.test.operator, self.test.key, self.sheet.title)
    }

    fn values(&self) -> Vec<Json> {
        list(Some(&self.taken().0))
    }

    fn valued(&self, values: Vec<Json>, words: String) -> Edit {
        self.renamed(&self.test.operator, values, words)
    }

    /// The condition with these values under another operator.
    fn renamed(&self, operator: &str, values: Vec<Json>, words: String) -> Edit {
        let (_, mut rest) = self.taken();
        let same = rest.keys().find(|name| name.eq_ignore_ascii_case(operator)).cloned();
        let slot = rest.entry(same.unwrap_or_else(|| operator.to_owned())).or_insert_with(|| json!({}));
        if let Some(keys) = slot.as_object_mut() {
            keys.insert(self.test.key.clone(), unlist(values));
        }
        self.put(rest, words)
    }

    /// The condition's values, and the other conditions.
    fn taken(&self) -> (Json, Map<String, Json>) {
        let conditions = self.sheet.statement.get("Condition").and_then(Json::as_object);
        let mut rest = conditions.cloned().unwrap_or_default();
        let name = rest.keys().find(|name| name.eq_ignore_ascii_case(&self.test.operator)).cloned();
        let Some(name) = name else { return (Json::Null, rest) };
        let keys = rest.get_mut(&name).and_then(Json::as_object_mut);
        let (values, is_empty) =
            keys.map_or((None, true), |keys| (keys.remove(&self.test.key), keys.is_empty()));
        if is_empty {
            rest.remove(&name);
        }
        (values.unwrap_or_default(), rest)
    }

    fn put(&self, conditions: Map<String, Json>, words: String) -> Edit {
        let mut statement = self.sheet.statement.clone();
        if let Some(members) = statement.as_object_mut() {
            members.remove("Condition");
            if !conditions.is_empty() {
                members.insert("Condition".to_owned(), Json::Object(conditions));
            }
        }
        self.sheet.edit(Some(statement), words)
    }
}

/// A date as seconds since 1970.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let instant = || text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
    text.parse().ok().or_else(instant)
}

fn shown(values: &[Json]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
