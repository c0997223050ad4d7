//! The simulator's answer: a page of results, one for each action, with one for each of its resources.

use super::engine::{Asked, Run, Simulation};
use super::sources::Sources;
use crate::error::Error;
use crate::ops::paging::Paging;
use rolecall_policy::{Arn, Decision, Examined, Layer, Outcome, Verdict, catalogue};
use rolecall_wire::iam::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, Position,
    ResourceSpecificResult, SimulatePolicyResponse, Statement,
};

/// The page that is asked for.
///
/// # Errors
/// When the marker is none of ours.
pub(super) fn page(
    simulation: &Simulation,
    run: &Run<'_>,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<SimulatePolicyResponse, Error> {
    let everything = ["*".to_owned()];
    let resources = if run.resources.is_empty() { &everything } else { run.resources };
    let most = (PAIRS / i64::try_from(resources.len()).unwrap_or(PAIRS)).max(1);
    let page = Paging::of(marker, Some(max_items.unwrap_or(USUAL).min(most)))?;
    let page = page.list(run.actions.iter().enumerate(), |(at, _)| format!("{at:06}"));
    let is_truncated = page.is_truncated();
    let results = page.items.iter().map(|(_, action)| result(simulation, action, resources));
    Ok(SimulatePolicyResponse { evaluation_results: results.collect(), is_truncated, marker: page.marker })
}

fn result(simulation: &Simulation, action: &str, resources: &[String]) -> EvaluationResult {
    let sources = &simulation.sources;
    let asked: Vec<Asked> = resources.iter().map(|resource| simulation.ask(action, resource)).collect();
    let worst = asked.iter().max_by_key(|asked| severity(asked.verdict.decision));
    let decision = worst.map_or(Decision::ImplicitDeny, |asked| asked.verdict.decision);
    let specific = resources.iter().any(|resource| resource != "*");
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(template(action, resources)),
        eval_decision: text(decision).to_owned(),
        matched_statements: union(&asked, |asked| statements(sources, &asked.verdict)),
        missing_context_values: union(&asked, |asked| missing(sources, &asked.verdict)),
        organizations_decision_detail: organizations(sources, &asked),
        permissions_boundary_decision_detail: boundary(&asked),
        eval_decision_details: union_details(&asked),
        resource_specific_results: match specific {
            true => asked.iter().map(|asked| on_resource(sources, asked)).collect(),
            false => Vec::new(),
        },
    }
}

fn on_resource(sources: &Sources, asked: &Asked) -> ResourceSpecificResult {
    ResourceSpecificResult {
        eval_resource_name: asked.resource.clone(),
        eval_resource_decision: text(asked.verdict.decision).to_owned(),
        matched_statements: statements(sources, &asked.verdict),
        missing_context_values: missing(sources, &asked.verdict),
        eval_decision_details: details(asked),
        permissions_boundary_decision_detail: boundary(std::slice::from_ref(asked)),
    }
}

/// The newest model names the kind of resource, not the resource; where the kind is not known, all.
fn template(action: &str, resources: &[String]) -> String {
    let kind = || {
        let (prefix, name) = action.split_once(':')?;
        let service = catalogue::service(&prefix.to_ascii_lowercase())?;
        let mut kinds = service.resource_types_of(service.action(name)?);
        kinds.find(|kind| resources.iter().all(|resource| is_of(resource, kind.arn)))
    };
    kind().map_or_else(|| "*".to_owned(), |kind| kind.arn.to_owned())
}

/// True when an ARN has the parts of a template before and after each `${…}`, and no more slashes.
fn is_of(resource: &str, template: &str) -> bool {
    let (Some(arn), Some(wanted)) = (Arn::parse(resource), Arn::parse(template)) else { return false };
    let same_shape = |text: &str| text.matches('/').count();
    let prefix = wanted.resource.split("${").next().unwrap_or_default();
    let shape = same_shape(arn.resource).min(1) == same_shape(wanted.resource).min(1);
    arn.service == wanted.service && arn.resource.starts_with(prefix) && shape
}

/// The statements that decided: for a denial the denials, and none where nothing decided. Those of
/// control policies never appear.
fn statements(sources: &Sources, verdict: &Verdict) -> Vec<Statement> {
    let decided = |statement: &&Examined| match verdict.decision {
        Decision::Allow => !statement.deny,
        Decision::ExplicitDeny => statement.deny,
        Decision::ImplicitDeny => false,
    };
    let matched = verdict.matched.iter().filter(|statement| !CONTROL.contains(&statement.layer));
    matched.filter(decided).filter_map(|statement| shown(sources, statement)).collect()
}

