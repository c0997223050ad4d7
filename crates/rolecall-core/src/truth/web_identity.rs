//! The scenes of `AssumeRoleWithWebIdentity`.

use crate::federation::testing::{ISSUER, claims, federated_world, with};
use crate::testing::{ACCOUNT, Seen};
use rolecall_federation::FetchError;
use rolecall_wire::Service;
use serde_json::json;

/// Plays a situation, if it is one of these.
pub(super) async fn play(situation: &str) -> Option<Seen> {
    let (world, web, signer) = federated_world().await;
    let now = world.gate.system().clock.now();
    let changes = match situation {
        "no provider registered for the token's issuer" => json!({"iss": "https://unknown.example.com"}),
        "token's aud is not among the provider's client ids" => json!({"aud": "other"}),
        "token's exp has passed" => json!({"iat": now - 7200, "exp": now - 3600}),
        "token's iat is too long ago" => json!({"iat": now - 100_000}),
        "issuer's keys cannot be fetched or none fits" => {
            let place = format!("{ISSUER}/.well-known/openid-configuration");
            web.fail(&place, FetchError::Unusable("404".to_owned()));
            json!({})
        }
        "provider fits, trust policy's conditions do not" => json!({"sub": "bob"}),
        _ => return None,
    };
    let token = signer.token("k1", &with(claims(&world), changes));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/web");
    let params =
        [("RoleArn", role.as_str()), ("RoleSessionName", "job"), ("WebIdentityToken", token.as_str())];
    Some(world.ask_as(None, Service::Sts, "AssumeRoleWithWebIdentity", &params).await)
}
