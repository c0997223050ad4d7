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
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, policy(text)).unwrap();
        Side::load(Kind::Identity, &path).unwrap()
    };
    let sides = [write("old", old), write("new", new)];
    let questions = Questions::of(Kind::Identity, &sides);
    assert!(questions.complete);
    changes(&questions, &sides).unwrap()
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
    assert!(found.iter().all(|change| change.what() == ('-', "allowed no more")));
    let names = |change: &Change, name: &str| change.actions.iter().any(|action| action == name);
    assert!(!found.iter().any(|change| names(change, "s3:GetObject")));
    assert!(found.iter().any(|change| names(change, "s3:GetObjectTagging")));
    let found = diff(&allow("s3:GetObject", "*", ""), &allow("s3:*", "*", ""));
    assert!(!found.is_empty() && found.iter().all(|change| change.what() == ('+', "now allowed")));
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
    assert!(found.iter().all(|change| change.what().0 == '+'), "a higher limit only adds");
    assert!(found.iter().all(|change| change.keys.iter().any(|(key, _)| key == "s3:max-keys")));
    let own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*", "");
    let found = diff(&own, &allow("s3:GetObject", "arn:aws:s3:::b/*", ""));
    assert!(!found.is_empty() && found.iter().all(|change| change.what().0 == '+'));
    let gone = diff(&own, &allow("s3:PutObject", "*", ""));
    assert!(gone.iter().any(|change| change.keys.iter().any(|(key, _)| key == "aws:username")));
}
