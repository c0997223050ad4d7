//! Worlds as JSON documents and as rows of spec/policy/worlds.yaml.

use super::reference::{Fact, Facts};
use super::world::{Ask, Kinds, Policy, Statement, World};
use rolecall_policy::Layer;

/// How a document is written; what it means is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without blanks, single values and single statements without brackets.
    Compact,
    /// With blanks, everything a list, members in another order.
    Spread,
}

/// The document of a policy.
pub(crate) fn document(policy: &Policy, style: Style) -> String {
    let statements: Vec<String> = policy.statements.iter().map(|s| statement(s, style)).collect();
    let mut members = Vec::new();
    members.extend(policy.version.map(|version| ("Version", quoted(version))));
    members.push(("Statement", list(&statements, style)));
    object(members, style)
}

fn statement(statement: &Statement, style: Style) -> String {
    let mut members = vec![("Effect", quoted(statement.effect))];
    if let Some((not, kinds)) = &statement.who {
        members.push((if *not { "NotPrincipal" } else { "Principal" }, who(kinds, style)));
    }
    let (not, actions) = &statement.actions;
    members.push((if *not { "NotAction" } else { "Action" }, texts(actions, style)));
    if let Some((not, resources)) = &statement.resources {
        members.push((if *not { "NotResource" } else { "Resource" }, texts(resources, style)));
    }
    if !statement.conditions.is_empty() {
        members.push(("Condition", conditions(&statement.conditions, style)));
    }
    object(members, style)
}

fn who(kinds: &Kinds, style: Style) -> String {
    match kinds.as_slice() {
        [(kind, values)] if kind.is_empty() => values.iter().map(|value| quoted(value)).collect(),
        kinds => {
            object(kinds.iter().map(|(kind, values)| (kind.as_str(), texts(values, style))).collect(), style)
        }
    }
}

/// Keys of one operator stand in one object; the same key twice under one operator is left out.
fn conditions(all: &[(String, String, Vec<String>)], style: Style) -> String {
    let mut operators: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    for (operator, key, values) in all {
        let entry = (key.as_str(), texts(values, style));
        match operators.iter_mut().find(|(known, _)| known == operator) {
            Some((_, keys)) if keys.iter().any(|(known, _)| known == key) => {}
            Some((_, keys)) => keys.push(entry),
            None => operators.push((operator, vec![entry])),
        }
    }
    object(operators.into_iter().map(|(operator, keys)| (operator, object(keys, style))).collect(), style)
}

fn object(mut members: Vec<(&str, String)>, style: Style) -> String {
    if style == Style::Spread {
        members.reverse();
    }
    let (colon, comma) = if style == Style::Spread { (" : ", " ,\n ") } else { (":", ",") };
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("{}{colon}{value}", quoted(name))).collect();
    format!("{{{}}}", members.join(comma))
}

fn texts(values: &[String], style: Style) -> String {
    list(&values.iter().map(|value| quoted(value)).collect::<Vec<_>>(), style)
}

fn list(values: &[String], style: Style) -> String {
    match values {
        [one] if style == Style::Compact => one.clone(),
        _ => format!("[{}]", values.join(if style == Style::Spread { ",\n\t" } else { "," })),
    }
}

pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The row of worlds.yaml that asks this; what the answer should be is for a human to say.
pub(crate) fn row(world: &World, ask: &Ask) -> String {
    let mut row = format!(
        "  - who: {}\n    action: {}\n    resource: {}\n    owner: '{}'\n    context: {}\n",
        ask.who,
        yaml(&ask.action),
        yaml(&ask.resource),
        ask.owner,
        facts(&ask.facts)
    );
    for (layer, levels) in &world.layers {
        let documents = |level: &Vec<Policy>| {
            let all: Vec<_> = level.iter().map(|policy| yaml(&document(policy, Style::Compact))).collect();
            format!("[{}]", all.join(", "))
        };
        let levels: Vec<_> = levels.iter().map(documents).collect();
        row += &format!("    {}: [{}]\n", member(*layer), levels.join(", "));
    }
    row
}

/// A layer's name in worlds.yaml.
pub(crate) fn member(layer: Layer) -> &'static str {
    match layer {
        Layer::ServiceControl => "scp",
        Layer::ResourceControl => "rcp",
        Layer::Resource => "bucket",
        Layer::Trust => "trust",
        Layer::Session => "session",
        Layer::Boundary => "boundary",
        Layer::Identity => "identity",
    }
}

fn facts(facts: &Facts) -> String {
    let fact = |(key, fact): &(String, Fact)| {
        let value = match fact {
            Fact::One(value) => yaml(value),
            Fact::Many(values) => {
                format!("[{}]", values.iter().map(|v| yaml(v)).collect::<Vec<_>>().join(", "))
            }
        };
        format!("{}: {value}", yaml(key))
    };
    format!("{{{}}}", facts.iter().map(fact).collect::<Vec<_>>().join(", "))
}

fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
