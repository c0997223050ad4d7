//! Attacks by their rows: what trust is bound to, what ends with what it rests on, and what names are worth.

use super::{assume, denied, identity, role, role_arn, trusting, user_arn, when};
use rolecall_core::clock::text::iso8601;
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Credential, World};
use rolecall_wire::Service;

type Params = &'static [(&'static str, &'static str)];

/// What a request says that meets the condition, and what some say that do not.
const CONDITIONS: [(&str, Params, &[Params]); 6] = [
    (
        r#"{"StringEquals":{"sts:ExternalId":"x1"}}"#,
        &[("ExternalId", "x1")],
        &[&[], &[("ExternalId", "xx")], &[("ExternalId", "X1")]],
    ),
    (r#"{"StringEquals":{"sts:RoleSessionName":"job"}}"#, &[], &[&[("RoleSessionName", "other")]]),
    (
        r#"{"StringEquals":{"aws:RequestTag/Team":"red"}}"#,
        &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")],
        &[&[], &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")]],
    ),
    (
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]},"Null":{"aws:TagKeys":"false"}}"#,
        &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")],
        &[&[], &[("Tags.member.1.Key", "Rank"), ("Tags.member.1.Value", "red")]],
    ),
    (
        r#"{"StringEquals":{"sts:SourceIdentity":"ann"}}"#,
        &[("SourceIdentity", "ann")],
        &[&[], &[("SourceIdentity", "bob")]],
    ),
    (
        r#"{"StringEquals":{"aws:ResourceTag/Open":"yes"}}"#,
        &[],
        &[&[("RoleArn", "arn:aws:iam::123456789012:role/plain")]],
    ),
];

/// STS-04: what a request says must meet the trust policy, missing and wrong alike.
#[tokio::test]
async fn sts_04_conditions_of_the_trust_policy_bind() {
    for (condition, good, bad) in CONDITIONS {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let caller = world.user("caller", None).await;
        let trust = when(&trusting(&user_arn("caller")), condition);
        role(&world, "plain", &trust, None).await;
        let tagged = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", trust.as_str()),
            ("Tags.member.1.Key", "Open"),
            ("Tags.member.1.Value", "yes"),
        ];
        world.iam("CreateRole", &tagged).await;
        let ask = async |said: Params| {
            let arn = role_arn("r");
            let usual = [("RoleArn", arn.as_str()), ("RoleSessionName", "job")];
            let named = |name: &str| said.iter().any(|(said, _)| *said == name);
            let mut params: Vec<_> = usual.into_iter().filter(|(name, _)| !named(name)).collect();
            params.extend_from_slice(said);
            world.ask(&caller, Service::Sts, "AssumeRole", &params).await
        };
        identity(&world, &ask(good).await.ok().credential()).await.ok();
        for said in bad {
            let seen = ask(said).await;
            assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{condition} {said:?}");
            assert!(!seen.body.contains("SecretAccessKey"));
        }
    }
}

