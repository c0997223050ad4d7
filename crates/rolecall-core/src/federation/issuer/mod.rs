//! Tokens of ours: what this server signs for its principals to show elsewhere (IAM User Guide, Outbound
//! identity federation), and the documents by which others verify them.

use crate::error::{Error, sts};
use crate::id::AccountId;
use crate::keyring::{KeyRing, Purpose, RingKey, SIGNING, Unchanged};
use crate::records::key;
use crate::system::System;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The issuer of an account's tokens: a URL of this server. No bucket can have its name.
pub(crate) fn identifier(system: &System, account: &AccountId) -> String {
    format!("{}{PREFIX}{account}", system.settings.public_url.trim_end_matches('/'))
}

/// True when principals of the account may get tokens.
///
/// # Errors
/// When the store fails.
pub(crate) async fn is_enabled(system: &System, account: &AccountId) -> Result<bool, Error> {
    Ok(system.store.get(&key::outbound_federation(account)).await?.is_some())
}

/// Makes the keys that sign tokens, unless they are there.
///
/// # Errors
/// When they cannot be made or written.
pub(crate) async fn ensure_keys(ring: &KeyRing, now: i64) -> Result<(), Unchanged> {
    let missing: Vec<Purpose> = SIGNING.into_iter().filter(|p| ring.active(*p).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    ring.prepare(&missing, now).await?;
    ring.activate(&missing, now).await
}

/// A token of these claims, signed by the active key of an algorithm.
///
/// # Errors
/// When there is no such key, or the claims are too many.
pub(crate) fn token(ring: &KeyRing, algorithm: &str, claims: &Value) -> Result<String, Error> {
    let missing = || Error::internal(format!("no key signs tokens by {algorithm}"));
    let purpose = if algorithm == "RS256" { Purpose::TokenRs256 } else { Purpose::TokenEs384 };
    let key = ring.active(purpose).ok_or_else(missing)?;
    let header = json!({"alg": algorithm, "kid": kid(&key), "typ": "JWT"});
    let payload = claims.to_string();
    if payload.len() > LONGEST_PAYLOAD {
        return Err(sts::jwt_too_large());
    }
    let signed = format!("{}.{}", encode(header.to_string()), encode(payload));
    let signature = key.signer().and_then(|signer| signer.sign(signed.as_bytes())).ok_or_else(missing)?;
    Ok(format!("{signed}.{}", encode(signature)))
}

/// The public document at a path of this server, as JSON: an issuer's configuration, or its keys. `None` for
/// any other path, and for accounts that issue nothing.
///
/// # Errors
/// When the store fails.
pub async fn document(system: &System, path: &str) -> Result<Option<String>, Error> {
    let Some((account, place)) = path.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/')) else {
        return Ok(None);
    };
    let Ok(account) = account.parse::<AccountId>() else { return Ok(None) };
    if !is_enabled(system, &account).await? {
        return Ok(None);
    }
    Ok(match place {
        CONFIGURATION => Some(configuration(&identifier(system, &account)).to_string()),
        KEYS => Some(json!({"keys": public_keys(&system.keys)}).to_string()),
        _ => None,
    })
}

fn configuration(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/{KEYS}"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES384", "RS256"],
        "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"],
    })
}

/// All of them: a prepared key is known before it is used, a retired one as long as its tokens may last.
fn public_keys(ring: &KeyRing) -> Vec<Value> {
    let signs = |key: &RingKey| SIGNING.contains(&key.purpose());
    let all = ring.all().into_iter().filter(signs);
    all.filter_map(|key| Some(key.signer()?.public(&kid(&key)))).collect()
}

fn kid(key: &RingKey) -> String {
    format!("rolecall-{}", key.id())
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where issuers begin on this server.
pub const PREFIX: &str = "/_oidc/";
const CONFIGURATION: &str = ".well-known/openid-configuration";
const KEYS: &str = "keys";
/// The claims of a token, in bytes. A token of this size fits into `AssumeRoleWithWebIdentity`.
const LONGEST_PAYLOAD: usize = 12 << 10;

#[cfg(test)]
mod tests;
