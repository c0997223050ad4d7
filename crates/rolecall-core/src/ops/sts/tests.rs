//! Assuming roles, as attackers and honest callers do it: trust and identity, chains, tags, session
//! policies and the end of sessions.

mod assume_role;
mod clock;
mod durations;
mod federation_token;
mod forms;
mod mfa;
mod rows;
mod saml;
mod web_identity;

use crate::records::{self, Document, Role, key};
use crate::testing::{ACCOUNT, ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::Service;

/// A trust policy for one principal.
fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}]}}"#
    )
}

fn when(trust: &str, condition: &str) -> String {
    trust.replace("\"Effect\"", &format!("\"Condition\":{condition},\"Effect\""))
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

async fn role(world: &World, name: &str, trust: &str, policy: Option<&str>) {
    let params = [("RoleName", name), ("AssumeRolePolicyDocument", trust), ("MaxSessionDuration", "7200")];
    world.iam("CreateRole", &params).await;
    if let Some(policy) = policy {
        let params = [("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", policy)];
        world.iam("PutRolePolicy", &params).await;
    }
}

async fn assume(world: &World, who: &Credential, arn: &str, more: &[(&str, &str)]) -> Seen {
    let mut params = vec![("RoleArn", arn), ("RoleSessionName", "job")];
    params.extend_from_slice(more);
    world.ask(who, Service::Sts, "AssumeRole", &params).await
}

async fn identity(world: &World, who: &Credential) -> Seen {
    world.ask(who, Service::Sts, "GetCallerIdentity", &[]).await
}

#[track_caller]
fn denied(seen: &Seen, action: &str) {
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
    let needle = format!("is not authorized to perform: {action} on resource: ");
    assert!(seen.tag("Message").unwrap().contains(&needle), "{}", seen.body);
}

/// STS-01, STS-02: within an account, trust that names the caller suffices; trust in the account needs
/// an identity policy as well; and a denial wins over both.
#[tokio::test]
async fn sts_02_who_gets_in_within_the_account() {
    const NOBODY: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}"#;
    let trusts = [("self", user_arn("caller")), ("root", ACCOUNT.to_owned()), ("other", user_arn("other"))];
    for (policy, expected) in [
        (None, [true, false, false]),
        (Some(ALLOW_ALL), [true, true, false]),
        (Some(NOBODY), [false, false, false]),
    ] {
        let world = World::new().await;
        let caller = world.user("caller", policy).await;
        world.user("other", None).await;
        for ((name, principal), allowed) in trusts.iter().zip(expected) {
            role(&world, name, &trusting(principal), None).await;
            let seen = assume(&world, &caller, &role_arn(name), &[]).await;
            if allowed {
                let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/job");
                assert_eq!(identity(&world, &seen.ok().credential()).await.tag("Arn"), Some(arn.as_str()));
            } else {
                denied(&seen, "sts:AssumeRole");
            }
        }
    }
}

/// A role of another account, put into the store directly.
async fn foreign_role(world: &World, trust: &str) -> String {
    let role = Role {
        account: "999999999999".parse().unwrap(),
        name: "far".into(),
        path: "/".into(),
        id: "AROAFARFARFARFARFARFA".into(),
        created: 0,
        description: None,
        max_session_duration: 3600,
        trust: Document::new(trust),
        tags: Vec::new(),
        boundary: None,
        attached: Vec::new(),
        inline: Vec::new(),
    };
    world.account("999999999999").await;
    let mut txn = world.gate.system().store.begin();
    records::write(&mut txn, key::role(&role.account, &role.name), &role).unwrap();
    txn.commit().await.unwrap();
    role.arn()
}

/// STS-03: across accounts both sides must allow.
#[tokio::test]
async fn sts_03_across_accounts_both_sides_must_allow() {
    for (trusted, policy, allowed) in
        [(ACCOUNT, Some(ALLOW_ALL), true), (ACCOUNT, None, false), ("111111111111", Some(ALLOW_ALL), false)]
    {
        let world = World::new().await;
        let caller = world.user("caller", policy).await;
        let arn = foreign_role(&world, &trusting(trusted)).await;
        let seen = assume(&world, &caller, &arn, &[]).await;
        assert_eq!(seen.status == 200, allowed, "{trusted} {policy:?}: {}", seen.body);
        if allowed {
            let who = identity(&world, &seen.credential()).await;
            assert_eq!(who.tag("Account"), Some("999999999999"));
        } else {
            denied(&seen, "sts:AssumeRole");
        }
    }
}

