//! The explanation: the same decision as [`decide`](crate::decide()) makes, with everything that led to it.

use std::borrow::Cow;

use crate::condition::{Condition, present};
use crate::context::{Context, Key};
use crate::decide::{Finding, Findings, Layers, Named, Policies, Request, conclude};
use crate::question::{Lower, Question};
use crate::statement::Statement;
use crate::verdict::{Element, Examined, Layer, LayerOutcome, NEAR_MISSES, NearMiss, Tested, Verdict};

/// Decides and says why: what each layer and level says, which statements apply, which lack only one
/// thing, and which condition keys were asked for in vain.
pub fn explain(request: &Request<'_>, layers: &Layers<'_>) -> Verdict {
    let lower = Lower::of(request);
    let question = lower.question(request, layers);
    let mut survey =
        Survey { question: &question, findings: Findings::default(), verdict: Verdict::default() };
    for (layer, policies) in layers.levels(request.principal) {
        survey.level(layer, policies);
    }
    let ruling = conclude(request, &survey.findings);
    Verdict { decision: ruling.decision, because: ruling.because, ..survey.verdict }
}

struct Survey<'q> {
    question: &'q Question<'q>,
    findings: Findings,
    verdict: Verdict,
}

impl Survey<'_> {
    /// Takes in one level of a layer.
    fn level(&mut self, layer: Layer, policies: Policies<'_>) {
        let level =
            self.verdict.layers.last().filter(|last| last.layer == layer).map_or(0, |l| l.levels.len());
        let mut finding = Finding::default();
        for named in policies.iter() {
            for statement in named.policy.statements() {
                let view = View { layer, level, named, statement, question: self.question };
                let applies = self.statement(&view);
                match statement.deny {
                    true => finding.deny |= applies,
                    false => finding.allow = finding.allow.max(view.class().filter(|_| applies)),
                }
            }
        }
        self.findings.add(layer, finding);
        self.note(layer, finding);
    }

    fn note(&mut self, layer: Layer, level: Finding) {
        let outcome = self.findings.of(layer).unwrap_or_default().outcome();
        match self.verdict.layers.iter_mut().find(|found| found.layer == layer) {
            Some(found) => {
                found.outcome = outcome;
                found.levels.push(level.outcome());
            }
            None => self.verdict.layers.push(LayerOutcome { layer, outcome, levels: vec![level.outcome()] }),
        }
    }

    /// Files a statement where it belongs; true when it applies.
    fn statement(&mut self, view: &View<'_>) -> bool {
        let lacking = view.lacking();
        match lacking.as_slice() {
            [] => self.verdict.matched.push(view.examined()),
            [Element::Condition(_), ..] => self.verdict.unmet.push(view.examined()),
            _ => {}
        }
        if view.asks_for_keys(&lacking) {
            self.note_missing(view.statement);
        }
        if let [element] = lacking.as_slice()
            && !view.statement.deny
            && self.verdict.near.len() < NEAR_MISSES
        {
            self.verdict.near.push(view.near(element.clone()));
        }
        lacking.is_empty()
    }

    /// The keys of its conditions, and of the variables in them and in its resources, that have no value.
    fn note_missing(&mut self, statement: &Statement) {
        let context = self.question.context;
        let absent =
            statement.conditions.iter().map(Condition::key).filter(|key| present(context, key).is_none());
        let variables = statement.conditions.iter().flat_map(Condition::variables);
        let variables = statement.resource_variables().chain(variables);
        let unresolved =
            variables.filter(|variable| variable.is_missing(context)).map(|variable| &variable.key);
        for key in unresolved.chain(absent).map(Key::text) {
            if !self.verdict.missing.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
                self.verdict.missing.push(key.into_owned());
            }
        }
    }
}

/// A statement with its place and the request it is held against.
struct View<'v> {
    layer: Layer,
    level: usize,
    named: &'v Named<'v>,
    statement: &'v Statement,
    question: &'v Question<'v>,
}

impl View<'_> {
    fn class(&self) -> Option<crate::grantee::Class> {
        self.statement.class(self.question)
    }

    /// The elements that do not fit: conditions last.
    fn lacking(&self) -> Vec<Element> {
        let fits = [
            (Element::Action, self.statement.names_action(self.question)),
            (Element::Resource, self.statement.names_resource(self.question)),
            (Element::Principal, self.class().is_some()),
        ];
        let conditions = self.statement.conditions.iter().enumerate();
        let unmet = conditions.filter(|(_, condition)| !condition.holds(self.question.context));
        let unmet = unmet.map(|(at, _)| Element::Condition(at));
        fits.into_iter().filter(|(_, fits)| !fits).map(|(element, _)| element).chain(unmet).collect()
    }

    /// True when its keys are asked for: it speaks of the request, as far as can be told without them.
    fn asks_for_keys(&self, lacking: &[Element]) -> bool {
        let unresolved = || self.statement.resource_variables().any(|v| v.is_missing(self.question.context));
        match lacking.first() {
            None | Some(Element::Condition(_)) => true,
            Some(Element::Resource) => !lacking.contains(&Element::Principal) && unresolved(),
            Some(Element::Action | Element::Principal) => false,
        }
    }

    fn examined(&self) -> Examined {
        let Statement { sid, start, end, deny, conditions, .. } = self.statement;
        Examined {
            layer: self.layer,
            level: self.level,
            policy: self.named.id.to_string(),
            managed: self.named.managed,
            sid: sid.as_deref().map(str::to_owned),
            position: (start.line, start.column),
            end: (end.line, end.column),
            deny: *deny,
            class: self.class(),
            conditions: conditions.iter().map(|c| tested(c, self.question.context)).collect(),
        }
    }

    fn near(&self, element: Element) -> NearMiss {
        let (negated, expected) = self.written(&element);
        NearMiss { statement: self.examined(), element, expected, negated }
    }

    /// Whether the element is a `Not…`, and its entries.
    fn written(&self, element: &Element) -> (bool, Vec<String>) {
        let Statement { actions, resources, grantees, conditions, .. } = self.statement;
        match element {
            Element::Action => {
                (actions.negated, actions.entries.iter().map(|e| e.text.to_string()).collect())
            }
            Element::Resource => resources.as_ref().map_or_else(Default::default, |list| {
                (list.negated, list.entries.iter().map(|e| e.text.to_string()).collect())
            }),
            Element::Principal => grantees.as_ref().map_or_else(Default::default, |grantees| {
                (grantees.negated, grantees.entries().map(|(_, value)| value.to_owned()).collect())
            }),
            Element::Condition(at) => {
                let values = conditions.get(*at).into_iter().flat_map(Condition::values);
                (false, values.map(str::to_owned).collect())
            }
        }
    }
}

fn tested(condition: &Condition, context: &Context<'_>) -> Tested {
    let values = |value: &crate::Value<'_>| value.all().iter().map(Cow::to_string).collect();
    Tested {
        operator: condition.operator(),
        key: condition.key().to_string(),
        expected: condition.values().map(str::to_owned).collect(),
        actual: context.lookup(condition.key()).map(values),
        holds: condition.holds(context),
    }
}
