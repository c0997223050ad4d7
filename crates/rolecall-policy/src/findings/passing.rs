//! Findings about handing roles to services: `iam:PassRole` and `iam:CreateServiceLinkedRole`.

use super::{Report, allows, covers, is_everything, positive};
use crate::json::Position;
use crate::syntax::{Clause, Text};

pub(super) fn check(clause: &Clause, report: &mut Report) {
    if !allows(clause) {
        return;
    }
    if let Some((at, code, what)) = granted(clause, "iam:passrole", PASS_ROLE) {
        let message = format!(
            "iam:PassRole is granted on {what}: whoever may start a service with a role may pass any. \
             Name the roles in Resource and, with iam:PassedToService, the services."
        );
        report.security(code, at, message);
    }
    if let Some((at, code, what)) = granted(clause, "iam:createservicelinkedrole", CREATE_SLR) {
        let message = format!(
            "iam:CreateServiceLinkedRole is granted on {what}; name the roles, or the services with \
             iam:AWSServiceName."
        );
        report.warning(code, at, message);
    }
}

/// Where an action is granted too widely, the code for how, and on what.
fn granted(
    clause: &Clause,
    action: &str,
    codes: [&'static str; 4],
) -> Option<(Position, &'static str, &'static str)> {
    let actions = positive(clause.action.as_ref())?;
    let entry = actions.items.iter().find(|text| covers(&text.value.to_ascii_lowercase(), action))?;
    let [in_resource, in_both, not_resource, star_and_not] = codes;
    let wild = is_wild(entry, action);
    let resources = clause.resource.as_ref()?;
    let limited =
        clause.conditions.iter().any(|test| LIMITS.contains(&test.key.to_ascii_lowercase().as_str()));
    match (resources.negated, is_everything(Some(resources)), wild) {
        _ if limited => None,
        // Everything on everything is a finding of its own.
        (false, true, _) if entry.value == "*" => None,
        (false, true, false) => Some((entry.at, in_resource, "every role")),
        (false, true, true) => Some((entry.at, in_both, "every role by a wildcard")),
        (true, _, false) => Some((entry.at, not_resource, "every role that is not listed")),
        (true, _, true) => Some((entry.at, star_and_not, "every role that is not listed, by a wildcard")),
        (false, false, _) => None,
    }
}

fn is_wild(entry: &Text, action: &str) -> bool {
    !entry.value.eq_ignore_ascii_case(action)
}

const PASS_ROLE: [&str; 4] = [
    "PASS_ROLE_WITH_STAR_IN_RESOURCE",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
    "PASS_ROLE_WITH_NOT_RESOURCE",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
];
const CREATE_SLR: [&str; 4] = [
    "CREATE_SLR_WITH_STAR_IN_RESOURCE",
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
    "CREATE_SLR_WITH_NOT_RESOURCE",
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
];
/// Conditions that say which roles or services are meant.
const LIMITS: [&str; 3] = ["iam:passedtoservice", "iam:associatedresourcearn", "iam:awsservicename"];
