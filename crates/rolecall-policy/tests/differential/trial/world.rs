//! Random worlds: small alphabets, so that patterns and requests meet, and everything a policy may say.

use super::cast;
use super::dice::Dice;
use super::reference::{Fact, Facts};
use super::words::*;
use rolecall_policy::{Kind, Layer};

/// Policies of every layer: a list a level.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) layers: Vec<(Layer, Vec<Vec<Policy>>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) version: Option<&'static str>,
    pub(crate) statements: Vec<Statement>,
}

/// Kinds of principals with their values; an empty kind stands for a bare string.
pub(crate) type Kinds = Vec<(String, Vec<String>)>;

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) effect: &'static str,
    /// True for `NotPrincipal`.
    pub(crate) who: Option<(bool, Kinds)>,
    pub(crate) actions: (bool, Vec<String>),
    pub(crate) resources: Option<(bool, Vec<String>)>,
    /// Operator, key, values.
    pub(crate) conditions: Vec<(String, String, Vec<String>)>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) who: &'static str,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) owner: &'static str,
    pub(crate) facts: Facts,
}

/// The kind of document that a layer holds.
pub(crate) fn kind(layer: Layer) -> Kind {
    match layer {
        Layer::ServiceControl => Kind::ServiceControl,
        Layer::ResourceControl => Kind::ResourceControl,
        Layer::Resource => Kind::Bucket,
        Layer::Trust => Kind::Trust,
        Layer::Session => Kind::Session,
        Layer::Boundary => Kind::Boundary,
        Layer::Identity => Kind::Identity,
    }
}

impl World {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        if dice.percent(40) { Self::focused(dice) } else { Self::full(dice) }
    }

    /// One random element of one statement in one layer, and everything else allowed: nothing covers up what it
    /// says.
    fn focused(dice: &mut Dice) -> Self {
        let layer = *dice.pick(&[&Layer::Identity, &Layer::Identity, &Layer::Resource, &Layer::Trust]);
        let everything = Statement::everything(dice, kind(layer));
        let random = Statement::random(dice, kind(layer));
        let mut statement = everything.clone();
        statement.effect = random.effect;
        match dice.below(4) {
            0 => (statement.actions, statement.resources) = (random.actions, random.resources),
            1 => statement.who = random.who,
            _ => statement.conditions = vec![condition(dice)],
        }
        let allow = (statement.effect == "Deny").then_some(everything);
        let statements = allow.into_iter().chain([statement]).collect();
        let mut layers = vec![(layer, vec![vec![Policy { version: Some("2012-10-17"), statements }]])];
        for other in [Layer::Boundary, Layer::Identity] {
            if other != layer && dice.percent(30) {
                let statements = vec![Statement::everything(dice, kind(other))];
                layers.push((other, vec![vec![Policy { version: Some("2012-10-17"), statements }]]));
            }
        }
        layers.sort_by_key(|(layer, _)| *layer);
        Self { layers }
    }

    fn full(dice: &mut Dice) -> Self {
        let mut layers = Vec::new();
        let mut add = |dice: &mut Dice, chance, layer, most_levels: usize| {
            if dice.percent(chance) {
                let levels = 1 + dice.below(most_levels);
                layers.push((layer, (0..levels).map(|_| policies(dice, kind(layer))).collect()));
            }
        };
        add(dice, 20, Layer::ServiceControl, 3);
        add(dice, 20, Layer::ResourceControl, 3);
        let trust = dice.percent(25);
        add(dice, if trust { 100 } else { 0 }, Layer::Trust, 1);
        add(dice, if trust { 0 } else { 70 }, Layer::Resource, 1);
        add(dice, 25, Layer::Session, 1);
        add(dice, 25, Layer::Boundary, 1);
        add(dice, 100, Layer::Identity, 1);
        Self { layers }
    }

    /// True when the request is to assume a role.
    pub(crate) fn is_of_role(&self) -> bool {
        self.layers.iter().any(|(layer, _)| *layer == Layer::Trust)
    }
}

/// Those of one level; sometimes one that allows everything, so that other layers get their say.
fn policies(dice: &mut Dice, kind: Kind) -> Vec<Policy> {
    let mut policies: Vec<Policy> = (0..dice.below(3)).map(|_| Policy::random(dice, kind)).collect();
    if dice.percent(35) {
        let statements = vec![Statement::everything(dice, kind)];
        policies.push(Policy { version: Some("2012-10-17"), statements });
    }
    policies
}

impl Policy {
    pub(crate) fn random(dice: &mut Dice, kind: Kind) -> Self {
        let version = match kind {
            Kind::Identity | Kind::Boundary | Kind::Session => Some("2012-10-17"),
            _ if dice.percent(80) => Some("2012-10-17"),
            _ if dice.percent(50) => Some("2008-10-17"),
            _ => None,
        };
        let statements = (0..1 + dice.below(3)).map(|_| Statement::random(dice, kind)).collect();
        Self { version, statements }
    }
}

