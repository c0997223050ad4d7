//! The decision: layers of policies and a request in, a [`Verdict`] out.

use crate::action::Action;
use crate::arn::{Arn, folded};
use crate::context::Context;
use crate::document::Policy;
use crate::grantee::Class;
use crate::principal::{Principal, PrincipalKind};
use crate::statement::{Question, Statement};
use crate::verdict::{Decision, Layer, Matched, Outcome, Verdict};

/// A policy with the name it goes by in explanations.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The managed policy's ARN, or the inline policy's name, or `""`.
    pub id: &'a str,
    /// True when `id` is an ARN that a denial message may name.
    pub managed: bool,
    /// The policy.
    pub policy: &'a Policy,
}

/// The question.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// `service:Action`, such as `s3:GetObject`.
    pub action: &'a str,
    /// The resource's ARN, or `*` for actions without resource-level permissions.
    pub resource: &'a str,
    /// The account that owns the resource; the principal's own for `*`.
    pub resource_account: &'a str,
    /// The condition keys.
    pub context: &'a Context,
}

/// The policies that apply. `None` for a layer means that the layer does not exist for this request
/// (no boundary, no session policy); an empty list means it exists and allows nothing.
#[derive(Debug, Clone, Default)]
pub struct Layers<'a> {
    /// Identity policies of the principal, its groups' included.
    pub identity: Vec<Named<'a>>,
    /// The permissions boundary.
    pub boundary: Option<Vec<Named<'a>>>,
    /// Session policies.
    pub session: Option<Vec<Named<'a>>>,
    /// The resource's own policy.
    pub resource: Option<Vec<Named<'a>>>,
    /// The role's trust policy; when present it is mandatory and replaces `resource`.
    pub trust: Option<Vec<Named<'a>>>,
    /// Service control policies of the principal's account: one list a level, root first.
    pub service_control: Vec<Vec<Named<'a>>>,
    /// Resource control policies of the resource's account: one list a level, root first.
    pub resource_control: Vec<Vec<Named<'a>>>,
}

/// Decides (IAM User Guide, Policy evaluation logic). Total: whatever is handed in, a verdict comes
/// out, and doubt denies.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Verdict {
    let action = request.action.to_ascii_lowercase();
    let resource = folded(request.resource);
    let question = Question {
        principal: request.principal,
        action: Action::parse(&action),
        resource: resource.as_deref().and_then(Arn::parse),
        context: request.context,
        bounded: layers.boundary.is_some(),
    };
    let mut missing = Vec::new();
    let findings = survey(&question, layers, &mut missing);
    let (decision, because) = conclude(request, &action, &findings);
    let layers = findings.iter().map(|finding| (finding.layer, finding.outcome())).collect();
    let matched = findings.into_iter().flat_map(|finding| finding.matched);
    let matched = matched.filter(|m| m.deny || decision != Decision::ExplicitDeny).collect();
    Verdict { decision, because, matched, layers, missing }
}

/// What one layer says.
struct Finding {
    layer: Layer,
    /// The closest match of an `Allow`; on the level that says least, where there are levels.
    allow: Option<Class>,
    deny: bool,
    matched: Vec<Matched>,
}

/// Asks every layer that exists, in the order in which denials are blamed on them.
fn survey(question: &Question<'_>, layers: &Layers<'_>, missing: &mut Vec<String>) -> Vec<Finding> {
    let mut findings = Vec::with_capacity(7);
    let mut ask = |layer, levels: &[&[Named<'_>]]| {
        if !levels.is_empty() {
            findings.push(Finding::of(layer, levels, question, missing));
        }
    };
    ask(Layer::ServiceControl, &slices(&layers.service_control));
    ask(Layer::ResourceControl, &slices(&layers.resource_control));
    match (&layers.trust, &layers.resource) {
        (Some(trust), _) => ask(Layer::Trust, &[trust]),
        (None, Some(resource)) => ask(Layer::Resource, &[resource]),
        (None, None) => {}
    }
    layers.session.iter().for_each(|session| ask(Layer::Session, &[session]));
    layers.boundary.iter().for_each(|boundary| ask(Layer::Boundary, &[boundary]));
    ask(Layer::Identity, &[&layers.identity]);
    findings
}

fn slices<'a, 'n>(levels: &'a [Vec<Named<'n>>]) -> Vec<&'a [Named<'n>]> {
    levels.iter().map(Vec::as_slice).collect()
}

