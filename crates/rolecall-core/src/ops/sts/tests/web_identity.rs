//! `AssumeRoleWithWebIdentity` against tokens good and bad.

mod flood;
mod names;

use crate::federation::testing::{
    CLIENT, ISSUER, Signer, claims, encode, federated_world, provider_arn, register, trusting, with,
};
use crate::testing::{ACCOUNT, Credential, Seen, World};
use rolecall_wire::Service;
use serde_json::{Value, json};

const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference \
                      AssumeRoleWithWebIdentity documentation for requirements";
const NO_TOKEN: &str =
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";

const NO_ANSWER: &str = "The identity provider did not answer; try again later.";

async fn show(world: &World, role: &str, token: &str, more: &[(&str, &str)]) -> Seen {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let mut params = vec![("RoleArn", arn.as_str()), ("RoleSessionName", "job"), ("WebIdentityToken", token)];
    params.extend_from_slice(more);
    world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await
}

fn refused(seen: &Seen, message: &str) {
    seen.expect(400, "InvalidIdentityToken", message);
}

async fn identity(world: &World, who: &Credential) -> String {
    let seen = world.ask(who, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    seen.tag("Arn").unwrap().to_owned()
}

#[tokio::test]
async fn a_token_of_a_trusted_issuer_becomes_a_session() {
    let (world, _web, signer) = federated_world().await;
    let least = [("MinimumSessionTokenSize", "3000")];
    let seen = show(&world, "web", &signer.token("k1", &claims(&world)), &least).await.ok();
    let size = seen.tag("SessionToken").unwrap().len();
    assert!(size >= 3_000 && seen.tag("SessionTokenSize") == Some(size.to_string().as_str()));
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/web/job");
    assert_eq!(seen.tag("Arn"), Some(arn.as_str()));
    assert_eq!(seen.tag("SubjectFromWebIdentityToken"), Some("alice"));
    assert_eq!(seen.tag("Audience"), Some(CLIENT));
    assert_eq!(seen.tag("Provider"), Some(ISSUER));
    assert_eq!(seen.tag("PackedPolicySize"), None);
    assert_eq!(identity(&world, &seen.credential()).await, arn);
    let records = world.records();
    let record = records.iter().find(|r| r["eventName"] == "AssumeRoleWithWebIdentity").unwrap();
    let provider = provider_arn(ISSUER);
    let who = json!({"type": "WebIdentityUser", "principalId": format!("{provider}:{CLIENT}:alice"),
        "userName": "alice", "identityProvider": provider});
    assert_eq!(record["userIdentity"], who);
    assert!(!record.to_string().contains("eyJ"), "the token is not in it: {record}");
    let bob = signer.token("k1", &with(claims(&world), json!({"sub": "bob"})));
    show(&world, "web", &bob, &[]).await.expect(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
}

#[tokio::test]
async fn every_algorithm_is_verified_by_its_own_key() {
    let (world, web, _) = federated_world().await;
    for (n, name) in ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"].into_iter().enumerate() {
        let issuer = format!("https://idp{n}.example.com");
        let signer = Signer::of(name);
        web.publish(&issuer, &[Signer::of("ES256").jwk("other"), signer.jwk("k1")]);
        register(&world, &issuer, &[CLIENT]).await;
        trusting(&world, name, &provider_arn(&issuer), &json!({})).await;
        let token = signer.token("k1", &with(claims(&world), json!({"iss": issuer})));
        show(&world, name, &token, &[]).await.ok();
        let damaged = format!("{}A{}", &token[..token.len() - 10], &token[token.len() - 9..]);
        if damaged != token {
            refused(&show(&world, name, &damaged, &[]).await, NO_KEY);
        }
    }
}

/// OID-01, OID-02: the algorithm is the key's, never the token's.
#[tokio::test]
async fn oid_01_a_token_that_is_not_signed_is_no_token() {
    const ALGORITHM: &str =
        "The ID Token provided is not signed with one of RS256, RS384, RS512, ES256, ES384 and ES512.";
    let (world, _web, signer) = federated_world().await;
    let payload = encode(claims(&world).to_string());
    for alg in [json!("none"), json!("None"), json!("nOnE"), json!(""), json!("rs256"), json!(null), json!(7)]
    {
        for signature in ["", "AAAA"] {
            let header = encode(json!({"alg": alg, "kid": "k1"}).to_string());
            let seen = show(&world, "web", &format!("{header}.{payload}.{signature}"), &[]).await;
            refused(&seen, ALGORITHM);
        }
        let header = json!({"alg": alg, "kid": "k1"});
        refused(
            &show(&world, "web", &signer.token_with(&header, &claims(&world).to_string()), &[]).await,
            ALGORITHM,
        );
    }
    let header = encode(json!({"kid": "k1"}).to_string());
    refused(&show(&world, "web", &format!("{header}.{payload}.AAAA"), &[]).await, ALGORITHM);
    show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await.ok();
}

#[tokio::test]
async fn oid_02_a_shared_secret_is_never_a_key() {
    let (world, web, signer) = federated_world().await;
    let public = signer.jwk("k1").to_string();
    for (name, how) in [("HS256", aws_lc_rs::hmac::HMAC_SHA256), ("HS512", aws_lc_rs::hmac::HMAC_SHA512)] {
        for (kid, secret) in
            [("k1", public.as_bytes()), (CLIENT, CLIENT.as_bytes()), ("oct", b"0123456789abcdef")]
        {
            let signed = format!(
                "{}.{}",
                encode(json!({"alg": name, "kid": kid}).to_string()),
                encode(claims(&world).to_string())
            );
            let tag = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(how, secret), signed.as_bytes());
            let seen = show(&world, "web", &format!("{signed}.{}", encode(tag)), &[]).await;
            assert_eq!((seen.status, seen.tag("Code")), (400, Some("InvalidIdentityToken")), "{}", seen.body);
        }
    }
    // A key of the wrong kind verifies nothing, and a key's own algorithm binds the token.
    let mut bound = signer.jwk("k1");
    bound["alg"] = json!("RS512");
    web.publish(
        "https://bound.example.com",
        &[bound, json!({"kty": "oct", "kid": "o", "k": encode("secret")})],
    );
    register(&world, "https://bound.example.com", &[CLIENT]).await;
    trusting(&world, "bound", &provider_arn("https://bound.example.com"), &json!({})).await;
    let claims = with(claims(&world), json!({"iss": "https://bound.example.com"}));
    refused(&show(&world, "bound", &signer.token("k1", &claims), &[]).await, NO_KEY);
    refused(&show(&world, "bound", &Signer::of("ES256").token("k1", &claims), &[]).await, NO_KEY);
    show(&world, "bound", &Signer::of("RS512").token("k1", &claims), &[]).await.ok();
}

