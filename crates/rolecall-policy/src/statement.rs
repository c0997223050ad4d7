//! Statements, compiled, and whether one applies to a request.

use crate::action::{Action, ActionPattern, Services};
use crate::arn::ArnPattern;
use crate::catalogue::{self, Service};
use crate::condition::Condition;
use crate::context::Key;
use crate::document::Kind;
use crate::grantee::{Class, Grantees};
use crate::json::Position;
use crate::pattern::Pattern;
use crate::question::Question;
use crate::syntax::{Clause, List};
use crate::variable::{Dialect, Variable};

/// One compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) deny: bool,
    pub(crate) start: Position,
    pub(crate) end: Position,
    pub(crate) grantees: Option<Grantees>,
    pub(crate) actions: Complement<ActionPattern>,
    /// The services of the actions; all for `*` and `NotAction`.
    services: Services,
    /// `None` in trust policies: any resource.
    pub(crate) resources: Option<Complement<ResourcePattern>>,
    pub(crate) conditions: std::sync::Arc<[Condition]>,
}

/// A list of alternatives, or (`Not…`) everything else.
#[derive(Debug, Clone)]
pub(crate) struct Complement<T> {
    pub(crate) negated: bool,
    pub(crate) entries: Box<[T]>,
}

/// A compiled entry of `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) struct ResourcePattern {
    /// As it was written.
    pub(crate) text: Box<str>,
    pub(crate) pattern: Matcher,
}

#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Everything,
    Arn(ArnPattern),
    Nothing,
}

impl Statement {
    /// Compiles a validated clause.
    pub(crate) fn compile(clause: &Clause, kind: Kind, dialect: Dialect) -> Self {
        let condition = |test: &crate::syntax::Test| {
            let values = test.values.iter().map(|value| value.value.as_str());
            Condition::compile(test.spelling, &test.key, values, dialect)
        };
        let actions = complement(clause.action.as_ref(), ActionPattern::compile);
        Self {
            services: services(&actions),
            actions,
            sid: clause.sid.as_ref().map(|sid| sid.value.as_str().into()),
            deny: clause.effect.value == "Deny",
            start: clause.at,
            end: clause.end,
            grantees: clause.principal.as_ref().map(|who| Grantees::compile(who, kind)),
            resources: clause
                .resource
                .as_ref()
                .map(|list| complement(Some(list), |text| ResourcePattern::compile(text, kind, dialect))),
            conditions: clause.conditions.iter().map(condition).collect(),
        }
    }

