//! The truth tables of spec/policy, held against the engine and the reference alike.

use crate::trial::cast::OTHER;
use crate::trial::cast::OWN;
use crate::trial::pair::{self, Answer, Pair};
use crate::trial::print::{member, quoted};
use crate::trial::reference::{Fact, Facts};
use crate::trial::world::{self, Ask};
use rolecall_policy::{Decision, Kind, Layer, Policy};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Cases that share a source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group<T> {
    about: String,
    source: String,
    cases: Vec<T>,
}

fn table<T: DeserializeOwned>(name: &str, least: usize, check: impl Fn(T, &str)) {
    let path = format!("{}/../../spec/policy/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let groups: Vec<Group<T>> = serde_norway::from_str(&text).unwrap();
    let mut count = 0;
    for group in groups {
        assert!(!group.source.trim().is_empty(), "{name}: {} has no source", group.about);
        for (index, case) in group.cases.into_iter().enumerate() {
            check(case, &format!("{name}: {} #{}", group.about, index + 1));
            count += 1;
        }
    }
    assert!(count >= least, "{name} has only {count} cases");
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl From<Values> for Fact {
    fn from(values: Values) -> Self {
        match values {
            Values::One(value) => Self::One(value),
            Values::Many(values) => Self::Many(values),
        }
    }
}

type Context = BTreeMap<String, Values>;

fn facts(context: Context) -> Facts {
    context.into_iter().map(|(key, values)| (key, values.into())).collect()
}

/// Asks both what an identity policy of one statement says to a user.
fn allows(document: &str, action: &str, resource: &str, facts: Facts) -> bool {
    let ask = Ask { who: "user", action: action.into(), resource: resource.into(), owner: OWN, facts };
    answer(&[(Layer::Identity, vec![vec![document.to_owned()]])], &ask, document).decision()
        == Decision::Allow
}

fn answer(layers: &[(Layer, Vec<Vec<String>>)], ask: &Ask, name: &str) -> Answer {
    let mut pair = Pair::default();
    for (layer, levels) in layers {
        assert_eq!(pair.add(*layer, levels), Ok(0), "{name}");
    }
    pair.ask(&pair.layers(), ask).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(","))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionCase {
    op: String,
    policy: Vec<String>,
    request: Option<Values>,
    #[serde(default)]
    context: Context,
    holds: bool,
}

#[test]
fn conditions() {
    table("conditions", 90, |case: ConditionCase, name| {
        let mut facts = facts(case.context);
        facts.extend(case.request.map(|values| ("x:Key".to_owned(), values.into())));
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{}:{{"x:key":{}}}}}}}}}"#,
            quoted(&case.op),
            list(&case.policy)
        );
        assert_eq!(allows(&document, "s3:GetObject", "*", facts), case.holds, "{name}");
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchingCase {
    element: String,
    policy: Vec<String>,
    request: String,
    #[serde(default)]
    context: Context,
    applies: bool,
}

#[test]
fn matching() {
    table("matching", 40, |case: MatchingCase, name| {
        let of_action = case.element.ends_with("Action");
        let other = if of_action { r#""Resource":"*""# } else { r#""Action":"*""# };
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{other},{}:{}}}}}"#,
            quoted(&case.element),
            list(&case.policy)
        );
        let (action, resource) = match of_action {
            true => (case.request.as_str(), "*"),
            false => ("s3:GetObject", case.request.as_str()),
        };
        assert_eq!(allows(&document, action, resource, facts(case.context)), case.applies, "{name}");
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionCase {
    who: String,
    #[serde(default)]
    other_account: bool,
    action: Option<String>,
    identity: Option<String>,
    boundary: Option<String>,
    session: Option<String>,
    resource: Option<Vec<String>>,
    trust: Option<Vec<String>>,
    #[serde(default)]
    scp: Vec<String>,
    #[serde(default)]
    rcp: Vec<String>,
    decision: String,
    because: Option<String>,
}

