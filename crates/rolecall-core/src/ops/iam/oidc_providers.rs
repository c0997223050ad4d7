//! OpenID Connect providers: found, changed, and held to what they must be.

use crate::error::{Error, iam};
use crate::gate::Cx;
use crate::records::{self, OidcProvider, Record, key};
use crate::target::Target;
use http::Uri;
use rolecall_policy::Arn;
use rolecall_store::{Retry, Txn};
use std::sync::Arc;

/// The provider of an ARN of the caller's account.
///
/// # Errors
/// When the text is no ARN, or the store fails.
pub(super) async fn find(cx: &Cx<'_>, arn: &str) -> Result<Option<Arc<OidcProvider>>, Error> {
    let Some(name) = local_name(cx, arn)? else { return Ok(None) };
    let found = cx.system.store.cached(&key::oidc_provider(cx.account(), name), OidcProvider::decode).await?;
    Ok(found.map(|(provider, _)| provider))
}

/// The same, which must exist.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn load(cx: &Cx<'_>, arn: &str) -> Result<Arc<OidcProvider>, Error> {
    find(cx, arn).await?.ok_or_else(|| iam::no_such_oidc_provider(arn))
}

/// The same within a transaction.
///
/// # Errors
/// `missing` when there is none.
pub(super) async fn read(
    cx: &Cx<'_>,
    txn: &mut Txn<'_>,
    arn: &str,
    missing: fn(&str) -> Error,
) -> Result<OidcProvider, Error> {
    let name = local_name(cx, arn)?.ok_or_else(|| missing(arn))?;
    let found = records::read(txn, &key::oidc_provider(cx.account(), name)).await?;
    found.map(|(provider, _)| provider).ok_or_else(|| missing(arn))
}

/// Changes a provider, alone.
///
/// # Errors
/// `NoSuchEntity`, and whatever `edit` reports.
pub(super) async fn change(
    cx: &Cx<'_>,
    arn: &str,
    mut edit: impl FnMut(&mut OidcProvider) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut provider = read(cx, &mut txn, arn, iam::no_such_oidc_provider).await?;
        edit(&mut provider)?;
        records::write(&mut txn, key::oidc_provider(&provider.account, provider.name()), &provider)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// An action on a provider, with its tags.
///
/// # Errors
/// When the text is no ARN, or the store fails.
pub(super) async fn target(cx: &Cx<'_>, action: &'static str, arn: &str) -> Result<Target, Error> {
    let found = find(cx, arn).await?;
    let tags = found.as_ref().map(|provider| provider.tags.as_slice()).unwrap_or_default();
    Ok(Target::new(action, arn).with_resource_tags(Some("iam:ResourceTag"), tags))
}

/// An issuer as it may be registered: an `https` URL without user, query or fragment, in the very spelling
/// its tokens use. A development server also takes `http` on the machine's own loopback.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_issuer(cx: &Cx<'_>, url: &str) -> Result<(), Error> {
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
pub(super) fn client_ids(sent: &[String]) -> Result<Vec<String>, Error> {
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
pub(super) fn add_client_id(ids: &mut Vec<String>, id: &str) -> Result<(), Error> {
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
pub(super) fn thumbprints(sent: &[String]) -> Result<Vec<String>, Error> {
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