/// An ARN of another partition names another account, whatever its number, and another role, whatever its name.
#[tokio::test]
async fn accounts_of_other_partitions_are_others() {
    let world = World::new().await;
    let caller = world.user("caller", Some(ALLOW_ALL)).await;
    for partition in ["aws-cn", "aws-us-gov"] {
        role(&world, partition, &trusting(&format!("arn:{partition}:iam::{ACCOUNT}:root")), None).await;
        denied(&assume(&world, &caller, &role_arn(partition), &[]).await, "sts:AssumeRole");
    }
    role(&world, "ours", &trusting(&format!("arn:aws:iam::{ACCOUNT}:root")), None).await;
    assume(&world, &caller, &role_arn("ours"), &[]).await.ok();
    for partition in ["aws-cn", "aws-us-gov", "AWS"] {
        let arn = role_arn("ours").replace("arn:aws:", &format!("arn:{partition}:"));
        denied(&assume(&world, &caller, &arn, &[]).await, "sts:AssumeRole");
    }
    let far = foreign_role(&world, &trusting(&format!("arn:aws-cn:iam::{ACCOUNT}:root"))).await;
    denied(&assume(&world, &caller, &far, &[]).await, "sts:AssumeRole");
}

/// STS-05: a role that is not there sounds like one that does not trust the caller.
#[tokio::test]
async fn sts_05_a_role_that_does_not_exist_is_not_told_from_a_closed_one() {
    let world = World::new().await;
    let caller = world.user("caller", Some(ALLOW_ALL)).await;
    role(&world, "shut", &trusting("arn:aws:iam::999999999999:root"), None).await;
    let shut = assume(&world, &caller, &role_arn("shut"), &[]).await;
    let gone = assume(&world, &caller, &role_arn("gone"), &[]).await;
    denied(&shut, "sts:AssumeRole");
    assert_eq!(gone.status, shut.status);
    assert_eq!(gone.tag("Message").unwrap().replace("gone", "shut"), shut.tag("Message").unwrap());
    let quickest = async |name: &str| {
        let mut quickest = std::time::Duration::MAX;
        for _ in 0..200 {
            let begun = std::time::Instant::now();
            assume(&world, &caller, &role_arn(name), &[]).await;
            quickest = quickest.min(begun.elapsed());
        }
        quickest
    };
    let (shut, gone) = (quickest("shut").await, quickest("gone").await);
    assert!(gone < shut * 3 && shut < gone * 3, "no more than noise between {shut:?} and {gone:?}");
    role(&world, "open", &trusting(&user_arn("caller")), None).await;
    assume(&world, &caller, &role_arn("open"), &[]).await.ok();
}

/// STS-08, STS-09: a session policy binds every later call, and grants nothing by itself.
#[tokio::test]
async fn sts_08_a_session_policy_is_a_limit_on_every_call() {
    const USERS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:ListUsers"],"Resource":"*"}]}"#;
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    let trust = trusting(&user_arn("caller"));
    role(&world, "admin", &trust, Some(ALLOW_ALL)).await;
    role(&world, "reader", &trust, Some(USERS)).await;
    let asks = async |role: &str, policy: Option<&str>, action: &str| {
        let policy = policy.map(|policy| ("Policy", policy));
        let session = assume(&world, &caller, &role_arn(role), policy.as_slice()).await.ok().credential();
        let params: &[(&str, &str)] = match action {
            "CreateAccessKey" => &[("UserName", "caller")],
            _ => &[],
        };
        world.ask(&session, Service::Iam, action, params).await.status
    };
    for (role, policy, action, status) in [
        ("admin", None, "ListRoles", 200),
        ("admin", Some(USERS), "ListRoles", 403),
        ("admin", Some(USERS), "CreateAccessKey", 403),
        ("admin", Some(USERS), "ListUsers", 200),
        ("reader", Some(ALLOW_ALL), "ListUsers", 200),
        ("reader", Some(ALLOW_ALL), "ListRoles", 403),
        ("admin", None, "CreateAccessKey", 200),
    ] {
        assert_eq!(asks(role, policy, action).await, status, "{role} {policy:?} {action}");
    }
}

/// STS-11: chains last an hour and keep what they inherited.
#[tokio::test]
async fn sts_11_a_chain_is_short_and_keeps_its_tags_and_identity() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    role(&world, "first", &trusting(&user_arn("caller")), None).await;
    role(&world, "second", &trusting(&role_arn("first")), None).await;
    let sent = [
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
        ("TransitiveTagKeys.member.1", "Team"),
        ("SourceIdentity", "alice"),
    ];
    let first = assume(&world, &caller, &role_arn("first"), &sent).await.ok().credential();
    let second = async |more: &[(&str, &str)]| assume(&world, &first, &role_arn("second"), more).await;
    second(&[("DurationSeconds", "3601")]).await.expect(
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
    let other = [("Tags.member.1.Key", "tEAM"), ("Tags.member.1.Value", "blue")];
    second(&other).await.expect(
        400,
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
         from the calling session.",
    );
    assert_eq!(second(&[("SourceIdentity", "bob")]).await.tag("Code"), Some("AccessDenied"));
    let kept = second(&[("DurationSeconds", "3600")]).await.ok();
    assert_eq!(kept.tag("SourceIdentity"), Some("alice"));
    for (team, who, allowed) in [("red", "alice", true), ("blue", "alice", false), ("red", "bob", false)] {
        let policy = ALLOW_ALL.replace(
            "\"Effect\"",
            &format!(
                r#""Condition":{{"StringEquals":{{"aws:PrincipalTag/Team":"{team}","aws:SourceIdentity":"{who}"}}}},"Effect""#
            ),
        );
        let params = [("RoleName", "second"), ("PolicyName", "p"), ("PolicyDocument", policy.as_str())];
        world.iam("PutRolePolicy", &params).await;
        let seen = world.ask(&kept.credential(), Service::Iam, "ListUsers", &[]).await;
        assert_eq!(seen.status == 200, allowed, "{team} {who}: {}", seen.body);
    }
}

