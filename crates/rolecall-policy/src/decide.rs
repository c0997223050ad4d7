//! The decision: layers of policies and a request in, a [`Verdict`] out.

use crate::context::Context;
use crate::document::Policy;
use crate::principal::Principal;
use crate::verdict::Verdict;

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

/// Decides. Total: whatever is handed in, a verdict comes out, and doubt denies.
pub fn decide(_request: &Request<'_>, _layers: &Layers<'_>) -> Verdict {
    Verdict::default()
}