impl Statement {
    /// Allows every action on every resource to a random or every principal.
    fn everything(dice: &mut Dice, kind: Kind) -> Self {
        let mut everything = Self::random(dice, kind);
        everything.effect = "Allow";
        everything.conditions.clear();
        let actions = match kind {
            Kind::Trust => "sts:*",
            Kind::Bucket => "s3:*",
            _ => "*",
        };
        everything.actions = (false, vec![actions.to_owned()]);
        everything.resources = everything.resources.map(|_| (false, vec!["*".into()]));
        if everything.who.is_some() && dice.percent(60) {
            let kind = if kind == Kind::Trust { "AWS" } else { "" };
            everything.who = Some((false, vec![(kind.to_owned(), vec!["*".to_owned()])]));
        }
        everything
    }

    fn random(dice: &mut Dice, kind: Kind) -> Self {
        let who = match kind {
            Kind::ResourceControl => Some((false, vec![(String::new(), vec!["*".into()])])),
            Kind::Bucket => Some((dice.percent(20), who(dice, kind))),
            Kind::Trust => Some((false, who(dice, kind))),
            _ => None,
        };
        let conditions = match dice.below(10) {
            0..5 => 0,
            5..8 => 1,
            _ => 2,
        };
        Self {
            effect: if dice.percent(70) { "Allow" } else { "Deny" },
            who,
            actions: (kind != Kind::Trust && dice.percent(15), list(dice, 2, |dice| action(dice, kind))),
            resources: (kind != Kind::Trust)
                .then(|| (dice.percent(15), list(dice, 2, |dice| resource(dice, kind)))),
            conditions: (0..conditions).map(|_| condition(dice)).collect(),
        }
    }
}

fn list<T>(dice: &mut Dice, most: usize, one: impl Fn(&mut Dice) -> T) -> Vec<T> {
    (0..1 + dice.below(most)).map(|_| one(dice)).collect()
}

/// A principal element.
fn who(dice: &mut Dice, kind: Kind) -> Kinds {
    if kind == Kind::Bucket && dice.percent(20) {
        return vec![(String::new(), vec!["*".into()])];
    }
    let mut kinds = Kinds::new();
    for _ in 0..1 + dice.below(2) {
        let (name, values) = match dice.below(10) {
            0..7 => ("AWS", list(dice, 3, |dice| dice.pick(&AWS_PRINCIPALS).to_owned())),
            7 => ("Service", list(dice, 2, |dice| dice.pick(&SERVICES).to_owned())),
            8 => ("Federated", list(dice, 2, |dice| dice.pick(&PROVIDERS).to_owned())),
            _ if kind == Kind::Bucket => ("CanonicalUser", vec!["0a".repeat(32)]),
            _ => ("AWS", vec!["*".to_owned()]),
        };
        if kinds.iter().all(|(known, _)| known != name) {
            kinds.push((name.to_owned(), values));
        }
    }
    kinds
}

fn action(dice: &mut Dice, kind: Kind) -> String {
    let names: &[&str] = match kind {
        Kind::Trust => &STS_ACTIONS,
        Kind::Bucket => &S3_ACTIONS,
        _ => &ACTIONS,
    };
    match dice.below(10) {
        0 if kind == Kind::Bucket => "s3:*".to_owned(),
        0 if kind == Kind::Trust => "sts:*".to_owned(),
        0 => dice.pick(&["*", "**", "s3:*", "S3:*", "sts:*", "iam:*"]).to_owned(),
        1..4 => dice.pick(names).to_owned(),
        4 => {
            let name = dice.pick(names);
            swapped_case(dice, name)
        }
        _ => {
            let (service, name) = dice.pick(names).split_once(':').unwrap_or_default();
            format!("{service}:{}", blurred(dice, name, &["*", "?"]))
        }
    }
}

fn resource(dice: &mut Dice, kind: Kind) -> String {
    let arns: &[&str] = if kind == Kind::Bucket { &S3_ARNS } else { &ARNS };
    match dice.below(12) {
        0..2 => "*".to_owned(),
        2..4 => dice.pick(arns).to_owned(),
        4 if kind == Kind::ServiceControl => {
            dice.pick(&["arn:aws:s3*", "arn:aws:s3:::b*", "arn:aws:*", "arn:*", "**", "bucket*"]).to_owned()
        }
        4 => {
            dice.pick(&["arn:aws:s3:::*", "arn:*:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::?/*"]).to_owned()
        }
        5 => {
            let (head, rest) = dice.pick(arns).rsplit_once(':').unwrap_or_default();
            format!("{}:{rest}", swapped_case(dice, head))
        }
        6 if kind != Kind::Bucket => {
            // A wildcard or a variable in one of the parts before the last.
            let mut parts: Vec<&str> = dice.pick(arns).splitn(6, ':').collect();
            let at = dice.pick(&[&1, &3, &4]);
            parts[*at] =
                dice.pick(&["*", "?*", "", "aws", "us-east-1", "111122223333", "${r}", "1111222?3333"]);
            parts.join(":")
        }
        _ => {
            let arn = dice.pick(arns);
            let at = arn.match_indices(':').nth(4).map_or(0, |(at, _)| at + 1);
            format!("{}{}", &arn[..at], blurred(dice, &arn[at..], &BLURS))
        }
    }
}

