//! The corners of `AssumeRole`: roles that assume themselves, tags and contexts that need permission of
//! their own, sizes, and answers in JSON.

use super::{assume, denied, identity, role, role_arn, trusting, user_arn};
use data_encoding::HEXLOWER;
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Seen, World};
use rolecall_wire::Service;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const TAG: [(&str, &str); 2] = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
const TRANSITIVE: [(&str, &str); 3] = [TAG[0], TAG[1], ("TransitiveTagKeys.member.1", "Team")];

/// A role's own policies never let it assume itself; its trust policy must.
#[tokio::test]
async fn a_role_assumes_itself_only_if_its_trust_policy_lets_it() {
    let own = role_arn("r");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/job");
    for (principal, policy, allowed) in [
        (user_arn("caller"), Some(ALLOW_ALL), false),
        (ACCOUNT.to_owned(), None, false),
        (ACCOUNT.to_owned(), Some(ALLOW_ALL), true),
        (own.clone(), None, true),
        (session, None, true),
        (format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/other"), Some(ALLOW_ALL), false),
        ("*".to_owned(), None, true),
    ] {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let caller = world.user("caller", None).await;
        role(&world, "r", &trusting(&user_arn("caller")), policy).await;
        let first = assume(&world, &caller, &own, &[]).await.ok().credential();
        let trust = trusting(&principal);
        world.iam("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trust)]).await;
        let seen = assume(&world, &first, &own, &[]).await;
        match allowed {
            true => assert_eq!(seen.status, 200, "{principal} {policy:?}: {}", seen.body),
            false => denied(&seen, "sts:AssumeRole"),
        }
    }
}

/// Tags that come down the chain need `sts:TagSession` like tags that are sent, and an inherited source identity
/// `sts:SetSourceIdentity`, on every link.
#[tokio::test]
async fn what_is_inherited_is_asked_about_as_aws_does() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "first", &trusting(&user_arn("caller")), None).await;
    let all = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
    let trust = trusting(&role_arn("first"));
    role(&world, "second", &trust.replace(all, r#""sts:AssumeRole""#), None).await;
    role(&world, "third", &trust.replace(all, r#"["sts:AssumeRole","sts:TagSession"]"#), None).await;
    let (plain, tagged) = (assume(&world, &caller, &role_arn("first"), &[]).await.ok().credential(), {
        let kept = assume(&world, &caller, &role_arn("first"), &TAG).await.ok().credential();
        // A tag that is not transitive goes no further and asks nothing.
        assume(&world, &kept, &role_arn("second"), &[]).await.ok();
        assume(&world, &caller, &role_arn("first"), &TRANSITIVE).await.ok().credential()
    });
    assume(&world, &plain, &role_arn("second"), &[]).await.ok();
    denied(&assume(&world, &tagged, &role_arn("second"), &[]).await, "sts:TagSession");
    assume(&world, &tagged, &role_arn("third"), &[]).await.ok();
    let named = [("SourceIdentity", "alice")];
    let named = assume(&world, &caller, &role_arn("first"), &named).await.ok().credential();
    denied(&assume(&world, &named, &role_arn("third"), &[]).await, "sts:SetSourceIdentity");
}

/// A trust policy that denies `sts:TagSession` keeps inherited tags out, whatever else it allows.
#[tokio::test]
async fn inherited_tags_do_not_pass_a_denial_of_tag_session() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    role(&world, "first", &trusting(&user_arn("caller")), None).await;
    let deny = r#""Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:TagSession"},"#;
    let trust = trusting(&role_arn("first")).replace(r#""Statement":["#, deny);
    role(&world, "second", &trust, None).await;
    let tagged = assume(&world, &caller, &role_arn("first"), &TRANSITIVE).await.ok().credential();
    let seen = assume(&world, &tagged, &role_arn("second"), &[]).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
    assert!(seen.tag("Message").unwrap().contains("sts:TagSession"), "{}", seen.body);
    let plain = assume(&world, &caller, &role_arn("first"), &[]).await.ok().credential();
    assume(&world, &plain, &role_arn("second"), &[]).await.ok();
}

/// In another account the calling session's own policies must allow `sts:TagSession` for what it inherited.
#[tokio::test]
async fn inherited_tags_need_both_sides_across_accounts() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    let arn = super::foreign_role(&world, &trusting(ACCOUNT)).await;
    let only = ALLOW_ALL.replace(r#""Action":"*""#, r#""Action":"sts:AssumeRole""#);
    for (name, policy, allowed) in [("narrow", only.as_str(), false), ("wide", ALLOW_ALL, true)] {
        role(&world, name, &trusting(&user_arn("caller")), Some(policy)).await;
        let tagged = assume(&world, &caller, &role_arn(name), &TRANSITIVE).await.ok().credential();
        let seen = assume(&world, &tagged, &arn, &[]).await;
        match allowed {
            true => assert_eq!(seen.status, 200, "{}", seen.body),
            false => denied(&seen, "sts:TagSession"),
        }
        let plain = assume(&world, &caller, &role_arn(name), &[]).await.ok().credential();
        assume(&world, &plain, &arn, &[]).await.ok();
    }
}

/// Inherited tags take room in the session like those sent, and the answer says how much.
#[tokio::test]
async fn inherited_tags_count_for_the_packed_size() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    role(&world, "first", &trusting(&user_arn("caller")), None).await;
    role(&world, "second", &trusting(&role_arn("first")), None).await;
    let sent = assume(&world, &caller, &role_arn("first"), &TRANSITIVE).await.ok();
    let packed = sent.tag("PackedPolicySize").map(str::to_owned);
    let inherited = assume(&world, &sent.credential(), &role_arn("second"), &[]).await.ok();
    assert!(packed.is_some());
    assert_eq!(inherited.tag("PackedPolicySize").map(str::to_owned), packed);
    let plain = assume(&world, &caller, &role_arn("first"), &[]).await.ok().credential();
    let none = assume(&world, &plain, &role_arn("second"), &[]).await.ok();
    assert_eq!(none.tag("PackedPolicySize"), None);
}

/// Across accounts the caller's own policies must allow each of the actions too.
#[tokio::test]
async fn tags_and_source_identity_need_both_sides_across_accounts() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let only = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
        )
    };
    let arn = super::foreign_role(&world, &trusting(ACCOUNT)).await;
    for (name, actions, refused) in [
        ("a", r#""sts:AssumeRole""#, Some("sts:TagSession")),
        ("b", r#""sts:AssumeRole","sts:TagSession""#, Some("sts:SetSourceIdentity")),
        ("c", r#""sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity""#, None),
    ] {
        let caller = world.user(name, Some(&only(actions))).await;
        let seen = assume(&world, &caller, &arn, &[TAG[0], TAG[1], ("SourceIdentity", "alice")]).await;
        match refused {
            Some(action) => denied(&seen, action),
            None => assert_eq!(seen.status, 200, "{}", seen.body),
        }
        assume(&world, &caller, &arn, &[]).await.ok();
    }
}

/// Contexts need `sts:SetContext`, and nobody here can vouch for one.
#[tokio::test]
async fn provided_contexts_need_permission_and_a_provider() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    let context = [
        ("ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::aws:contextProvider/IdentityCenter"),
        ("ProvidedContexts.member.1.ContextAssertion", "assertion"),
    ];
    denied(&assume(&world, &caller, &role_arn("r"), &context).await, "sts:SetContext");
    let trust = trusting(&user_arn("caller")).replace("sts:SetSourceIdentity", "sts:SetContext");
    world.iam("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trust)]).await;
    assume(&world, &caller, &role_arn("r"), &context).await.expect(
        400,
        "InvalidParameterValue",
        "ProvidedContexts names a context provider that is not known here.",
    );
    assume(&world, &caller, &role_arn("r"), &[]).await.ok();
}

/// A namesake made later is somebody else, until the trust policy is saved again.
#[tokio::test]
async fn trust_in_a_user_that_was_made_anew_comes_back_only_when_it_is_saved_again() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    let trust = trusting(&user_arn("caller"));
    role(&world, "r", &trust, None).await;
    assume(&world, &caller, &role_arn("r"), &[]).await.ok();
    let key = [("UserName", "caller"), ("AccessKeyId", caller.access_key_id.as_str())];
    world.iam("DeleteAccessKey", &key).await;
    world.iam("DeleteUser", &key[..1]).await;
    let shown = async || world.iam("GetRole", &[("RoleName", "r")]).await.body;
    assert!(shown().await.contains("AIDA") && !shown().await.contains("user%2Fcaller"));
    let namesake = world.user("caller", None).await;
    denied(&assume(&world, &namesake, &role_arn("r"), &[]).await, "sts:AssumeRole");
    assert!(shown().await.contains("AIDA") && !shown().await.contains("user%2Fcaller"));
    world.iam("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trust)]).await;
    assert!(shown().await.contains("user%2Fcaller"));
    assume(&world, &namesake, &role_arn("r"), &[]).await.ok();
}

/// The measure grows with what is packed, is the same each time, and has an end.
#[tokio::test]
async fn what_is_packed_is_measured_and_limited() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), Some(ALLOW_ALL)).await;
    let packed = |seen: &Seen| seen.tag("PackedPolicySize").map(|n| n.parse::<i64>().unwrap());
    let ask = async |params: &[(&str, &str)]| assume(&world, &caller, &role_arn("r"), params).await;
    assert_eq!(packed(&ask(&[]).await.ok()), None);
    let tagged = packed(&ask(&TAG).await.ok());
    assert!((Some(1)..Some(10)).contains(&tagged), "{tagged:?}");
    assert_eq!(packed(&ask(&TAG).await.ok()), tagged);
    let policy = |n: usize| {
        let noise = |n: usize| HEXLOWER.encode(&rolecall_wire::sigv4::key::sha256(n.to_string().as_bytes()));
        let resources: Vec<_> = (0..n).map(|n| format!("\"arn:aws:s3:::{}\"", &noise(n)[..60])).collect();
        ALLOW_ALL.replace("\"Resource\":\"*\"", &format!("\"Resource\":[{}]", resources.join(",")))
    };
    let mut last = 0;
    for n in [1, 5, 10, 20, 25] {
        let now = packed(&ask(&[("Policy", &policy(n))]).await.ok()).unwrap();
        assert!(now > last && now <= 100, "{n}: {now} after {last}");
        last = now;
    }
    let long = ask(&[("Policy", &policy(28))]).await;
    assert_eq!(long.tag("Code"), Some("ValidationError"), "more than 2,048 characters: {}", long.body);
    let arns: Vec<_> = (1..=11).map(|n| (format!("PolicyArns.member.{n}.arn"), READ_ONLY)).collect();
    let arns: Vec<_> = arns.iter().map(|(name, arn)| (name.as_str(), *arn)).collect();
    ask(&arns[..10]).await.ok();
    let seen = ask(&arns).await;
    assert_eq!(seen.tag("Code"), Some("ValidationError"));
    assert!(seen.tag("Message").unwrap().ends_with("Member must have length less than or equal to 10"));
}