/// OID-03: one form of token, and nothing in its header but what is understood.
#[tokio::test]
async fn oid_03_only_a_plain_compact_signature_is_a_token() {
    let (world, _web, signer) = federated_world().await;
    let good = signer.token("k1", &claims(&world));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = *parts else { panic!() };
    let json_form = json!({"protected": header, "payload": payload, "signature": signature}).to_string();
    let padded = format!("{header}.{payload}.{signature}==");
    for bad in [
        "abcd",
        &format!("{header}.{payload}"),
        &format!("{header}.{payload}.{signature}."),
        &format!("{header}.{payload}.{signature}.x.y"),
        &format!("..{signature}"),
        &json_form,
        &padded,
        &format!("{header}.{}.{signature}", encode("[]")),
        &format!("{header}.{}.{signature}", encode(&good)),
    ] {
        refused(&show(&world, "web", bad, &[]).await, NO_TOKEN);
    }
    refused(&show(&world, "web", &format!("{header}.{payload}."), &[]).await, NO_KEY);
    for extension in [
        json!({"crit": ["exp"]}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"b64": false}),
        json!({"zip": "DEF"}),
        json!({"enc": "A128GCM"}),
        json!({"cty": "JWT"}),
        json!({"kid": 7}),
    ] {
        let header = with(json!({"alg": "RS256", "kid": "k1"}), extension);
        let token = signer.token_with(&header, &claims(&world).to_string());
        refused(&show(&world, "web", &token, &[]).await, NO_TOKEN);
    }
    let twice = claims(&world).to_string().replace("\"sub\"", "\"sub\":\"bob\",\"sub\"");
    refused(
        &show(&world, "web", &signer.token_with(&json!({"alg": "RS256", "kid": "k1"}), &twice), &[]).await,
        NO_TOKEN,
    );
    show(&world, "web", &good, &[]).await.ok();
}

