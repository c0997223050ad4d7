//! Findings about `Principal` and `NotPrincipal`: who is let in.

use super::{Report, allows, covers, positive, tenants};
use crate::arn::Arn;
use crate::document::Kind;
use crate::syntax::{Clause, Test, Text, Who, WhoShape};
use crate::validate::issuer;

pub(super) fn check(clause: &Clause, report: &mut Report) {
    let Some(who) = &clause.principal else { return };
    if report.kind == Kind::ResourceControl {
        return guardrail(clause, report);
    }
    if who.negated {
        exceptions(clause, who, report);
    }
    repeated(who, report);
    partitions(clause, who, report);
    if allows(clause) && !who.negated {
        everybody(clause, who, report);
        third_parties(clause, who, report);
        services(clause, who, report);
        providers(clause, who, report);
    }
}

/// An RCP only takes away; the policy that allows is AWS's own.
fn guardrail(clause: &Clause, report: &mut Report) {
    if allows(clause) {
        report.warning(
            "ALLOW_IN_RCP",
            clause.effect.at,
            "Resource control policies of customers deny only; what may be done, RCPFullAWSAccess allows.",
        );
    }
}

fn exceptions(clause: &Clause, who: &Who, report: &mut Report) {
    if allows(clause) {
        return report.security(
            "ALLOW_WITH_NOT_PRINCIPAL",
            who.at,
            "Allow with NotPrincipal lets in everybody who is not listed, strangers without credentials too; \
             list in Principal who may.",
        );
    }
    report.warning(
        "DENY_WITH_NOT_PRINCIPAL",
        who.at,
        "Deny with NotPrincipal hits whoever is not listed by every name, and everybody with a permissions \
         boundary; deny \"*\" with a condition on aws:PrincipalArn.",
    );
}

fn entries(who: &Who) -> impl Iterator<Item = (&str, &Text)> {
    let kinds = match &who.shape {
        WhoShape::Kinds(kinds) => kinds.as_slice(),
        WhoShape::Bare(_) | WhoShape::Other => &[],
    };
    kinds.iter().flat_map(|(kind, values)| values.iter().map(move |value| (kind.as_str(), value)))
}

fn repeated(who: &Who, report: &mut Report) {
    if let WhoShape::Kinds(kinds) = &who.shape {
        let hollow = kinds.iter().any(|(_, values)| values.is_empty());
        if hollow {
            report.suggestion(
                "EMPTY_ARRAY_PRINCIPAL",
                who.at,
                "A list of principals is empty; leave it out.",
            );
        }
    }
    let all: Vec<_> = entries(who).collect();
    for (n, (kind, text)) in all.iter().enumerate() {
        let earlier = all.iter().take(n).any(|(k, t)| k == kind && t.value == text.value);
        let by_star =
            *kind == "AWS" && text.value != "*" && all.iter().any(|(k, t)| *k == "AWS" && t.value == "*");
        if earlier || by_star {
            let message = format!("{} is named already and can be left out.", text.value);
            report.suggestion("REDUNDANT_PRINCIPAL", text.at, message);
        }
    }
}

/// Partitions share no accounts, so whom an ARN of another one names asks for nothing here.
fn partitions(clause: &Clause, who: &Who, report: &mut Report) {
    let foreign = |text: &Text| Arn::parse(&text.value).is_some_and(|arn| arn.partition != HOME);
    for (_, text) in entries(who).filter(|(_, text)| foreign(text)) {
        let message =
            format!("{} is of another partition and names nobody here; write arn:{HOME}:….", text.value);
        match allows(clause) {
            true => report.warning("PRINCIPAL_OF_ANOTHER_PARTITION", text.at, message),
            false => report.security("PRINCIPAL_OF_ANOTHER_PARTITION", text.at, message),
        }
    }
}

/// An account that works for many can be made to use one customer's role for another (IAM User Guide, The confused
/// deputy problem). Which accounts are the author's own is not known here.
fn third_parties(clause: &Clause, who: &Who, report: &mut Report) {
    let assumes = positive(clause.action.as_ref()).is_some_and(|list| {
        list.items.iter().any(|text| covers(&text.value.to_ascii_lowercase(), "sts:assumerole"))
    });
    if report.kind != Kind::Trust || !assumes || clause.conditions.iter().any(narrows) {
        return;
    }
    let is_account = |text: &Text| match Arn::parse(&text.value) {
        Some(arn) => arn.resource == "root",
        None => text.value.bytes().all(|b| b.is_ascii_digit()),
    };
    for (_, text) in entries(who).filter(|(kind, text)| *kind == "AWS" && is_account(text)) {
        let message = format!(
            "{} may let anybody assume this role for it. If the account is not yours, ask for sts:ExternalId, so that \
             a third party uses the role for you only.",
            text.value
        );
        report.warning("THIRD_PARTY_WITHOUT_EXTERNAL_ID", text.at, message);
    }
}

