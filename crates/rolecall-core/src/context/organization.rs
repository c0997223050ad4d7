//! Keys that tell the organization of an account.

use crate::organizations::Place;
use rolecall_policy::Context;

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The caller's.
    Principal,
    /// That of the resource.
    Resource,
}

/// `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`, or the same of the resource; absent for an account
/// that stands alone.
pub(crate) fn fill<'a>(context: &mut Context<'a>, place: Option<&'a Place>, side: Side) {
    let Some(place) = place else { return };
    let (id, paths) = match side {
        Side::Principal => ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
        Side::Resource => ("aws:ResourceOrgID", "aws:ResourceOrgPaths"),
    };
    context.set(id, place.organization.id.as_str());
    context.set_many(paths, [place.path()]);
}
