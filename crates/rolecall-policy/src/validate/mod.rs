//! What a well-formed document must also satisfy, in the order in which AWS complains.

mod bucket;
pub(crate) mod issuer;
mod principal;
mod resource;

use std::collections::HashSet;

use crate::condition::is_date;
use crate::document::Kind;
use crate::sentence::{Finding, Offence};
use crate::syntax::{Clause, Draft, List, Text};

type Checked = Result<(), Finding>;

/// Checks a draft for the use it is meant for.
pub(crate) fn validate(draft: &Draft, kind: Kind) -> Checked {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => identity(draft),
        Kind::Trust => trust(draft),
        Kind::Bucket => bucket::check(draft),
        Kind::ServiceControl => service_control(draft),
        Kind::ResourceControl => resource_control(draft),
    }
}

/// The order of IAM's own checks.
fn identity(draft: &Draft) -> Checked {
    version(draft)?;
    each(draft, no_principal)?;
    let wrong_resource = first_wrong_resource(draft);
    if let Err(finding) = &wrong_resource
        && finding.offence == Offence::ShortArn
    {
        return wrong_resource;
    }
    if wrong_resource.is_ok() {
        each(draft, legacy)?;
    } else {
        each(draft, effect)?;
    }
    sids(draft)?;
    each(draft, has_actions)?;
    wrong_resource?;
    each(draft, actions)?;
    each(draft, has_resources)
}

fn trust(draft: &Draft) -> Checked {
    each(draft, legacy)?;
    each(draft, no_resource)?;
    each(draft, |clause| principal::check(clause, Kind::Trust))?;
    sids(draft)?;
    each(draft, has_actions)?;
    each(draft, actions)?;
    each(draft, only_assume_role)?;
    each(draft, issuer::check)
}

/// Short ARNs are accepted when they end in a wildcard.
fn service_control(draft: &Draft) -> Checked {
    each(draft, no_principal)?;
    each(draft, legacy)?;
    sids(draft)?;
    each(draft, has_actions)?;
    each(draft, actions)?;
    each(draft, has_resources)?;
    resources(draft).filter(|text| !is_cut_short(&text.value)).try_for_each(resource::check)
}

fn is_cut_short(resource: &str) -> bool {
    resource.starts_with("arn:") && resource.ends_with('*')
}

fn resource_control(draft: &Draft) -> Checked {
    each(draft, |clause| principal::check(clause, Kind::ResourceControl))?;
    each(draft, legacy)?;
    sids(draft)?;
    each(draft, has_actions)?;
    each(draft, actions)?;
    each(draft, has_resources)?;
    first_wrong_resource(draft)
}

fn each(draft: &Draft, check: impl Fn(&Clause) -> Checked) -> Checked {
    draft.clauses.iter().try_for_each(check)
}

fn version(draft: &Draft) -> Checked {
    match &draft.version {
        Some(version) if version.value == "2012-10-17" => Ok(()),
        Some(version) => Err(Finding::new(Offence::Version, version.at, "Version must be 2012-10-17")),
        None => Err(Finding::new(Offence::Version, draft.at, "Version 2012-10-17 is required")),
    }
}

fn no_principal(clause: &Clause) -> Checked {
    match &clause.principal {
        None => Ok(()),
        Some(who) => Err(Finding::new(
            Offence::PrincipalForbidden,
            who.at,
            "the principal is the identity that the policy belongs to",
        )),
    }
}

fn no_resource(clause: &Clause) -> Checked {
    let Some(list) = &clause.resource else { return Ok(()) };
    let name = if list.negated { "NotResource" } else { "Resource" };
    Err(Finding::new(Offence::ProhibitedField(name), list.at, "the resource is the role itself"))
}

fn first_wrong_resource(draft: &Draft) -> Checked {
    resources(draft).try_for_each(resource::check)
}

fn resources(draft: &Draft) -> impl Iterator<Item = &Text> {
    draft.clauses.iter().filter_map(|clause| clause.resource.as_ref()).flat_map(|list| &list.items)
}

