//! The grammar: a JSON tree in, a [`Draft`] out — the elements of a policy with their places, not yet
//! checked for what they say.

use crate::condition::Spelling;
use crate::json::{Data, Member, Node, Position};
use crate::sentence::{Finding, Offence};

/// A document whose shape is right.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) at: Position,
    pub(crate) version: Option<Text>,
    pub(crate) clauses: Vec<Clause>,
}

/// A string with its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) at: Position,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Clause {
    pub(crate) at: Position,
    pub(crate) end: Position,
    pub(crate) sid: Option<Text>,
    pub(crate) effect: Text,
    pub(crate) principal: Option<Who>,
    pub(crate) action: Option<List>,
    pub(crate) resource: Option<List>,
    pub(crate) conditions: Vec<Test>,
    /// Objects of the `Condition` element in which nothing stands, by name.
    pub(crate) hollow: Vec<Text>,
}

/// `Action`, `Resource` or their opposites.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) negated: bool,
    pub(crate) at: Position,
    pub(crate) items: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) negated: bool,
    pub(crate) at: Position,
    pub(crate) shape: WhoShape,
}

/// How a principal element is written.
#[derive(Debug)]
pub(crate) enum WhoShape {
    /// A bare string, such as `"*"`.
    Bare(String),
    /// Kinds with their values.
    Kinds(Vec<(String, Vec<Text>)>),
    /// Anything else.
    Other,
}

/// One key under one operator.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) spelling: Spelling,
    /// As it is written, and where.
    pub(crate) operator: Text,
    pub(crate) key: String,
    pub(crate) key_at: Position,
    pub(crate) values: Vec<Text>,
}

/// Reads a document.
pub(crate) fn read(node: &Node) -> Result<Draft, Finding> {
    let elements = Elements::of(node, "the policy", DOCUMENT_ELEMENTS)?;
    let version = elements.take("Version").map(text).transpose()?;
    if let Some(version) = version.as_ref().filter(|v| !VERSIONS.contains(&v.value.as_str())) {
        let detail = "Version is either 2008-10-17 or 2012-10-17";
        return Err(Finding::new(Offence::UnknownVersion, version.at, detail));
    }
    elements.take("Id").map(text).transpose()?;
    let Some(statement) = elements.take("Statement") else {
        return Err(Finding::new(Offence::MissingField("Statement"), node.start, "Statement is required"));
    };
    let clauses = one_or_many(statement).iter().map(clause).collect::<Result<Vec<_>, _>>()?;
    if clauses.is_empty() {
        return Err(Finding::new(Offence::NoStatements, statement.start, "Statement is empty"));
    }
    Ok(Draft { at: node.start, version, clauses })
}

fn clause(node: &Node) -> Result<Clause, Finding> {
    let elements = Elements::of(node, "a statement", STATEMENT_ELEMENTS)?;
    let sid = elements.take("Sid").map(text).transpose()?;
    let Some(effect) = elements.take("Effect") else {
        return Err(Finding::new(Offence::MissingField("Effect"), node.start, "Effect is required"));
    };
    let effect = text(effect)?;
    if !["allow", "deny"].contains(&effect.value.to_ascii_lowercase().as_str()) {
        return Err(Finding::new(Offence::UnknownEffect, effect.at, "Effect is either Allow or Deny"));
    }
    let principal = elements.either("Principal", "NotPrincipal")?.map(|(negated, node)| who(node, negated));
    let action = elements.either("Action", "NotAction")?.map(list).transpose()?;
    let resource = elements.either("Resource", "NotResource")?.map(list).transpose()?;
    let (conditions, hollow) = elements.take("Condition").map_or(Ok(Default::default()), conditions)?;
    Ok(Clause { at: node.start, end: node.end, sid, effect, principal, action, resource, conditions, hollow })
}

/// The members of an object, all of known names.
struct Elements<'n>(&'n [Member]);

