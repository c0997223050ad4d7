//! The decision: layers of policies and a request in, a [`Ruling`] out. Nothing is allocated.

use std::borrow::Cow;

use crate::context::Context;
use crate::document::Policy;
use crate::grantee::Class;
use crate::index::PolicySet;
use crate::principal::{Principal, PrincipalKind};
use crate::question::{Lower, Question};
use crate::statement::Statement;
use crate::verdict::{Decision, Layer, Outcome, Ruling};

/// A policy with the name it goes by in explanations.
#[derive(Debug, Clone)]
pub struct Named<'a> {
    /// The managed policy's ARN, or the inline policy's name, or `""`.
    pub id: Cow<'a, str>,
    /// True when `id` is an ARN that a denial message may name.
    pub managed: bool,
    /// The policy.
    pub policy: Policy,
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
    pub context: &'a Context<'a>,
}

/// The policies of one layer, or of one level of it; what one of them allows is allowed.
#[derive(Debug, Clone, Copy)]
pub enum Policies<'a> {
    /// A few, asked one after the other.
    List(&'a [Named<'a>]),
    /// Many, indexed.
    Set(&'a PolicySet<'a>),
}

/// The policies that apply. `None` for a layer means that the layer does not exist for this request
/// (no boundary, no session policy); no policies in it mean that it exists and allows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// Identity policies of the principal, its groups' included.
    pub identity: Policies<'a>,
    /// The permissions boundary.
    pub boundary: Option<Policies<'a>>,
    /// Session policies.
    pub session: Option<Policies<'a>>,
    /// The resource's own policy.
    pub resource: Option<Policies<'a>>,
    /// The role's trust policy; when present it is mandatory and replaces `resource`.
    pub trust: Option<Policies<'a>>,
    /// Service control policies of the principal's account, level by level, root first.
    pub service_control: &'a [Policies<'a>],
    /// Resource control policies of the resource's account, level by level, root first.
    pub resource_control: &'a [Policies<'a>],
}

/// Decides (IAM User Guide, Policy evaluation logic). Total: whatever is handed in, a ruling comes
/// out, and doubt denies. [`explain`](crate::explain()) decides the same and says why.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Ruling {
    let lower = Lower::of(request);
    let question = lower.question(request, layers);
    let mut findings = Findings::default();
    for (layer, policies) in layers.levels(request.principal) {
        let finding = policies.ask(&question);
        findings.add(layer, finding);
        if finding.deny && !is_repair(request, layer) {
            break;
        }
    }
    conclude(request, &findings)
}

impl<'a> Named<'a> {
    /// A policy under a name that messages do not show.
    pub fn new(id: impl Into<Cow<'a, str>>, policy: Policy) -> Self {
        Self { id: id.into(), managed: false, policy }
    }
}

impl<'a> Policies<'a> {
    /// No policy.
    pub const NONE: Self = Self::List(&[]);

    /// Every policy.
    pub fn iter(&self) -> impl Iterator<Item = &'a Named<'a>> {
        match self {
            Self::List(list) => list.iter(),
            Self::Set(set) => set.policies().iter(),
        }
    }

    fn ask(self, question: &Question<'_>) -> Finding {
        match self {
            Self::List(list) => {
                Finding::of(list.iter().flat_map(|named| named.policy.statements()), question)
            }
            Self::Set(set) => Finding::of(set.candidates(question), question),
        }
    }
}

impl Default for Policies<'_> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<'a> From<&'a [Named<'a>]> for Policies<'a> {
    fn from(list: &'a [Named<'a>]) -> Self {
        Self::List(list)
    }
}

impl<'a> From<&'a Vec<Named<'a>>> for Policies<'a> {
    fn from(list: &'a Vec<Named<'a>>) -> Self {
        Self::List(list)
    }
}

impl<'a> From<&'a Named<'a>> for Policies<'a> {
    fn from(one: &'a Named<'a>) -> Self {
        Self::List(std::slice::from_ref(one))
    }
}