/// OID-04: times are whole seconds and bind.
#[tokio::test]
async fn oid_04_a_token_is_good_in_its_time_only() {
    let (world, _web, signer) = federated_world().await;
    let now = world.gate.system().clock.now();
    let ask = async |changes: Value| {
        show(&world, "web", &signer.token("k1", &with(claims(&world), changes)), &[]).await
    };
    for claim in ["exp", "iat"] {
        refused(&ask(json!({claim: null})).await, &format!("Missing a required claim: {claim}"));
    }
    for (claim, value) in [
        ("exp", json!("2000000000")),
        ("exp", json!(1e300)),
        ("exp", json!(2_000_000_000.5)),
        ("iat", json!([now])),
        ("nbf", json!(true)),
        ("exp", json!(u64::MAX)),
    ] {
        refused(&ask(json!({claim: value})).await, &format!("The claim {claim} is malformed."));
    }
    let past = ask(json!({"exp": now - 100})).await;
    assert_eq!((past.status, past.tag("Code")), (400, Some("ExpiredTokenException")), "{}", past.body);
    let text = format!(" must be before the expiration date/time {}", now - 100);
    assert!(past.tag("Message").unwrap().starts_with("Token expired: current date/time "), "{}", past.body);
    assert!(past.tag("Message").unwrap().ends_with(&text), "{}", past.body);
    for changes in [json!({"nbf": now + 400}), json!({"iat": now + 400})] {
        let seen = ask(changes).await;
        assert_eq!(seen.tag("Code"), Some("InvalidIdentityToken"), "{}", seen.body);
        assert!(seen.tag("Message").unwrap().starts_with("Token not yet valid"), "{}", seen.body);
    }
    let old = ask(json!({"iat": now - 90_000})).await;
    assert_eq!(old.tag("Code"), Some("ExpiredTokenException"), "{}", old.body);
    for good in
        [json!({"nbf": now + 290, "iat": now + 290}), json!({"iat": now - 80_000}), json!({"nbf": now})]
    {
        ask(good).await.ok();
    }
}

/// OID-05: the audience is one the provider is registered for; `azp` stands in its place.
#[tokio::test]
async fn oid_05_a_token_for_somebody_else_is_refused() {
    let (world, _web, signer) = federated_world().await;
    let ask = async |changes: Value| {
        show(&world, "web", &signer.token("k1", &with(claims(&world), changes)), &[]).await
    };
    let wrong = "Incorrect token audience";
    for aud in
        [json!("other"), json!(["other", "more"]), json!("STS.amazonaws.com"), json!(" sts.amazonaws.com")]
    {
        refused(&ask(json!({"aud": aud})).await, wrong);
    }
    refused(&ask(json!({"azp": "other"})).await, wrong);
    refused(&ask(json!({"aud": null})).await, "Missing a required claim: aud");
    for aud in [json!([]), json!([7]), json!({"a": 1}), json!(7)] {
        refused(&ask(json!({"aud": aud})).await, "The claim aud is malformed.");
    }
    let second = ask(json!({"aud": ["other", CLIENT]})).await.ok();
    assert_eq!(second.tag("Audience"), Some(CLIENT));
    let hybrid = ask(json!({"aud": "other", "azp": CLIENT})).await.ok();
    assert_eq!(hybrid.tag("Audience"), Some(CLIENT));
    let params = [("OpenIDConnectProviderArn", provider_arn(ISSUER)), ("ClientID", CLIENT.to_owned())];
    let params: Vec<_> = params.iter().map(|(k, v)| (*k, v.as_str())).collect();
    world.iam("RemoveClientIDFromOpenIDConnectProvider", &params).await;
    refused(&ask(json!({})).await, wrong);
}

