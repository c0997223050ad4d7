//! The form of principals in resource policies. Whether they exist is not known here.

use super::resource::PARTITIONS;
use super::{Checked, Clause, Finding, Kind, Offence, Text};
use crate::arn::Arn;
use crate::syntax::{Who, WhoShape};

/// Checks a statement's principal element for a policy of that kind.
pub(super) fn check(clause: &Clause, kind: Kind) -> Checked {
    let Some(who) = &clause.principal else {
        return Err(Finding::new(Offence::MissingField("Principal"), clause.at, "Principal is required"));
    };
    match kind {
        Kind::ResourceControl => everybody(who),
        Kind::Trust if who.negated => Err(Finding::new(
            Offence::ProhibitedField("NotPrincipal"),
            who.at,
            "name who may assume the role",
        )),
        _ => named(who, kind),
    }
}

fn everybody(who: &Who) -> Checked {
    match &who.shape {
        WhoShape::Bare(text) if text == "*" && !who.negated => Ok(()),
        _ => Err(Finding::new(Offence::Organization, who.at, "Principal must be \"*\"")),
    }
}

fn named(who: &Who, kind: Kind) -> Checked {
    match &who.shape {
        WhoShape::Bare(text) if text == "*" && kind != Kind::Trust => Ok(()),
        WhoShape::Bare(text) => {
            let offence = Offence::Principal("STAR".into(), text.clone());
            Err(Finding::new(offence, who.at, "write {\"AWS\": …} or another kind of principal"))
        }
        WhoShape::Other => {
            Err(Finding::new(Offence::Syntax, who.at, "expected kinds with strings or lists of strings"))
        }
        WhoShape::Kinds(kinds) => {
            if kinds.iter().all(|(_, values)| values.is_empty()) {
                return Err(Finding::new(Offence::NoPrincipals, who.at, "no principal is named"));
            }
            let all = kinds.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
            all.into_iter().try_for_each(|(name, value)| entry(name, value, kind))
        }
    }
}

fn entry(name: &str, text: &Text, kind: Kind) -> Checked {
    let value = text.value.as_str();
    let (valid, shown) = match name {
        "AWS" => (value == "*" || is_aws(value), "AWS"),
        "Service" => (is_service(value), "SERVICE"),
        "Federated" => (is_provider(value), "FEDERATED"),
        "CanonicalUser" => (kind == Kind::Bucket && is_canonical(value), "CANONICALUSER"),
        other => (false, other),
    };
    if valid {
        return Ok(());
    }
    let offence = Offence::Principal(shown.to_owned(), value.to_owned());
    Err(Finding::new(offence, text.at, format!("{value:?} is not a principal of kind {name}")))
}

fn is_aws(value: &str) -> bool {
    is_account(value) || is_unique_id(value) || Arn::parse(value).is_some_and(|arn| is_aws_arn(&arn))
}

/// No wildcards: each principal is one user, role, session or account.
fn is_aws_arn(arn: &Arn<'_>) -> bool {
    let home = PARTITIONS.contains(&arn.partition) && arn.region.is_empty();
    let plain = !arn.resource.contains(['*', '?']);
    let owned = is_account(arn.account) || (arn.service == "iam" && arn.account == "cloudfront");
    home && plain && owned && is_aws_name(arn.service, arn.resource)
}

fn is_aws_name(service: &str, resource: &str) -> bool {
    match (service, resource.split_once('/')) {
        ("iam", None) => resource == "root",
        ("iam", Some(("user" | "role", name))) => !name.is_empty() && !name.ends_with('/'),
        ("sts", Some(("federated-user", name))) => !name.is_empty(),
        ("sts", Some(("assumed-role", name))) => {
            name.split_once('/').is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
        }
        _ => false,
    }
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// What a principal is shown as after the user or role that it named is gone.
fn is_unique_id(text: &str) -> bool {
    let known = text.starts_with("AIDA") || text.starts_with("AROA");
    known && text.len() >= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_service(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
    let label =
        |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    name.or_else(|| text.strip_suffix(".aws.internal")).is_some_and(|name| name.split('.').all(label))
}

fn is_provider(text: &str) -> bool {
    if WELL_KNOWN_PROVIDERS.contains(&text) {
        return true;
    }
    Arn::parse(text).is_some_and(|arn| {
        let kind =
            arn.resource.split_once('/').filter(|(_, name)| !name.is_empty() && !name.contains(['*', '?']));
        PARTITIONS.contains(&arn.partition)
            && arn.service == "iam"
            && arn.region.is_empty()
            && is_account(arn.account)
            && kind.is_some_and(|(kind, _)| kind == "oidc-provider" || kind == "saml-provider")
    })
}

fn is_canonical(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Identity providers that need no provider resource in the account.
const WELL_KNOWN_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "www.amazon.com", "graph.facebook.com", "cognito-identity.amazonaws.com"];