/// STS-04: the same of what nobody says, because the server knows it: address, time, second factor and tags.
#[tokio::test]
async fn sts_04_what_the_server_knows_binds() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    let tag = [("UserName", "caller"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    world.iam("TagUser", &tag).await;
    let soon = iso8601(world.gate.system().clock.now() + 60);
    for (n, (condition, holds)) in [
        (r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#.to_owned(), true),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#.to_owned(), false),
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"red"}}"#.to_owned(), true),
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"blue"}}"#.to_owned(), false),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#.to_owned(), false),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#.to_owned(), true),
        (format!(r#"{{"DateLessThan":{{"aws:CurrentTime":"{soon}"}}}}"#), true),
        (format!(r#"{{"DateGreaterThan":{{"aws:CurrentTime":"{soon}"}}}}"#), false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("r{n}");
        role(&world, &name, &when(&trusting(&user_arn("caller")), &condition), None).await;
        let seen = assume(&world, &caller, &role_arn(&name), &[]).await;
        assert_eq!(seen.status == 200, holds, "{condition}: {}", seen.body);
        if !holds {
            denied(&seen, "sts:AssumeRole");
        }
    }
    world.pass(61);
    denied(&assume(&world, &caller, &role_arn("r6"), &[]).await, "sts:AssumeRole");
    assume(&world, &caller, &role_arn("r7"), &[]).await.ok();
}

/// STS-15: whatever is wrong with a token, the answer is the same, and nothing is done.
#[tokio::test]
async fn sts_15_every_bad_token_sounds_alike() {
    let (world, elsewhere) = (
        World::new().await.serving(rolecall_s3::HANDLERS),
        World::new().await.serving(rolecall_s3::HANDLERS),
    );
    let sessions = async |world: &World| {
        let caller = world.user("caller", None).await;
        role(world, "r", &trusting(&user_arn("caller")), Some(ALLOW_ALL)).await;
        let one = assume(world, &caller, &role_arn("r"), &[]).await.ok().credential();
        (one, assume(world, &caller, &role_arn("r"), &[]).await.ok().credential())
    };
    let (one, other) = sessions(&world).await;
    let (foreign, _) = sessions(&elsewhere).await;
    let token = one.token.clone().unwrap();
    let flipped = |at: usize| {
        let with = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{with}{}", &token[..at], &token[at + 1..])
    };
    let bad = [
        flipped(0),
        flipped(token.len() / 2),
        flipped(token.len() - 5),
        token[..token.len() - 4].to_owned(),
        token[..8].to_owned(),
        format!("{token}AAAA"),
        other.token.clone().unwrap(),
        foreign.token.clone().unwrap(),
        "not a token".to_owned(),
    ];
    let with = |token: &str| Credential {
        access_key_id: one.access_key_id.clone(),
        secret: rolecall_wire::sigv4::SecretKey::new(one.secret.expose().to_owned()),
        token: Some(token.to_owned()),
    };
    let mut answers = Vec::new();
    for token in &bad {
        let who = with(token);
        let sts = identity(&world, &who).await;
        let s3 = world.s3(Some(&who), "PUT", "/bucket", &[], "").await;
        let said = |name: &str, seen: &rolecall_core::testing::Seen| seen.tag(name).map(str::to_owned);
        answers.push((
            sts.status,
            said("Code", &sts),
            said("Message", &sts),
            s3.status,
            said("Code", &s3),
            said("Message", &s3),
        ));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!((answers[0].0, answers[0].1.as_deref()), (403, Some("InvalidClientTokenId")));
    assert_eq!(world.s3(Some(&one), "HEAD", "/bucket", &[], "").await.status, 404, "nothing was made");
    identity(&world, &with(&token)).await.ok();
    world.s3(Some(&with(&token)), "PUT", "/bucket", &[], "").await.ok();
}

/// STS-18: a session ends with what it rests on, and rights with their policies, from the next request on.
#[tokio::test]
async fn sts_18_what_is_taken_away_is_gone_with_the_next_request() {
    const READ: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), Some(ALLOW_ALL)).await;
    let arn = role_arn("r");
    world.iam("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", READ)]).await;
    let session = assume(&world, &caller, &arn, &[]).await.ok().credential();
    let codes = async || {
        let lists = world.ask(&session, Service::Iam, "ListUsers", &[]).await;
        let is = identity(&world, &session).await;
        [lists, is].map(|seen| seen.tag("Code").unwrap_or_default().to_owned())
    };
    assert_eq!(codes().await, ["", ""]);
    let shut = trusting("arn:aws:iam::999999999999:root");
    for (action, param, after) in [
        ("DeleteRolePolicy", Some(("PolicyName", "p")), ["", ""]),
        ("DetachRolePolicy", Some(("PolicyArn", READ)), ["AccessDenied", ""]),
        ("UpdateAssumeRolePolicy", Some(("PolicyDocument", &shut)), ["AccessDenied", ""]),
        ("DeleteRole", None, ["InvalidClientTokenId", "InvalidClientTokenId"]),
    ] {
        let assumed = assume(&world, &caller, &arn, &[]).await;
        assert_eq!(
            assumed.status == 200,
            action != "DeleteRole",
            "until its trust is gone: {}",
            assumed.body
        );
        let params: Vec<_> = [("RoleName", "r")].into_iter().chain(param).collect();
        world.iam(action, &params).await;
        assert_eq!(codes().await, after, "{action}");
    }
    denied(&assume(&world, &caller, &arn, &[]).await, "sts:AssumeRole");
}