/// `MinimumSessionTokenSize` pads, and the padded token is as good.
#[tokio::test]
async fn a_session_token_is_as_long_as_asked() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    for least in ["0", "2000", "4096"] {
        let seen = assume(&world, &caller, &role_arn("r"), &[("MinimumSessionTokenSize", least)]).await.ok();
        let size: usize = seen.tag("SessionTokenSize").unwrap().parse().unwrap();
        assert_eq!(size, seen.tag("SessionToken").unwrap().len());
        assert!(size >= least.parse().unwrap());
        assert!(seen.tag("SessionTokenUtilization").is_some());
        identity(&world, &seen.credential()).await.ok();
    }
    let seen = assume(&world, &caller, &role_arn("r"), &[("MinimumSessionTokenSize", "4097")]).await;
    assert_eq!(seen.tag("Code"), Some("ValidationError"));
}

/// Session policies are policies: what is wrong with them is said as of any other.
#[tokio::test]
async fn a_session_policy_is_checked_before_it_is_taken() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    for (policy, message) in [
        ("{", "Syntax errors in policy."),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
            "Policy document should not specify a principal.",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3","Resource":"*"}]}"#,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
    ] {
        let seen = assume(&world, &caller, &role_arn("r"), &[("Policy", policy)]).await;
        seen.expect(400, "MalformedPolicyDocument", message);
    }
    for arn in [
        "arn:aws:iam::123456789012:policy/gone",
        "arn:aws:iam::999999999999:policy/p",
        "arn:aws:iam::aws:policy/Gone",
    ] {
        let seen = assume(&world, &caller, &role_arn("r"), &[("PolicyArns.member.1.arn", arn)]).await;
        assert_eq!(seen.tag("Code"), Some("MalformedPolicyDocument"), "{arn}: {}", seen.body);
    }
}

/// Whoever asks for JSON gets it, times as numbers, from every operation of STS.
#[tokio::test]
async fn sts_answers_in_json_when_asked() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", Some(ALLOW_ALL)).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    let arn = role_arn("r");
    for (action, params, path) in [
        ("GetCallerIdentity", &[][..], "/Arn"),
        ("GetAccessKeyInfo", &[("AccessKeyId", "AKIAQEAAAAAAAAAAAAAA")], "/Account"),
        ("GetSessionToken", &[], "/Credentials/SessionToken"),
        ("GetFederationToken", &[("Name", "bob")], "/FederatedUser/Arn"),
        ("AssumeRole", &[("RoleArn", arn.as_str()), ("RoleSessionName", "job")], "/AssumedRoleUser/Arn"),
    ] {
        let headers = [("accept", "application/json")];
        let seen = world.ask_with(Some(&caller), Service::Sts, action, params, &headers).await.ok();
        let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        let result = &body[format!("{action}Response")][format!("{action}Result")];
        assert!(result.pointer(path).is_some_and(serde_json::Value::is_string), "{action}: {body}");
        assert!(result.pointer("/Credentials").is_none_or(|c| c["Expiration"].is_number()), "{body}");
    }
}
