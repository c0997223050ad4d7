//! OpenID Connect providers: found, changed, and held to what they must be.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted};
use crate::records::{OidcProvider, Sight, key};
use crate::target::{Target, Targets};
use http::Uri;
use rolecall_policy::Arn;
use std::sync::Arc;

/// What an action on the provider of an ARN needs, with its tags. An ARN that is of no provider of the caller's
/// account is seen as `None`.
///
/// # Errors
/// When the text is no ARN, or the store fails.
pub(in crate::ops::iam) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    arn: &str,
) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
    let seen = match local_name(cx, arn)? {
        Some(name) => Some(Sight::of(&cx.system.store, key::oidc_provider(cx.account(), name)).await?),
        None => None,
    };
    let record = seen.as_ref().and_then(Sight::<OidcProvider>::record);
    let tags = record.map(|provider| provider.tags.as_slice()).unwrap_or_default();
    let target = Target::new(action, arn).with_resource_tags(Some("iam:ResourceTag"), tags);
    Ok(Targets::one(target).seeing(seen))
}

/// The provider that permission was decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) fn require<'g>(
    granted: &'g Granted<Option<Sight<OidcProvider>>>,
    arn: &str,
) -> Result<&'g Arc<OidcProvider>, Error> {
    granted.record().ok_or_else(|| iam::no_such_oidc_provider(arn))
}

/// An issuer as it may be registered: an `https` URL without user, query or fragment, in the very spelling
/// its tokens use. A development server also takes `http` on the machine's own loopback.
///
/// # Errors
/// `ValidationError`.
pub(in crate::ops::iam) fn check_issuer(cx: &Cx<'_>, url: &str) -> Result<(), Error> {
    let parsed: Uri = url.parse().map_err(|_| iam::invalid_issuer())?;
    let host = parsed.host().unwrap_or_default();
    let scheme = url.starts_with("https://")
        || (cx.system.settings.loopback_issuers && url.starts_with("http://") && is_loopback(host));
    let plain = url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains(['@', '?', '#', '\\', '*', '"']);
    let good = scheme && plain && !host.is_empty();
    if good { Ok(()) } else { Err(iam::invalid_issuer()) }
}

/// The audiences of a provider, each once.
///
/// # Errors
/// `LimitExceeded` when there are more than 100.
pub(in crate::ops::iam) fn client_ids(sent: &[String]) -> Result<Vec<String>, Error> {
    let mut ids: Vec<String> = Vec::with_capacity(sent.len());
    for id in sent {
        add_client_id(&mut ids, id)?;
    }
    Ok(ids)
}

/// Adds an audience; one that is there already is left alone.
///
/// # Errors
/// As [`client_ids`].
pub(in crate::ops::iam) fn add_client_id(ids: &mut Vec<String>, id: &str) -> Result<(), Error> {
    if ids.iter().any(|known| known == id) {
        return Ok(());
    }
    if ids.len() >= MOST_CLIENT_IDS {
        return Err(iam::quota("ClientIdsPerOpenIdConnectProvider", MOST_CLIENT_IDS));
    }
    ids.push(id.to_owned());
    Ok(())
}

/// Thumbprints as they are kept: in lower case.
///
/// # Errors
/// `InvalidInput` when there are more than five, or one is not hexadecimal.
pub(in crate::ops::iam) fn thumbprints(sent: &[String]) -> Result<Vec<String>, Error> {
    if sent.len() > MOST_THUMBPRINTS {
        return Err(iam::too_many_thumbprints());
    }
    let hex = |text: &String| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !sent.iter().all(hex) {
        return Err(iam::invalid_thumbprint());
    }
    Ok(sent.iter().map(|text| text.to_ascii_lowercase()).collect())
}

fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

/// The part of an ARN that names a provider of the caller's account.
fn local_name<'a>(cx: &Cx<'_>, text: &'a str) -> Result<Option<&'a str>, Error> {
    let arn = Arn::parse(text).ok_or_else(iam::unparsable_arn)?;
    let own = arn.partition == "aws" && arn.service == "iam" && arn.account == cx.account().as_str();
    Ok(arn.resource.strip_prefix("oidc-provider/").filter(|_| own))
}

/// (IAM User Guide, IAM quotas.)
const MOST_CLIENT_IDS: usize = 100;
const MOST_THUMBPRINTS: usize = 5;
