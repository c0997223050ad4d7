//! One recorded decision: the question, and the policies that answered it.

use crate::error::Error;
use crate::held::Held;
use crate::layers::{Gathered, ResourcePolicy};
use crate::target::Target;
use rolecall_policy::{Context, Principal, Request, Verdict, explain};
use rolecall_wire::Service;

/// A decision with everything it was made of.
#[allow(dead_code, reason = "explanations read all of it")]
pub(crate) struct Recorded {
    /// The id of the request.
    pub request_id: String,
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
            ResourcePolicy::Bucket(bucket) => bucket.policy.as_ref().map_or(0, |policy| policy.text.len()),
            ResourcePolicy::Trust(role) => role.as_ref().map_or(0, |role| role.trust.text.len()),
        };
        ENTRY + self.target.resource.len() + size(&self.context) + policy
    }
}

fn size(context: &Context<'_>) -> usize {
    context
        .iter()
        .map(|(key, value)| key.text().len() + value.all().iter().map(|v| v.len()).sum::<usize>())
        .sum()
}

/// What an entry takes beside its texts, about.
const ENTRY: usize = 512;
