//! Sessions seen and ended, keys rotated, and callers throttled, through the gate.

use crate::testing::{Credential, Seen, World};
use crate::throttle::{Limits, Rate};
use rolecall_wire::Service;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
    "Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}"#;
const MAY_ASSUME: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Resource":"*"}}"#;

/// A world with the roles `r` and `q`, and a user who may assume them; sessions of `r` may assume `q`.
async fn world() -> (World, Credential) {
    let world = World::new().await;
    for name in ["r", "q"] {
        world.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
        let policy = [("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", MAY_ASSUME)];
        world.iam("PutRolePolicy", &policy).await;
    }
    let ann = world.user("ann", Some(MAY_ASSUME)).await;
    (world, ann)
}

async fn assume(world: &World, who: &Credential, role: &str, name: &str) -> Credential {
    assume_in(world, who, "123456789012", role, name).await
}

async fn assume_in(world: &World, who: &Credential, account: &str, role: &str, name: &str) -> Credential {
    let arn = format!("arn:aws:iam::{account}:role/{role}");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", name), ("SourceIdentity", "Ann")];
    let seen = world.ask(who, Service::Sts, "AssumeRole", &params).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    credential(&seen)
}

fn credential(seen: &Seen) -> Credential {
    Credential {
        access_key_id: seen.text("AccessKeyId"),
        secret: rolecall_wire::sigv4::SecretKey::new(seen.text("SecretAccessKey")),
        token: Some(seen.text("SessionToken")),
    }
}

impl Seen {
    fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.text("Code").as_str()), (status, code), "{}", self.body);
    }

    /// The text of the first element of this name; empty when there is none.
    fn text(&self, name: &str) -> String {
        self.tag(name).unwrap_or_default().to_owned()
    }
}

async fn admin(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Rolecall, action, params).await
}

