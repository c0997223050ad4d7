//! A decision allocates nothing: every layer, lists and sets, allowed and denied, with conditions of every
//! kind and variables. (A program of its own, because it counts the allocations of the whole process.)
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use rolecall_policy::{
    Context, Decision, Key, Kind, Layers, Named, Policies, Policy, PolicySet, Principal, PrincipalKind,
    Request, decide, explain,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CONDITIONS: [&str; 16] = [
    r#""StringEquals":{"aws:PrincipalTag/team":["x","${aws:PrincipalTag/TEAM}"]}"#,
    r#""StringEqualsIgnoreCase":{"aws:username":"A${none, 'n'}N"}"#,
    r#""StringLike":{"s3:prefix":"*/${aws:username}/?*"}"#,
    r#""StringNotLike":{"s3:prefix":["a?b*c","*${none}*"]}"#,
    r#""ForAllValues:StringLike":{"aws:TagKeys":["a*","b"]}"#,
    r#""ForAnyValue:StringEquals":{"aws:TagKeys":"b"}"#,
    r#""NumericLessThan":{"aws:MultiFactorAuthAge":3600.5}"#,
    r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00.125Z"}"#,
    r#""DateLessThan":{"aws:EpochTime":"2030"}"#,
    r#""Bool":{"aws:SecureTransport":"${aws:SecureTransport}"}"#,
    r#""BinaryEquals":{"k":"aGVsbG8="}"#,
    r#""IpAddress":{"aws:SourceIp":["2001:db8::/32","203.0.113.0/24"]}"#,
    r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
    r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"}"#,
    r#""ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#,
    r#""Null":{"none":"true","aws:username":"false"}"#,
];

fn context() -> Context<'static> {
    let mut context = Context::new();
    context.set(Key::new("aws:PrincipalArn"), USER);
    for (key, value) in [
        ("aws:username", "ann"),
        ("aws:PrincipalTag/team", "blue"),
        ("s3:prefix", "home/ann/x"),
        ("aws:MultiFactorAuthAge", "12"),
        ("aws:CurrentTime", "2026-11-22T08:30:00Z"),
        ("aws:EpochTime", "1795336200"),
        ("aws:SecureTransport", "true"),
        ("k", "aGVsbG8="),
        ("aws:SourceIp", "203.0.113.9"),
    ] {
        context.set(key, value);
    }
    context.set_many("aws:TagKeys", ["abc", "b"]);
    context
}

fn policy(kind: Kind, effect: &str, who: &str, condition: &str) -> Named<'static> {
    let (resource, action) = match kind {
        Kind::Trust => ("", "sts:*"),
        _ => (r#","Resource":["arn:aws:s3:::b/home/${aws:username}/*","arn:aws:s3:::b/*x*?z*"]"#, "S3:Get*"),
    };
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}",{who}"Action":"{action}"{resource},"Condition":{{{condition}}}}}}}"#
    );
    Named::new("p", Policy::parse(&text, kind).unwrap())
}

/// One policy for each condition; every one of them must hold.
fn all(kind: Kind, effect: &str, who: &str) -> Vec<Named<'static>> {
    CONDITIONS.iter().map(|condition| policy(kind, effect, who, condition)).collect()
}

struct World {
    own: Vec<Named<'static>>,
    bucket: Vec<Named<'static>>,
    control: Vec<Named<'static>>,
    context: Context<'static>,
    principal: Principal,
}

/// The same question asked of lists and of sets: the answer, and how often memory was taken.
fn ask(world: &World, action: &str, denied: bool) -> (Decision, usize) {
    let sets = [&world.own, &world.bucket, &world.control].map(|list| PolicySet::new(list.clone()));
    let lists = [Policies::from(&world.own), (&world.bucket).into(), (&world.control).into()];
    let context = Context::over(&world.context);
    let request = Request {
        principal: &world.principal,
        action,
        resource: "arn:aws:s3:::b/home/ann/x/yz",
        resource_account: "444455556666",
        context: &context,
    };
    let asked = |[own, bucket, control]: [Policies<'_>; 3]| {
        let levels = [control, control];
        let layers = Layers {
            identity: own,
            boundary: Some(own),
            session: Some(own),
            resource: Some(bucket),
            service_control: if denied { &levels } else { &[] },
            ..Layers::default()
        };
        // The counter sees the test harness's other thread, too: what decisions take, they take every time.
        let taken = || {
            let region = Region::new(ALLOCATOR);
            std::hint::black_box(decide(&request, &layers));
            let taken = region.change();
            taken.allocations + taken.reallocations
        };
        let ruling = decide(&request, &layers);
        assert_eq!(explain(&request, &layers).ruling(), ruling);
        (ruling.decision, (0..5).map(|_| taken()).min().unwrap_or(usize::MAX))
    };
    let answers = [asked(lists), asked(sets.each_ref().map(Policies::from))];
    assert_eq!(answers[0].0, answers[1].0);
    (answers[0].0, answers[0].1 + answers[1].1)
}

#[test]
fn decisions_allocate_nothing() {
    let world = World {
        own: all(Kind::Identity, "Allow", ""),
        bucket: all(Kind::Bucket, "Allow", &format!(r#""Principal":{{"AWS":["444455556666","{USER}"]}},"#)),
        control: all(Kind::ServiceControl, "Deny", ""),
        context: context(),
        principal: Principal {
            kind: PrincipalKind::User { id: "AIDA1".into() },
            account: "111122223333".into(),
            arn: USER.into(),
        },
    };
    for (n, condition) in CONDITIONS.iter().enumerate() {
        let one = |list: &[Named<'static>]| vec![list[n].clone()];
        let world = World {
            own: one(&world.own),
            bucket: one(&world.bucket),
            control: one(&world.control),
            context: world.context.clone(),
            principal: world.principal.clone(),
        };
        assert_eq!(ask(&world, "s3:GetObject", false), (Decision::Allow, 0), "{condition}");
    }
    assert_eq!(ask(&world, "s3:GetObject", true), (Decision::ExplicitDeny, 0));
    assert_eq!(ask(&world, "s3:PutObject", false), (Decision::ImplicitDeny, 0));
    // The counter counts.
    let region = Region::new(ALLOCATOR);
    drop(std::hint::black_box(vec![1_u8]));
    assert_eq!(region.change().allocations, 1);
}

const USER: &str = "arn:aws:iam::111122223333:user/ann";
