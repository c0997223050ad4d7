//! Both evaluators on the same world.

use super::cast::principal;
use super::print::{Style, document};
use super::reference::{self, Document, Fact, Levels, Question};
use super::world::{Ask, World, kind};
use rolecall_policy::{
    Context, Decision, Kind, Layer, Layers, Named, Policies, Policy, PolicySet, Principal, Request, decide,
    explain,
};

/// A decision and the layer that a denial is blamed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    /// 0 allow, 1 explicit deny, 2 implicit deny: an order, so that answers can be counted.
    rank: u8,
    pub(crate) because: Option<Layer>,
}

impl Answer {
    pub(crate) fn of((decision, because): (Decision, Option<Layer>)) -> Self {
        let rank = match decision {
            Decision::Allow => 0,
            Decision::ExplicitDeny => 1,
            Decision::ImplicitDeny => 2,
        };
        Self { rank, because }
    }

    pub(crate) fn decision(self) -> Decision {
        match self.rank {
            0 => Decision::Allow,
            1 => Decision::ExplicitDeny,
            _ => Decision::ImplicitDeny,
        }
    }
}

/// A world, compiled by both.
#[derive(Default)]
pub(crate) struct Pair {
    engine: Vec<(Layer, Vec<Vec<Named<'static>>>)>,
    reference: Vec<Levels>,
}

impl Pair {
    /// Compiles a world; documents that both refuse alike are left out and counted.
    ///
    /// # Errors
    /// A document that only one refuses, or that they refuse with two sentences.
    pub(crate) fn compile(world: &World, style: Style, refused: &mut u64) -> Result<Self, String> {
        let mut pair = Self::default();
        for (layer, levels) in &world.layers {
            let texts =
                |level: &Vec<super::world::Policy>| level.iter().map(|p| document(p, style)).collect();
            *refused += pair.add(*layer, &levels.iter().map(texts).collect::<Vec<_>>())?;
        }
        Ok(pair)
    }

    /// Adds a layer of documents and tells how many were refused by both.
    ///
    /// # Errors
    /// A document that only one refuses, or that they refuse with two sentences.
    pub(crate) fn add(&mut self, layer: Layer, levels: &[Vec<String>]) -> Result<u64, String> {
        let mut refused = 0;
        let (mut engine, mut reference) = (Vec::new(), Vec::new());
        for level in levels {
            let (mut policies, mut documents) = (Vec::new(), Vec::new());
            for text in level {
                match read(text, kind(layer))? {
                    Ok((policy, document)) => {
                        policies.push(Named::new("", policy));
                        documents.push(document);
                    }
                    Err(_) => refused += 1,
                }
            }
            engine.push(policies);
            reference.push(documents);
        }
        self.engine.push((layer, engine));
        self.reference.push((layer, reference));
        Ok(refused)
    }

    /// The answer.
    ///
    /// # Errors
    /// What each of the two says, when they do not agree.
    pub(crate) fn ask(&self, layers: &Ready<'_>, ask: &Ask) -> Result<Answer, String> {
        let principal = principal(ask.who);
        let engine = engine(layers, ask, &principal);
        let reference = Answer::of(self.reference(ask, &principal));
        match engine == reference {
            true => Ok(engine),
            false => Err(format!("engine {engine:?}, reference {reference:?}")),
        }
    }

    /// The layers as the engine takes them.
    pub(crate) fn layers(&self) -> Ready<'_> {
        let engine = self.engine.iter();
        Ready {
            lists: engine
                .clone()
                .map(|(layer, all)| (*layer, all.iter().map(Policies::from).collect()))
                .collect(),
            sets: engine
                .map(|(layer, all)| (*layer, all.iter().cloned().map(PolicySet::new).collect()))
                .collect(),
        }
    }

    fn reference(&self, ask: &Ask, principal: &Principal) -> (Decision, Option<Layer>) {
        let question = Question {
            principal,
            action: &ask.action,
            resource: &ask.resource,
            resource_account: ask.owner,
            facts: &ask.facts,
            bounded: self.reference.iter().any(|(layer, _)| *layer == Layer::Boundary),
        };
        reference::decide(&question, &self.reference)
    }
}

/// Layers that can be asked again and again, as lists and indexed.
pub(crate) struct Ready<'p> {
    lists: Asked<'p>,
    sets: Vec<(Layer, Vec<PolicySet<'p>>)>,
}

type Asked<'p> = Vec<(Layer, Vec<Policies<'p>>)>;

fn layers<'l>(all: &'l Asked<'_>) -> Layers<'l> {
    let mut layers = Layers::default();
    for (layer, levels) in all {
        let one = levels.last().copied();
        match layer {
            Layer::ServiceControl => layers.service_control = levels,
            Layer::ResourceControl => layers.resource_control = levels,
            Layer::Resource => layers.resource = one,
            Layer::Trust => layers.trust = one,
            Layer::Session => layers.session = one,
            Layer::Boundary => layers.boundary = one,
            Layer::Identity => layers.identity = one.unwrap_or_default(),
        }
    }
    layers
}

/// A document read by both, or the sentence that both refuse it with.
///
/// # Errors
/// What each of the two says, when they do not agree.
pub(crate) fn read(text: &str, kind: Kind) -> Result<Result<(Policy, Document), String>, String> {
    let engine = Policy::parse(text, kind).map_err(|invalid| invalid.message);
    match (engine, reference::read(text, kind)) {
        (Ok(policy), Ok(document)) => Ok(Ok((policy, document))),
        (Err(engine), Err(reference)) if engine == reference => Ok(Err(engine)),
        (engine, reference) => Err(format!(
            "{kind:?} {text}\n  engine: {}\n  reference: {}",
            engine.err().unwrap_or("accepted".into()),
            reference.err().unwrap_or("accepted".into())
        )),
    }
}

/// The engine's answer alone, which the explanation must share, and an index must not change.
pub(crate) fn engine(ready: &Ready<'_>, ask: &Ask, principal: &Principal) -> Answer {
    let context = context(ask);
    let request = Request {
        principal,
        action: &ask.action,
        resource: &ask.resource,
        resource_account: ask.owner,
        context: &context,
    };
    let ruling = decide(&request, &layers(&ready.lists));
    assert_eq!(ruling, explain(&request, &layers(&ready.lists)).ruling(), "{ask:?}");
    let sets: Asked<'_> =
        ready.sets.iter().map(|(layer, all)| (*layer, all.iter().map(Policies::from).collect())).collect();
    assert_eq!(ruling, decide(&request, &layers(&sets)), "indexed: {ask:?}");
    if !layers(&ready.lists).read_keys() {
        let unaware = Request { context: &Context::new(), ..request };
        assert_eq!(ruling, decide(&unaware, &layers(&ready.lists)), "without keys: {ask:?}");
    }
    Answer::of((ruling.decision, ruling.because))
}

fn context(ask: &Ask) -> Context<'_> {
    let mut context = Context::new();
    for (key, fact) in &ask.facts {
        match fact {
            Fact::One(value) => context.set(key.as_str(), value),
            Fact::Many(values) => context.set_many(key.as_str(), values),
        }
    }
    context
}