async fn is_alive(world: &World, who: &Credential) -> bool {
    let seen = world.ask(who, Service::Sts, "GetCallerIdentity", &[]).await;
    if seen.status != 200 {
        seen.expect(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
    }
    seen.status == 200
}

#[tokio::test]
async fn sessions_are_listed_with_who_stands_behind_them() {
    let (world, ann) = world().await;
    let first = assume(&world, &ann, "r", "one").await;
    let second = assume(&world, &first, "q", "two").await;
    assert!(is_alive(&world, &second).await);
    let list = admin(&world, "ListSessions", &[("RoleName", "q"), ("UserName", "ann")]).await;
    assert_eq!(list.text("AccessKeyId"), second.access_key_id);
    assert_eq!(list.text("ParentAccessKeyId"), first.access_key_id);
    assert_eq!(list.text("Origin"), "arn:aws:iam::123456789012:user/ann");
    assert_eq!(list.text("LastAction"), "sts:GetCallerIdentity");
    assert_eq!(list.text("LastAddress"), "127.0.0.1");
    let shown = admin(&world, "GetSession", &[("AccessKeyId", &second.access_key_id)]).await;
    assert!(shown.body.contains("assumed-role/r/one"), "the chain: {}", shown.body);
    world.pass(3600);
    let over = admin(&world, "GetSession", &[("AccessKeyId", &second.access_key_id)]).await;
    assert_eq!(over.status, 404);
    assert_eq!(admin(&world, "ListSessions", &[]).await.text("IsTruncated"), "false");
}

/// A chain leads from one account into another and back; each is shown the links that are its own.
#[tokio::test]
async fn a_chain_across_accounts_shows_each_account_its_own_links() {
    let (world, ann) = world().await;
    let other = world.account("111122223333").await;
    let back = &TRUST.replace("123456789012", "111122223333");
    for (who, role, trust) in [(&other, "b", TRUST), (&other, "c", back), (&world.root, "a", back)] {
        let made = [("RoleName", role), ("AssumeRolePolicyDocument", trust)];
        world.ask(who, Service::Iam, "CreateRole", &made).await.ok();
        let policy = [("RoleName", role), ("PolicyName", "p"), ("PolicyDocument", MAY_ASSUME)];
        world.ask(who, Service::Iam, "PutRolePolicy", &policy).await.ok();
    }
    let first = assume(&world, &ann, "r", "one").await;
    let second = assume_in(&world, &first, "111122223333", "b", "two").await;
    let last = assume(&world, &second, "a", "three").await;
    let own = assume_in(&world, &second, "111122223333", "c", "four").await;

    let chain = async |who: &Credential, of: &Credential| {
        let params = [("AccessKeyId", of.access_key_id.as_str())];
        let shown = world.ask(who, Service::Rolecall, "GetSession", &params).await.ok();
        let (session, chain) = shown.body.split_once("<Chain>").unwrap_or((&shown.body, ""));
        assert!(session.contains(&of.access_key_id), "{}", shown.body);
        let is_shown = |id: &str| chain.contains(&format!("<AccessKeyId>{id}<"));
        let ids = [&first, &second].map(|known| is_shown(&known.access_key_id));
        let names = ["assumed-role/r/one", "assumed-role/b/two"].map(|name| chain.contains(name));
        assert_eq!(ids, names, "{}", shown.body);
        ids
    };
    assert_eq!(chain(&world.root, &last).await, [true, false], "over the other account's to its own");
    assert_eq!(chain(&other, &second).await, [false, false], "where it came from is not the account's");
    assert_eq!(chain(&other, &own).await, [false, true], "within the account the chain is shown");
    for (who, of) in [(&world.root, &second), (&other, &first), (&other, &last)] {
        let params = [("AccessKeyId", of.access_key_id.as_str())];
        assert_eq!(world.ask(who, Service::Rolecall, "GetSession", &params).await.status, 404);
    }
}

#[tokio::test]
async fn a_revocation_ends_what_it_names_with_the_next_request() {
    for (scope, ends_other) in [
        (vec![("AccessKeyId", "{id}")], false),
        (vec![("RoleName", "r")], false),
        (vec![("UserName", "ann")], true),
        (vec![("SourceIdentity", "Ann")], true),
        (vec![("All", "true")], true),
    ] {
        let (world, ann) = world().await;
        let (named, other) = (assume(&world, &ann, "r", "one").await, assume(&world, &ann, "q", "two").await);
        assert!(is_alive(&world, &named).await && is_alive(&world, &other).await);
        let scope: Vec<(&str, String)> =
            scope.into_iter().map(|(k, v)| (k, v.replace("{id}", &named.access_key_id))).collect();
        let scope: Vec<(&str, &str)> = scope.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let revoked = admin(&world, "RevokeSessions", &scope).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
        assert!(!is_alive(&world, &named).await, "{scope:?}");
        assert_eq!(is_alive(&world, &other).await, !ends_other, "{scope:?}");
        assert!(is_alive(&world, &ann).await, "long-term credentials are not sessions");
        world.pass(1);
        let fresh = assume(&world, &ann, "r", "three").await;
        assert!(is_alive(&world, &fresh).await, "{scope:?} ends no session of afterwards");
    }
}

/// Access key ids of the sessions listed.
async fn listed(world: &World, params: &[(&str, &str)]) -> std::collections::BTreeSet<String> {
    let seen = admin(world, "ListSessions", params).await.ok();
    let ids = seen.body.split("<AccessKeyId>").skip(1).filter_map(|rest| rest.split('<').next());
    ids.map(str::to_owned).collect()
}

async fn status(world: &World, who: &Credential) -> String {
    admin(world, "GetSession", &[("AccessKeyId", &who.access_key_id)]).await.ok().text("Status")
}

#[tokio::test]
async fn what_ended_is_listed_no_more_and_shown_for_what_it_is() {
    let (world, ann) = world().await;
    let (one, two) = (assume(&world, &ann, "r", "one").await, assume(&world, &ann, "r", "two").await);
    let other = assume(&world, &ann, "q", "three").await;
    assert_eq!(listed(&world, &[]).await.len(), 3);
    admin(&world, "RevokeSessions", &[("AccessKeyId", &one.access_key_id)]).await.ok();
    assert_eq!(listed(&world, &[("RoleName", "r")]).await, [two.access_key_id.clone()].into());
    assert_eq!(status(&world, &one).await, "Revoked");
    assert_eq!((status(&world, &two).await, is_alive(&world, &two).await), ("InForce".to_owned(), true));
    for params in [&[("RoleName", "q"), ("PolicyName", "p")][..], &[("RoleName", "q")]] {
        let action = if params.len() == 2 { "DeleteRolePolicy" } else { "DeleteRole" };
        world.iam(action, params).await;
    }
    assert_eq!(status(&world, &other).await, "PrincipalDeleted");
    world.iam("CreateRole", &[("RoleName", "q"), ("AssumeRolePolicyDocument", TRUST)]).await;
    assert_eq!(status(&world, &other).await, "PrincipalDeleted", "another role has the name now");
    assert!(!is_alive(&world, &other).await);
    assert_eq!(listed(&world, &[]).await, [two.access_key_id.clone()].into());
    let all = listed(&world, &[("IncludeEnded", "true")]).await;
    assert!([&one, &two, &other].iter().all(|session| all.contains(&session.access_key_id)), "{all:?}");
}

#[tokio::test]
async fn a_revocation_says_whom_it_ended_and_who_lives_on_through_them() {
    let (world, ann) = world().await;
    let first = assume(&world, &ann, "r", "one").await;
    let child = assume(&world, &first, "q", "two").await;
    let apart = assume(&world, &ann, "q", "three").await;
    let other = world.account("111122223333").await;
    let made = [("RoleName", "b"), ("AssumeRolePolicyDocument", TRUST)];
    world.ask(&other, Service::Iam, "CreateRole", &made).await.ok();
    let foreign = assume_in(&world, &child, "111122223333", "b", "four").await;
    let counts = |seen: &Seen| ["EndedCount", "ChainedCount", "ElsewhereCount"].map(|name| seen.text(name));
    let revoked = admin(&world, "RevokeSessions", &[("RoleName", "r")]).await.ok();
    assert_eq!(counts(&revoked), ["1", "1", "1"], "{}", revoked.body);
    assert!(!revoked.body.contains(&foreign.access_key_id), "another account's are counted, not shown");
    assert!(
        is_alive(&world, &child).await && is_alive(&world, &foreign).await && !is_alive(&world, &first).await
    );
    let again = admin(&world, "RevokeSessions", &[("RoleName", "r")]).await.ok();
    assert_eq!(counts(&again), ["0", "0", "0"], "nothing is ended twice: {}", again.body);

    world.pass(1);
    let second = assume(&world, &ann, "r", "five").await;
    let grandchild = assume(&world, &second, "q", "six").await;
    let chained = [("AccessKeyId", second.access_key_id.as_str()), ("Chained", "true")];
    let revoked = admin(&world, "RevokeSessions", &chained).await.ok();
    assert_eq!(counts(&revoked), ["2", "0", "0"], "{}", revoked.body);
    assert!(!is_alive(&world, &second).await && !is_alive(&world, &grandchild).await);
    assert!(is_alive(&world, &apart).await && is_alive(&world, &child).await, "they were made otherwise");
}

#[tokio::test]
async fn a_key_never_issued_is_not_ended() {
    let (world, ann) = world().await;
    let session = assume(&world, &ann, "r", "one").await;
    let other = world.account("111122223333").await;
    for (who, id) in [(&world.root, "ASIAQAAAAAAAAAAAAAAA"), (&other, &*session.access_key_id)] {
        let seen = world.ask(who, Service::Rolecall, "RevokeSessions", &[("AccessKeyId", id)]).await.ok();
        assert_eq!(seen.text("EndedCount"), "0", "{}", seen.body);
    }
    assert!(is_alive(&world, &session).await);
}

#[tokio::test]
async fn the_root_of_another_account_sees_its_own_sessions_and_no_keys() {
    let (world, ann) = world().await;
    let session = assume(&world, &ann, "r", "one").await;
    let other = world.account("111122223333").await;
    let ask = async |action, params: &[_]| world.ask(&other, Service::Rolecall, action, params).await;
    let list = ask("ListSessions", &[]).await.ok();
    assert!(!list.body.contains(&session.access_key_id));
    assert_eq!(ask("GetSession", &[("AccessKeyId", &session.access_key_id)]).await.status, 404);
    ask("RevokeSessions", &[("All", "true")]).await.ok();
    ask("RevokeSessions", &[("AccessKeyId", &session.access_key_id)]).await.ok();
    assert!(is_alive(&world, &session).await, "another account's sessions are not its to end");
    for action in ["ListKeys", "RotateKeys"] {
        ask(action, &[]).await.refused(403, "AccessDenied");
    }
}

#[tokio::test]
async fn a_revocation_names_exactly_one_thing_that_exists() {
    let (world, _) = world().await;
    admin(&world, "RevokeSessions", &[("RoleName", "no")]).await.refused(404, "NoSuchEntity");
    for scope in [vec![], vec![("RoleName", "r"), ("All", "true")]] {
        let seen = admin(&world, "RevokeSessions", &scope).await;
        assert_eq!(seen.text("Code"), "InvalidParameterCombination");
    }
}

#[tokio::test]
async fn flt_09_rotated_keys_open_what_they_sealed_until_they_are_removed() {
    for (id, purpose) in [("1", "SessionToken"), ("2", "SessionSecret")] {
        let (world, ann) = world().await;
        let old = assume(&world, &ann, "r", "one").await;
        let rotated = admin(&world, "RotateKeys", &[("Purpose", purpose)]).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        let new = assume(&world, &ann, "r", "two").await;
        assert!(is_alive(&world, &old).await && is_alive(&world, &new).await && is_alive(&world, &ann).await);
        admin(&world, "RemoveKey", &[("KeyId", id)]).await.refused(400, "InvalidParameterValue");
        assert!(is_alive(&world, &old).await, "{purpose}");
        admin(&world, "RemoveKey", &[("KeyId", id), ("Force", "true")]).await.ok();
        assert!(!is_alive(&world, &old).await, "{purpose}");
        assert!(is_alive(&world, &new).await, "{purpose}");
    }
}

#[tokio::test]
async fn stored_secrets_are_sealed_anew_so_that_their_old_key_can_go() {
    let (world, ann) = world().await;
    admin(&world, "RemoveKey", &[("KeyId", "3")]).await.refused(400, "InvalidParameterValue");
    admin(&world, "RotateKeys", &[("Purpose", "StoredSecret")]).await.ok();
    admin(&world, "RemoveKey", &[("KeyId", "3")]).await.ok();
    assert!(is_alive(&world, &ann).await);
}

#[tokio::test]
async fn a_prepared_key_waits_to_be_activated() {
    let (world, _) = world().await;
    let states = |seen: &Seen| seen.body.matches("<State>Prepared</State>").count();
    admin(&world, "RotateKeys", &[("Step", "Activate")]).await.refused(400, "InvalidParameterValue");
    let prepared = admin(&world, "RotateKeys", &[("Step", "Prepare")]).await;
    assert!(states(&prepared) >= 3);
    let activated = admin(&world, "RotateKeys", &[("Step", "Activate")]).await;
    assert_eq!((activated.status, states(&activated)), (200, 0));
}

#[tokio::test]
async fn sts_22_a_principal_that_asks_too_much_is_throttled_and_nobody_else() {
    let principal = Some(Rate { per_second: 1, burst: 50 });
    let world = World::throttled(Limits { principal, ..Limits::default() }).await;
    let (ann, bob) = (world.user("ann", Some(MAY_ASSUME)).await, world.user("bob", Some(MAY_ASSUME)).await);
    let mut throttled = 0;
    for _ in 0..60 {
        let seen = world.ask(&ann, Service::Sts, "GetCallerIdentity", &[]).await;
        if seen.status != 200 {
            seen.expect(400, "Throttling", "Rate exceeded");
            throttled += 1;
        }
    }
    assert!((8..=10).contains(&throttled), "{throttled}");
    assert!(is_alive(&world, &bob).await);
}

#[tokio::test]
async fn an_address_that_guesses_is_throttled_while_signatures_that_hold_pass() {
    let address = Some(Rate { per_second: 1, burst: 5 });
    let world = World::throttled(Limits { address, ..Limits::default() }).await;
    let guess = Credential {
        access_key_id: world.root.access_key_id.clone(),
        secret: rolecall_wire::sigv4::SecretKey::new("wrong".into()),
        token: None,
    };
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(world.ask(&guess, Service::Sts, "GetCallerIdentity", &[]).await.text("Code"));
    }
    assert_eq!(codes.iter().filter(|code| *code == "SignatureDoesNotMatch").count(), 5);
    assert_eq!(codes.iter().filter(|code| *code == "Throttling").count(), 3);
    assert!(is_alive(&world, &world.root).await);
}