/// A text with a piece of it replaced.
fn blurred(dice: &mut Dice, text: &str, blurs: &[&str]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.below(2) {
        let from = dice.below(text.len() + 1);
        let to = from + dice.below(text.len() - from + 1).min(dice.below(8));
        text.splice(from..to, dice.pick(blurs).chars());
    }
    text.into_iter().collect()
}

fn swapped_case(dice: &mut Dice, text: &str) -> String {
    let flip = dice.below(3);
    let one = |(n, c): (usize, char)| match (n + flip) % 3 {
        0 => c.to_ascii_uppercase(),
        1 => c.to_ascii_lowercase(),
        _ => c,
    };
    // A part such as `arn:` keeps its spelling: its case is not free.
    match text.strip_prefix("arn:aws:") {
        Some(rest) => format!("arn:aws:{}", rest.chars().enumerate().map(one).collect::<String>()),
        None => text.chars().enumerate().map(one).collect(),
    }
}

fn condition(dice: &mut Dice) -> (String, String, Vec<String>) {
    let (operator, family) = OPERATORS[dice.below(OPERATORS.len())];
    let mut name = operator.to_owned();
    if operator != "Null" || dice.percent(3) {
        if dice.percent(25) {
            name += "IfExists";
        }
        match dice.below(10) {
            0..2 => name = format!("ForAllValues:{name}"),
            2..4 => name = format!("ForAnyValue:{name}"),
            _ => {}
        }
    }
    if dice.percent(3) {
        name = swapped_case(dice, &name);
    }
    let key = if dice.percent(70) { key_of(family) } else { dice.pick(&KEYS) };
    let key = if dice.percent(15) { swapped_case(dice, key) } else { key.to_owned() };
    let dates = family == Family::Date;
    let values = list(dice, 3, |dice| policy_value(dice, family, dates));
    let values = if dice.percent(2) { Vec::new() } else { values };
    (name, key, values)
}

fn policy_value(dice: &mut Dice, family: Family, dates: bool) -> String {
    // IAM refuses a date that is none, so there are few.
    let family = if dice.percent(90) || (dates && dice.percent(97)) { family } else { any_family(dice) };
    match family {
        Family::Text if dice.percent(40) => {
            let text = dice.pick(&TEXTS);
            blurred(dice, text, &BLURS)
        }
        Family::Arn if dice.percent(60) => {
            let arn = dice.pick(&ARN_VALUES);
            blurred(dice, arn, &["*", "?", ":", "${aws:username}", "${r}", "${none, 'team'}", "*:*"])
        }
        Family::Date => {
            let good = DATES.len() - usize::from(!dice.percent(5)) * BAD_DATES;
            dice.pick(&DATES[..good]).to_owned()
        }
        family => dice.pick(values(family)).to_owned(),
    }
}

fn any_family(dice: &mut Dice) -> Family {
    OPERATORS[dice.below(OPERATORS.len())].1
}

impl Ask {
    pub(crate) fn random(dice: &mut Dice, of_role: bool) -> Self {
        let who = dice.pick(&cast::NAMES);
        let action = match of_role {
            true => dice.pick(&STS_ACTIONS),
            false => dice.pick(&ACTIONS),
        };
        let action = if dice.percent(5) { swapped_case(dice, action) } else { action.to_owned() };
        let resource = match (of_role, dice.below(20)) {
            (true, 1..) => "arn:aws:iam::111122223333:role/team/app".to_owned(),
            (_, 0) => "*".to_owned(),
            (_, 1) => {
                let arn = dice.pick(&ARNS);
                swapped_case(dice, arn)
            }
            _ => dice.pick(&ARNS).to_owned(),
        };
        let other = dice.percent(15) != who.starts_with("other-");
        let owner = if other { cast::OTHER } else { cast::OWN };
        let mut facts = Facts::new();
        for _ in 0..dice.below(20) {
            fact(dice, &mut facts);
        }
        Self { who, action, resource, owner, facts }
    }
}

fn fact(dice: &mut Dice, facts: &mut Facts) {
    let (key, family) = KEY_FAMILIES[dice.below(KEY_FAMILIES.len())];
    let family = if dice.percent(95) { family } else { any_family(dice) };
    let key = if dice.percent(10) { swapped_case(dice, key) } else { key.to_owned() };
    let value = |dice: &mut Dice| dice.pick(values(family)).to_owned();
    let fact = match dice.percent(75) {
        true => Fact::One(value(dice)),
        false => Fact::Many((0..dice.below(4)).map(|_| value(dice)).collect()),
    };
    if !facts.iter().any(|(known, _)| known.eq_ignore_ascii_case(&key)) {
        facts.push((key, fact));
    }
}
