//! Whether the action, the condition keys and the values of a question can be meant as they are written.
//!
//! A policy may name what nobody knows and then never applies. A question that does so is answered "no" for a
//! reason that its author did not think of, so whoever asks is told first.

use super::keys::{GLOBAL_KEYS, global};
use super::{Key, KeyKind, closest, service, services, suggest};
use crate::arn::Arn;
use crate::condition::Spelling;
use std::net::IpAddr;

/// Why an action cannot be asked about, with what was probably meant; `None` for a known one.
pub fn doubt_action(action: &str) -> Option<String> {
    let Some((prefix, name)) = action.split_once(':') else {
        return Some(format!(
            "'{action}' is no action: those are written service:Name.{}",
            in_a_service(action)
        ));
    };
    if action.contains(['*', '?']) {
        return Some(format!("'{action}' is a pattern of actions; ask about one action at a time."));
    }
    let meant = || suggest(action).map_or(String::new(), |meant| did_you_mean(&meant));
    match service(prefix) {
        None => Some(format!("no service '{prefix}' is known.{}", meant())),
        Some(service) if service.action(name).is_none() => {
            Some(format!("no action '{action}' is known.{}", meant()))
        }
        Some(_) => None,
    }
}

/// Why a condition key cannot be asked about; `None` for a known one, and for the claims of identity providers,
/// which are theirs to name.
pub fn doubt_key(name: &str) -> Option<String> {
    if key(name).is_some() {
        return None;
    }
    let Some((prefix, rest)) = name.rsplit_once(':') else {
        return Some(format!(
            "'{name}' is no condition key: those are written service:name.{}",
            in_aws(name)
        ));
    };
    let is_provider = prefix.contains(['.', ':', '/']) || prefix.eq_ignore_ascii_case("saml");
    let global = || GLOBAL_KEYS.iter().map(|global| global.key.name);
    let near = match service(prefix) {
        _ if is_provider => return None,
        _ if prefix.eq_ignore_ascii_case("aws") => closest(name, global()).map(str::to_owned),
        Some(service) => closest(name, service.keys().iter().map(|key| key.name)).map(str::to_owned),
        None => closest(name, global()).map(str::to_owned).or_else(|| {
            let prefix = closest(prefix, services().iter().map(|service| service.prefix))?;
            Some(format!("{prefix}:{rest}")).filter(|name| key(name).is_some())
        }),
    };
    Some(format!(
        "no condition key '{name}' is known.{}",
        near.map_or(String::new(), |near| did_you_mean(&near))
    ))
}

/// Why a condition key cannot have these values; `None` when it can, or nothing is known of the key.
pub fn doubt_values(name: &str, values: &[String]) -> Option<String> {
    let key = key(name)?;
    if values.len() > 1 && !key.many {
        return Some(format!("'{name}' has one value in a request, not {}.", values.len()));
    }
    let unreadable = values.iter().find(|value| !key.kind.reads(value))?;
    Some(format!("'{unreadable}' is no value of '{name}', which holds {}.", key.kind.what()))
}

/// What is known of a condition key of any service.
fn key(name: &str) -> Option<Key> {
    let of_service = || service(name.split_once(':')?.0)?.key(name).copied();
    global(name).map(|global| global.key).or_else(of_service)
}

impl KeyKind {
    /// Whether a request can have this value.
    fn reads(self, value: &str) -> bool {
        let by = |operator: &str| Spelling::parse(operator).is_some_and(|operator| operator.reads(value));
        match self {
            Self::Text => true,
            Self::Number => by("NumericEquals"),
            Self::Date => by("DateEquals"),
            Self::Bool => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Self::Address => value.parse::<IpAddr>().is_ok(),
            Self::Arn => Arn::parse(value).is_some(),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Date => "a time such as 2026-01-31T12:00:00Z",
            Self::Bool => "true or false",
            Self::Address => "an address such as 192.0.2.1",
            Self::Arn => "an ARN",
        }
    }
}

/// The service that has an action of this name.
fn in_a_service(name: &str) -> String {
    let all = services().iter().filter_map(|service| Some((service.prefix, service.action(name)?.name)));
    // Of several, the shortest prefix is the service and the others its relatives.
    let found = all.min_by_key(|(prefix, _)| prefix.len());
    found.map_or(String::new(), |(prefix, name)| did_you_mean(&format!("{prefix}:{name}")))
}

fn in_aws(name: &str) -> String {
    let global = format!("aws:{name}");
    if key(&global).is_some() { did_you_mean(&global) } else { String::new() }
}

fn did_you_mean(what: &str) -> String {
    format!(" Did you mean {what}?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_actions_are_told_with_what_was_meant() {
        for known in ["s3:GetObject", "S3:getobject", "iam:PassRole", "sts:AssumeRole"] {
            assert_eq!(doubt_action(known), None, "{known}");
        }
        for (action, told) in [
            ("s3:DeleteObjcts", "Did you mean s3:DeleteObject?"),
            ("s3:GetObjct", "Did you mean s3:GetObject?"),
            ("GetObject", "Did you mean s3:GetObject?"),
            ("imm:PassRole", "Did you mean iam:PassRole?"),
            ("s3:Get*", "one action at a time"),
            ("s3:Frobnicate", "no action 's3:Frobnicate' is known."),
            ("frob", "written service:Name"),
        ] {
            let doubt = doubt_action(action).expect(action);
            assert!(doubt.contains(told), "{action}: {doubt}");
        }
    }

    #[test]
    fn misspelt_keys_are_told_and_those_of_providers_are_not() {
        for known in [
            "aws:SourceIp",
            "AWS:sourceip",
            "aws:PrincipalTag/team",
            "s3:prefix",
            "s3:ExistingObjectTag/a",
            "sts:ExternalId",
            "saml:aud",
            "accounts.google.com:aud",
            "idp.example.org/realm:sub",
            "localhost:8080:sub",
        ] {
            assert_eq!(doubt_key(known), None, "{known}");
        }
        for (key, told) in [
            ("aws:SorceIp", "Did you mean aws:SourceIp?"),
            ("asw:SourceIp", "Did you mean aws:SourceIp?"),
            ("SourceIp", "Did you mean aws:SourceIp?"),
            ("s3:prefx", "Did you mean s3:prefix?"),
            ("sts:ExternlId", "Did you mean sts:ExternalId?"),
            ("k", "written service:name"),
        ] {
            let doubt = doubt_key(key).expect(key);
            assert!(doubt.contains(told), "{key}: {doubt}");
        }
    }

    #[test]
    fn values_that_a_key_cannot_have_are_told() {
        let doubt = |key: &str, values: &[&str]| {
            doubt_values(key, &values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        };
        for (key, good, bad) in [
            ("aws:SourceIp", "10.0.0.1", "banana"),
            ("aws:SourceIp", "2001:db8::1", "10.0.0.0/8"),
            ("aws:SecureTransport", "True", "yes"),
            ("aws:CurrentTime", "2026-01-31T12:00:00Z", "yesterday"),
            ("aws:MultiFactorAuthAge", "300", "5 min"),
            ("aws:SourceArn", "arn:aws:s3:::b", "b"),
        ] {
            assert_eq!(doubt(key, &[good]), None, "{key}={good}");
            assert!(doubt(key, &[bad]).expect(bad).contains(bad), "{key}={bad}");
        }
        assert!(doubt("aws:SourceIp", &["10.0.0.1", "10.0.0.2"]).unwrap().contains("one value"));
        assert_eq!(doubt("aws:TagKeys", &["a", "b"]), None);
        assert_eq!(doubt("example.org:groups", &["a", "b"]), None, "nothing is known of it");
    }
}
