//! From a request to a [`Caller`]: the credential presented is looked up, its signature verified, and
//! the identity behind it loaded as it is now.

use crate::caller::{Caller, Identity};
use crate::clock::text::iso8601;
use crate::error::Error;
use crate::id::AccountId;
use crate::keyring::Purpose;
use crate::records::{AccessKey, Account, Owner, Record, Role, Status, User, key};
use crate::revoked::has_been_revoked;
use crate::seal;
use crate::session::{Issuer, OpenSession, Subject};
use crate::system::System;
use rolecall_store::{StoreError, Versioned};
use rolecall_wire::sigv4::multipart::Form;
use rolecall_wire::sigv4::post_policy::{FormGrant, PresentedForm};
use rolecall_wire::sigv4::{Mechanism, Presented, Rules, SecretKey, SigningKeyCache, Verified};
use rolecall_wire::{ApiError, Request, Service};
use std::sync::{Arc, LazyLock, OnceLock};

/// What authentication found out.
pub(crate) struct Authenticated {
    /// Who it is.
    pub caller: Caller,
    /// How the signature was made; `None` for anonymous callers.
    pub verified: Option<Verified>,
    /// The region of the credential scope, unless it is the server's own.
    pub region: Option<Arc<str>>,
}

/// The credential a request presents, if any.
///
/// # Errors
/// When something is presented that cannot be used.
pub(crate) fn presented(service: Service, request: &Request) -> Result<Option<Presented<'_>>, Error> {
    Presented::find(request).map_err(|fault| Error::Api(fault.to_error(service)))
}

/// Authenticates a credential under the rules of its service.
///
/// # Errors
/// In AWS's words, when the key is unknown, the token bad or over, or the signature wrong.
pub(crate) async fn authenticate(
    system: &System,
    service: Service,
    request: &Request,
    presented: &Presented<'_>,
    rules: &Rules<'_>,
) -> Result<Authenticated, Error> {
    let key = match find_key(system, service, presented).await {
        Ok(key) => key,
        Err(error) => {
            verify_in_vain(system, request, presented, rules);
            return Err(error);
        }
    };
    let verified = verify(system, request, presented, key.secret(system)?, rules, &system.signing_keys)
        .map_err(|fault| fault.map_or_else(|| Error::internal("unsupported"), Error::Api))?;
    let identity = identify(system, service, key).await?;
    let region = presented.scope.as_ref().and_then(|scope| other_region(system, &scope.region));
    Ok(Authenticated { caller: Caller::Known(Arc::new(identity)), verified: Some(verified), region })
}

/// Authenticates a browser's upload form by the policy in it, and holds the form to that policy.
///
/// # Errors
/// In S3's words, when the key is unknown, the token bad or over, the signature wrong, or the form not
/// what was signed.
pub(crate) async fn form(
    system: &System,
    presented: &PresentedForm,
    form: &Form,
    bucket: &str,
    rules: &Rules<'_>,
) -> Result<(Authenticated, FormGrant), Error> {
    let (id, service) = (presented.access_key_id.as_str(), Service::S3);
    if presented.scope.is_none() && !system.settings.signature_v2_urls {
        return Err(Error::Api(fault::v2_refused()));
    }
    let key = match &presented.session_token {
        Some(token) => session_key(system, service, id, token)?,
        None => long_term_key(system, service, id).await?,
    };
    let grant = presented.verify(form, bucket, key.secret(system)?, &system.signing_keys, rules)?;
    let identity = identify(system, service, key).await?;
    let region = presented.scope.as_ref().and_then(|(scope, _)| other_region(system, &scope.region));
    Ok((Authenticated { caller: Caller::Known(Arc::new(identity)), verified: None, region }, grant))
}

fn other_region(system: &System, name: &str) -> Option<Arc<str>> {
    (*system.settings.region != *name).then(|| name.into())
}

/// A key that exists, is in force, and came with the right token.
enum Key {
    LongTerm(Arc<LongTermKey>),
    Session(Arc<OpenSession>),
}

/// A long-term key as it is kept in memory, its secret unsealed once.
struct LongTermKey {
    record: AccessKey,
    secret: OnceLock<SecretKey>,
}

impl Key {
    fn secret(&self, system: &System) -> Result<&SecretKey, Error> {
        match self {
            Self::LongTerm(key) => key.secret(system),
            Self::Session(open) => Ok(&open.secret),
        }
    }
}

impl LongTermKey {
    fn decode(stored: &Versioned) -> Result<Self, StoreError> {
        Ok(Self { record: AccessKey::decode(stored)?, secret: OnceLock::new() })
    }

