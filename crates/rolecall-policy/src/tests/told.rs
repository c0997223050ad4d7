//! What a policy tells of itself, and what an explanation tells. The truth tables of `spec/policy` are played by
//! `tests/differential`, against this engine and another.

use crate::{
    Context, Element, Examined, Kind, Layer, Layers, Named, Outcome, Policy, Principal, PrincipalKind,
    Request, Tested, Verdict, decide, explain,
};

fn user() -> Principal {
    Principal {
        kind: PrincipalKind::User { id: "AIDAUSERUSERUSERUSER1".into() },
        account: OWN.into(),
        arn: "arn:aws:iam::111122223333:user/ann".into(),
    }
}

const OWN: &str = "111122223333";
const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn named(policy: &Policy) -> Named<'static> {
    Named::new("p", policy.clone())
}

/// Decides in both ways, which must agree.
fn judge(request: &Request<'_>, layers: &Layers<'_>) -> Verdict {
    let verdict = explain(request, layers);
    assert_eq!(decide(request, layers), verdict.ruling());
    verdict
}

#[test]
fn bound_principals_match_by_id_only() {
    let document = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/ann","444455556666"]},"Action":"sts:AssumeRole"}}"#;
    let policy = Policy::parse(document, Kind::Trust).unwrap();
    let allowed = |policy: &Policy, id: &str| {
        let principal = Principal { kind: PrincipalKind::User { id: id.into() }, ..user() };
        let context = Context::new();
        let request = Request {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: "*",
            resource_account: OWN,
            context: &context,
        };
        let named = named(policy);
        judge(&request, &Layers { trust: Some((&named).into()), ..Layers::default() }).is_allowed()
    };
    let bound = policy.bind(&|arn| arn.ends_with("user/ann").then(|| "AIDAUSERUSERUSERUSER1".to_owned()));
    assert_eq!(bound.principals(), [("AWS", "AIDAUSERUSERUSERUSER1"), ("AWS", "444455556666")]);
    assert!(allowed(&policy, "AIDANEWNEWNEWNEWNEW12"));
    assert!(allowed(&bound, "AIDAUSERUSERUSERUSER1"));
    assert!(!allowed(&bound, "AIDANEWNEWNEWNEWNEW12"), "a namesake made later is somebody else");
}

#[test]
fn a_bound_canonical_user_is_an_account() {
    let id = "0a".repeat(32);
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"CanonicalUser":"{id}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}}}}"#
    );
    let policy = Policy::parse(&document, Kind::Bucket).unwrap();
    let bound = policy.bind(&|name| (name == id).then(|| OWN.to_owned()));
    let decision = |policy: &Policy, owner| {
        let (own, resource) = (Policy::parse(ALL, Kind::Identity).unwrap(), named(policy));
        let (principal, identity, context) = (user(), named(&own), Context::new());
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::b/k",
            resource_account: owner,
            context: &context,
        };
        let layers =
            Layers { identity: (&identity).into(), resource: Some((&resource).into()), ..Layers::default() };
        judge(&request, &layers).is_allowed()
    };
    assert!(decision(&bound, "444455556666"), "as the account would be");
    assert!(!decision(&policy, "444455556666"), "nobody");
}

#[test]
fn lists_what_a_policy_names() {
    let document = r#"{"Version":"2012-10-17","Statement":[
      {"Sid":"One","Effect":"Allow","Action":["s3:Get*","s3:Put*"],"NotResource":"arn:aws:s3:::b/${aws:username}/*",
       "Condition":{"StringLike":{"aws:PrincipalTag/t":"${s3:prefix}"},"Null":{"aws:USERNAME":"false"}}}]}"#;
    let policy = Policy::parse(document, Kind::Identity).unwrap();
    assert_eq!(policy.actions(), ["s3:Get*", "s3:Put*"]);
    assert_eq!(policy.resources(), [("arn:aws:s3:::b/${aws:username}/*", true)]);
    assert_eq!(policy.context_keys(), ["aws:username", "aws:PrincipalTag/t", "s3:prefix"]);
    assert_eq!(Policy::size("{ \"a\" :\n\t1 }"), 7);
}

