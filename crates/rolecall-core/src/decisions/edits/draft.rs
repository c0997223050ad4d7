//! The policies and condition keys of a decision while they are edited, and the decision then.

use super::super::checks::{Check, Effect};
use super::super::{Asked, Evidence, Recorded};
use crate::organizations::Place;
use crate::records::Document;
use crate::target::ResourcePolicy;
use rolecall_policy::{
    Context, Decision, Examined, Kind, Layer, Named, Outcome, Policy, Request, Value, Verdict, explain,
};

/// A change of one thing.
#[derive(Clone)]
pub(super) enum Change {
    /// A policy gets another text, or is taken away.
    Text { layer: Layer, uri: String, text: Option<String> },
    /// A policy is added to a level of a layer.
    New { layer: Layer, level: usize, text: String },
    /// The request is made with other condition keys; `None` for without.
    Keys(Vec<(String, Option<Value<'static>>)>),
}

/// A decision under edit.
#[derive(Clone)]
pub(super) struct Draft<'a> {
    pub(super) recorded: &'a Recorded,
    pub(super) asked: &'a Asked,
    /// The policies with their texts of now.
    pub(super) policies: Vec<Evidence>,
    changes: Vec<Change>,
}

/// How it stands with a draft.
pub(super) struct Standing {
    pub(super) verdict: Verdict,
    /// What is in the way, denials first.
    pub(super) needs: Vec<Need>,
}

/// Something that is in the way.
pub(super) enum Need {
    /// A statement denies.
    Denial(Examined),
    /// A level of a layer must allow and does not.
    Silence(Layer, usize),
}

impl<'a> Draft<'a> {
    pub(super) fn new(recorded: &'a Recorded, asked: &'a Asked) -> Self {
        Self { recorded, asked, policies: recorded.policies(), changes: Vec::new() }
    }

    /// The same with one more change.
    pub(super) fn with(&self, change: &Change) -> Self {
        let mut draft = self.clone();
        if let Change::Text { uri, text, .. } = change {
            for policy in draft.policies.iter_mut().filter(|policy| policy.uri == *uri) {
                policy.text = text.clone().unwrap_or_default();
            }
        }
        draft.changes.push(change.clone());
        draft
    }

    /// The decision now. `None` when a text is no policy: such a change does not count.
    pub(super) fn standing(&self) -> Option<Standing> {
        let verdict = self.verdict()?;
        let needs = if verdict.is_allowed() { Vec::new() } else { self.needs(&verdict) };
        Some(Standing { verdict, needs })
    }

    fn verdict(&self) -> Option<Verdict> {
        let mut layers = self.recorded.gathered.layers(&self.asked.target, &self.asked.owner).ok()?;
        for (at, change) in self.changes.iter().enumerate() {
            match change {
                Change::Text { layer, uri, text } => {
                    let policy = match text {
                        Some(text) => Some(self.policy(*layer, uri, text)?),
                        None => None,
                    };
                    layers.replace(*layer, uri, policy.as_ref());
                }
                Change::New { layer, level, text } => {
                    let policy = Policy::parse(text, self.kind(*layer, "")).ok()?;
                    layers.add(*layer, *level, Named::new(format!("new/{at}"), policy)).then_some(())?;
                }
                Change::Keys(_) => {}
            }
        }
        let context = self.context();
        let request = Request {
            principal: &self.recorded.principal,
            action: self.asked.target.action,
            resource: &self.asked.target.resource,
            resource_account: &self.asked.owner,
            context: &context,
        };
        Some(layers.ask(|layers| explain(&request, layers)))
    }

    /// A text as the policy in force would be compiled: principals keep the ids that they were bound to.
    fn policy(&self, layer: Layer, uri: &str, text: &str) -> Option<Policy> {
        let policy = Policy::parse(text, self.kind(layer, uri)).ok()?;
        let document: Option<&Document> = match &self.asked.target.policy {
            ResourcePolicy::Bucket(bucket) if layer == Layer::Resource => bucket.document.as_deref(),
            ResourcePolicy::Trust(Some(role)) if layer == Layer::Trust => Some(&role.trust),
            _ => None,
        };
        Some(match document {
            Some(document) => policy.bind(&|name| document.unique_id(name).map(str::to_owned)),
            None => policy,
        })
    }