impl<'a> From<&'a PolicySet<'a>> for Policies<'a> {
    fn from(set: &'a PolicySet<'a>) -> Self {
        Self::Set(set)
    }
}

impl<'a> Layers<'a> {
    /// True when a decision by these policies can depend on condition keys. When it cannot, no context need be
    /// gathered for it.
    pub fn read_keys(&self) -> bool {
        let single = [self.boundary, self.session, self.resource, self.trust].into_iter().flatten();
        let levels = self.service_control.iter().chain(self.resource_control).copied();
        let mut all = levels.chain(single).chain([self.identity]);
        all.any(|policies| policies.iter().any(|named| named.policy.reads_keys()))
    }

    /// Every layer that limits the principal, level by level, in the order in which denials are blamed on
    /// them. Service-linked roles are not limited by control policies and boundaries.
    pub(crate) fn levels(self, principal: &Principal) -> impl Iterator<Item = (Layer, Policies<'a>)> {
        let side = self.trust.map(|trust| (Layer::Trust, trust));
        let side = side.or(self.resource.map(|resource| (Layer::Resource, resource)));
        let linked = is_service_linked(principal);
        let control = |layer, levels: &'a [Policies<'a>]| levels.iter().map(move |level| (layer, *level));
        control(Layer::ServiceControl, self.service_control)
            .chain(control(Layer::ResourceControl, self.resource_control))
            .chain(side)
            .chain(self.session.map(|session| (Layer::Session, session)))
            .chain(self.boundary.map(|boundary| (Layer::Boundary, boundary)))
            .chain([(Layer::Identity, self.identity)])
            .filter(move |(layer, _)| !(linked && LIMITS_OF_ACCOUNTS.contains(layer)))
    }
}

/// What a layer, or a level of one, says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The closest match of an `Allow`; on the level that says least, where there are levels.
    pub(crate) allow: Option<Class>,
    pub(crate) deny: bool,
}

impl Finding {
    /// What statements say together. A denial ends the search.
    pub(crate) fn of<'s>(statements: impl Iterator<Item = &'s Statement>, question: &Question<'_>) -> Self {
        let mut allow = None;
        for statement in statements {
            let Some(class) = statement.applies(question) else { continue };
            if statement.deny {
                return Self { allow, deny: true };
            }
            allow = allow.max(Some(class));
        }
        Self { allow, deny: false }
    }

    pub(crate) fn outcome(self) -> Outcome {
        match (self.deny, self.allow) {
            (true, _) => Outcome::Denies,
            (false, Some(_)) => Outcome::Allows,
            (false, None) => Outcome::Silent,
        }
    }
}

/// What each layer says that exists.
#[derive(Debug, Default)]
pub(crate) struct Findings([Option<Finding>; LAYERS.len()]);

impl Findings {
    /// Takes in one level: all levels of a layer must allow.
    pub(crate) fn add(&mut self, layer: Layer, level: Finding) {
        let Some(found) = self.0.get_mut(layer as usize) else { return };
        let so_far = found.unwrap_or(Finding { allow: Some(Class::Direct), deny: false });
        *found = Some(Finding { allow: so_far.allow.min(level.allow), deny: so_far.deny || level.deny });
    }

    pub(crate) fn of(&self, layer: Layer) -> Option<Finding> {
        self.0.get(layer as usize).copied().flatten()
    }

    /// A layer that does not exist does not allow.
    fn allow(&self, layer: Layer) -> Option<Class> {
        self.of(layer)?.allow
    }
}

/// The rules by which the layers make a decision.
pub(crate) fn conclude(request: &Request<'_>, findings: &Findings) -> Ruling {
    let denies = |layer: &Layer| findings.of(*layer).is_some_and(|f| f.deny) && !is_repair(request, *layer);
    if let Some(layer) = LAYERS.into_iter().find(denies) {
        return Ruling { decision: Decision::ExplicitDeny, because: Some(layer) };
    }
    let needs = Needs::of(request, findings);
    let lacks = |layer: &Layer| needs.layer(*layer, request, findings) && findings.allow(*layer).is_none();
    match LAYERS.into_iter().find(lacks) {
        Some(layer) => Ruling { decision: Decision::ImplicitDeny, because: Some(layer) },
        None => Ruling { decision: Decision::Allow, because: None },
    }
}

