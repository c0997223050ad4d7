//! The simulator against the gate with whole requests, signatures and all.

use rolecall_core::gate::testing::Decided;
use rolecall_core::testing::{ACCOUNT, World};
use rolecall_wire::Service;

/// A policy made of few words by a number, so that all kinds of answers come about.
fn made(mut seed: u64) -> String {
    let mut pick = |among: &[&str]| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        among[(seed >> 33) as usize % among.len()].to_owned()
    };
    let mut statement = || {
        let (effect, action) =
            (pick(&["Allow", "Allow", "Allow", "Deny"]), pick(&["s3:GetObject", "s3:*", "s3:Get*", "iam:*"]));
        let (element, resource) = (
            pick(&["Resource", "Resource", "NotResource"]),
            pick(&[
                "*",
                "arn:aws:s3:::bucket/*",
                "arn:aws:s3:::bucket/${aws:username}/*",
                "arn:aws:s3:::bucket/b/?",
            ]),
        );
        let condition = pick(&[
            "",
            r#","Condition":{"StringLike":{"aws:UserAgent":"*"}}"#,
            r#","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#,
            r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
            r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#,
            r#","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2001-01-01T00:00:00Z"}}"#,
            r#","Condition":{"StringNotEquals":{"s3:authType":"REST-HEADER"}}"#,
        ]);
        format!(r#"{{"Effect":"{effect}","Action":"{action}","{element}":"{resource}"{condition}}}"#)
    };
    let statements = [statement(), statement(), statement()];
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// The gate decides real requests; the simulator is asked the same with the condition keys they had.
/// 150 policies through the door; The room above has the many, without the door.
#[tokio::test]
async fn pol_22_the_simulator_answers_as_the_gate_decides() {
    let keeping =
        rolecall_core::decisions::Keeping { allowed: true, in_messages: false, ..Default::default() };
    let world = World::keeping("us-east-1", keeping).await.serving(rolecall_s3::HANDLERS);
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    for path in ["/bucket/u/x", "/bucket/b/x"] {
        world.s3(root, "PUT", path, &[], "content").await.ok();
    }
    let user = world.user("u", None).await;
    world
        .iam("TagUser", &[("UserName", "u"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")])
        .await;
    let source = format!("arn:aws:iam::{ACCOUNT}:user/u");
    let (mut allowed, mut denied) = (0, 0);
    let rounds = 150;
    for seed in 0..rounds {
        let policy = made(seed);
        let put = [("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", policy.as_str())];
        world.iam("PutUserPolicy", &put).await;
        let path = if seed % 2 == 0 { "/bucket/u/x" } else { "/bucket/b/x" };
        let seen = world.s3(Some(&user), "GET", path, &[("user-agent", "test")], "").await;
        let id = seen.headers["x-amz-request-id"].to_str().unwrap();
        let kept = Decided::find(world.gate.system(), id).unwrap();
        let context = kept.context();
        let resource = format!("arn:aws:s3:::{}", &path[1..]);
        let mut params = vec![
            ("PolicySourceArn".to_owned(), source.clone()),
            ("ActionNames.member.1".to_owned(), "s3:GetObject".to_owned()),
            ("ResourceArns.member.1".to_owned(), resource),
        ];
        for (n, (key, value)) in (1..).zip(context.iter()) {
            let entry = format!("ContextEntries.member.{n}");
            params.push((format!("{entry}.ContextKeyName"), key.to_string()));
            params.push((format!("{entry}.ContextKeyValues.member.1"), value.all()[0].to_string()));
            params.push((format!("{entry}.ContextKeyType"), "string".to_owned()));
        }
        let params: Vec<_> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let simulated = world.ask(&world.root, Service::Iam, "SimulatePrincipalPolicy", &params).await.ok();
        let is_allowed = seen.status == 200;
        assert_eq!(
            simulated.tag("EvalDecision") == Some("allowed"),
            is_allowed,
            "{policy}\n{}",
            simulated.body
        );
        if is_allowed { allowed += 1 } else { denied += 1 }
    }
    assert!(allowed > rounds / 10 && denied > rounds / 10, "both kinds: {allowed} and {denied}");
}