    /// What a policy is parsed as: a managed one is an identity policy wherever it stands.
    pub(super) fn kind(&self, layer: Layer, uri: &str) -> Kind {
        match layer {
            Layer::Session if !uri.starts_with("arn:") => Kind::Session,
            Layer::Identity | Layer::Boundary | Layer::Session => Kind::Identity,
            Layer::Resource => Kind::Bucket,
            Layer::Trust => Kind::Trust,
            Layer::ServiceControl => Kind::ServiceControl,
            Layer::ResourceControl => Kind::ResourceControl,
        }
    }

    /// The condition keys of now.
    pub(super) fn context(&self) -> Context<'_> {
        let mut all = self.recorded.full_context(self.asked);
        let keys = self.changes.iter().filter_map(|change| match change {
            Change::Keys(keys) => Some(keys),
            _ => None,
        });
        for (key, value) in keys.flatten() {
            match value {
                Some(Value::One(one)) => all.set(key.as_str(), &**one),
                Some(Value::Many(many)) => all.set_many(key.as_str(), many.iter().map(|one| &**one)),
                // A key without any value is absent.
                None => all.set_many(key.as_str(), std::iter::empty::<&str>()),
            }
        }
        all
    }

    fn needs(&self, verdict: &Verdict) -> Vec<Need> {
        let checks = self.recorded.checks(self.asked, verdict);
        let denials = verdict.matched.iter().filter(|examined| examined.deny).cloned().map(Need::Denial);
        let silent = checks.iter().filter(|check| check.effect == Effect::ImplicitDeny);
        denials.chain(silent.flat_map(|check| silences(verdict, check))).collect()
    }

    /// The policy that a statement stands in, as it is now.
    pub(super) fn policy_of(&self, examined: &Examined) -> Option<&Evidence> {
        let uri = self.recorded.uri_of(self.asked, examined);
        self.policies.iter().find(|policy| policy.uri == uri && policy.layer == examined.layer)
    }

    /// The id of the place in its organization that a level of control policies belongs to.
    pub(super) fn place(&self, layer: Layer, level: usize) -> String {
        let gathered = &self.recorded.gathered;
        let place = match layer {
            Layer::ServiceControl => gathered.place.as_ref(),
            _ => gathered.owned(&self.asked.owner).and_then(|owner| owner.place.as_ref()),
        };
        let id = |place: &Place| match level {
            0 => place.organization.root.clone(),
            below => {
                let unit = place.units.get(below - 1).map(|unit| unit.id.clone());
                unit.unwrap_or_else(|| place.account.id.to_string())
            }
        };
        place.map(id).unwrap_or_default()
    }

    /// Why nothing allows the request.
    pub(super) fn why_not(&self) -> String {
        match &self.asked.target.policy {
            ResourcePolicy::Trust(None) => "there is no such role, so nothing can allow it".to_owned(),
            ResourcePolicy::None if self.recorded.principal.account != self.asked.owner => {
                "the resource belongs to another account and can have no policy of its own".to_owned()
            }
            _ => "no edit of these policies was found that allows it".to_owned(),
        }
    }
}

fn silences(verdict: &Verdict, check: &Check) -> Vec<Need> {
    let levels = verdict.layers.iter().find(|found| found.layer == check.layer).map(|found| &found.levels);
    let levels = levels.map_or(&[Outcome::Silent][..], Vec::as_slice);
    let silent = levels.iter().enumerate().filter(|(_, outcome)| **outcome == Outcome::Silent);
    silent.map(|(level, _)| Need::Silence(check.layer, level)).collect()
}

impl Standing {
    /// How far it is from an `Allow`: denials, layers that do not allow, and conditions that do not hold of
    /// the statements that would.
    pub(super) fn distance(&self) -> (usize, usize, usize) {
        let denials = self.needs.iter().filter(|need| matches!(need, Need::Denial(_))).count();
        let conditions = self.needs.iter().map(|need| match need {
            Need::Denial(_) => 0,
            Need::Silence(layer, level) => {
                self.unmet(*layer, *level).map(failing).min().unwrap_or(NO_STATEMENT)
            }
        });
        let distance = (denials, self.needs.len() - denials, conditions.sum());
        if self.verdict.decision == Decision::Allow { (0, 0, 0) } else { distance }
    }

    /// The statements of a level that would allow, were it not for their conditions.
    pub(super) fn unmet(&self, layer: Layer, level: usize) -> impl Iterator<Item = &Examined> {
        let here = move |unmet: &&Examined| unmet.layer == layer && unmet.level == level && !unmet.deny;
        self.verdict.unmet.iter().filter(here)
    }
}

fn failing(examined: &Examined) -> usize {
    examined.conditions.iter().filter(|condition| !condition.holds).count()
}

/// Further away than any statement whose conditions fail.
const NO_STATEMENT: usize = 1_000;
