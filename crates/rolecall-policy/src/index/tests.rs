//! What is found, held against looking at everything.

use super::*;
use crate::{Context, Kind, Layers, Policy, Request, decide};
use proptest::prelude::*;

proptest! {
    #[test]
    fn finds_all_that_a_text_starts_with(
        texts in prop::collection::vec((0..3_u64, "(common-prefix/)?[ab/é]{0,10}"), 0..60),
        asked in "(common-prefix/)?[ab/é]{0,14}",
    ) {
        let filed = texts.iter().enumerate().map(|(at, (key, text))| (*key, Cow::Borrowed(&**text), at));
        let index = Prefixes::new(filed.collect());
        for key in 0..4 {
            let naive = texts.iter().enumerate().filter(|(_, (k, text))| *k == key && asked.starts_with(&**text));
            let naive: Vec<usize> = naive.map(|(at, _)| at).collect();
            let mut found: Vec<usize> = index.starting(key, &asked).collect();
            found.sort_unstable();
            prop_assert_eq!(found, naive);
        }
    }
}

/// Two hundred policies of the forms there are, asked about everything they name.
#[test]
fn a_set_decides_like_a_list() {
    let actions = [
        r#""Action":"s3:GetObject""#,
        r#""Action":["s3:Get*","sqs:*"]"#,
        r#""NotAction":"s3:PutObject""#,
        r#""Action":"*""#,
    ];
    let resources = [
        r#""Resource":"arn:aws:s3:::b#/*""#,
        r#""Resource":"arn:aws:sqs:*:11112222333#:q""#,
        r#""NotResource":"*""#,
        r#""Resource":["arn:aws:s3:::*#","arn:aws:s3:::b"]"#,
    ];
    let policies: Vec<Named<'_>> = (0..200_usize)
        .map(|n| {
            let effect = if n % 7 == 0 { "Deny" } else { "Allow" };
            let (action, resource) =
                (actions[n % 4], resources[n / 4 % 4].replace('#', &(n % 9).to_string()));
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}",{action},{resource}}}}}"#
            );
            Named::new("", Policy::parse(&text, Kind::Identity).unwrap())
        })
        .collect();
    let principal =
        Principal { kind: PrincipalKind::User { id: "AIDA".into() }, account: "1".into(), arn: "a".into() };
    let context = Context::new();
    // Without the denials there is something to allow.
    let halves = [policies.as_slice(), &policies[1..7]].map(|list| (list, PolicySet::new(list.to_vec())));
    let mut decisions = std::collections::HashSet::new();
    for action in ["s3:GetObject", "S3:getobjectacl", "s3:PutObject", "sqs:SendMessage", "x:Y"] {
        for n in 0..10 {
            for resource in [
                format!("arn:aws:s3:::b{n}/k"),
                format!("arn:aws:SQS:eu:11112222333{n}:q"),
                format!("arn:aws:s3:::x{n}"),
                "*".into(),
            ] {
                let request = Request {
                    principal: &principal,
                    action,
                    resource: &resource,
                    resource_account: "1",
                    context: &context,
                };
                for (list, set) in &halves {
                    let by = |identity| decide(&request, &Layers { identity, ..Layers::default() });
                    assert_eq!(by(set.into()), by((*list).into()), "{action} {resource}");
                    decisions.insert(by((*list).into()).decision);
                }
            }
        }
    }
    assert_eq!(decisions.len(), 3);
}
