//! The table of findings in spec/policy/findings.yaml: for each code a document that has it, where, and one
//! that does not.

use super::{Finding, Severity, check};
use crate::document::{Kind, Policy};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    code: String,
    severity: String,
    kind: String,
    /// A whole document, or what stands between the braces of its only statement.
    text: String,
    at: Option<(usize, usize)>,
    /// The same without the finding.
    instead: String,
    /// A piece of the message.
    says: Option<String>,
}

fn kind(name: &str) -> Kind {
    match name {
        "identity" => Kind::Identity,
        "session" => Kind::Session,
        "bucket" => Kind::Bucket,
        "trust" => Kind::Trust,
        "scp" => Kind::ServiceControl,
        "rcp" => Kind::ResourceControl,
        other => panic!("{other}"),
    }
}

fn document(text: &str) -> String {
    match text.starts_with('"') {
        true => format!(r#"{{"Version":"2012-10-17","Statement":[{{{text}}}]}}"#),
        false => text.replace("MANY", &"x".repeat(7000)),
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/policy/findings.yaml");
    serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn find(case: &Case, text: &str) -> Option<Finding> {
    let found = check(&document(text), kind(&case.kind));
    found.into_iter().find(|finding| finding.code == case.code)
}

#[test]
fn every_row_is_found_and_what_to_write_instead_is_clean_of_it() {
    let wrong: Vec<String> = cases().iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong(case: &Case) -> Option<String> {
    let told = |why: &str| Some(format!("{} {}: {why}", case.code, case.text));
    let Some(finding) = find(case, &case.text) else {
        return told(&format!("{:?}", check(&document(&case.text), kind(&case.kind))));
    };
    let severity = format!("{:?}", finding.severity).to_lowercase() == case.severity;
    let place = case.at.is_none_or(|at| at == (finding.line, finding.column));
    let says = finding.message.contains(case.says.as_deref().unwrap_or_default());
    match find(case, &case.instead) {
        Some(still) => told(&format!("instead: {still:?}")),
        None if severity && place && says && finding.message.len() > 20 => None,
        None => told(&format!("{finding:?}")),
    }
}

#[test]
fn every_code_has_a_row() {
    let rows: BTreeSet<String> = cases().into_iter().map(|case| case.code).collect();
    let is_code = |word: &&str| {
        word.len() > 6 && word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    };
    let mut codes = BTreeSet::new();
    for folder in ["findings", "validate"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/").to_owned() + folder;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            codes.extend(text.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned));
        }
    }
    assert!(codes.len() > 60, "{}", codes.len());
    assert_eq!(codes.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// An error by what is refused, and only then: findings of the grammar and the parser agree.
#[test]
fn what_is_refused_has_an_error_of_the_same_place() {
    let refused = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"GetObject","Resource":"*"},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"bucket"}]}"#;
    let invalid = Policy::parse(refused, Kind::Identity).unwrap_err();
    let found = check(refused, Kind::Identity);
    let errors: Vec<_> = found.iter().filter(|f| f.severity == Severity::Error).collect();
    assert!(errors.iter().any(|f| (f.line, f.column) == (invalid.line, invalid.column)), "{errors:?}");
    assert_eq!(errors.iter().map(|f| f.code).collect::<Vec<_>>(), ["INVALID_ACTION", "INVALID_ARN_PREFIX"]);
}

#[test]
fn a_good_policy_has_no_findings() {
    for (kind, text) in [
        (
            Kind::Identity,
            r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/${aws:username}/*",
             "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Bool":{"aws:SecureTransport":"true"}}},
            {"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b",
             "Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"}}},
            {"Sid":"Pass","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app"}]}"#,
        ),
        (
            Kind::Trust,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
            "Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{
            "token.actions.githubusercontent.com:aud":"sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub":"repo:org/app:ref:refs/heads/main"}}}}"#,
        ),
        (
            Kind::Trust,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
            "Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":["sts:AssumeRole","sts:TagSession"],
            "Condition":{"StringEquals":{"sts:ExternalId":"abc"}}}}"#,
        ),
        (
            Kind::Bucket,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*",
            "Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}}"#,
        ),
    ] {
        assert!(Policy::parse(text, kind).is_ok());
        assert_eq!(check(text, kind), [], "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(text in ".{0,200}", value in "[a-z*?:${}/,' 0-9.é]{0,30}", key in "[a-zA-Z:/ é]{0,20}") {
        let nested = format!(r#"{{"Statement":{{"Effect":"Deny","Principal":{{"AWS":"{value}","Federated":"{value}"}},"Action":"{value}","Resource":["{value}","arn:{value}"],"Condition":{{"ForAllValues:StringLike":{{"{key}":"{value}"}},"IpAddress":{{"{key}":"{value}"}}}}}}}}"#);
        for kind in [Kind::Identity, Kind::Bucket, Kind::Trust, Kind::ServiceControl, Kind::ResourceControl] {
            check(&text, kind);
            check(&nested, kind);
        }
    }
}