impl<'n> Elements<'n> {
    fn of(node: &'n Node, what: &str, known: &[&str]) -> Result<Self, Finding> {
        let Data::Map(members) = &node.data else {
            return Err(syntax(node, format!("{what} is not an object")));
        };
        match members.iter().find(|member| !known.contains(&member.name.as_str())) {
            None => Ok(Self(members)),
            Some(Member { name, at, .. }) => {
                let detail = format!("{what} has no element {name:?}; there are {}", known.join(", "));
                Err(Finding::new(Offence::UnknownField(name.clone()), *at, detail))
            }
        }
    }

    fn take(&self, name: &str) -> Option<&'n Node> {
        self.0.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The one of two elements that exclude each other; true for the second.
    fn either(&self, name: &str, opposite: &str) -> Result<Option<(bool, &'n Node)>, Finding> {
        match (self.take(name), self.take(opposite)) {
            (Some(_), Some(node)) => {
                let detail = format!("{name} and {opposite} exclude each other");
                Err(Finding::new(Offence::BothElements, node.start, detail))
            }
            (Some(node), None) => Ok(Some((false, node))),
            (None, Some(node)) => Ok(Some((true, node))),
            (None, None) => Ok(None),
        }
    }
}

fn who(node: &Node, negated: bool) -> Who {
    let shape = match &node.data {
        Data::Text(text) => WhoShape::Bare(text.clone()),
        Data::Map(members) => {
            members.iter().map(kind).collect::<Option<_>>().map_or(WhoShape::Other, WhoShape::Kinds)
        }
        _ => WhoShape::Other,
    };
    Who { negated, at: node.start, shape }
}

fn kind(member: &Member) -> Option<(String, Vec<Text>)> {
    let values = one_or_many(&member.value).iter().map(text).collect::<Result<_, _>>().ok()?;
    Some((member.name.clone(), values))
}

fn list((negated, node): (bool, &Node)) -> Result<List, Finding> {
    let items = one_or_many(node).iter().map(text).collect::<Result<_, _>>()?;
    Ok(List { negated, at: node.start, items })
}

/// The tests, and the objects in which nothing stands.
fn conditions(node: &Node) -> Result<(Vec<Test>, Vec<Text>), Finding> {
    let (mut tests, mut hollow) = (Vec::new(), Vec::new());
    let operators = members(node, "Condition")?;
    if operators.is_empty() {
        hollow.push(Text { value: "Condition".to_owned(), at: node.start });
    }
    for operator in operators {
        let name = Text { value: operator.name.clone(), at: operator.at };
        let keys = members(&operator.value, &operator.name)?;
        if keys.is_empty() {
            hollow.push(name);
            continue;
        }
        let Some(spelling) = Spelling::parse(&operator.name) else {
            let detail = format!("there is no condition operator {:?}", operator.name);
            return Err(Finding::new(Offence::UnknownOperator, operator.at, detail));
        };
        for Member { name: key, at, value } in keys {
            let values = one_or_many(value).iter().map(scalar).collect::<Result<_, _>>()?;
            tests.push(Test { spelling, operator: name.clone(), key: key.clone(), key_at: *at, values });
        }
    }
    Ok((tests, hollow))
}

fn members<'n>(node: &'n Node, what: &str) -> Result<&'n [Member], Finding> {
    match &node.data {
        Data::Map(members) => Ok(members),
        _ => Err(syntax(node, format!("{what} is not an object"))),
    }
}

/// A single value may stand for a list of one.
fn one_or_many(node: &Node) -> &[Node] {
    match &node.data {
        Data::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn text(node: &Node) -> Result<Text, Finding> {
    match &node.data {
        Data::Text(value) => Ok(Text { value: value.clone(), at: node.start }),
        _ => Err(syntax(node, "expected a string")),
    }
}

/// A condition value: numbers and booleans are read as the text they are written with.
fn scalar(node: &Node) -> Result<Text, Finding> {
    match &node.data {
        Data::Number(raw) => Ok(Text { value: raw.clone(), at: node.start }),
        Data::Bool(value) => Ok(Text { value: value.to_string(), at: node.start }),
        _ => text(node),
    }
}

fn syntax(node: &Node, detail: impl Into<String>) -> Finding {
    Finding::new(Offence::Syntax, node.start, detail)
}

const VERSIONS: [&str; 2] = ["2008-10-17", "2012-10-17"];
const DOCUMENT_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