/// OID-06, OID-13: the issuer is exactly the one that is registered, in the role's own account.
#[tokio::test]
async fn oid_06_an_issuer_is_itself_in_one_spelling_only() {
    let (world, web, signer) = federated_world().await;
    for issuer in [
        "https://idp.example.com/tenant/",
        "https://idp.example.com/Tenant",
        "https://IDP.example.com/tenant",
        "http://idp.example.com/tenant",
        "idp.example.com/tenant",
        "https://idp.example.com@evil.example.net/tenant",
        "https://idp.example.com:443/tenant",
        "https://idp\u{3002}example.com/tenant",
        "https://idp.example.com/tenant?x=1",
        "https://idp.example.com/tenant#x",
        "https://evil.example.net",
    ] {
        web.publish(issuer, &[signer.jwk("k1")]);
        let token = signer.token("k1", &with(claims(&world), json!({"iss": issuer})));
        let message = format!("No OpenIDConnect provider found in your account for {issuer}");
        refused(&show(&world, "web", &token, &[]).await, &message);
    }
    assert_eq!(web.asked(), 0, "nobody was asked for a stranger's keys");
    web.publish(ISSUER, &[signer.jwk("k1")]);
    show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await.ok();
}

#[tokio::test]
async fn oid_13_an_issuer_must_be_registered_in_the_roles_account() {
    let (world, web, signer) = federated_world().await;
    web.publish("https://new.example.com", &[signer.jwk("k1")]);
    let token = signer.token("k1", &with(claims(&world), json!({"iss": "https://new.example.com"})));
    let unknown = "No OpenIDConnect provider found in your account for https://new.example.com";
    trusting(&world, "new", &provider_arn("https://new.example.com"), &json!({})).await;
    refused(&show(&world, "new", &token, &[]).await, unknown);
    let params = [
        ("RoleArn", "arn:aws:iam::999999999999:role/new"),
        ("RoleSessionName", "job"),
        ("WebIdentityToken", token.as_str()),
    ];
    let seen = world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await;
    refused(&seen, unknown);
    register(&world, "https://new.example.com", &[CLIENT]).await;
    show(&world, "new", &token, &[]).await.ok();
    let arn = provider_arn("https://new.example.com");
    world.iam("DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", &arn)]).await;
    refused(&show(&world, "new", &token, &[]).await, unknown);
}

/// OID-07: keys come from the issuer alone, and it is asked for an unknown one once a minute at most.
#[tokio::test]
async fn oid_07_a_token_does_not_say_where_its_key_is() {
    let (world, web, signer) = federated_world().await;
    let stranger = Signer::stranger();
    web.put("https://evil.example.net/keys", &json!({"keys": [stranger.jwk("evil")]}).to_string());
    show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await.ok();
    let asked = web.asked();
    assert_eq!(asked, 2, "the configuration and the keys");
    for header in [
        json!({"jku": "https://evil.example.net/keys"}),
        json!({"x5u": "https://evil.example.net/keys"}),
        json!({"jwk": stranger.jwk("evil")}),
        json!({"x5c": ["MIIB"]}),
        json!({}),
    ] {
        for kid in ["evil", "k1", "../../keys", "'; DROP TABLE keys; --", &"k".repeat(10_000)] {
            let header = with(json!({"alg": "RS256", "kid": kid}), header.clone());
            let token = stranger.token_with(&header, &claims(&world).to_string());
            refused(&show(&world, "web", &token, &[]).await, NO_KEY);
        }
    }
    assert_eq!(web.asked(), asked, "within the first minute nobody asks again");
    web.publish(ISSUER, &[Signer::of("ES256").jwk("k0"), signer.jwk("k2")]);
    let rotated = signer.token("k2", &claims(&world));
    world.pass(61);
    show(&world, "web", &rotated, &[]).await.ok();
    assert_eq!(web.asked(), asked + 2);
    refused(&show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await, NO_KEY);
    assert_eq!(web.asked(), asked + 2);
}