fn everybody(clause: &Clause, who: &Who, report: &mut Report) {
    let bare = matches!(&who.shape, WhoShape::Bare(text) if text == "*");
    let star = entries(who).find(|(kind, text)| *kind == "AWS" && text.value == "*");
    let narrowed = clause.conditions.iter().any(narrows);
    let Some(at) = star.map(|(_, text)| text.at).or(bare.then_some(who.at)) else { return };
    if narrowed {
        return;
    }
    let message = match report.kind {
        Kind::Trust => {
            "Everybody in every account who may call sts:AssumeRole may assume this role, and in this account \
             nobody needs even that; name the principals, or add a condition on them."
        }
        _ => {
            "Everybody is let in, without credentials too; name the principals, or add a condition such as \
             aws:PrincipalOrgID or aws:SourceIp."
        }
    };
    report.security("UNRESTRICTED_PRINCIPAL", at, message);
}

/// A condition that says who: positive, and on a key that only the right ones have.
fn narrows(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let known =
        NARROWING.iter().any(|known| key == *known || (known.ends_with('/') && key.starts_with(known)));
    let firm = !test.spelling.is_negated() && !test.spelling.is_if_exists() && !test.spelling.is_for_all();
    let open = test.values.iter().any(|value| ["*", "0.0.0.0/0", "::/0"].contains(&value.value.as_str()));
    known && firm && !open && test.spelling.name() != "Null"
}

/// A service acts for anybody who makes it act, unless the source is asked for.
fn services(clause: &Clause, who: &Who, report: &mut Report) {
    let asked = |key: &str| SOURCES.contains(&key.to_ascii_lowercase().as_str());
    if report.kind != Kind::Bucket || clause.conditions.iter().any(|test| asked(&test.key)) {
        return;
    }
    if let Some((_, text)) = entries(who).find(|(kind, _)| *kind == "Service") {
        let message = format!(
            "{} is let in on behalf of anybody; add a condition on aws:SourceAccount or aws:SourceArn.",
            text.value
        );
        report.security("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", text.at, message);
    }
}

fn providers(clause: &Clause, who: &Who, report: &mut Report) {
    for (_, text) in entries(who).filter(|(kind, _)| *kind == "Federated") {
        let Some((_, issuer)) = text.value.split_once(":oidc-provider/") else { continue };
        subject(clause, issuer, text, report);
        if !asks(clause, issuer, "aud") {
            let message =
                format!("Tokens of {issuer} are taken for whichever audience; ask for {issuer}:aud.");
            report.warning("MISSING_AUDIENCE_CONDITION_KEY", text.at, message);
        }
    }
}

/// Whom the provider speaks of. At an issuer that everybody can get tokens of, the audience says nothing; a
/// document without any condition on the tenant is refused.
fn subject(clause: &Clause, issuer: &str, text: &Text, report: &mut Report) {
    let shared = issuer::shared(&text.value);
    if issuer::check(clause).is_err() {
        return;
    }
    let identifying = shared.map_or(&["sub"][..], |(_, claims)| claims);
    let is_identifying = |test: &&Test| identifying.iter().any(|claim| is_claim(test, issuer, claim));
    let tests: Vec<&Test> = clause.conditions.iter().filter(is_identifying).collect();
    if tests.iter().all(|test| is_open(test)) {
        return open(issuer, shared.is_some(), text, report);
    }
    tenants::check(&clause.conditions, &tests, issuer, report);
    let wide = |value: &&Text| value.value.contains('*');
    if let Some(value) = tests.iter().flat_map(|test| &test.values).find(wide).filter(|_| issuer == GITHUB) {
        let message = format!("{} covers more than one repository or branch; name both.", value.value);
        report.suggestion("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value.at, message);
    }
}

fn open(issuer: &str, shared: bool, text: &Text, report: &mut Report) {
    let message = format!(
        "Every token of {issuer} is trusted, whoever it speaks of; ask for {issuer}:sub in a condition that names whom."
    );
    match (issuer, shared) {
        (GITHUB, _) => report.security("MISSING_GITHUB_REPO_CONDITION_KEY", text.at, message),
        (_, true) => report.security("MISSING_SUBJECT_CONDITION_KEY", text.at, message),
        (_, false) => report.warning("MISSING_SUBJECT_CONDITION_KEY", text.at, message),
    }
}

fn asks(clause: &Clause, issuer: &str, claim: &str) -> bool {
    clause.conditions.iter().any(|test| is_claim(test, issuer, claim) && !is_open(test))
}

fn is_claim(test: &Test, issuer: &str, claim: &str) -> bool {
    test.key.eq_ignore_ascii_case(&format!("{issuer}:{claim}"))
}

/// True when the condition lets any token through.
fn is_open(test: &Test) -> bool {
    let all = |text: &Text| text.value.trim_start_matches("repo").chars().all(|c| "*?:/".contains(c));
    let spelling = &test.spelling;
    let like = spelling.name().ends_with("Like") && test.values.iter().any(all);
    like || spelling.is_negated()
        || spelling.is_if_exists()
        || spelling.is_for_all()
        || spelling.name() == "Null"
}

/// The partition of every account here.
const HOME: &str = "aws";
const GITHUB: &str = "token.actions.githubusercontent.com";

/// Keys that say who asks.
const NARROWING: [&str; 18] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:principalservicename",
    "aws:userid",
    "aws:username",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceidentity",
    "aws:sourceorgid",
    "sts:externalid",
    "s3:dataaccesspointaccount",
];
/// Keys that say on whose behalf a service asks.
const SOURCES: [&str; 4] = ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];
