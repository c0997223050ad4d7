//! Worlds that know an OpenID provider.

use crate::testing::World;
use crate::throttle::Limits;
use rolecall_federation::Fetch;
pub(crate) use rolecall_federation::oidc::testing::{CLIENT, ISSUER, Signer, Web, encode, with};
use serde_json::{Value, json};
use std::sync::Arc;

/// A world with the issuer registered, and a role `web` that trusts whoever it vouches for with `sub` `alice`.
pub(crate) async fn federated_world() -> (World, Arc<Web>, Signer) {
    limited_world(Limits::default()).await
}

/// The same, which limits what its callers may send.
pub(crate) async fn limited_world(limits: Limits) -> (World, Arc<Web>, Signer) {
    let web = Arc::new(Web::default());
    let signer = Signer::of("RS256");
    web.publish(ISSUER, &[signer.jwk("k1")]);
    let world = World::with_web(Arc::clone(&web) as Arc<dyn Fetch>, limits).await;
    register(&world, ISSUER, &[CLIENT]).await;
    let condition = json!({"StringEquals": {"idp.example.com/tenant:sub": "alice"}});
    trusting(&world, "web", &provider_arn(ISSUER), &condition).await;
    (world, web, signer)
}

pub(crate) fn provider_arn(issuer: &str) -> String {
    format!(
        "arn:aws:iam::{}:oidc-provider/{}",
        crate::testing::ACCOUNT,
        issuer.trim_start_matches("https://")
    )
}

pub(crate) async fn register(world: &World, issuer: &str, clients: &[&str]) {
    let names: Vec<String> = (1..=clients.len()).map(|n| format!("ClientIDList.member.{n}")).collect();
    let mut params = vec![("Url", issuer)];
    params.extend(names.iter().map(String::as_str).zip(clients.iter().copied()));
    world.iam("CreateOpenIDConnectProvider", &params).await;
}

/// A role that trusts a provider on a condition, also with tags and source identities.
pub(crate) async fn trusting(world: &World, role: &str, provider: &str, condition: &Value) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Condition": condition,
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]}]});
    let trust = trust.to_string();
    world.iam("CreateRole", &[("RoleName", role), ("AssumeRolePolicyDocument", &trust)]).await;
}

/// Claims of `alice` that are good for an hour.
pub(crate) fn claims(world: &World) -> Value {
    let now = world.gate.system().clock.now();
    json!({"iss": ISSUER, "sub": "alice", "aud": CLIENT, "iat": now, "exp": now + 3600})
}