#[tokio::test]
async fn an_issuer_is_asked_once_however_many_wait() {
    let (world, web, signer) = federated_world().await;
    *web.delay.lock().unwrap() = Some(std::time::Duration::from_millis(50));
    let token = signer.token("k1", &claims(&world));
    let all = (0..20).map(|_| show(&world, "web", &token, &[]));
    for seen in futures_util::future::join_all(all).await {
        seen.ok();
    }
    assert_eq!(web.asked(), 2);
}

/// An issuer that takes its time keeps those waiting who ask for it, so many and no more, and nobody else.
#[tokio::test]
async fn an_issuer_that_is_slow_keeps_nobody_else_waiting() {
    let (world, web, signer) = federated_world().await;
    let other = "https://other.example.com";
    web.publish(other, &[signer.jwk("k1")]);
    register(&world, other, &[CLIENT]).await;
    trusting(&world, "other", &provider_arn(other), &json!({})).await;
    let quick = signer.token("k1", &with(claims(&world), json!({"iss": other})));
    show(&world, "other", &quick, &[]).await.ok();

    let delay = std::time::Duration::from_secs(2);
    *web.delay.lock().unwrap() = Some(delay);
    let slow = signer.token("k1", &claims(&world));
    let waiting = futures_util::future::join_all((0..300).map(|_| show(&world, "web", &slow, &[])));
    let others = async {
        let begun = std::time::Instant::now();
        show(&world, "other", &quick, &[]).await.ok();
        world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
        begun.elapsed()
    };
    let (waited, quick) = tokio::join!(waiting, others);
    assert!(quick < delay, "{quick:?}");
    let gave_up = waited.iter().filter(|seen| seen.tag("Code") == Some("IDPCommunicationError")).count();
    assert_eq!(gave_up, 300 - 256, "those who find too many before them are told to come back");
    assert_eq!(waited.iter().filter(|seen| seen.status == 200).count(), 256);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_left_alone_and_its_last_keys_stay_good_for_a_day() {
    let (world, web, signer) = federated_world().await;
    let place = format!("{ISSUER}/.well-known/openid-configuration");
    let down = || rolecall_federation::FetchError::Unreachable("down".into());
    web.fail(&place, down());
    let token = signer.token("k1", &claims(&world));
    for _ in 0..5 {
        show(&world, "web", &token, &[]).await.expect(400, "IDPCommunicationError", NO_ANSWER);
    }
    assert_eq!(web.asked(), 1);
    web.publish(ISSUER, &[signer.jwk("k1")]);
    world.pass(11);
    show(&world, "web", &token, &[]).await.ok();
    web.fail(&place, down());
    for _ in 0..2 {
        world.pass(4000);
        let token = signer.token("k1", &claims(&world));
        show(&world, "web", &token, &[]).await.ok();
    }
    world.pass(80_000);
    let seen = show(&world, "web", &signer.token("k1", &claims(&world)), &[]).await;
    seen.expect(400, "IDPCommunicationError", NO_ANSWER);
}

#[tokio::test]
async fn an_issuer_must_own_up_to_its_name() {
    let (world, web, signer) = federated_world().await;
    let place = format!("{ISSUER}/.well-known/openid-configuration");
    let token = signer.token("k1", &claims(&world));
    for about in [
        json!({"issuer": "https://other.example.com", "jwks_uri": format!("{ISSUER}/keys")}).to_string(),
        json!({"issuer": ISSUER}).to_string(),
        "[]".to_owned(),
        "not json".to_owned(),
    ] {
        web.put(&place, &about);
        refused(&show(&world, "web", &token, &[]).await, NO_KEY);
        world.pass(11);
    }
    web.publish(ISSUER, &[signer.jwk("k1")]);
    show(&world, "web", &token, &[]).await.ok();
    let (world, web, _) = federated_world().await;
    web.fail(&place, rolecall_federation::FetchError::Certificate("self-signed".into()));
    refused(
        &show(&world, "web", &token, &[]).await,
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    );
}

/// Tags and a source identity in the token need trust of their own, and the session has them.
#[tokio::test]
async fn a_token_brings_tags_and_a_source_identity() {
    let (world, _web, signer) = federated_world().await;
    let condition = json!({"StringEquals": {"aws:RequestTag/Project": "Automation",
        "sts:SourceIdentity": "Admin"}, "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Project"]}});
    trusting(&world, "tagged", &provider_arn(ISSUER), &condition).await;
    let nested = json!({
        "https://aws.amazon.com/tags": {
            "principal_tags": {"Project": ["Automation"]}, "transitive_tag_keys": ["Project"]},
        "https://aws.amazon.com/source_identity": "Admin"});
    let flat = json!({
        "https://aws.amazon.com/tags/principal_tags/Project": "Automation",
        "https://aws.amazon.com/tags/transitive_tag_keys": ["Project"],
        "https://aws.amazon.com/source_identity": "Admin"});
    for changes in [nested.clone(), flat] {
        let token = signer.token("k1", &with(claims(&world), changes));
        let seen = show(&world, "tagged", &token, &[]).await.ok();
        assert_eq!(seen.tag("SourceIdentity"), Some("Admin"));
        assert!(seen.tag("PackedPolicySize").is_some());
        let session = seen.credential();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers",
            "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/Project": "Automation",
            "aws:SourceIdentity": "Admin", "aws:FederatedProvider": provider_arn(ISSUER)}}}]});
        let params = [("RoleName", "tagged"), ("PolicyName", "p"), ("PolicyDocument", &*policy.to_string())];
        world.iam("PutRolePolicy", &params).await;
        world.ask(&session, Service::Iam, "ListUsers", &[]).await.ok();
    }
    let token = signer.token("k1", &with(claims(&world), nested));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": provider_arn(ISSUER)}, "Action": "sts:AssumeRoleWithWebIdentity"}]});
    let params = [("RoleName", "tagged"), ("PolicyDocument", &*trust.to_string())];
    world.iam("UpdateAssumeRolePolicy", &params).await;
    let seen = show(&world, "tagged", &token, &[]).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{}", seen.body);
    for bad in [
        json!({"https://aws.amazon.com/tags": []}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"a": ["1", "2"]}}}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"aws:a": ["1"]}}}),
        json!({"https://aws.amazon.com/source_identity": "aws:x"}),
        json!({"https://aws.amazon.com/source_identity": "x"}),
    ] {
        let seen = show(&world, "web", &signer.token("k1", &with(claims(&world), bad)), &[]).await;
        assert_eq!(seen.tag("Code"), Some("InvalidIdentityToken"), "{}", seen.body);
    }
}