    /// The same statement with principals replaced by the ids they were resolved to.
    pub(crate) fn bind(&self, bound: &dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            sid: self.sid.clone(),
            deny: self.deny,
            start: self.start,
            end: self.end,
            grantees: self.grantees.as_ref().map(|grantees| grantees.bind(bound)),
            actions: self.actions.clone(),
            services: self.services,
            resources: self.resources.clone(),
            conditions: self.conditions.clone(),
        }
    }

    /// How the statement applies to the request, if it does.
    pub(crate) fn applies(&self, question: &Question<'_>) -> Option<Class> {
        let fits = self.names_action(question) && self.names_resource(question);
        let class = fits.then(|| self.class(question)).flatten()?;
        self.conditions.iter().all(|condition| condition.holds(question.context)).then_some(class)
    }

    /// True when the action is one it speaks of.
    pub(crate) fn names_action(&self, question: &Question<'_>) -> bool {
        let service = question.action.services;
        self.services.have(service) && self.actions.holds(|pattern| pattern.matches(&question.action))
    }

    /// True when the resource is one it speaks of.
    pub(crate) fn names_resource(&self, question: &Question<'_>) -> bool {
        let resources = self.resources.as_ref();
        resources.is_none_or(|list| list.holds(|pattern| pattern.matches(question)))
    }

    /// How it names the principal, if it does. Statements without principal name it directly.
    pub(crate) fn class(&self, question: &Question<'_>) -> Option<Class> {
        match &self.grantees {
            None => Some(Class::Direct),
            Some(grantees) if self.deny => {
                grantees.denies(question.principal, question.bounded).then_some(Class::Direct)
            }
            Some(grantees) => grantees.allows(question.principal),
        }
    }

    /// The first condition key of a service that none of the actions has.
    pub(crate) fn idle_key(&self) -> Option<&Key<'static>> {
        let is_idle = |key: &&Key<'static>| {
            let name = key.text();
            let service =
                name.split_once(':').and_then(|(prefix, _)| catalogue::service(&prefix.to_ascii_lowercase()));
            service
                .is_some_and(|service| service.key(&name).is_some() && !self.has_action_with(service, &name))
        };
        self.conditions.iter().map(Condition::key).find(|key| !self.actions.negated && is_idle(key))
    }

    fn has_action_with(&self, service: &Service, key: &str) -> bool {
        service.actions().iter().filter(|action| service.keys_of(action).any(|known| known.is(key))).any(
            |action| {
                let whole = format!("{}:{}", service.prefix, action.name.to_ascii_lowercase());
                self.actions.holds(|pattern| pattern.matches(&Action::parse(&whole)))
            },
        )
    }

    /// The variables in its resources.
    pub(crate) fn resource_variables(&self) -> impl Iterator<Item = &Variable> {
        self.resources.iter().flat_map(|list| &list.entries).flat_map(ResourcePattern::variables)
    }

    /// Every context key that conditions and variables name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key<'static>> {
        let conditions = self.conditions.iter();
        let tested = |c| std::iter::once(Condition::key(c)).chain(c.variables().map(|v| &v.key));
        self.resource_variables().map(|v| &v.key).chain(conditions.flat_map(tested))
    }
}

fn services(actions: &Complement<ActionPattern>) -> Services {
    match actions.negated {
        true => Services::ALL,
        false => actions.entries.iter().map(ActionPattern::services).fold(Services::NONE, Services::and),
    }
}

fn complement<T>(list: Option<&List>, compile: impl Fn(&str) -> T) -> Complement<T> {
    let negated = list.is_some_and(|list| list.negated);
    let entries = list.iter().flat_map(|list| &list.items).map(|text| compile(&text.value)).collect();
    Complement { negated, entries }
}

impl<T> Complement<T> {
    fn holds(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.entries.iter().any(matches) != self.negated
    }
}

impl ResourcePattern {
    fn compile(text: &str, kind: Kind, dialect: Dialect) -> Self {
        let everything = Pattern::wild(text, dialect).is_everything();
        let arn = ArnPattern::resource(text, dialect).filter(|_| is_complete(text, kind));
        let pattern = match arn {
            _ if everything => Matcher::Everything,
            Some(arn) => Matcher::Arn(arn),
            None => Matcher::Nothing,
        };
        Self { text: text.into(), pattern }
    }

    fn matches(&self, question: &Question<'_>) -> bool {
        match (&self.pattern, &question.resource) {
            (Matcher::Everything, _) => true,
            (Matcher::Arn(pattern), Some(arn)) => pattern.matches(arn, question.context),
            _ => false,
        }
    }

    fn variables(&self) -> impl Iterator<Item = &Variable> {
        let pattern = match &self.pattern {
            Matcher::Arn(pattern) => Some(pattern),
            Matcher::Everything | Matcher::Nothing => None,
        };
        pattern.into_iter().flat_map(ArnPattern::variables)
    }
}

/// Whether an ARN with missing parts counts: always for identities, with a wildcard for
/// resources, with a wildcard at its end for service control policies.
fn is_complete(text: &str, kind: Kind) -> bool {
    if text.splitn(6, ':').count() == 6 {
        return true;
    }
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => true,
        Kind::Bucket | Kind::Trust => text.contains(['*', '?']),
        Kind::ServiceControl => text.ends_with('*'),
        Kind::ResourceControl => false,
    }
}
