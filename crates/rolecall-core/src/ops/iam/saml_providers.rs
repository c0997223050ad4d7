//! SAML providers: found, changed and shown.

use super::tags;
use crate::entropy::random;
use crate::error::{Error, iam};
use crate::federation::saml;
use crate::gate::Cx;
use crate::keyring::Purpose;
use crate::records::saml_provider::parse_arn;
use crate::records::{self, AssertionEncryption, Record, SamlProvider, SealedPrivateKey, key};
use crate::seal;
use crate::target::Target;
use data_encoding::BASE32;
use rolecall_store::{Key, Retry};
use rolecall_wire::iam::{GetSAMLProviderResponse, SAMLPrivateKey, SAMLProviderListEntry};
use std::sync::Arc;

/// The SAML provider of an ARN, in the caller's account, spelled exactly so.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn load(cx: &Cx<'_>, arn: &str) -> Result<Arc<SamlProvider>, Error> {
    find(cx, arn).await?.ok_or_else(|| iam::no_such_saml_provider(arn))
}

/// An action on a SAML provider, with its tags.
///
/// # Errors
/// When the store fails.
pub(super) async fn target(cx: &Cx<'_>, action: &'static str, arn: &str) -> Result<Target, Error> {
    let found = find(cx, arn).await?;
    let tags = found.as_ref().map(|provider| provider.tags.as_slice()).unwrap_or_default();
    Ok(Target::new(action, arn).with_resource_tags(Some("iam:ResourceTag"), tags))
}

/// Changes a SAML provider.
///
/// # Errors
/// `NoSuchEntity`, and whatever `edit` reports.
pub(super) async fn change(
    cx: &Cx<'_>,
    arn: &str,
    mut edit: impl FnMut(&mut SamlProvider) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    let key = key_of(cx, arn)?;
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let found = records::read::<SamlProvider>(&mut txn, &key).await?.map(|(provider, _)| provider);
        let found = found.filter(|provider| provider.arn() == arn);
        let mut provider = found.ok_or_else(|| iam::no_such_saml_provider(arn))?;
        edit(&mut provider)?;
        records::write(&mut txn, key.clone(), &provider)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// The key of the provider of an ARN of the caller's account.
///
/// # Errors
/// `NoSuchEntity` for every other ARN.
pub(super) fn key_of(cx: &Cx<'_>, arn: &str) -> Result<Key, Error> {
    let parsed = parse_arn(arn).filter(|(account, _)| account == cx.account());
    let (account, name) = parsed.ok_or_else(|| iam::no_such_saml_provider(arn))?;
    Ok(key::saml_provider(&account, name))
}

/// Takes over what a metadata document says.
///
/// # Errors
/// `InvalidInput` when it is none, or none that can be used.
pub(super) fn set_metadata(provider: &mut SamlProvider, document: &str, now: i64) -> Result<(), Error> {
    let metadata = saml::read_metadata(document, now).map_err(iam::bad_metadata)?;
    document.clone_into(&mut provider.metadata);
    provider.valid_until = metadata.valid_until.unwrap_or_else(|| now.saturating_add(HUNDRED_YEARS));
    provider.entity_id = metadata.entity_id;
    provider.certificates = metadata.certificates;
    Ok(())
}

/// A private key as it is stored.
///
/// # Errors
/// `InvalidInput` when it is no RSA key, or the key ring fails.
pub(super) fn seal_key(cx: &Cx<'_>, pem: &str) -> Result<SealedPrivateKey, Error> {
    let plain = saml::private_key(pem).ok_or_else(iam::bad_private_key)?;
    let id = id("SAMLKEY")?;
    let sealed = seal::seal(&cx.system.keys, Purpose::StoredSecret, id.as_bytes(), &plain)?;
    Ok(SealedPrivateKey { id, added: cx.now, sealed })
}

/// Adds a private key, when there is one to add.
///
/// # Errors
/// `LimitExceeded` for a third.
pub(super) fn add_key(provider: &mut SamlProvider, key: Option<SealedPrivateKey>) -> Result<(), Error> {
    provider.private_keys.extend(key);
    if provider.private_keys.len() > MOST_KEYS {
        Err(iam::quota("SAMLProviderPrivateKeys", MOST_KEYS))
    } else {
        Ok(())
    }
}

/// Sets whether assertions must be encrypted, when the request says so.
///
/// # Errors
/// `InvalidInput` when they must and there is no key for it.
pub(super) fn set_encryption(provider: &mut SamlProvider, mode: Option<&str>) -> Result<(), Error> {
    match mode {
        Some("Required") => provider.encryption = AssertionEncryption::Required,
        Some(_) => provider.encryption = AssertionEncryption::Allowed,
        None => {}
    }
    let lacks_key = provider.encryption == AssertionEncryption::Required && provider.private_keys.is_empty();
    if lacks_key { Err(iam::encryption_needs_key()) } else { Ok(()) }
}

/// A new id of a provider or of a private key: upper-case letters and digits, as AWS's.
///
/// # Errors
/// When the random generator fails.
pub(super) fn id(prefix: &str) -> Result<String, Error> {
    Ok(format!("{prefix}{}", BASE32.encode(&random::<15>()?)))
}

/// As it is shown by itself.
pub(super) fn shown(provider: &SamlProvider) -> GetSAMLProviderResponse {
    let key =
        |key: &SealedPrivateKey| SAMLPrivateKey { key_id: Some(key.id.clone()), timestamp: Some(key.added) };
    GetSAMLProviderResponse {
        saml_provider_uuid: Some(provider.uuid.clone()),
        saml_metadata_document: Some(provider.metadata.clone()),
        create_date: Some(provider.created),
        valid_until: Some(provider.valid_until),
        tags: tags::shown(&provider.tags),
        assertion_encryption_mode: Some(provider.encryption.as_str().to_owned()),
        private_key_list: provider.private_keys.iter().map(key).collect(),
    }
}

/// As lists show it.
pub(super) fn listed(provider: &SamlProvider) -> SAMLProviderListEntry {
    SAMLProviderListEntry {
        arn: Some(provider.arn()),
        valid_until: Some(provider.valid_until),
        create_date: Some(provider.created),
    }
}

async fn find(cx: &Cx<'_>, arn: &str) -> Result<Option<Arc<SamlProvider>>, Error> {
    let Ok(key) = key_of(cx, arn) else { return Ok(None) };
    let found = cx.system.store.cached(&key, SamlProvider::decode).await?;
    Ok(found.map(|(provider, _)| provider).filter(|provider| provider.arn() == arn))
}

/// What metadata without an end are good for, in seconds.
const HUNDRED_YEARS: i64 = 100 * 365 * 86_400 + 24 * 86_400;
/// Private keys of a provider: the one in use and the next (IAM User Guide, Manage SAML encryption keys).
const MOST_KEYS: usize = 2;
