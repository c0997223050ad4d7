//! What an edit of a policy adds and removes.

use super::*;

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"{condition}}}"#)
}

fn diff(old: &str, new: &str) -> Vec<Change> {
    let (old, new) = (policy(old), policy(new));
    let found = super::diff(Kind::Identity, Some(&old), Some(&new), Effort::GREAT).unwrap();
    assert!(found.complete);
    found.changes
}

#[test]
fn the_same_meaning_shows_no_difference() {
    let a = allow("s3:Get*", "arn:aws:s3:::b/*", "");
    assert!(diff(&a, &a).is_empty());
    let both = format!("{a},{}", allow("s3:GetObject", "arn:aws:s3:::b/x", ""));
    assert!(diff(&a, &both).is_empty(), "a statement within another adds nothing");
}

#[test]
fn added_and_removed_actions_are_told_apart() {
    let found = diff(&allow("s3:Get*", "*", ""), &allow("s3:GetObject", "*", ""));
    assert!(found.iter().all(|change| change.what() == "allowed no more" && !change.adds()));
    let names = |change: &Change, name: &str| change.actions.iter().any(|action| action == name);
    assert!(!found.iter().any(|change| names(change, "s3:GetObject")));
    assert!(found.iter().any(|change| names(change, "s3:GetObjectTagging")));
    let found = diff(&allow("s3:GetObject", "*", ""), &allow("s3:*", "*", ""));
    assert!(!found.is_empty() && found.iter().all(|change| change.what() == "now allowed" && change.adds()));
}

#[test]
fn overlapping_patterns_are_met_in_their_overlap() {
    let wide = allow("s3:GetObject", "arn:aws:s3:::a*", "");
    let deny = r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::*b"}"#;
    let found = diff(&wide, &format!("{wide},{deny}"));
    assert!(found.iter().any(|change| {
        let name = change.resource.strip_prefix("arn:aws:s3:::").unwrap_or_default();
        change.before == Outcome::Allows && name.starts_with('a') && name.ends_with('b')
    }));
    assert!(found.iter().any(|change| change.before == Outcome::Silent && change.after == Outcome::Denies));
}

#[test]
fn conditions_and_variables_are_shown_with_a_request() {
    let at = |value: &str| format!(r#"{{"NumericLessThan":{{"s3:max-keys":"{value}"}}}}"#);
    let found = diff(&allow("s3:ListBucket", "*", &at("10")), &allow("s3:ListBucket", "*", &at("11")));
    assert!(!found.is_empty());
    assert!(found.iter().all(|change| change.adds()), "a higher limit only adds");
    assert!(found.iter().all(|change| change.keys.iter().any(|(key, _)| key == "s3:max-keys")));
    let own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*", "");
    let found = diff(&own, &allow("s3:GetObject", "arn:aws:s3:::b/*", ""));
    assert!(!found.is_empty() && found.iter().all(|change| change.adds()));
    let gone = diff(&own, &allow("s3:PutObject", "*", ""));
    assert!(gone.iter().any(|change| change.keys.iter().any(|(key, _)| key == "aws:username")));
}

#[test]
fn a_new_policy_adds_and_a_gone_one_removes() {
    let one = policy(&allow("s3:GetObject", "arn:aws:s3:::b/*", ""));
    let made = super::diff(Kind::Identity, None, Some(&one), Effort::GREAT).unwrap();
    assert!(!made.changes.is_empty() && made.changes.iter().all(Change::adds));
    let gone = super::diff(Kind::Identity, Some(&one), None, Effort::GREAT).unwrap();
    assert!(!gone.changes.is_empty() && !gone.changes.iter().any(Change::adds));
    assert!(super::diff(Kind::Identity, None, None, Effort::GREAT).unwrap().changes.is_empty());
    assert!(super::diff(Kind::Identity, Some("{"), None, Effort::GREAT).is_err());
}

#[test]
fn an_effort_ends() {
    let many: Vec<String> =
        (0..30).map(|n| allow(&format!("s3:Get{n}*"), &format!("arn:aws:s3:::*{n}*"), "")).collect();
    let (old, new) = (policy(&many[1..].join(",")), policy(&many.join(",")));
    let found =
        super::diff(Kind::Identity, Some(&old), Some(&new), Effort { states: 200, questions: 500 }).unwrap();
    assert!(!found.complete);
}

#[test]
fn callers_with_a_foreign_identity_are_asked_too() {
    let trust = |provider: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity"}}"#
        ))
    };
    let provider = |name: &str| format!("arn:aws:iam::111122223333:oidc-provider/{name}");
    let (old, new) = (trust(&provider("a.example")), trust(&provider("b.example")));
    let found = super::diff(Kind::Trust, Some(&old), Some(&new), Effort::GREAT).unwrap();
    let told: Vec<_> =
        found.changes.iter().map(|change| (change.adds(), change.principal.as_str())).collect();
    assert!(
        told.contains(&(false, &*provider("a.example"))) && told.contains(&(true, &*provider("b.example")))
    );
}
