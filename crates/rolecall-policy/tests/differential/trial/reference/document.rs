//! Documents as data: the members of the JSON text under the names that the grammar gives them.

use super::condition::{self, Condition};
use super::principal::{Element, Grant};
use super::text::{Facts, expand, fits, segments};
use super::{Question, validation};
use rolecall_policy::{Kind, Layer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A document that was accepted.
#[derive(Debug)]
pub(crate) struct Document {
    /// Version 2012-10-17: `${…}` is a variable.
    pub(crate) variables: bool,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) allow: bool,
    principal: Option<Element>,
    actions: (bool, Vec<String>),
    resources: Option<(bool, Vec<String>)>,
    conditions: Vec<Condition>,
    kind: Kind,
}

/// Reads and validates a document; refused with AWS's sentence.
pub(crate) fn read(text: &str, kind: Kind) -> Result<Document, String> {
    let json = validation::checked(text, kind)?;
    let variables = json.member("Version").and_then(Json::text) == Some("2012-10-17");
    let statements = json.member("Statement").map(Json::items).unwrap_or_default();
    Ok(Document { variables, statements: statements.iter().map(|json| Statement::of(json, kind)).collect() })
}

impl Statement {
    fn of(json: &Json, kind: Kind) -> Self {
        let either = |name: &str, not: &str| match (json.member(name), json.member(not)) {
            (Some(list), _) => Some((false, list.texts())),
            (None, Some(list)) => Some((true, list.texts())),
            (None, None) => None,
        };
        let who = |name, not| json.member(name).map(|who| Element { not, names: names(who) });
        Self {
            allow: json.member("Effect").and_then(Json::text) == Some("Allow"),
            principal: who("Principal", false).or_else(|| who("NotPrincipal", true)),
            actions: either("Action", "NotAction").unwrap_or_default(),
            resources: either("Resource", "NotResource"),
            conditions: json.member("Condition").map(condition::all).unwrap_or_default(),
            kind,
        }
    }

    /// How the statement applies; statements without principal apply directly.
    pub(crate) fn applies(&self, question: &Question<'_>, variables: bool, layer: Layer) -> Option<Grant> {
        let (not, actions) = &self.actions;
        if actions.iter().any(|pattern| is_action(pattern, question.action)) == *not {
            return None;
        }
        if let Some((not, resources)) = &self.resources {
            let hit = |text: &String| is_resource(text, question, variables, self.kind);
            if resources.iter().any(hit) == *not {
                return None;
            }
        }
        let grant = match &self.principal {
            None => Grant::Direct,
            Some(element) => element.reach(self.allow, question, layer)?,
        };
        self.conditions.iter().all(|condition| condition.holds(question.facts, variables)).then_some(grant)
    }
}

fn names(who: &Json) -> Vec<(String, String)> {
    match who {
        Json::Map(kinds) => kinds
            .iter()
            .flat_map(|(kind, list)| list.texts().into_iter().map(|v| (kind.clone(), v)))
            .collect(),
        other => other.texts().into_iter().map(|value| ("AWS".to_owned(), value)).collect(),
    }
}

/// `service:name` without regard to case; the service is spelt out, the name may hold wildcards.
fn is_action(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    if pattern.chars().all(|c| c == '*') {
        return true;
    }
    let (Some((service, name)), Some((asked, wanted))) = (pattern.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    service == asked && literal(name, wanted)
}

/// A pattern without variables.
fn literal(pattern: &str, text: &str) -> bool {
    expand(pattern, true, false, &Facts::new()).is_some_and(|tokens| fits(&tokens, text))
}

fn is_resource(pattern: &str, question: &Question<'_>, variables: bool, kind: Kind) -> bool {
    if pattern.chars().all(|c| c == '*') {
        return true;
    }
    // An action without resources has the resource `*`, which only `*` matches.
    let asked: Vec<&str> = question.resource.splitn(6, ':').collect();
    let wanted = segments(pattern, variables);
    if asked.len() < 6 || !wanted[0].eq_ignore_ascii_case("arn") || !may_be_short(pattern, wanted.len(), kind)
    {
        return false;
    }
    for (n, part) in asked.iter().enumerate().skip(1) {
        let fit = match (n, wanted.get(n)) {
            (_, None) => true,
            (5, Some(pattern)) => {
                expand(pattern, true, variables, question.facts).is_some_and(|tokens| fits(&tokens, part))
            }
            (_, Some(pattern)) => literal(&pattern.to_ascii_lowercase(), &part.to_ascii_lowercase()),
        };
        if !fit {
            return false;
        }
    }
    true
}

/// Whether an ARN with missing parts counts, each of which then stands for anything.
fn may_be_short(pattern: &str, parts: usize, kind: Kind) -> bool {
    match kind {
        _ if parts == 6 => true,
        Kind::Identity | Kind::Boundary | Kind::Session => true,
        Kind::Bucket | Kind::Trust => pattern.contains(['*', '?']),
        Kind::ServiceControl => pattern.ends_with('*'),
        Kind::ResourceControl => false,
    }
}

/// JSON that forgets nothing: a member named twice is there twice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    /// Numbers and booleans, as texts.
    Scalar(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        self.map().and_then(|members| members.iter().find(|(n, _)| n == name)).map(|(_, value)| value)
    }

    pub(crate) fn map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A single value stands for a list of one.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    /// The texts of a list; scalars as they are written.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |item: &Self| match item {
            Self::Text(text) | Self::Scalar(text) => Some(text.clone()),
            _ => None,
        };
        self.items().iter().filter_map(text).collect()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            members.push(entry);
        }
        Ok(Json::Map(members))
    }
}