fn shown(sources: &Sources, statement: &Examined) -> Option<Statement> {
    let described = sources.described(&statement.policy)?;
    Some(Statement {
        source_policy_id: Some(described.id.clone()),
        source_policy_type: Some(described.kind.to_owned()),
        start_position: Some(position(statement.position)),
        end_position: Some(position(statement.end)),
    })
}

fn position((line, column): (usize, usize)) -> Position {
    let number = |value: usize| i64::try_from(value).ok();
    Position { line: number(line), column: number(column) }
}

/// Keys that only control policies ask for are not told.
fn missing(sources: &Sources, verdict: &Verdict) -> Vec<String> {
    let asked = sources.told_keys();
    let told = |key: &&String| asked.iter().any(|known| known.eq_ignore_ascii_case(key));
    verdict.missing.iter().filter(told).cloned().collect()
}

fn organizations(sources: &Sources, asked: &[Asked]) -> Option<OrganizationsDecisionDetail> {
    let all =
        || asked.iter().all(|asked| outcome(&asked.verdict, Layer::ServiceControl) == Some(Outcome::Allows));
    (!sources.organization.is_empty())
        .then(|| OrganizationsDecisionDetail { allowed_by_organizations: Some(all()) })
}

fn boundary(asked: &[Asked]) -> Option<PermissionsBoundaryDecisionDetail> {
    let outcomes: Option<Vec<Outcome>> =
        asked.iter().map(|asked| outcome(&asked.verdict, Layer::Boundary)).collect();
    let all = outcomes?.iter().all(|outcome| *outcome == Outcome::Allows);
    Some(PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(all) })
}

/// How each kind of policy contributes to a decision across accounts; nothing within one account, and
/// nothing where a service control policy has ended the evaluation. An action without resource has none.
fn details(asked: &Asked) -> Option<Vec<(String, String)>> {
    (asked.crosses || asked.resource != "*").then(|| contributions(asked))
}

fn contributions(asked: &Asked) -> Vec<(String, String)> {
    let ended = outcome(&asked.verdict, Layer::ServiceControl).is_some_and(|o| o != Outcome::Allows);
    if !asked.crosses || ended {
        return Vec::new();
    }
    let named = |(layer, name): &(Layer, &str)| {
        let outcome = match (outcome(&asked.verdict, *layer), layer) {
            (None, Layer::Resource) => Outcome::Silent,
            (found, _) => found?,
        };
        Some(((*name).to_owned(), outcome_text(outcome).to_owned()))
    };
    SOURCES.iter().filter_map(named).collect()
}

/// The most restrictive contribution of each kind of policy.
fn union_details(asked: &[Asked]) -> Option<Vec<(String, String)>> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, decision) in asked.iter().filter_map(details).flatten() {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some(known) if rank(&known.1) < rank(&decision) => known.1 = decision,
            Some(_) => {}
            None => all.push((name, decision)),
        }
    }
    asked.iter().any(|asked| details(asked).is_some()).then_some(all)
}

fn union<T: PartialEq>(asked: &[Asked], of: impl Fn(&Asked) -> Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for item in asked.iter().flat_map(of) {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

fn outcome(verdict: &Verdict, layer: Layer) -> Option<Outcome> {
    verdict.layers.iter().find(|found| found.layer == layer).map(|found| found.outcome)
}

fn severity(decision: Decision) -> usize {
    rank(text(decision))
}

fn rank(decision: &str) -> usize {
    ["allowed", "implicitDeny", "explicitDeny"].iter().position(|known| *known == decision).unwrap_or(0)
}

fn text(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allows => "allowed",
        Outcome::Denies => "explicitDeny",
        Outcome::Silent => "implicitDeny",
    }
}

const CONTROL: [Layer; 2] = [Layer::ServiceControl, Layer::ResourceControl];
/// The names under which contributions go.
const SOURCES: [(Layer, &str); 3] = [
    (Layer::Identity, "IAM Policy"),
    (Layer::Boundary, "Permissions Boundary Policy"),
    (Layer::Resource, "Resource Policy"),
];
/// Results on a page unless asked otherwise.
const USUAL: i64 = 100;
/// The most questions answered on one page.
const PAIRS: i64 = 10_000;