/// GitHub's claims are condition keys by its own name; those of an unknown issuer are not.
#[tokio::test]
async fn claims_are_condition_keys_for_the_issuers_that_have_them() {
    let (world, web, signer) = federated_world().await;
    let github = "https://token.actions.githubusercontent.com";
    web.publish(github, &[signer.jwk("k1")]);
    register(&world, github, &[CLIENT]).await;
    let condition = json!({"StringEquals": {"token.actions.githubusercontent.com:aud": CLIENT,
        "token.actions.githubusercontent.com:repository": "org/app"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/app:*"}});
    trusting(&world, "deploy", &provider_arn(github), &condition).await;
    let condition = json!({"StringEquals": {"idp.example.com/tenant:repository": "org/app"}});
    trusting(&world, "nobody", &provider_arn(ISSUER), &condition).await;
    let changes = json!({"iss": github, "sub": "repo:org/app:ref:refs/heads/main", "repository": "org/app"});
    let main = with(claims(&world), changes);
    show(&world, "deploy", &signer.token("k1", &main), &[]).await.ok();
    for changes in
        [json!({"repository": "org/other"}), json!({"sub": "repo:evil/app:x"}), json!({"repository": null})]
    {
        let seen = show(&world, "deploy", &signer.token("k1", &with(main.clone(), changes)), &[]).await;
        assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{}", seen.body);
    }
    let own = with(claims(&world), json!({"repository": "org/app"}));
    let enterprise = "https://token.actions.octo.ghe.com";
    web.publish(enterprise, &[signer.jwk("k1")]);
    register(&world, enterprise, &[CLIENT]).await;
    let condition = json!({"StringEquals": {"token.actions.octo.ghe.com:repository": "org/app"}});
    trusting(&world, "enterprise", &provider_arn(enterprise), &condition).await;
    let token = |repository: &str| {
        signer.token("k1", &with(claims(&world), json!({"iss": enterprise, "repository": repository})))
    };
    show(&world, "enterprise", &token("org/app"), &[]).await.ok();
    assert_eq!(show(&world, "enterprise", &token("org/b"), &[]).await.tag("Code"), Some("AccessDenied"));
    let seen = show(&world, "nobody", &signer.token("k1", &own), &[]).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{}", seen.body);
}

/// Google needs no registration: roles trust it by its name.
#[tokio::test]
async fn google_is_trusted_by_its_name() {
    let (world, web, signer) = federated_world().await;
    web.publish("https://accounts.google.com", &[signer.jwk("k1")]);
    let condition = json!({"StringEquals": {"accounts.google.com:aud": "app.example.com",
        "accounts.google.com:oaud": "backend", "accounts.google.com:sub": "123"}});
    trusting(&world, "google", "accounts.google.com", &condition).await;
    let google = with(
        claims(&world),
        json!({"iss": "https://accounts.google.com", "sub": "123",
        "aud": "backend", "azp": "app.example.com"}),
    );
    let seen = show(&world, "google", &signer.token("k1", &google), &[]).await.ok();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers",
        "Resource": "*", "Condition": {"StringEquals": {"accounts.google.com:sub": "123",
        "aws:FederatedProvider": "accounts.google.com"}}}]});
    let params = [("RoleName", "google"), ("PolicyName", "p"), ("PolicyDocument", &*policy.to_string())];
    world.iam("PutRolePolicy", &params).await;
    world.ask(&seen.credential(), Service::Iam, "ListUsers", &[]).await.ok();
    let other = with(google, json!({"azp": "other"}));
    let seen = show(&world, "google", &signer.token("k1", &other), &[]).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{}", seen.body);
}

