//! Tokens of ours, and what somebody else makes of them.

use super::{PREFIX, document};
use crate::federation::testing::{federated_world, provider_arn, register, trusting};
use crate::testing::{ACCOUNT, ALLOW_ALL, Credential, Seen, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall_wire::Service;
use serde_json::{Value, json};

const AUDIENCE: (&str, &str) = ("Audience.member.1", "https://api.example.com");
const ES384: (&str, &str) = ("SigningAlgorithm", "ES384");

async fn ask(world: &World, who: &Credential, params: &[(&str, &str)]) -> Seen {
    world.ask(who, Service::Sts, "GetWebIdentityToken", params).await
}

fn claims(token: &str) -> (Value, Value) {
    let part = |at: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

#[tokio::test]
async fn a_token_says_who_asked_for_it() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    world
        .iam("TagUser", &[("UserName", "u"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")])
        .await;
    let off = ask(&world, &user, &[AUDIENCE, ES384]).await;
    assert_eq!((off.status, off.tag("Code")), (403, Some("OutboundWebIdentityFederationDisabledException")));
    let issuer = format!("https://rolecall.example.com{PREFIX}{ACCOUNT}");
    let on = world.iam("EnableOutboundWebIdentityFederation", &[]).await;
    assert_eq!(on.tag("IssuerIdentifier"), Some(issuer.as_str()));
    let more = [("Audience.member.2", "b"), ("Tags.member.1.Key", "job"), ("Tags.member.1.Value", "7")];
    let seen = ask(&world, &user, &[&[AUDIENCE, ES384][..], &more].concat()).await.ok();
    let (header, payload) = claims(seen.tag("WebIdentityToken").unwrap());
    assert_eq!(header["alg"], "ES384");
    assert_eq!(payload["iss"], issuer);
    assert_eq!(payload["sub"], format!("arn:aws:iam::{ACCOUNT}:user/u"));
    assert_eq!(payload["aud"], json!(["https://api.example.com", "b"]));
    assert_eq!(payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap(), 300);
    let about = &payload["https://sts.amazonaws.com/"];
    assert_eq!(about["aws_account"], ACCOUNT);
    assert_eq!(about["principal_tags"], json!({"team": "red"}));
    assert_eq!(about["request_tags"], json!({"job": "7"}));
    let one =
        ask(&world, &user, &[AUDIENCE, ("SigningAlgorithm", "RS256"), ("DurationSeconds", "60")]).await.ok();
    let (header, payload) = claims(one.tag("WebIdentityToken").unwrap());
    assert_eq!((&header["alg"], &payload["aud"]), (&json!("RS256"), &json!("https://api.example.com")));
}

#[tokio::test]
async fn the_feature_is_switched_on_once_and_off_once() {
    let world = World::new().await;
    let info =
        async || world.ask(&world.root, Service::Iam, "GetOutboundWebIdentityFederationInfo", &[]).await;
    let path = format!("{PREFIX}{ACCOUNT}/keys");
    let system = world.gate.system();
    assert_eq!(info().await.tag("Code"), Some("FeatureDisabled"));
    assert_eq!(document(system, &path).await.unwrap(), None);
    let on = async || world.ask(&world.root, Service::Iam, "EnableOutboundWebIdentityFederation", &[]).await;
    let off =
        async || world.ask(&world.root, Service::Iam, "DisableOutboundWebIdentityFederation", &[]).await;
    assert_eq!((off().await.status, on().await.status), (404, 200));
    assert_eq!(
        (on().await.tag("Code"), info().await.ok().tag("JwtVendingEnabled")),
        (Some("FeatureEnabled"), Some("true"))
    );
    let keys = document(system, &path).await.unwrap().unwrap();
    assert!(keys.contains("RS256") && keys.contains("ES384") && !keys.contains("\"d\""), "{keys}");
    for other in
        ["/_oidc/", "/_oidc/x/keys", "/_oidc/999999999999/keys", "/_oidc/123456789012/other", "/keys"]
    {
        assert_eq!(document(system, other).await.unwrap(), None, "{other}");
    }
    off().await.ok();
    assert_eq!(document(system, &path).await.unwrap(), None);
    assert_eq!(info().await.tag("Code"), Some("FeatureDisabled"));
}

/// What this server signs, a server pointed at it verifies; and what it does not, it refuses.
#[tokio::test]
async fn another_server_takes_our_tokens() {
    let (world, web, stranger) = federated_world().await;
    world.iam("EnableOutboundWebIdentityFederation", &[]).await;
    let issuer = format!("https://rolecall.example.com{PREFIX}{ACCOUNT}");
    for place in [".well-known/openid-configuration", "keys"] {
        let path = format!("{PREFIX}{ACCOUNT}/{place}");
        let page = document(world.gate.system(), &path).await.unwrap().unwrap();
        web.put(&format!("{issuer}/{place}"), &page);
    }
    register(&world, &issuer, &["https://api.example.com"]).await;
    let name = issuer.trim_start_matches("https://");
    let sub = format!("arn:aws:iam::{ACCOUNT}:user/u");
    trusting(
        &world,
        "partner",
        &provider_arn(&issuer),
        &json!({"StringEquals": {format!("{name}:sub"): sub}}),
    )
    .await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/partner");
    let show = async |token: &str| {
        let params = [("RoleArn", role.as_str()), ("RoleSessionName", "job"), ("WebIdentityToken", token)];
        world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await
    };
    let user = world.user("u", Some(ALLOW_ALL)).await;
    for algorithm in ["RS256", "ES384"] {
        let params = [AUDIENCE, ("SigningAlgorithm", algorithm)];
        let token = ask(&world, &user, &params).await.ok().tag("WebIdentityToken").unwrap().to_owned();
        show(&token).await.ok();
        let forged = stranger.token("rolecall-1", &claims(&token).1);
        assert_eq!(show(&forged).await.tag("Code"), Some("InvalidIdentityToken"));
        let other = world.user(&format!("other-{algorithm}"), Some(ALLOW_ALL)).await;
        let token = ask(&world, &other, &params).await.ok().tag("WebIdentityToken").unwrap().to_owned();
        assert_eq!(show(&token).await.tag("Code"), Some("AccessDenied"));
    }
}

#[tokio::test]
async fn a_session_cannot_outlive_itself_by_a_token() {
    let (world, _web, signer) = federated_world().await;
    world.iam("EnableOutboundWebIdentityFederation", &[]).await;
    let params = [("RoleName", "web"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
    world.iam("PutRolePolicy", &params).await;
    let token = signer.token("k1", &crate::federation::testing::claims(&world));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/web");
    let params = [
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "job"),
        ("WebIdentityToken", token.as_str()),
        ("DurationSeconds", "900"),
    ];
    let session =
        world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await.ok().credential();
    let seen = ask(&world, &session, &[AUDIENCE, ES384, ("DurationSeconds", "901")]).await;
    assert_eq!(
        (seen.status, seen.tag("Code")),
        (403, Some("SessionDurationEscalationException")),
        "{}",
        seen.body
    );
    let seen = ask(&world, &session, &[AUDIENCE, ES384, ("DurationSeconds", "800")]).await.ok();
    let (_, payload) = claims(seen.tag("WebIdentityToken").unwrap());
    assert_eq!(payload["sub"], role);
    assert_eq!(
        payload["https://sts.amazonaws.com/"]["federated_provider"],
        provider_arn(crate::federation::testing::ISSUER)
    );
    assert!(payload["https://sts.amazonaws.com/"]["original_session_exp"].is_string());
}

#[tokio::test]
async fn conditions_bind_audience_algorithm_and_tags() {
    let world = World::new().await;
    world.iam("EnableOutboundWebIdentityFederation", &[]).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:GetWebIdentityToken",
        "Resource": "*", "Condition": {
            "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": "https://api.example.com"},
            "StringEquals": {"sts:SigningAlgorithm": "ES384"},
            "NumericLessThanEquals": {"sts:DurationSeconds": "300"}}}]});
    let user = world.user("u", Some(&policy.to_string())).await;
    ask(&world, &user, &[AUDIENCE, ES384]).await.ok();
    for bad in [
        &[("Audience.member.1", "other"), ES384][..],
        &[AUDIENCE, ("SigningAlgorithm", "RS256")],
        &[AUDIENCE, ES384, ("DurationSeconds", "301")],
        &[AUDIENCE, ES384, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")],
    ] {
        let seen = ask(&world, &user, bad).await;
        assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{bad:?} {}", seen.body);
    }
    let admin = world.user("a", Some(ALLOW_ALL)).await;
    let value = "ü".repeat(256);
    let names: Vec<_> = (1..=50)
        .flat_map(|n| {
            let key = format!("{n}{}", "k".repeat(120));
            [(format!("Tags.member.{n}.Key"), key), (format!("Tags.member.{n}.Value"), value.clone())]
        })
        .collect();
    let mut params = vec![AUDIENCE, ES384];
    params.extend(names.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let seen = ask(&world, &admin, &params).await;
    assert_eq!(
        (seen.status, seen.tag("Code")),
        (400, Some("JWTPayloadSizeExceededException")),
        "{}",
        seen.body
    );
    let seen = world.ask(&admin, Service::Sts, "GetDelegatedAccessToken", &[("TradeInToken", "token")]).await;
    assert_eq!((seen.status, seen.tag("Code")), (400, Some("ExpiredTradeInTokenException")));
}