#[test]
fn the_verdict_tells_what_decided() {
    let document = "{\"Version\":\"2012-10-17\",\"Statement\":[\n {\"Sid\":\"S\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\n  \"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/t\":\"x\"}}}]}";
    let policy = Policy::parse(document, Kind::Identity).unwrap();
    let all = Policy::parse(ALL, Kind::Boundary).unwrap();
    let principal = user();
    let verdict = |context: &Context<'_>| {
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "*",
            resource_account: OWN,
            context,
        };
        let (identity, boundary) = (named(&policy), named(&all));
        let layers =
            Layers { identity: (&identity).into(), boundary: Some((&boundary).into()), ..Layers::default() };
        judge(&request, &layers)
    };
    let mut context = Context::new();
    let denied = verdict(&context);
    assert_eq!(denied.missing, ["aws:PrincipalTag/t"]);
    assert_eq!(
        denied.reason("s3:GetObject").as_deref(),
        Some("because no identity-based policy allows the s3:GetObject action")
    );
    context.set("aws:PrincipalTag/T", "x");
    let allowed = verdict(&context);
    assert!(allowed.is_allowed() && allowed.missing.is_empty());
    let places: Vec<_> =
        allowed.matched.iter().map(|m| (m.layer, m.sid.as_deref(), m.position, m.end)).collect();
    assert_eq!(places[1], (Layer::Identity, Some("S"), (2, 2), (3, 59)));
    let outcomes: Vec<_> = allowed.layers.iter().map(|l| (l.layer, l.outcome, l.levels.len())).collect();
    assert_eq!(outcomes, [(Layer::Boundary, Outcome::Allows, 1), (Layer::Identity, Outcome::Allows, 1)]);
    let tested = |verdict: &Verdict| {
        let of = |list: &[Examined]| list.iter().flat_map(|m| m.conditions.clone()).collect::<Vec<_>>();
        (of(&verdict.matched), of(&verdict.unmet))
    };
    let condition = |actual: Option<&str>, holds| Tested {
        operator: "StringEquals".into(),
        key: "aws:PrincipalTag/t".into(),
        expected: vec!["x".into()],
        actual: actual.map(|value| vec![value.into()]),
        holds,
    };
    assert_eq!(tested(&denied), (vec![], vec![condition(None, false)]));
    assert_eq!(tested(&allowed), (vec![condition(Some("x"), true)], vec![]));
    let near: Vec<_> = denied.near.iter().map(|n| (&n.element, &n.expected, n.negated)).collect();
    assert_eq!(near, [(&Element::Condition(0), &vec!["x".to_owned()], false)]);
}

#[test]
fn missing_keys_are_those_that_an_answer_hangs_on() {
    let missing = |statement: &str, set: &[&'static str]| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let policy = named(&Policy::parse(&text, Kind::Identity).unwrap());
        let (principal, mut context) = (user(), Context::new());
        set.iter().for_each(|key| context.set(*key, "x"));
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::b/x",
            resource_account: OWN,
            context: &context,
        };
        judge(&request, &Layers { identity: (&policy).into(), ..Layers::default() }).missing
    };
    let statement = |action: &str, resource: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:s3:::{resource}","Condition":{condition}}}"#
        )
    };
    let (none, key) = ("{}", r#"{"StringEquals":{"k":"${v}"}}"#);
    for (statement, set, expected) in [
        (statement("s3:*", "b/${aws:username}", none), &[][..], &["aws:username"][..]),
        (statement("s3:*", "b/${aws:username}", none), &["aws:username"], &[]),
        (statement("s3:*", "b/${aws:username, 'x'}", none), &[], &[]),
        (statement("s3:*", "*", key), &[], &["v", "k"]),
        (statement("s3:*", "*", key), &["k"], &["v"]),
        (statement("iam:*", "b/${aws:username}", key), &[], &[]),
        (statement("s3:*", "c/*", key), &[], &[]),
    ] {
        assert_eq!(missing(&statement, set), expected, "{statement}");
    }
}

#[test]
fn keys_that_no_action_of_a_statement_has_are_idle() {
    let idle = |action: &str, key: &str| {
        let statement = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":"*",{action},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{{"StringEquals":{{"{key}":"x"}}}}}}}}"#
        );
        Policy::parse(&statement, Kind::Bucket).unwrap().idle_key().is_some()
    };
    for (action, key, expected) in [
        (r#""Action":"s3:GetObject""#, "s3:prefix", true),
        (r#""Action":"s3:ListBucket""#, "S3:Prefix", false),
        (r#""Action":["s3:GetObject","s3:ListBucket"]"#, "s3:prefix", false),
        (r#""Action":"s3:*""#, "s3:prefix", false),
        (r#""Action":"s3:Get*""#, "s3:x-amz-acl", true),
        (r#""Action":"s3:PutObject""#, "s3:x-amz-acl", false),
        (r#""Action":"s3:GetObject""#, "s3:ExistingObjectTag/team", false),
        (r#""Action":"s3:GetObject""#, "s3:authType", false),
        (r#""Action":"s3:GetObject""#, "aws:username", false),
        (r#""Action":"s3:GetObject""#, "s3:unknown", false),
        (r#""Action":"s3:GetObject""#, "sts:ExternalId", true),
        (r#""NotAction":"s3:GetObject""#, "s3:prefix", false),
    ] {
        assert_eq!(idle(action, key), expected, "{action} {key}");
    }
}