    /// The secret, as long as the ring holds the key that sealed it.
    fn secret(&self, system: &System) -> Result<&SecretKey, Error> {
        let lost = || Error::internal("a stored secret cannot be unsealed");
        if !seal::can_open(&system.keys, Purpose::StoredSecret, &self.record.sealed_secret) {
            return Err(lost());
        }
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let secret = system.secret_of(&self.record).ok_or_else(lost)?;
        Ok(self.secret.get_or_init(|| secret))
    }
}

async fn find_key(system: &System, service: Service, presented: &Presented<'_>) -> Result<Key, Error> {
    match &presented.session_token {
        Some(token) => session_key(system, service, presented.access_key_id, token),
        None => long_term_key(system, service, presented.access_key_id).await,
    }
}

fn session_key(system: &System, service: Service, id: &str, token: &str) -> Result<Key, Error> {
    let bad = |cause: &str| fault::bad_token(service, token).because(cause);
    if !id.starts_with("ASIA") {
        return Err(bad(NOT_A_SESSIONS));
    }
    let open = system.sessions.open(&system.keys, id, token).ok_or_else(|| bad(NOT_OURS))?;
    let now = system.clock.now();
    if now.saturating_add(AHEAD) < open.session.issued {
        return Err(bad("The session was issued in the future, by a clock that was ahead."));
    }
    if now >= open.session.expires {
        let ended = iso8601(open.session.expires);
        return Err(fault::expired(service, token).because(format!("The session ended at {ended}.")));
    }
    Ok(Key::Session(open))
}

/// How far in the future a session may have been issued, in seconds: clocks of several servers differ. One
/// issued later comes from a clock that was ahead, and would outlive what it was granted.
const AHEAD: i64 = 300;

async fn long_term_key(system: &System, service: Service, id: &str) -> Result<Key, Error> {
    let found = system.store.cached(&key::access_key(id), LongTermKey::decode).await?;
    let unknown = |cause: &str| fault::unknown_key(service, id).because(cause);
    let (key, _) =
        found.ok_or_else(|| unknown(if id.starts_with("ASIA") { WITHOUT_TOKEN } else { NO_SUCH_KEY }))?;
    if key.record.status != Status::Active {
        return Err(unknown(INACTIVE));
    }
    Ok(Key::LongTerm(key))
}

fn verify(
    system: &System,
    request: &Request,
    presented: &Presented<'_>,
    secret: &SecretKey,
    rules: &Rules<'_>,
    cache: &SigningKeyCache,
) -> Result<Verified, Option<ApiError>> {
    let service = Service::from_prefix(rules.service).unwrap_or(Service::Sts);
    let outcome = match presented.mechanism {
        Mechanism::V2Query { .. } if !system.settings.signature_v2_urls => {
            return Err(Some(fault::v2_refused()));
        }
        _ => presented.verify(request, secret, cache, rules),
    };
    outcome.map_err(|fault| Some(fault.to_error(service)))
}

/// An unknown key takes as long to refuse as a known one with a wrong signature.
fn verify_in_vain(system: &System, request: &Request, presented: &Presented<'_>, rules: &Rules<'_>) {
    static NOBODY: LazyLock<(SecretKey, SigningKeyCache)> =
        LazyLock::new(|| (SecretKey::new("nobody signs with this".to_owned()), SigningKeyCache::new(64)));
    let _ = verify(system, request, presented, &NOBODY.0, rules, &NOBODY.1);
}

async fn identify(system: &System, service: Service, key: Key) -> Result<Identity, Error> {
    let identity = match key {
        Key::LongTerm(key) => long_term_identity(system, service, &key.record).await?,
        Key::Session(open) => session_identity(system, service, open).await?,
    };
    let account = system.store.cached(&key::account(&identity.account), Account::decode).await?;
    match account {
        Some((account, _)) if !account.is_closed() => Ok(identity),
        _ => Err(fault::unknown_key(service, &identity.access_key_id).because("The account is closed.")),
    }
}

async fn long_term_identity(
    system: &System,
    service: Service,
    record: &AccessKey,
) -> Result<Identity, Error> {
    match &record.owner {
        Owner::Root => Ok(Identity::root(record.account.clone(), record.id.clone(), None)),
        Owner::User { name, id } => {
            let user = live_user(system, &record.account, name, id).await?;
            let user = user.ok_or_else(|| fault::unknown_key(service, &record.id).because(USER_GONE))?;
            Ok(Identity::user(user, record.id.clone(), None))
        }
    }
}