impl Finding {
    fn of(layer: Layer, levels: &[&[Named<'_>]], question: &Question<'_>, missing: &mut Vec<String>) -> Self {
        let mut finding = Self { layer, allow: Some(Class::Direct), deny: false, matched: Vec::new() };
        for level in levels {
            let allow = finding.level(level, question, missing);
            finding.allow = finding.allow.min(allow);
        }
        finding
    }

    /// Takes in the policies of one level, which are united, and gives their closest `Allow`.
    fn level(
        &mut self,
        level: &[Named<'_>],
        question: &Question<'_>,
        missing: &mut Vec<String>,
    ) -> Option<Class> {
        let mut allow = None;
        for named in level {
            for statement in named.policy.statements() {
                let Some(class) = statement.applies(question, missing) else { continue };
                self.matched.push(matched(self.layer, named, statement));
                match statement.deny {
                    true => self.deny = true,
                    false => allow = allow.max(Some(class)),
                }
            }
        }
        allow
    }

    fn outcome(&self) -> Outcome {
        match (self.deny, self.allow) {
            (true, _) => Outcome::Denies,
            (false, Some(_)) => Outcome::Allows,
            (false, None) => Outcome::Silent,
        }
    }
}

fn matched(layer: Layer, named: &Named<'_>, statement: &Statement) -> Matched {
    Matched {
        layer,
        policy: named.id.to_owned(),
        managed: named.managed,
        sid: statement.sid.clone(),
        position: (statement.start.line, statement.start.column),
        end: (statement.end.line, statement.end.column),
        deny: statement.deny,
    }
}

fn conclude(request: &Request<'_>, action: &str, findings: &[Finding]) -> (Decision, Option<Layer>) {
    let repair = is_repair(request, action);
    let denies = |finding: &&Finding| finding.deny && !(repair && finding.layer == Layer::Resource);
    if let Some(finding) = findings.iter().find(denies) {
        return (Decision::ExplicitDeny, Some(finding.layer));
    }
    match required(request, findings).into_iter().find(|layer| !allows(findings, *layer)) {
        Some(layer) => (Decision::ImplicitDeny, Some(layer)),
        None => (Decision::Allow, None),
    }
}

/// The owner's root user may always repair a bucket policy, also one that denies it (S3 User Guide,
/// bucket policies).
fn is_repair(request: &Request<'_>, action: &str) -> bool {
    let owner = request.principal.kind == PrincipalKind::Root && is_own(request);
    owner && BUCKET_POLICY_ACTIONS.contains(&action)
}

/// True when principal and resource belong to one account.
fn is_own(request: &Request<'_>) -> bool {
    let account = request.principal.account.as_str();
    !account.is_empty() && account == request.resource_account
}

fn find(findings: &[Finding], layer: Layer) -> Option<&Finding> {
    findings.iter().find(|finding| finding.layer == layer)
}

/// A layer that does not exist does not allow.
fn allows(findings: &[Finding], layer: Layer) -> bool {
    find(findings, layer).is_some_and(|finding| finding.allow.is_some())
}

/// The layers that must allow, in the order in which denials are blamed on them.
fn required(request: &Request<'_>, findings: &[Finding]) -> Vec<Layer> {
    let exists = |layer: &Layer| find(findings, *layer).is_some();
    let guardrails = [Layer::ServiceControl, Layer::ResourceControl].into_iter().filter(exists);
    let mut layers: Vec<Layer> = match request.principal.kind {
        PrincipalKind::User { .. }
        | PrincipalKind::RoleSession { .. }
        | PrincipalKind::FederatedUser { .. }
        | PrincipalKind::Root => guardrails.collect(),
        _ => guardrails.filter(|layer| *layer == Layer::ResourceControl).collect(),
    };
    layers.extend(own_layers(request, findings));
    layers
}

/// The layers beside the guardrails.
fn own_layers(request: &Request<'_>, findings: &[Finding]) -> Vec<Layer> {
    let trust = find(findings, Layer::Trust);
    let side = if trust.is_some() { Layer::Trust } else { Layer::Resource };
    let grant = find(findings, side).and_then(|finding| finding.allow);
    let mandatory = trust.is_some() || !is_own(request);
    match (&request.principal.kind, mandatory) {
        (PrincipalKind::Anonymous | PrincipalKind::Service { .. } | PrincipalKind::Federated { .. }, _) => {
            vec![side]
        }
        (PrincipalKind::Root, false) => Vec::new(),
        (PrincipalKind::Root, true) => vec![side],
        (_, _) if is_own(request) => match grant {
            Some(Class::Direct) => Vec::new(),
            Some(Class::Role | Class::UserOfFederated) => limits(request, findings),
            Some(Class::Account) | None if !mandatory => with_identity(Vec::new(), request, findings),
            Some(Class::Account) | None => with_identity(vec![side], request, findings),
        },
        _ => with_identity(vec![side], request, findings),
    }
}

fn with_identity(mut layers: Vec<Layer>, request: &Request<'_>, findings: &[Finding]) -> Vec<Layer> {
    layers.extend(limits(request, findings));
    layers.push(Layer::Identity);
    layers
}

/// Session policy and boundary, where they exist. A federated user has nothing that no session
/// policy gives.
fn limits(request: &Request<'_>, findings: &[Finding]) -> Vec<Layer> {
    let federated = matches!(request.principal.kind, PrincipalKind::FederatedUser { .. });
    let exists = |layer: &Layer| find(findings, *layer).is_some() || (federated && *layer == Layer::Session);
    [Layer::Session, Layer::Boundary].into_iter().filter(exists).collect()
}

const BUCKET_POLICY_ACTIONS: [&str; 3] =
    ["s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"];
