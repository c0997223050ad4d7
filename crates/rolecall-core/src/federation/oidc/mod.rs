//! OpenID Connect: from a token to what its issuer vouches for (OpenID Connect Core 1.0; RFC 7519; RFC 8725,
//! JSON Web Token best current practices).
//!
//! Nothing in a token is believed before its signature holds, but for the issuer's name, which says whose keys
//! to ask for. Until then every token of a registered issuer is refused in the same words, whatever is in it.

mod claims;
mod issuer;
mod json;
mod key;
mod keys;
mod token;

pub(crate) use keys::Keys;

use super::Assertion;
use crate::error::{Error, sts};
use crate::gate::Cx;
use crate::id::AccountId;
use crate::records::{OidcProvider, Record, key as record_key, oidc_provider};
use claims::Claims;
use key::Key;
use keys::{NoKey, Source};
use std::sync::Arc;
use token::{Malformed, Parts, Token};

/// An issuer that the account trusts to name people.
enum Provider {
    Registered(Arc<OidcProvider>),
    /// One that need not be registered: name and URL.
    WellKnown(&'static str, &'static str),
}

/// Verifies a token for a role of `account`.
///
/// # Errors
/// In AWS's words, when nobody whom the account knows vouches for it, or not for us, or not now; `Throttling`
/// when too many tokens of late were said to be of its issuer and did not hold.
pub(crate) async fn verify(cx: &Cx<'_>, account: &AccountId, text: &str) -> Result<Assertion, Error> {
    let parts = Parts::of(text).map_err(refusal)?;
    let token = parts.token().map_err(refusal)?;
    let provider = provider(cx, account, &token).await?;
    let source = provider.source();
    if !cx.system.throttle.admits_issuer(&source.provider) {
        return Err(sts::throttled());
    }
    let (fetch, now_ms) = (cx.system.fetch.as_ref(), cx.now_ms);
    let keys = cx.system.federation.keys.find(fetch, &source, token.kid.as_deref(), now_ms).await;
    let keys = keys.map_err(|why| match why {
        NoKey::Unknown => sts::no_verification_key(),
        NoKey::Unreachable => sts::issuer_unreachable(),
        NoKey::Certificate => sts::untrusted_certificate(),
    })?;
    let outcome = examine((&parts, &token), &keys, &provider, &source, cx.now);
    outcome.inspect_err(|_| cx.system.throttle.charge_issuer(&source.provider))
}

/// The part that costs public-key work.
fn examine(
    (parts, token): (&Parts<'_>, &Token<'_>),
    keys: &[Key],
    provider: &Provider,
    source: &Source,
    now: i64,
) -> Result<Assertion, Error> {
    let candidates = key::candidates(keys, token.kid.as_deref());
    if !candidates.iter().any(|key| key.verifies(token.algorithm, parts.signed, &parts.signature)) {
        return Err(sts::no_verification_key());
    }
    let claims = Claims {
        all: &token.claims,
        provider: &source.provider,
        prefix: oidc_provider::name(&source.issuer),
        client_ids: provider.client_ids(),
        carried: matches!(provider, Provider::WellKnown(..)),
    };
    claims.assertion(now)
}

/// The provider that a token's issuer is registered as, in the very same spelling.
async fn provider(cx: &Cx<'_>, account: &AccountId, token: &Token<'_>) -> Result<Provider, Error> {
    let issuer = token.claims.text("iss").ok_or_else(|| sts::missing_claim("iss"))?;
    let unknown = || sts::no_such_issuer(issuer);
    let name = oidc_provider::name(issuer);
    if name.is_empty() || name.contains('\0') {
        return Err(unknown());
    }
    let key = record_key::oidc_provider(account, name);
    let found = cx.system.store.cached(&key, OidcProvider::decode).await?.map(|(provider, _)| provider);
    match found.filter(|provider| provider.issuer == issuer) {
        Some(provider) => Ok(Provider::Registered(provider)),
        None => {
            let (name, url) = issuer::well_known(issuer).ok_or_else(unknown)?;
            Ok(Provider::WellKnown(name, url))
        }
    }
}

fn refusal(why: Malformed) -> Error {
    match why {
        Malformed::NotAToken => sts::not_a_token(),
        Malformed::Algorithm => sts::unsupported_algorithm(),
    }
}

impl Provider {
    fn source(&self) -> Source {
        match self {
            Self::Registered(provider) => Source {
                provider: provider.arn(),
                issuer: provider.issuer.clone(),
                thumbprints: provider.thumbprints.clone(),
                created: provider.created,
            },
            Self::WellKnown(name, url) => Source {
                provider: (*name).to_owned(),
                issuer: (*url).to_owned(),
                thumbprints: Vec::new(),
                created: 0,
            },
        }
    }

    fn client_ids(&self) -> Option<&[String]> {
        match self {
            Self::Registered(provider) => Some(&provider.client_ids),
            Self::WellKnown(..) => None,
        }
    }
}

#[cfg(test)]
mod tests;