/// The parent as it is now: deleted, or deleted and made anew, it ends its sessions.
async fn session_identity(
    system: &System,
    service: Service,
    open: Arc<OpenSession>,
) -> Result<Identity, Error> {
    if has_been_revoked(&system.store, &(&open.session).into()).await? {
        return Err(fault::unknown_key(service, &open.session.access_key_id).because(REVOKED));
    }
    let account = open.session.account.clone();
    let gone = |cause: &str| fault::unknown_key(service, &open.session.access_key_id).because(cause);
    match &open.session.subject {
        Subject::Root => Ok(Identity::root(account, open.session.access_key_id.clone(), Some(open))),
        Subject::User { name, id } => {
            let user = live_user(system, &account, name, id).await?.ok_or_else(|| gone(USER_GONE))?;
            Ok(Identity::user(user, open.session.access_key_id.clone(), Some(open)))
        }
        Subject::Role { name, id, session_name } => {
            let found = system.store.cached(&key::role(&account, name), Role::decode).await?;
            let role = found.map(|(role, _)| role).filter(|role| role.id == *id);
            let role = role.ok_or_else(|| gone(ROLE_GONE))?;
            let session_name = session_name.clone();
            Ok(Identity::role(role, &session_name, open))
        }
        Subject::FederatedUser { name, issuer } => {
            let user = match issuer {
                Issuer::Root => None,
                Issuer::User { name, id } => {
                    let user = live_user(system, &account, name, id).await?;
                    Some(user.ok_or_else(|| gone(USER_GONE))?)
                }
            };
            Ok(Identity::federated(&name.clone(), user, open))
        }
    }
}

/// The user of a name as it is now, unless it is another one than the id says.
async fn live_user(
    system: &System,
    account: &AccountId,
    name: &str,
    id: &str,
) -> Result<Option<Arc<User>>, Error> {
    let found = system.store.cached(&key::user(account, name), User::decode).await?;
    Ok(found.map(|(user, _)| user).filter(|user| user.id == id))
}

const NOT_A_SESSIONS: &str = "A session token came with an access key that is no session's: AWS_SESSION_TOKEN is set \
                              beside a long-term key.";
const NOT_OURS: &str = "The session token is damaged, belongs to another access key, or was made by another \
                        installation or with a key of this one that was removed.";
const WITHOUT_TOKEN: &str = "A session's access key (ASIA…) came without its session token.";
const NO_SUCH_KEY: &str = "No access key has this id: it was deleted, or is another installation's.";
const INACTIVE: &str = "The access key is inactive.";
const USER_GONE: &str = "The user behind the credentials was deleted, or deleted and made anew.";
const ROLE_GONE: &str = "The role of the session was deleted, or deleted and made anew.";
const REVOKED: &str = "The session was revoked.";

/// The same credential problem in each service's words (S3 API Reference, Error responses; IAM and
/// STS, Common errors).
pub(crate) mod fault {
    use super::{ApiError, Error, Service};
    use rolecall_wire::error::{common, s3};

    /// The key id names no key in force.
    pub(crate) fn unknown_key(service: Service, id: &str) -> Error {
        if service == Service::S3 {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            let error = ApiError::new(s3::INVALID_ACCESS_KEY_ID, message);
            return Error::Api(error.with("AWSAccessKeyId", id));
        }
        invalid_client_token()
    }

    /// The session token is not one of ours, or not this key's.
    pub(crate) fn bad_token(service: Service, token: &str) -> Error {
        if service == Service::S3 {
            let message = "The provided token is malformed or otherwise invalid.";
            return Error::Api(ApiError::new(s3::INVALID_TOKEN, message).with("Token-0", token));
        }
        invalid_client_token()
    }

    /// The session is over.
    pub(crate) fn expired(service: Service, token: &str) -> Error {
        if service == Service::S3 {
            let message = "The provided token has expired.";
            return Error::Api(ApiError::new(s3::EXPIRED_TOKEN, message).with("Token-0", token));
        }
        Error::api(common::EXPIRED_TOKEN, "The security token included in the request is expired")
    }

    /// A query service was called without credentials.
    pub(crate) fn missing() -> Error {
        let code = common::MISSING_AUTHENTICATION_TOKEN;
        Error::api(code, "Request is missing Authentication Token")
    }

    pub(crate) fn invalid_client_token() -> Error {
        let code = common::INVALID_CLIENT_TOKEN_ID;
        Error::api(code, "The security token included in the request is invalid.")
    }

    pub(super) fn v2_refused() -> ApiError {
        let message =
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
        ApiError::new(s3::INVALID_REQUEST, message)
    }
}
