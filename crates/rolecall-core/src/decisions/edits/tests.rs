//! Denied requests and the edits that are proposed for them. Every plan is applied once more to policies made
//! from its documents, and must allow.

mod case;
mod rows;

use case::{Case, OTHER, allow, ann};
use rows::{Expected, rows};
use serde_json::Value as Json;

#[test]
fn every_denial_has_a_plan_that_allows_it() {
    let mut wrong = Vec::new();
    for (about, case, edits, alternative) in rows() {
        let plans = case.plans();
        let by_policies = if alternative.is_empty() { &plans.edits } else { &plans.alternative };
        let mut here = differences(&plans.edits, edits);
        here.extend(differences(&plans.alternative, alternative));
        if by_policies.iter().any(|edit| edit["by"] != "policy") || !case.edited(by_policies).is_allowed() {
            here.push("its documents do not allow it".into());
        }
        here.extend(too_much(&case, by_policies));
        if !here.is_empty() {
            wrong.push(format!("{about}:\n    {}", here.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Edits that it would do without.
fn too_much(case: &Case, edits: &[Json]) -> Vec<String> {
    let is_too_much = |without: &usize| {
        let mut fewer = edits.to_vec();
        let gone = fewer.remove(*without);
        let is_first_of_two =
            fewer.iter().any(|edit| !gone["policy"].is_null() && edit["policy"] == gone["policy"]);
        !is_first_of_two && case.edited(&fewer).is_allowed()
    };
    (0..edits.len()).filter(is_too_much).map(|at| format!("too much: {}", edits[at]["edit"])).collect()
}

/// Where edits are not as expected.
fn differences(edits: &[Json], expected: &Expected) -> Vec<String> {
    let text = |edit: &Json, member: &str| edit[member].as_str().unwrap().to_owned();
    let all = || {
        edits.iter().map(|edit| {
            format!("{}: {}\n      opens {}", text(edit, "layer"), text(edit, "edit"), text(edit, "opens"))
        })
    };
    let as_expected = |(edit, (layer, words, opens)): (&Json, &(&str, &str, &str))| {
        text(edit, "layer") == *layer
            && text(edit, "edit").contains(words)
            && text(edit, "opens").contains(opens)
    };
    let same = edits.len() == expected.len() && edits.iter().zip(expected).all(as_expected);
    if same { Vec::new() } else { all().chain(["      that is not as expected".to_owned()]).collect() }
}

#[test]
fn what_nothing_can_allow_is_said_to_have_no_edit() {
    for (case, why) in [
        (Case::assumes(None), "there is no such role"),
        (
            Case { action: "iam:GetUser", owner: OTHER, ..ann().identity(allow("")) },
            "belongs to another account",
        ),
    ] {
        let plans = case.plans();
        assert!(plans.edits.is_empty() && plans.alternative.is_empty());
        assert!(plans.why_not.unwrap().contains(why));
    }
    assert!(ann().plans().why_not.is_none());
}

#[test]
fn every_edit_of_a_policy_is_told_as_commands_too() {
    let mut seen = std::collections::BTreeSet::new();
    for (about, case, ..) in rows() {
        let plans = case.plans();
        for edit in plans.edits.iter().chain(&plans.alternative) {
            let commands: Vec<&str> =
                edit["commands"].as_array().unwrap().iter().flat_map(Json::as_str).collect();
            let is_sent = edit["by"] == "caller" || edit["layer"] == "session policy";
            assert_eq!(commands.is_empty(), is_sent, "{about}: {edit}");
            for command in commands {
                let words: Vec<&str> = command.split(' ').take(3).collect();
                assert_eq!(words[0], "aws", "{about}: {command}");
                assert_eq!(command.matches('\'').count() % 2, 0, "{about}: {command}");
                seen.insert(words[2].to_owned());
            }
        }
    }
    for verb in ["put-user-policy", "create-policy-version", "update-assume-role-policy", "put-bucket-policy"]
    {
        assert!(seen.contains(verb), "{verb}: {seen:?}");
    }
}

#[test]
fn a_missing_right_is_given_by_one_command() {
    let plans = ann().plans();
    assert_eq!(
        plans.edits[0]["commands"][0],
        "aws iam put-user-policy --user-name ann --policy-name allow-s3-GetObject --policy-document \
         '{\"Statement\":[{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::b/k\"}],\
         \"Version\":\"2012-10-17\"}'"
    );
}
