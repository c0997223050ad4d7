//! Findings about `Resource` and `NotResource`.

use super::actions::may_be;
use super::{Report, allows, covers, has_wildcard};
use crate::arn::Arn;
use crate::catalogue;
use crate::document::Kind;
use crate::syntax::{Clause, List, Text};

pub(super) fn check(clause: &Clause, report: &mut Report) {
    let Some(list) = &clause.resource else { return };
    redundant(list, report);
    for text in &list.items {
        if let Some(arn) = Arn::parse(&text.value) {
            form(text, &arn, report);
            places(clause, text, &arn, report);
        }
    }
}

fn redundant(list: &List, report: &mut Report) {
    for (n, text) in list.items.iter().enumerate() {
        let other = list.items.iter().enumerate().find(|(m, other)| {
            // A wildcard before the fifth colon does not reach over one.
            let colons = |text: &str| text.matches(':').count() >= 5;
            let comparable = other.value == "*" || (colons(&other.value) && colons(&text.value));
            let differs = other.value != text.value || *m < n;
            *m != n && comparable && differs && parts_cover(&other.value, &text.value)
        });
        if let Some((_, other)) = other {
            let message = format!("{} is part of {} and can be left out.", text.value, other.value);
            report.suggestion("REDUNDANT_RESOURCE", text.at, message);
        }
    }
}

fn parts_cover(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern.splitn(6, ':').zip(text.splitn(6, ':')).all(|(a, b)| covers(a, b))
}

fn form(text: &Text, arn: &Arn<'_>, report: &mut Report) {
    if arn.service.chars().any(|c| c.is_ascii_uppercase()) {
        let message =
            format!("The service in an ARN is written in lower case: {}.", arn.service.to_lowercase());
        return report.error("INVALID_ARN_SERVICE_CASE", text.at, message);
    }
    if !is_region(arn.region) {
        let message = format!("{:?} is not the name of a region, such as us-east-1.", arn.region);
        report.error("INVALID_ARN_REGION", text.at, message);
    }
    if !is_account(arn.account) {
        let message = format!("{:?} is not an account: twelve digits, or nothing.", arn.account);
        report.error("INVALID_ARN_ACCOUNT", text.at, message);
    }
    known(text, arn, report);
}

/// Buckets and objects have no region and no account in their ARNs, so that a wildcard there limits nothing. Only
/// control policies may write one for the region.
fn places(clause: &Clause, text: &Text, arn: &Arn<'_>, report: &mut Report) {
    let placed = PLACED.iter().any(|kind| arn.resource.starts_with(kind));
    let refused =
        !arn.region.is_empty() && !matches!(report.kind, Kind::ServiceControl | Kind::ResourceControl);
    if arn.service != "s3" || placed || refused || !(has_wildcard(arn.region) || has_wildcard(arn.account)) {
        return;
    }
    let code = "WILDCARD_FOR_EMPTY_ARN_FIELD";
    let plain = format!("arn:{}:s3:::{}", arn.partition, arn.resource);
    match allows(clause) && arn.resource == "*" {
        true => report.security(
            code,
            text.at,
            format!("Region and account of buckets are empty, so this is all of S3; write {plain} if that is meant."),
        ),
        false => report.warning(
            code,
            text.at,
            format!("Region and account of buckets are empty, so these wildcards limit nothing; write {plain}."),
        ),
    }
}

/// That the service and one of its kinds of resources have this form.
fn known(text: &Text, arn: &Arn<'_>, report: &mut Report) {
    let mut forms = catalogue::services()
        .iter()
        .flat_map(|service| service.resource_types())
        .map(|form| form.arn)
        .filter(|form| Arn::parse(form).is_some_and(|form| covers(arn.service, form.service)))
        .peekable();
    if forms.peek().is_none() {
        if catalogue::service(arn.service).is_none() && !has_wildcard(arn.service) {
            let message = format!("No service has resources of the form arn:aws:{}:….", arn.service);
            report.warning("INVALID_SERVICE", text.at, message);
        }
        return;
    }
    let forms: Vec<&str> = forms.collect();
    if forms.iter().any(|form| may_be(&text.value, form)) {
        return;
    }
    let without = |account: &str, region: &str| {
        let bare = Arn { account, region, ..*arn };
        forms.iter().any(|form| may_be(&bare.to_string(), form))
    };
    let service = arn.service;
    if !arn.account.is_empty() && without("", arn.region) {
        let message = format!("ARNs of this kind of {service} hold no account; leave that part empty.");
        report.error("ARN_ACCOUNT_NOT_ALLOWED", text.at, message);
    } else if !arn.region.is_empty() && without(arn.account, "") {
        let message = format!("ARNs of this kind of {service} hold no region; leave that part empty.");
        report.error("ARN_REGION_NOT_ALLOWED", text.at, message);
    } else if arn.region.is_empty() && without(arn.account, "*") {
        let message = format!("ARNs of this kind of {service} hold a region; name it, or write *.");
        report.error("MISSING_ARN_REGION", text.at, message);
    } else {
        let message = format!("{service} has no kind of resource with an ARN of this form.");
        report.warning("INVALID_ARN_RESOURCE", text.at, message);
    }
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number =
        parts.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()) && !last.is_empty());
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    text.is_empty() || text.contains(['*', '?', '$']) || (parts.len() >= 3 && number && plain)
}

fn is_account(text: &str) -> bool {
    let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    text.is_empty() || text.contains(['*', '?', '$']) || digits || OWNED_BY_AWS.contains(&text)
}

/// What of S3 has a region and an account: how those names begin.
const PLACED: [&str; 6] =
    ["accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens/", "storage-lens-group/"];
/// What stands in place of an account in ARNs of what AWS owns.
const OWNED_BY_AWS: [&str; 4] = ["aws", "aws-marketplace", "cloudfront", "amazon"];
