//! Inline and attached policies on users, groups and roles: one table for the three.

use super::{ADMIN, ALLOW_ALL, POWER, tag_values};
use crate::testing::{Seen, World};
use rolecall_wire::Service;

/// Kind, its name parameter, the word in sentences, its inline limit.
const KINDS: [(&str, &str, &str, usize); 3] = [
    ("User", "UserName", "user", 2048),
    ("Group", "GroupName", "group", 5120),
    ("Role", "RoleName", "role", 10_240),
];

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}]}"#;

async fn world_with(kind: &str) -> World {
    let world = World::new().await;
    let name = format!("{kind}Name");
    let mut params = vec![(name.as_str(), "x")];
    params.extend((kind == "Role").then_some(("AssumeRolePolicyDocument", TRUST)));
    world.iam(&format!("Create{kind}"), &params).await;
    world
}

/// Asks root for `Verb{kind}Noun` on the entity `x`.
async fn ask(world: &World, action: &str, kind: &str, params: &[(&str, &str)]) -> Seen {
    let name = format!("{kind}Name");
    let params: Vec<_> = [(name.as_str(), "x")].into_iter().chain(params.iter().copied()).collect();
    world.ask(&world.root, Service::Iam, &action.replace("{}", kind), &params).await
}

#[tokio::test]
async fn inline_policies_are_put_replaced_shown_listed_and_deleted() {
    for (kind, _, word, _) in KINDS {
        let world = world_with(kind).await;
        let put = async |name, text| {
            ask(&world, "Put{}Policy", kind, &[("PolicyName", name), ("PolicyDocument", text)]).await.ok()
        };
        let other = ALLOW_ALL.replace("Allow", "Deny");
        for (name, text) in [("b", ALLOW_ALL), ("a", ALLOW_ALL), ("b", &other)] {
            put(name, text).await;
        }
        let listed = ask(&world, "List{}Policies", kind, &[]).await.ok();
        assert_eq!(tag_values(&listed, "member"), ["a", "b"]);
        let shown = ask(&world, "Get{}Policy", kind, &[("PolicyName", "b")]).await.ok();
        let text = shown.tag("PolicyDocument").unwrap();
        assert!(text.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{text}");
        assert_eq!(percent_encoding::percent_decode_str(text).decode_utf8().unwrap(), other);
        ask(&world, "Delete{}Policy", kind, &[("PolicyName", "b")]).await.ok();
        for action in ["Get{}Policy", "Delete{}Policy"] {
            let seen = ask(&world, action, kind, &[("PolicyName", "b")]).await;
            seen.expect(404, "NoSuchEntity", &format!("The {word} policy with name b cannot be found."));
        }
    }
}

#[tokio::test]
async fn inline_policies_are_limited_in_sum_and_white_space_is_free() {
    for (kind, _, word, most) in KINDS {
        let world = world_with(kind).await;
        let text = |size: usize, blanks: usize| {
            let bare =
                ALLOW_ALL.replace("\"Effect\"", &format!("\"Sid\":\"\",{}\"Effect\"", " ".repeat(blanks)));
            let fill = size - rolecall_policy::Policy::size(&bare);
            bare.replace("\"Sid\":\"\"", &format!("\"Sid\":\"{}\"", "a".repeat(fill)))
        };
        let put = async |name, text: String| {
            ask(&world, "Put{}Policy", kind, &[("PolicyName", name), ("PolicyDocument", &text)]).await
        };
        put("a", text(most - 200, 3000)).await.ok();
        let sentence = format!("Maximum policy size of {most} bytes exceeded for {word} x");
        put("b", text(201, 0)).await.expect(409, "LimitExceeded", &sentence);
        assert_eq!(tag_values(&ask(&world, "List{}Policies", kind, &[]).await, "member"), ["a"]);
        put("b", text(200, 0)).await.ok();
    }
}

#[tokio::test]
async fn attached_policies_are_attached_once_listed_counted_and_detached() {
    for (kind, _, _, _) in KINDS {
        let world = world_with(kind).await;
        for _ in 0..2 {
            ask(&world, "Attach{}Policy", kind, &[("PolicyArn", ADMIN)]).await.ok();
        }
        let made = world
            .iam("CreatePolicy", &[("PolicyName", "own"), ("Path", "/p/"), ("PolicyDocument", ALLOW_ALL)])
            .await;
        let own = made.tag("Arn").unwrap();
        ask(&world, "Attach{}Policy", kind, &[("PolicyArn", own)]).await.ok();
        let listed = ask(&world, "ListAttached{}Policies", kind, &[]).await.ok();
        assert_eq!(tag_values(&listed, "PolicyArn"), [ADMIN, own]);
        assert_eq!(tag_values(&listed, "PolicyName"), ["AdministratorAccess", "own"]);
        let listed = ask(&world, "ListAttached{}Policies", kind, &[("PathPrefix", "/p/")]).await.ok();
        assert_eq!(tag_values(&listed, "PolicyName"), ["own"]);
        let count = async || {
            world.iam("GetPolicy", &[("PolicyArn", own)]).await.tag("AttachmentCount").unwrap().to_owned()
        };
        assert_eq!(count().await, "1");
        let seen = world.ask(&world.root, Service::Iam, "DeletePolicy", &[("PolicyArn", own)]).await;
        seen.expect(409, "DeleteConflict", "Cannot delete a policy attached to entities.");
        ask(&world, "Detach{}Policy", kind, &[("PolicyArn", own)]).await.ok();
        assert_eq!(count().await, "0");
        let seen = ask(&world, "Detach{}Policy", kind, &[("PolicyArn", own)]).await;
        seen.expect(404, "NoSuchEntity", &format!("Policy {own} was not found."));
    }
}

#[tokio::test]
async fn ten_policies_can_be_attached() {
    for (kind, _, _, _) in KINDS {
        let world = world_with(kind).await;
        let arns: Vec<_> = crate::managed::all().iter().map(crate::managed::AwsPolicy::arn).collect();
        let usable: Vec<_> = arns.iter().filter(|arn| !arn.contains("/aws-service-role/")).take(11).collect();
        for arn in &usable[..10] {
            ask(&world, "Attach{}Policy", kind, &[("PolicyArn", arn)]).await.ok();
        }
        let seen = ask(&world, "Attach{}Policy", kind, &[("PolicyArn", usable[10])]).await;
        seen.expect(409, "LimitExceeded", &format!("Cannot exceed quota for PoliciesPer{kind}: 10"));
    }
}

/// Operation, parameter and its value, and the answer.
type Refusal = (&'static str, &'static str, String, (u16, &'static str, String));

/// As recorded from AWS, for every kind alike.
fn refusals() -> Vec<Refusal> {
    let absent = "arn:aws:iam::123456789012:policy/absent";
    let reserved = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy";
    let attach = |arn: &str, status, code, sentence: &str| {
        ("Attach{}Policy", "PolicyArn", arn.to_owned(), (status, code, sentence.to_owned()))
    };
    let put = |text: &str, sentence: &str| {
        let answer = (400, "MalformedPolicyDocument", sentence.to_owned());
        ("Put{}Policy", "PolicyDocument", text.to_owned(), answer)
    };
    let not_there = format!("Policy {absent} does not exist or is not attachable.");
    let not_yours = "Cannot attach a Service Role Policy to a Customer Role.";
    vec![
        attach(NO_ARN, 400, "ValidationError", "Invalid ARN:  Could not be parsed!"),
        attach(absent, 404, "NoSuchEntity", &not_there),
        attach(reserved, 400, "PolicyNotAttachable", not_yours),
        put(
            &ALLOW_ALL.replace("\"Effect\"", "\"Principal\":\"*\",\"Effect\""),
            "Policy document should not specify a principal.",
        ),
        put(&ALLOW_ALL.replace(",\"Resource\":\"*\"", ""), "Policy statement must contain resources."),
        put("{\"a\":1}", "Syntax errors in policy."),
        put("no json", "Syntax errors in policy."),
    ]
}

#[tokio::test]
async fn refusals_read_as_they_do_at_aws() {
    for (kind, name, word, _) in KINDS {
        let world = world_with(kind).await;
        for (action, parameter, value, (status, code, sentence)) in refusals() {
            let mut params = vec![(parameter, value.as_str())];
            params.extend((parameter == "PolicyDocument").then_some(("PolicyName", "p")));
            ask(&world, action, kind, &params).await.expect(status, code, &sentence);
            params.push((name, "nobody"));
            let seen = world.ask(&world.root, Service::Iam, &action.replace("{}", kind), &params).await;
            if value != NO_ARN {
                seen.expect(404, "NoSuchEntity", &format!("The {word} with name nobody cannot be found."));
            }
        }
        ask(&world, "Attach{}Policy", kind, &[("PolicyArn", POWER)]).await.ok();
    }
}

const NO_ARN: &str = "longpolicynamebutnoarn";