/// STS-18: a key that is deleted or inactive opens nothing more; with its user the sessions end, too.
#[tokio::test]
async fn sts_18_keys_and_users_end_at_once() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    let session = world.ask(&caller, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    let works = async |who: &Credential| {
        let seen = identity(&world, who).await;
        assert!(seen.status == 200 || seen.tag("Code") == Some("InvalidClientTokenId"), "{}", seen.body);
        seen.status == 200
    };
    let key = [("UserName", "caller"), ("AccessKeyId", caller.access_key_id.as_str())];
    let set = |status| [key.as_slice(), &[("Status", status)]].concat();
    assert!(works(&caller).await && works(&session).await);
    world.iam("UpdateAccessKey", &set("Inactive")).await;
    assert!(!works(&caller).await && works(&session).await, "sessions outlive their key (IAM User Guide)");
    world.iam("UpdateAccessKey", &set("Active")).await;
    assert!(works(&caller).await);
    world.iam("DeleteAccessKey", &key).await;
    assert!(!works(&caller).await && works(&session).await);
    world.iam("DeleteUser", &[("UserName", "caller")]).await;
    assert!(!works(&session).await);
}

/// STS-19: a role that is made anew under an old name inherits neither the sessions nor the trust nor the bucket.
#[tokio::test]
async fn sts_19_a_role_of_the_same_name_inherits_nothing() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    let make = async || role(&world, "r", &trusting(&user_arn("caller")), None).await;
    make().await;
    role(&world, "next", &trusting(&role_arn("r")), None).await;
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}}]}}"#,
        role_arn("r")
    );
    let put = async || world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], policy.clone()).await.ok();
    put().await;
    let session = async || assume(&world, &caller, &role_arn("r"), &[]).await.ok().credential();
    let reach = async |who: &Credential| {
        let next = assume(&world, who, &role_arn("next"), &[]).await.status;
        [
            identity(&world, who).await.status,
            next,
            world.s3(Some(who), "GET", "/bucket", &[], "").await.status,
        ]
    };
    let old = session().await;
    assert_eq!(reach(&old).await, [200, 200, 200]);
    world.iam("DeleteRole", &[("RoleName", "r")]).await;
    make().await;
    assert_eq!(reach(&old).await, [403, 403, 403], "old sessions are over");
    let new = session().await;
    assert_eq!(reach(&new).await, [200, 403, 403], "old trust and bucket policies mean the one that is gone");
    let trust = trusting(&role_arn("r"));
    world.iam("UpdateAssumeRolePolicy", &[("RoleName", "next"), ("PolicyDocument", &trust)]).await;
    put().await;
    assert_eq!(reach(&new).await, [200, 200, 200], "saved again, they mean the new one");
}

/// STS-25: a session's name is a name and no principal.
#[tokio::test]
async fn sts_25_a_session_named_root_is_nobody_special() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    world.user("admin", Some(ALLOW_ALL)).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    for name in ["root", "admin", caller.access_key_id.as_str()] {
        let seen = assume_as(&world, &caller, name).await;
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/{name}");
        assert_eq!(identity(&world, &seen).await.tag("Arn"), Some(arn.as_str()));
        let seen = world.ask(&seen, Service::Iam, "ListUsers", &[]).await;
        assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{name}");
    }
    world
        .iam("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)])
        .await;
    let seen = assume_as(&world, &caller, "root").await;
    world.ask(&seen, Service::Iam, "ListUsers", &[]).await.ok();
}

async fn assume_as(world: &World, who: &Credential, name: &str) -> Credential {
    let arn = role_arn("r");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", name)];
    world.ask(who, Service::Sts, "AssumeRole", &params).await.ok().credential()
}

