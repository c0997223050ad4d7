//! SAML providers: found, changed and shown.

use crate::entropy::random;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted};
use crate::keyring::Purpose;
use crate::ops::iam::tags;
use crate::records::saml_provider::parse_arn;
use crate::records::{AssertionEncryption, SamlProvider, SealedPrivateKey, Sight, key};
use crate::seal;
use crate::target::{Target, Targets};
use data_encoding::BASE32;
use rolecall_federation::saml;
use rolecall_wire::iam::{GetSAMLProviderResponse, SAMLPrivateKey, SAMLProviderListEntry};
use std::sync::Arc;

/// What an action on the SAML provider of an ARN, spelled exactly so, needs, with its tags. An ARN that is of no
/// provider of the caller's account is seen as `None`.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn targets(
    cx: &Cx<'_>,
    action: &'static str,
    arn: &str,
) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
    let seen = match parse_arn(arn).filter(|(account, _)| account == cx.account()) {
        Some((account, name)) => {
            let seen = Sight::of(&cx.system.store, key::saml_provider(&account, name)).await?;
            Some(seen.filter(|provider: &SamlProvider| provider.arn() == arn))
        }
        None => None,
    };
    let tags = seen.as_ref().and_then(Sight::record).map(|provider| provider.tags.as_slice());
    let target = Target::new(action, arn);
    let target = target.with_resource_tags(Some("iam:ResourceTag"), tags.unwrap_or_default());
    Ok(Targets::one(target).seeing(seen))
}

/// The SAML provider that permission was decided on.
///
/// # Errors
/// `NoSuchEntity`.
pub(in crate::ops::iam) fn require<'g>(
    granted: &'g Granted<Option<Sight<SamlProvider>>>,
    arn: &str,
) -> Result<&'g Arc<SamlProvider>, Error> {
    granted.record().ok_or_else(|| iam::no_such_saml_provider(arn))
}

/// Takes over what a metadata document says.
///
/// # Errors
/// `InvalidInput` when it is none, or none that can be used.
pub(in crate::ops::iam) fn set_metadata(
    provider: &mut SamlProvider,
    document: &str,
    now: i64,
) -> Result<(), Error> {
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
pub(in crate::ops::iam) fn seal_key(cx: &Cx<'_>, pem: &str) -> Result<SealedPrivateKey, Error> {
    let plain = saml::private_key(pem).ok_or_else(iam::bad_private_key)?;
    let id = id("SAMLKEY")?;
    let sealed = seal::seal(&cx.system.keys, Purpose::StoredSecret, id.as_bytes(), &plain)?;
    Ok(SealedPrivateKey { id, added: cx.now, sealed })
}

/// Adds a private key, when there is one to add.
///
/// # Errors
/// `LimitExceeded` for a third.
pub(in crate::ops::iam) fn add_key(
    provider: &mut SamlProvider,
    key: Option<SealedPrivateKey>,
) -> Result<(), Error> {
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
pub(in crate::ops::iam) fn set_encryption(
    provider: &mut SamlProvider,
    mode: Option<&str>,
) -> Result<(), Error> {
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
pub(in crate::ops::iam) fn id(prefix: &str) -> Result<String, Error> {
    Ok(format!("{prefix}{}", BASE32.encode(&random::<15>()?)))
}

/// As it is shown by itself.
pub(in crate::ops::iam) fn shown(provider: &SamlProvider) -> GetSAMLProviderResponse {
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
pub(in crate::ops::iam) fn listed(provider: &SamlProvider) -> SAMLProviderListEntry {
    SAMLProviderListEntry {
        arn: Some(provider.arn()),
        valid_until: Some(provider.valid_until),
        create_date: Some(provider.created),
    }
}

/// What metadata without an end are good for, in seconds.
const HUNDRED_YEARS: i64 = 100 * 365 * 86_400 + 24 * 86_400;
/// Private keys of a provider: the one in use and the next (IAM User Guide, Manage SAML encryption keys).
const MOST_KEYS: usize = 2;
