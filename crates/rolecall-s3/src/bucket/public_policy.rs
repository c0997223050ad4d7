//! When a bucket policy is public (S3 User Guide, The meaning of "public").

use serde_json::Value;
use std::net::IpAddr;

/// True when a statement of the policy gives everybody something without holding them to fixed
/// values. What cannot be read is public.
pub(crate) fn is_public(text: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return true };
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(gives_everybody),
        Some(statement) => gives_everybody(statement),
        None => true,
    }
}

fn gives_everybody(statement: &Value) -> bool {
    let allows = statement.get("Effect").and_then(Value::as_str) != Some("Deny");
    let open =
        statement.get("NotPrincipal").is_some() || statement.get("Principal").is_none_or(names_everybody);
    allows && open && !is_restricted(statement.get("Condition"))
}

fn names_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(name) => name.contains('*'),
        Value::Array(names) => names.iter().any(names_everybody),
        Value::Object(kinds) => kinds.values().any(names_everybody),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// True when one condition at least holds callers to fixed values of a key that they cannot choose.
fn is_restricted(condition: Option<&Value>) -> bool {
    let Some(Value::Object(operators)) = condition else { return false };
    operators.iter().any(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        is_positive(operator) && keys.into_iter().any(|(key, values)| fixes(key, values))
    })
}

/// Operators that ask for a value: one that is content without the key, or with another value, does not
/// restrict.
fn is_positive(operator: &str) -> bool {
    let name = operator.strip_prefix("ForAnyValue:").unwrap_or(operator);
    POSITIVE.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn fixes(key: &str, values: &Value) -> bool {
    let values: Vec<&Value> = match values {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    };
    let is = |name: &str| name.eq_ignore_ascii_case(key);
    let fixed = |value: &&Value| -> bool {
        let Some(text) = value.as_str() else { return false };
        match () {
            () if is("aws:SourceIp") => is_narrow(text),
            () if is("aws:userid") => !text.starts_with(['*', '?', '$']),
            () if is("aws:PrincipalArn") || is("aws:SourceArn") => has_fixed_account(text),
            () => FIXED_KEYS.iter().any(|known| is(known)) && !text.contains(['*', '?', '$']),
        }
    };
    !values.is_empty() && values.iter().all(fixed)
}

/// The account of an ARN, or the bucket of one of S3, is written out.
fn has_fixed_account(arn: &str) -> bool {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, account, resource] = *fields else { return false };
    let plain = |text: &str| !text.is_empty() && !text.contains(['*', '?', '$']);
    plain(account) || (service == "s3" && plain(resource))
}

/// A range of at most a /8 (a /32 of IPv6), or of private addresses.
fn is_narrow(range: &str) -> bool {
    let (address, bits) = range.split_once('/').unwrap_or((range, "128"));
    let Ok(bits) = bits.parse::<u8>() else { return false };
    match address.parse() {
        Ok(IpAddr::V4(address)) => bits >= 8 || address.is_private(),
        Ok(IpAddr::V6(_)) => bits >= 32,
        Err(_) => false,
    }
}

const POSITIVE: [&str; 7] = [
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "ArnEquals",
    "ArnLike",
    "IpAddress",
    "NumericEquals",
];

/// Keys whose values callers do not choose.
const FIXED_KEYS: [&str; 10] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalServiceName",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceAccount",
    "aws:SourceOwner",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
];

#[cfg(test)]
mod tests {
    use super::is_public;

    fn with(principal: &str, condition: &str) -> bool {
        is_public(&format!(
            r#"{{"Statement":{{"Effect":"Allow",{principal},"Action":"s3:GetObject","Resource":"*"{condition}}}}}"#
        ))
    }

    #[test]
    fn everybody_is_public_and_the_named_are_not() {
        for principal in
            [r#""Principal":"*""#, r#""Principal":{"AWS":["1","*"]}"#, r#""NotPrincipal":{"AWS":"1"}"#]
        {
            assert!(with(principal, ""), "{principal}");
        }
        assert!(!with(r#""Principal":{"AWS":"123456789012"}"#, ""));
        assert!(!is_public(
            r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#
        ));
        assert!(is_public("{"));
    }

    #[test]
    fn only_fixed_values_restrict() {
        let public = |condition: &str| with(r#""Principal":"*""#, &format!(r#","Condition":{condition}"#));
        for closed in [
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/7"]}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}"#,
            r#"{"StringLike":{"aws:userid":"AROAX:*"}}"#,
        ] {
            assert!(!public(closed), "{closed}");
        }
        for open in [
            r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalAccount":"1"}}"#,
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}"#,
            r#"{"StringEquals":{"aws:Referer":"x"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#,
        ] {
            assert!(public(open), "{open}");
        }
    }
}