/// STS-25: neither is the name of a federated user.
#[tokio::test]
async fn sts_25_a_federated_user_named_admin_is_nobody_special() {
    const MAY_FEDERATE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"*"}]}"#;
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", Some(MAY_FEDERATE)).await;
    world.user("admin", Some(ALLOW_ALL)).await;
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let lists = async |name: &str| {
        let params = [("Name", name), ("Policy", ALLOW_ALL)];
        let seen = world.ask(&caller, Service::Sts, "GetFederationToken", &params).await.ok();
        let arn = format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}");
        assert_eq!(seen.tag("Arn"), Some(arn.as_str()));
        world.s3(Some(&seen.credential()), "GET", "/bucket", &[], "").await.status
    };
    for name in ["root", "admin", "caller", caller.access_key_id.as_str()] {
        assert_eq!(lists(name).await, 403, "{name}");
    }
    let more = [("UserName", "caller"), ("PolicyName", "s3"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutUserPolicy", &more).await;
    assert_eq!(lists("admin").await, 200, "it may what its issuer may");
}

/// A policy that allows everything on a condition.
fn all_when(condition: &str) -> String {
    when(ALLOW_ALL, condition)
}

/// A session tag stands before its role's own of that key in any case (IAM User Guide, Passing session tags), and
/// the others stay.
#[tokio::test]
async fn a_session_tag_stands_before_its_roles_own() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    for (key, value) in [("Team", "blue"), ("Floor", "1")] {
        let tag = [("RoleName", "r"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
        world.iam("TagRole", &tag).await;
    }
    let sent = [("Tags.member.1.Key", "tEAM"), ("Tags.member.1.Value", "red")];
    let plain = assume(&world, &caller, &role_arn("r"), &[]).await.ok().credential();
    let tagged = assume(&world, &caller, &role_arn("r"), &sent).await.ok().credential();
    for (condition, of_plain, of_tagged) in [
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"blue"}}"#, true, false),
        (r#"{"StringEquals":{"aws:PrincipalTag/Team":"red"}}"#, false, true),
        (r#"{"StringEquals":{"aws:PrincipalTag/Floor":"1"}}"#, true, true),
    ] {
        let policy = all_when(condition);
        world
            .iam("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", &policy)])
            .await;
        for (who, allowed) in [(&plain, of_plain), (&tagged, of_tagged)] {
            let seen = world.ask(who, Service::Iam, "ListUsers", &[]).await;
            assert_eq!(seen.status == 200, allowed, "{condition}: {}", seen.body);
        }
    }
}

/// The trust policy of the next role sees the caller's transitive tags in the place of that role's own, and only
/// what is sent now as tags of the request.
#[tokio::test]
async fn transitive_tags_stand_for_the_next_roles_own() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "first", &trusting(&user_arn("caller")), None).await;
    let team = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    let passed = [team.as_slice(), &[("TransitiveTagKeys.member.1", "Team")]].concat();
    let first = async |sent: &[(&str, &str)]| {
        assume(&world, &caller, &role_arn("first"), sent).await.ok().credential()
    };
    let (plain, kept, passed) = (first(&[]).await, first(&team).await, first(&passed).await);
    for (n, (key, value, opens)) in [
        ("aws:ResourceTag/Team", "blue", [true, true, false]),
        ("aws:ResourceTag/Team", "red", [false, false, true]),
        ("iam:ResourceTag/Team", "red", [false, false, true]),
        ("aws:PrincipalTag/Team", "red", [false, true, true]),
        ("aws:RequestTag/Team", "red", [false, false, false]),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("next{n}");
        let trust =
            when(&trusting(&role_arn("first")), &format!(r#"{{"StringEquals":{{"{key}":"{value}"}}}}"#));
        role(&world, &name, &trust, None).await;
        let tag =
            [("RoleName", name.as_str()), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
        world.iam("TagRole", &tag).await;
        for (who, opens) in [&plain, &kept, &passed].into_iter().zip(opens) {
            let seen = assume(&world, who, &role_arn(&name), &[]).await;
            assert_eq!(seen.status == 200, opens, "{key} {value}: {}", seen.body);
        }
    }
}

/// Who one is can be asked whatever policies say, and so can a session of one's own.
#[tokio::test]
async fn no_policy_keeps_a_caller_from_asking_who_it_is() {
    const NOTHING: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", Some(NOTHING)).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    identity(&world, &caller).await.ok();
    let session = world.ask(&caller, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    identity(&world, &session).await.ok();
    denied(&assume(&world, &caller, &role_arn("r"), &[]).await, "sts:AssumeRole");
    let seen = world.ask(&caller, Service::Sts, "GetFederationToken", &[("Name", "bob")]).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
}