fn legacy(clause: &Clause) -> Checked {
    effect(clause)?;
    for test in clause.conditions.iter().filter(|test| test.spelling.is_date()) {
        if let Some(value) = test.values.iter().find(|value| !is_date(&value.value)) {
            let detail = format!("{:?} is neither an ISO 8601 date nor seconds since 1970", value.value);
            return Err(Finding::new(Offence::NoDate, value.at, detail));
        }
    }
    Ok(())
}

fn effect(clause: &Clause) -> Checked {
    match clause.effect.value.as_str() {
        "Allow" | "Deny" => Ok(()),
        other => {
            let detail = format!("Effect is Allow or Deny in exactly this spelling, not {other:?}");
            Err(Finding::new(Offence::EffectCase, clause.effect.at, detail))
        }
    }
}

fn sids(draft: &Draft) -> Checked {
    let mut seen = HashSet::new();
    for sid in draft.clauses.iter().filter_map(|clause| clause.sid.as_ref()) {
        if !sid.value.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Finding::new(Offence::SidCharacters, sid.at, "letters and digits only"));
        }
        if !sid.value.is_empty() && !seen.insert(sid.value.as_str()) {
            let detail = format!("an earlier statement has the Sid {:?}", sid.value);
            return Err(Finding::new(Offence::SidRepeated, sid.at, detail));
        }
    }
    Ok(())
}

fn has_actions(clause: &Clause) -> Checked {
    filled(clause, clause.action.as_ref(), Offence::NoActions, "Action or NotAction must name an action")
}

fn has_resources(clause: &Clause) -> Checked {
    filled(
        clause,
        clause.resource.as_ref(),
        Offence::NoResources,
        "Resource or NotResource must name a resource",
    )
}

fn filled(clause: &Clause, list: Option<&List>, offence: Offence, detail: &str) -> Checked {
    match list {
        Some(list) if !list.items.is_empty() => Ok(()),
        Some(list) => Err(Finding::new(offence, list.at, detail)),
        None => Err(Finding::new(offence, clause.at, detail)),
    }
}

fn actions(clause: &Clause) -> Checked {
    clause.action.iter().flat_map(|list| &list.items).try_for_each(action)
}

fn action(text: &Text) -> Checked {
    let value = text.value.as_str();
    let refuse = |code, sentence: String| {
        let detail = format!("{value:?} is not of the form service:Action");
        Err(Finding::new(Offence::Action(code, sentence), text.at, detail))
    };
    match value.split_once(':') {
        None if !value.is_empty() && value.bytes().all(|b| b == b'*') => Ok(()),
        None => refuse(
            "INVALID_ACTION",
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into(),
        ),
        Some((_, name)) if name.contains(':') => {
            refuse("INVALID_ACTION", "Actions/Condition can contain only one colon.".into())
        }
        Some((vendor, _)) if !is_vendor(vendor) => {
            refuse("INVALID_SERVICE_IN_ACTION", format!("Vendor {vendor} is not valid"))
        }
        Some(_) => Ok(()),
    }
}

fn is_vendor(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}

/// `NotAction` would let in everything else, so it is refused, too.
fn only_assume_role(clause: &Clause) -> Checked {
    let Some(list) = &clause.action else { return Ok(()) };
    let refuse = |at, detail: String| Err(Finding::new(Offence::TrustAction, at, detail));
    if list.negated {
        return refuse(list.at, "NotAction is not possible here".to_owned());
    }
    match list.items.iter().find(|text| !assumes_role(&text.value)) {
        None => Ok(()),
        Some(text) => refuse(text.at, format!("{:?} is none of {}", text.value, TRUST_ACTIONS.join(", "))),
    }
}

fn assumes_role(pattern: &str) -> bool {
    use crate::action::{Action, ActionPattern};
    let compiled = ActionPattern::compile(pattern);
    pattern.contains(':')
        && TRUST_ACTIONS.iter().any(|name| compiled.matches(&Action::parse(&name.to_ascii_lowercase())))
}

/// What a trust policy may allow.
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];