/// `allow`, `deny`, `both` or `none` as policies without principal.
fn plain(word: &str, layer: Layer) -> Vec<String> {
    let who = if layer == Layer::ResourceControl { r#""Principal":"*","# } else { "" };
    let statement = |effect| format!(r#"{{"Effect":"{effect}",{who}"Action":"*","Resource":"*"}}"#);
    let statements = match word {
        "allow" => statement("Allow"),
        "deny" => statement("Deny"),
        "both" => [statement("Allow"), statement("Deny")].join(","),
        "none" => return Vec::new(),
        other => panic!("{other}"),
    };
    vec![format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)]
}

/// `Allow "*"`, `Deny not {"AWS":"…"}`: effect and principal element.
fn owned(statements: &[String], layer: Layer) -> Vec<String> {
    let body =
        if layer == Layer::Trust { r#""Action":"sts:*""# } else { r#""Action":"s3:*","Resource":"*""# };
    let statement = |text: &String| {
        let (effect, who) = text.split_once(' ').unwrap();
        let (element, who) = who.strip_prefix("not ").map_or(("Principal", who), |who| ("NotPrincipal", who));
        format!(r#"{{"Effect":"{effect}","{element}":{who},{body}}}"#)
    };
    let statements: Vec<_> = statements.iter().map(statement).collect();
    match statements.is_empty() {
        true => Vec::new(),
        false => vec![format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))],
    }
}

#[test]
fn decisions() {
    table("decisions", 90, |case: DecisionCase, name| {
        let mut layers =
            vec![(Layer::Identity, vec![plain(case.identity.as_deref().unwrap_or("none"), Layer::Identity)])];
        let mut add = |layer, levels: Option<Vec<Vec<String>>>| {
            layers.splice(0..0, levels.map(|levels| (layer, levels)));
        };
        let one = |word: Option<String>, layer| word.map(|word| vec![plain(&word, layer)]);
        let levels = |words: Vec<String>, layer| {
            (!words.is_empty()).then(|| words.iter().map(|word| plain(word, layer)).collect())
        };
        let of_role = case.trust.is_some();
        add(Layer::Boundary, one(case.boundary, Layer::Boundary));
        add(Layer::Session, one(case.session, Layer::Session));
        add(Layer::Resource, case.resource.map(|list| vec![owned(&list, Layer::Resource)]));
        add(Layer::Trust, case.trust.map(|list| vec![owned(&list, Layer::Trust)]));
        add(Layer::ResourceControl, levels(case.rcp, Layer::ResourceControl));
        add(Layer::ServiceControl, levels(case.scp, Layer::ServiceControl));
        let owner = if case.other_account { OTHER } else { OWN };
        let (action, resource) = match of_role {
            true => ("sts:AssumeRole", format!("arn:aws:iam::{owner}:role/target")),
            false => ("s3:GetObject", "arn:aws:s3:::b/k".to_owned()),
        };
        let action = case.action.unwrap_or(action.to_owned());
        let ask = Ask { who: case.who.leak(), action, resource, owner, facts: Facts::new() };
        expect(answer(&layers, &ask, name), &case.decision, case.because.as_deref(), name);
    });
}

fn expect(answer: Answer, decision: &str, because: Option<&str>, name: &str) {
    assert_eq!(format!("{:?}", answer.decision()), decision, "{name}: {answer:?}");
    assert_eq!(answer.because.map(|layer| format!("{layer:?}")).as_deref(), because, "{name}");
}

/// A whole world, as a disagreement is printed.
#[derive(Deserialize)]
struct WorldCase {
    who: String,
    action: String,
    resource: String,
    owner: String,
    context: Context,
    decision: String,
    because: Option<String>,
    /// Documents by level by layer.
    #[serde(flatten)]
    layers: BTreeMap<String, Vec<Vec<String>>>,
}

#[test]
fn worlds() {
    table("worlds", 1, |mut case: WorldCase, name| {
        let order = [
            Layer::ServiceControl,
            Layer::ResourceControl,
            Layer::Trust,
            Layer::Resource,
            Layer::Session,
            Layer::Boundary,
            Layer::Identity,
        ];
        let layers: Vec<_> =
            order.into_iter().filter_map(|layer| Some((layer, case.layers.remove(member(layer))?))).collect();
        assert!(case.layers.is_empty(), "{name}: no such member: {:?}", case.layers.keys());
        let (who, owner) = (case.who.leak(), case.owner.leak());
        let ask =
            Ask { who, action: case.action, resource: case.resource, owner, facts: facts(case.context) };
        expect(answer(&layers, &ask, name), &case.decision, case.because.as_deref(), name);
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentCase {
    kind: String,
    document: String,
    /// AWS's sentence; none when the document is accepted.
    message: Option<String>,
    /// Line and column.
    at: Option<(usize, usize)>,
}

#[test]
fn pol_02_documents() {
    table("documents", 80, |case: DocumentCase, name| {
        let kind = match case.kind.as_str() {
            "identity" => Kind::Identity,
            "session" => Kind::Session,
            "boundary" => Kind::Boundary,
            other => world::kind(match other {
                "bucket" => Layer::Resource,
                "trust" => Layer::Trust,
                "scp" => Layer::ServiceControl,
                "rcp" => Layer::ResourceControl,
                other => panic!("{other}"),
            }),
        };
        let outcome = pair::read(&case.document, kind).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(outcome.err(), case.message, "{name}: {}", case.document);
        if let Err(invalid) = Policy::parse(&case.document, kind) {
            let placed = invalid.line > 0 && invalid.column > 0 && !invalid.detail.is_empty();
            assert!(placed, "{name}: {invalid}");
            assert!(case.at.is_none_or(|at| at == (invalid.line, invalid.column)), "{name}: {invalid}");
        }
    });
}