/// A signature that is there all the same is not looked at, and durations are the role's.
#[tokio::test]
async fn the_call_needs_no_signature_and_keeps_to_the_roles_limits() {
    let (world, _web, signer) = federated_world().await;
    let token = signer.token("k1", &claims(&world));
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/web");
    let params =
        [("RoleArn", arn.as_str()), ("RoleSessionName", "job"), ("WebIdentityToken", token.as_str())];
    let mut forger = world.user("u", None).await;
    world.ask(&forger, Service::Sts, "AssumeRoleWithWebIdentity", &params).await.ok();
    forger.access_key_id = "AKIAXXXXXXXXXXXXXXXX".into();
    world.ask(&forger, Service::Sts, "AssumeRoleWithWebIdentity", &params).await.ok();
    show(&world, "web", &token, &[("DurationSeconds", "3601")]).await.expect(
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    let short = show(&world, "web", &token, &[("DurationSeconds", "900")]).await.ok().credential();
    identity(&world, &short).await;
    world.pass(901);
    let seen = world.ask(&short, Service::Sts, "GetCallerIdentity", &[]).await;
    assert_eq!(seen.tag("Code"), Some("ExpiredToken"));
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}"#;
    let bound = show(&world, "web", &token, &[("Policy", policy)]).await.ok();
    assert!(bound.tag("PackedPolicySize").is_some());
    for provider in ["www.amazon.com", "graph.facebook.com"] {
        show(&world, "web", &token, &[("ProviderId", provider)]).await.expect(
            400,
            "InvalidParameterValue",
            "ProviderId is for OAuth 2.0 access tokens, which this endpoint does not accept; send an OpenID \
             Connect ID token without it.",
        );
    }
}
