//! Tokens in masses: what does not hold is not listened to for long, what holds is.

use super::show;
use crate::federation::testing::{
    CLIENT, ISSUER, Signer, claims, limited_world, provider_arn, register, trusting, with,
};
use crate::testing::World;
use crate::throttle::{Limits, Rate};
use rolecall_wire::Service;
use serde_json::json;

/// OID-16: before its signature holds, a token of a known issuer is refused in one way.
#[tokio::test]
async fn oid_16_an_unverified_token_learns_nothing() {
    let (world, _web, signer) = limited_world(by_address(20, 100)).await;
    show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await.ok();
    let stranger = Signer::stranger();
    let mut answers = Vec::new();
    for changes in [
        json!({}),
        json!({"sub": "bob"}),
        json!({"sub": null}),
        json!({"aud": "other"}),
        json!({"aud": null}),
        json!({"exp": 1}),
        json!({"exp": "x"}),
        json!({"https://aws.amazon.com/tags": 7}),
    ] {
        for (role, kid) in [("web", "k1"), ("absent", "k1"), ("web", "k9")] {
            let token = stranger.token(kid, &with(claims(&world), changes.clone()));
            let seen = show(&world, role, &token, &[]).await;
            answers.push((
                seen.status,
                seen.tag("Code").map(str::to_owned),
                seen.tag("Message").map(str::to_owned),
            ));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let mut throttled = 0;
    for _ in 0..150 {
        let seen = show(&world, "web", &stranger.token("k1", &claims(&world)), &[]).await;
        throttled += usize::from(seen.tag("Code") == Some("Throttling"));
    }
    assert!(throttled > 0, "guessing is limited");
}

fn by_address(per_second: u32, burst: u32) -> Limits {
    Limits { address: Some(Rate { per_second, burst }), ..Limits::default() }
}

/// The codes of the answers to a request sent again and again.
async fn flood(world: &World, token: &str, times: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..times {
        let seen = show(world, "web", token, &[]).await;
        codes.push(seen.tag("Code").unwrap_or("none").to_owned());
    }
    codes
}

/// DOS-07: what does not hold is counted per address and costs nothing more once it is too much.
#[tokio::test]
async fn dos_07_a_flood_of_bad_tokens_is_cut_off_and_good_ones_still_pass() {
    let (world, web, signer) = limited_world(by_address(10, 100)).await;
    let good = signer.token("k1", &claims(&world));
    assert_eq!(flood(&world, &good, 300).await, vec!["none"; 300], "what holds is not counted");
    let bad = Signer::stranger().token("k1", &claims(&world));
    let codes = flood(&world, &bad, 200).await;
    assert_eq!(codes.first().map(String::as_str), Some("InvalidIdentityToken"));
    assert_eq!(codes.last().map(String::as_str), Some("Throttling"));
    let looked_at = codes.iter().filter(|code| *code == "InvalidIdentityToken").count();
    assert!((100..150).contains(&looked_at), "{looked_at}");
    assert_eq!(web.asked(), 2);
    let seen = world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await;
    assert_eq!(seen.status, 200, "signed callers of the same address are not touched");
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    show(&world, "web", &good, &[]).await.ok();
}

/// DOS-07: a token that holds for its issuer and opens no role is nonsense, too: anybody can get one of a shared
/// issuer.
#[tokio::test]
async fn dos_07_tokens_that_open_nothing_are_counted() {
    let (world, _web, signer) = limited_world(by_address(1, 20)).await;
    let bob = signer.token("k1", &with(claims(&world), json!({"sub": "bob"})));
    let codes = flood(&world, &bob, 30).await;
    assert_eq!(codes.first().map(String::as_str), Some("AccessDenied"));
    assert_eq!(codes.last().map(String::as_str), Some("Throttling"));
}

/// DOS-07: from many addresses, what is said to be of one issuer is counted together; other issuers and
/// signed callers are not touched.
#[tokio::test]
async fn dos_07_an_issuer_in_whose_name_nonsense_is_sent_is_cut_off_alone() {
    let issuer = Some(Rate { per_second: 10, burst: 50 });
    let (world, web, signer) = limited_world(Limits { issuer, ..Limits::default() }).await;
    let other = "https://other.example.com";
    web.publish(other, &[signer.jwk("k1")]);
    register(&world, other, &[CLIENT]).await;
    trusting(&world, "other", &provider_arn(other), &json!({})).await;
    let codes = flood(&world, &Signer::stranger().token("k1", &claims(&world)), 100).await;
    assert_eq!(codes.first().map(String::as_str), Some("InvalidIdentityToken"));
    assert_eq!(codes.last().map(String::as_str), Some("Throttling"));
    let token = signer.token("k1", &with(claims(&world), json!({"iss": other})));
    show(&world, "other", &token, &[]).await.ok();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await.ok();
}

/// DOS-07: whoever is turned away unseen waits for it, so that few connections make no flood.
#[tokio::test]
async fn dos_07_who_is_turned_away_waits() {
    let hold = std::time::Duration::from_millis(200);
    let (world, _web, signer) = limited_world(Limits { hold, ..by_address(1, 3) }).await;
    let bad = Signer::stranger().token("k1", &claims(&world));
    let timed = async |token: &str| {
        let before = std::time::Instant::now();
        let codes = flood(&world, token, 1).await;
        (codes.concat(), before.elapsed() >= hold)
    };
    assert_eq!(timed(&signer.token("k1", &claims(&world))).await, ("none".to_owned(), false));
    for _ in 0..3 {
        assert_eq!(timed(&bad).await.0, "InvalidIdentityToken");
    }
    assert_eq!(timed(&bad).await, ("Throttling".to_owned(), true));
    let before = std::time::Instant::now();
    world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert!(before.elapsed() < hold, "signed callers do not wait");
}

/// STS-22: whom a provider vouches for is a principal like any other, with its own share.
#[tokio::test]
async fn sts_22_a_federated_principal_has_its_share_and_no_more() {
    let principal = Some(Rate { per_second: 1, burst: 20 });
    let (world, _web, signer) = limited_world(Limits { principal, ..Limits::default() }).await;
    trusting(&world, "any", &provider_arn(ISSUER), &json!({})).await;
    let codes = flood(&world, &signer.token("k1", &claims(&world)), 30).await;
    assert_eq!(codes.iter().filter(|code| *code == "none").count(), 20, "{codes:?}");
    assert_eq!(codes.last().map(String::as_str), Some("Throttling"));
    let bob = signer.token("k1", &with(claims(&world), json!({"sub": "bob"})));
    show(&world, "any", &bob, &[]).await.ok();
}

/// An issuer that does not answer is no fault of the token's: clients try again, and nobody is charged.
#[tokio::test]
async fn an_issuer_that_is_down_is_told_apart_and_charged_to_nobody() {
    let (world, web, signer) = limited_world(by_address(1, 3)).await;
    let place = format!("{ISSUER}/.well-known/openid-configuration");
    web.fail(&place, rolecall_federation::FetchError::Unreachable("down".into()));
    let token = signer.token("k1", &claims(&world));
    assert_eq!(flood(&world, &token, 10).await, vec!["IDPCommunicationError"; 10]);
    web.publish(ISSUER, &[signer.jwk("k1")]);
    world.pass(11);
    show(&world, "web", &token, &[]).await.ok();
}
