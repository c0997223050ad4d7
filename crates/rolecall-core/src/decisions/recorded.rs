//! One recorded decision: the question, and the policies that answered it.

use super::checks::{self, Check};
use super::evidence::{inline_uri, resource_uri};
use crate::error::Error;
use crate::held::Held;
use crate::id::RequestId;
use crate::layers::Gathered;
use crate::target::{ResourcePolicy, Target};
use rolecall_policy::{Context, Examined, Layer, Principal, PrincipalKind, Request, Verdict, explain};
use rolecall_wire::Service;

/// A decision with everything it was made of.
pub(crate) struct Recorded {
    /// The id of the request.
    pub request_id: RequestId,
    /// When it was decided, in seconds since 1970.
    pub at: i64,
    /// The service asked.
    pub service: Service,
    /// The operation asked.
    pub operation: &'static str,
    /// Who asked.
    pub principal: Principal,
    /// The caller's policies.
    pub gathered: Gathered,
    /// The condition keys of the request.
    pub context: Context<'static>,
    /// What was asked for.
    pub asked: Vec<Asked>,
}

/// One action on one resource that was decided on.
pub(crate) struct Asked {
    /// What was asked.
    pub target: Target,
    /// The account that owns the resource.
    pub owner: String,
    /// The condition keys that this question has besides the request's, or with another value.
    pub context: Context<'static>,
}

impl Recorded {
    /// The same, with every inline policy under a name that no other policy of the decision has.
    pub(crate) fn with_distinct_names(mut self) -> Self {
        let Gathered { identity, boundary, session, .. } = &mut self.gathered;
        for held in identity.iter_mut().chain(boundary).chain(session.iter_mut().flatten()) {
            if let Some(uri) = inline_uri(held) {
                held.id = uri;
            }
        }
        self
    }

    /// What had to allow one of the things asked, and what came of each.
    pub(crate) fn checks(&self, asked: &Asked, verdict: &Verdict) -> Vec<Check> {
        checks::of(verdict, &self.principal.kind, self.principal.account != asked.owner)
    }

    /// Which of [`Recorded::policies`] a statement belongs to.
    pub(crate) fn uri_of(&self, asked: &Asked, examined: &Examined) -> String {
        let of_resource = matches!(examined.layer, Layer::Resource | Layer::Trust);
        let own = of_resource.then(|| resource_uri(&asked.target)).flatten();
        own.unwrap_or_else(|| examined.policy.clone())
    }

    /// Who holds the caller's policies, in words.
    pub(crate) fn holder(&self) -> String {
        match &self.principal.kind {
            PrincipalKind::RoleSession { role_arn, .. } => format!("the role {}", name(role_arn)),
            PrincipalKind::User { .. } => format!("the user {}", name(&self.principal.arn)),
            _ => self.principal.arn.clone(),
        }
    }

    /// The decision on one of the things asked, with its reasons: the same question to the same policies.
    ///
    /// # Errors
    /// When a policy of the resource is unreadable; the request was then refused for that.
    pub(crate) fn verdict(&self, asked: &Asked) -> Result<Verdict, Error> {
        let context = self.full_context(asked);
        let request = Request {
            principal: &self.principal,
            action: asked.target.action,
            resource: &asked.target.resource,
            resource_account: &asked.owner,
            context: &context,
        };
        let layers = self.gathered.layers(&asked.target, &asked.owner)?;
        Ok(layers.ask(|layers| explain(&request, layers)))
    }

    /// All condition keys of a question.
    pub(crate) fn full_context<'a>(&'a self, asked: &'a Asked) -> Context<'a> {
        let mut context = Context::over(&self.context);
        context.extend(&asked.context);
        context
    }

    /// What it takes in memory, in bytes of text: what policies share with records is counted, too,
    /// because the records may be changed and then it is the last to hold them.
    pub(crate) fn room(&self) -> usize {
        let own: usize = self.asked.iter().map(Asked::room).sum();
        let held = self.gathered.identity.iter().chain(&self.gathered.boundary);
        let held = held.chain(self.gathered.session.iter().flatten());
        let controls = self.gathered.owners.iter().flat_map(|owner| &owner.control);
        let held = held.chain(self.gathered.service_control.iter().chain(controls).flatten());
        let policies: usize = held.map(Held::room).sum();
        ENTRY + size(&self.context) + own + policies
    }
}

impl Asked {
    fn room(&self) -> usize {
        let policy = match &self.target.policy {
            ResourcePolicy::None => 0,
            ResourcePolicy::Bucket(bucket) => bucket.document.as_ref().map_or(0, |policy| policy.text.len()),
            ResourcePolicy::Trust(role) => role.as_ref().map_or(0, |role| role.trust.text.len()),
        };
        ENTRY + self.target.resource.len() + size(&self.context) + policy
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn size(context: &Context<'_>) -> usize {
    context
        .iter()
        .map(|(key, value)| key.text().len() + value.all().iter().map(|v| v.len()).sum::<usize>())
        .sum()
}

/// What an entry takes beside its texts, about.
const ENTRY: usize = 512;