/// What must allow beside the control policies.
#[derive(Debug, Clone, Copy)]
struct Needs {
    /// The layer of the resource's owner.
    side: Layer,
    owner: bool,
    /// Session policy and boundary, where they exist.
    limits: bool,
    identity: bool,
}

impl Needs {
    fn of(request: &Request<'_>, findings: &Findings) -> Self {
        let mandatory = findings.of(Layer::Trust).is_some();
        let side = if mandatory { Layer::Trust } else { Layer::Resource };
        let (own, granted) = (is_own(request), findings.allow(side));
        let needs = |owner, limits, identity| Self { side, owner, limits, identity };
        match (&request.principal.kind, granted) {
            (
                PrincipalKind::Anonymous | PrincipalKind::Service { .. } | PrincipalKind::Federated { .. },
                _,
            ) => needs(true, false, false),
            (PrincipalKind::Root, _) => needs(mandatory || !own, false, false),
            (_, Some(Class::Direct)) if own => needs(false, false, false),
            (_, Some(Class::Role | Class::UserOfFederated)) if own => needs(false, true, false),
            _ => needs(mandatory || !own, true, true),
        }
    }

    /// True when the layer must allow. A federated user has nothing that no session policy gives.
    fn layer(self, layer: Layer, request: &Request<'_>, findings: &Findings) -> bool {
        let kind = &request.principal.kind;
        let exists = findings.of(layer).is_some();
        match layer {
            Layer::ServiceControl => exists && belongs_to_account(kind),
            Layer::ResourceControl => exists,
            Layer::Resource | Layer::Trust => self.owner && layer == self.side,
            Layer::Session => self.limits && (exists || matches!(kind, PrincipalKind::FederatedUser { .. })),
            Layer::Boundary => self.limits && exists,
            Layer::Identity => self.identity,
        }
    }
}

fn belongs_to_account(kind: &PrincipalKind) -> bool {
    match kind {
        PrincipalKind::Root
        | PrincipalKind::User { .. }
        | PrincipalKind::RoleSession { .. }
        | PrincipalKind::FederatedUser { .. } => true,
        PrincipalKind::Anonymous | PrincipalKind::Service { .. } | PrincipalKind::Federated { .. } => false,
    }
}

/// A role that a service made for itself (AWS Organizations User Guide, SCPs: tasks and entities not
/// restricted).
fn is_service_linked(principal: &Principal) -> bool {
    match &principal.kind {
        PrincipalKind::RoleSession { role_arn, .. } => role_arn.contains(":role/aws-service-role/"),
        _ => false,
    }
}

/// The owner's root user may always repair a bucket policy, also one that denies it (S3 User Guide,
/// bucket policies).
fn is_repair(request: &Request<'_>, layer: Layer) -> bool {
    let owner = request.principal.kind == PrincipalKind::Root && is_own(request);
    let of_policy = |name: &str| request.action.eq_ignore_ascii_case(name);
    layer == Layer::Resource && owner && BUCKET_POLICY_ACTIONS.into_iter().any(of_policy)
}

/// True when principal and resource belong to one account.
fn is_own(request: &Request<'_>) -> bool {
    let account = request.principal.account.as_str();
    !account.is_empty() && account == request.resource_account
}

/// In the order in which denials are blamed on them.
pub(crate) const LAYERS: [Layer; 7] = [
    Layer::ServiceControl,
    Layer::ResourceControl,
    Layer::Resource,
    Layer::Trust,
    Layer::Session,
    Layer::Boundary,
    Layer::Identity,
];
const LIMITS_OF_ACCOUNTS: [Layer; 3] = [Layer::ServiceControl, Layer::ResourceControl, Layer::Boundary];
const BUCKET_POLICY_ACTIONS: [&str; 3] =
    ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