/// Tags and a source identity need trust of their own.
#[tokio::test]
async fn tags_and_source_identity_need_their_own_permission() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    let narrow = trusting(&user_arn("caller"))
        .replace(r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#, r#""sts:AssumeRole""#);
    role(&world, "r", &narrow, None).await;
    let tags = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    denied(&assume(&world, &caller, &role_arn("r"), &tags).await, "sts:TagSession");
    let identity = [("SourceIdentity", "alice")];
    denied(&assume(&world, &caller, &role_arn("r"), &identity).await, "sts:SetSourceIdentity");
    assume(&world, &caller, &role_arn("r"), &[]).await.ok();
}

/// STS-17: over at the very second, whatever the client's clock says.
#[tokio::test]
async fn sts_17_a_session_ends_on_time() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    let session = assume(&world, &caller, &role_arn("r"), &[("DurationSeconds", "900")]).await;
    let session = session.ok().credential();
    world.pass(890);
    identity(&world, &session).await.ok();
    world.pass(10);
    let seen = identity(&world, &session).await;
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("ExpiredToken")), "{}", seen.body);
    let seen = world.s3(Some(&session), "GET", "/", &[], "").await;
    assert_eq!((seen.status, seen.tag("Code")), (400, Some("ExpiredToken")), "{}", seen.body);
}

/// What AWS says of requests that cannot be, as recorded.
#[tokio::test]
async fn requests_that_cannot_be_are_refused_in_awss_words() {
    let world = World::new().await;
    let caller = world.user("caller", None).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    let twice = [
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "A"),
        ("Tags.member.2.Value", "2"),
    ];
    for (arn, more, status, code, message) in [
        (
            "arn:aws:iam::123456789012:role/r",
            twice.as_slice(),
            400,
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            "arn:aws:iam::123456789012:role/r",
            &[("TransitiveTagKeys.member.1", "a")],
            400,
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            "arn:aws:iam::123456789012:role/r",
            &[("DurationSeconds", "7201")],
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            "arn:aws:iam::123456789012:role/r",
            &[("SerialNumber", "arn:aws:iam::123456789012:mfa/x")],
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        ),
        (
            "arn::iam::123456789012:role/r",
            &[],
            400,
            "ValidationError",
            "arn::iam::123456789012:role/r is invalid",
        ),
        (
            "arn:aws::1:123456789012:role/r",
            &[],
            400,
            "ValidationError",
            "arn:aws::1:123456789012:role/r is invalid",
        ),
    ] {
        assume(&world, &caller, arn, more).await.expect(status, code, message);
    }
    let by_root = assume(&world, &world.root, &role_arn("r"), &[]).await;
    by_root.expect(403, "AccessDenied", "Roles may not be assumed by root accounts.");
    let longest = assume(&world, &caller, &role_arn("r"), &[("DurationSeconds", "7200")]).await;
    longest.ok();
}

/// `GetSessionToken` credentials are the user, without IAM and without most of STS.
#[tokio::test]
async fn a_session_token_is_the_user_with_less() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let session = world.ask(&user, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    assert_eq!(identity(&world, &session).await.ok().tag("Arn"), Some(user_arn("u").as_str()));
    world.ask(&session, Service::Sts, "GetSessionToken", &[]).await.expect(
        403,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    );
    world.ask(&session, Service::Iam, "ListUsers", &[]).await.expect(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    );
    world.ask(&user, Service::Iam, "ListUsers", &[]).await.ok();
}

#[tokio::test]
async fn an_access_key_tells_its_account() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    let params = [("AccessKeyId", user.access_key_id.as_str())];
    let seen = world.ask(&user, Service::Sts, "GetAccessKeyInfo", &params).await.ok();
    assert_eq!(seen.tag("Account"), Some(ACCOUNT));
    let none = world.user("n", None).await;
    let seen = world.ask(&none, Service::Sts, "GetAccessKeyInfo", &params).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"));
}
