//! Sessions: temporary credentials, sealed and self-contained.
//!
//! A session token carries everything about its session that cannot be looked up; minting one writes
//! nothing durable. The secret access key is derived, not stored. Parent user, role and managed
//! policies are looked up live on every request.

use crate::entropy::{passing, secret_access_key};
use crate::error::{Error, sts};
use crate::id::{AccountId, Prefix, access_key_id_from};
use crate::keyring::{KeyRing, Purpose, RingKey};
use crate::records::{Document, Tags};
use crate::seal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rolecall_wire::sigv4::SecretKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a session token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The access key id it goes with, `ASIA…`.
    pub access_key_id: String,
    /// Random; makes every session's secret its own.
    pub nonce: [u8; 16],
    /// The account it belongs to.
    pub account: AccountId,
    /// Who acts.
    pub subject: Subject,
    /// When it was issued, in seconds since 1970.
    pub issued: i64,
    /// When it ends, in seconds since 1970; at that second it is over.
    pub expires: i64,
    /// When a second factor was checked, in seconds since 1970 (`GetSessionToken` only).
    pub mfa: Option<i64>,
    /// Who stands behind it, once set.
    pub source_identity: Option<String>,
    /// Session tags, inherited ones included.
    pub tags: Tags,
    /// The keys of tags that pass to chained sessions.
    pub transitive: Vec<String>,
    /// Session policies: what the session may do at most. Empty for none.
    pub policies: Vec<SessionPolicy>,
    /// The identity provider that vouched, for `aws:FederatedProvider`.
    pub provider: Option<String>,
    /// What the provider said that later requests see as condition keys, such as `saml:sub`.
    pub facts: Vec<(String, String)>,
    /// When it was issued, in milliseconds since 1970: what a revocation is compared with.
    pub issued_ms: i64,
    /// Who began the chain of sessions that led to it.
    pub origin: Origin,
    /// The access key id of the session it was made with.
    pub parent: Option<String>,
}

impl Session {
    /// True for a session that `AssumeRoot` made: no other session of a root user has policies.
    pub fn is_assumed_root(&self) -> bool {
        self.subject == Subject::Root && !self.policies.is_empty()
    }
}

/// Who began a chain of sessions, with credentials that were no session's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The ARN of the user or root user, or `PROVIDER:SUBJECT` of a federated one.
    pub arn: String,
    /// The user's unique id.
    pub user_id: Option<String>,
}

/// Who acts in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A role.
    Role {
        /// Its name when assumed.
        name: String,
        /// Its unique id.
        id: String,
        /// The session's name.
        session_name: String,
    },
    /// A user (`GetSessionToken`).
    User {
        /// Its name when issued.
        name: String,
        /// Its unique id.
        id: String,
    },
    /// An account's root user (`GetSessionToken`).
    Root,
    /// A federated user (`GetFederationToken`).
    FederatedUser {
        /// The name it was given.
        name: String,
        /// Who asked for its credentials.
        issuer: Issuer,
    },
}

/// Who asked for a federated user's credentials, and bounds what they can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Issuer {
    /// The account's root user.
    Root,
    /// A user.
    User {
        /// Its name when issued.
        name: String,
        /// Its unique id.
        id: String,
    },
}

/// A policy that limits a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionPolicy {
    /// Passed as text.
    Inline(Document),
    /// Passed as the ARN of a managed policy, looked up live.
    Managed(String),
}

/// Credentials as they are handed out, once.
pub struct Credentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Zeroizing<String>,
    /// The session token.
    pub session_token: String,
    /// When they end, in seconds since 1970.
    pub expiration: i64,
}

impl Credentials {
    /// The size of the session token, in characters.
    pub fn token_size(&self) -> Option<i64> {
        i64::try_from(self.session_token.len()).ok()
    }

    /// How much of the longest token's size it has, in whole percent, rounded up.
    pub fn token_utilization(&self) -> Option<i64> {
        i64::try_from((self.session_token.len() * 100).div_ceil(MAX_TOKEN)).ok()
    }
}

/// Starts a session's claims with fresh identifiers.
///
/// # Errors
/// When the random generator fails.
pub fn begin(account: AccountId, subject: Subject, issued: i64, duration: i64) -> Result<Session, Error> {
    let random = passing::<21>()?;
    let (mut noise, mut nonce) = ([0; 5], [0; 16]);
    noise.copy_from_slice(&random[..5]);
    nonce.copy_from_slice(&random[5..]);
    Ok(Session {
        access_key_id: access_key_id_from(Prefix::SessionKey, &account, noise),
        nonce,
        account,
        subject,
        issued,
        expires: issued.saturating_add(duration),
        mfa: None,
        source_identity: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        policies: Vec::new(),
        provider: None,
        facts: Vec::new(),
        issued_ms: issued.saturating_mul(1000),
        origin: Origin::default(),
        parent: None,
    })
}

/// Mints the credentials of a session.
///
/// # Errors
/// When the token would be longer than one that is looked at, or the key ring lacks an active key.
pub fn mint(ring: &KeyRing, session: &Session) -> Result<Credentials, Error> {
    mint_of_size(ring, session, None)
}

/// The same with a session token of at least so many characters: what follows the claims is padding
/// (STS API Reference, `MinimumSessionTokenSize`).
///
/// # Errors
/// As [`mint`].
pub fn mint_of_size(ring: &KeyRing, session: &Session, least: Option<i64>) -> Result<Credentials, Error> {
    let key = ring.active(Purpose::SessionSecret);
    let key = key.ok_or_else(|| Error::internal("no key derives session secrets"))?;
    let secret = secret(&key, session);
    let room = Vec::with_capacity(TYPICAL);
    let plain = postcard::to_extend(&(key.id(), session), room);
    let mut plain = plain.map_err(|error| Error::internal(error.to_string()))?;
    let least = least.and_then(|n| usize::try_from(n).ok()).unwrap_or_default().min(MAX_TOKEN);
    let padded = (least.div_ceil(4) * 3).saturating_sub(seal::OVERHEAD);
    plain.resize(plain.len().max(padded), 0);
    let sealed = seal::seal(ring, Purpose::SessionToken, TOKEN, &plain)?;
    if sealed.len().div_ceil(3) * 4 > MAX_TOKEN {
        return Err(sts::token_too_large());
    }
    Ok(Credentials {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: secret,
        session_token: STANDARD.encode(sealed),
        expiration: session.expires,
    })
}

/// Reads a session token and derives its secret. `None` for anything this installation did not seal or
/// has lost the keys of, and for a token that belongs to another access key.
pub fn open(ring: &KeyRing, access_key_id: &str, token: &str) -> Option<OpenSession> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let plain = seal::open(ring, Purpose::SessionToken, TOKEN, &STANDARD.decode(token).ok()?)?;
    let (key, session): (u32, Session) = postcard::from_bytes(&plain).ok()?;
    let key = ring.by_id(Purpose::SessionSecret, key)?;
    let secret = SecretKey::new(secret(&key, &session).to_string());
    let open = OpenSession { session, secret, token_size: token.len() };
    (open.session.access_key_id == access_key_id).then_some(open)
}

/// The secret access key of a session: 40 characters derived from the server's key, the access key id
/// and the session's nonce.
fn secret(key: &RingKey, session: &Session) -> Zeroizing<String> {
    let derived = Zeroizing::new(key.derive(&[session.access_key_id.as_bytes(), &session.nonce]));
    let mut text = STANDARD.encode(derived.as_slice());
    text.truncate(40);
    Zeroizing::new(text)
}

/// A session with its secret, ready to verify signatures.
pub struct OpenSession {
    /// The claims.
    pub session: Session,
    /// The secret access key.
    pub secret: SecretKey,
    /// How long its token is, in characters.
    pub token_size: usize,
}

/// Room for the claims of most sessions, in bytes.
const TYPICAL: usize = 512;
/// The longest token that is looked at, in characters.
pub const MAX_TOKEN: usize = 16 * 1024;
const TOKEN: &[u8] = b"rolecall session token";

/// A new long-term secret access key.
///
/// # Errors
/// When the random generator fails.
pub fn new_secret() -> Result<Zeroizing<String>, Error> {
    secret_access_key().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session() -> Session {
        let subject = Subject::Role { name: "r".into(), id: "AROA".into(), session_name: "s".into() };
        begin("123456789012".parse().unwrap(), subject, 1_000, 900).unwrap()
    }

    #[test]
    fn a_token_opens_with_its_own_key_id_only() {
        let ring = KeyRing::generate().unwrap();
        let (one, other) = (session(), session());
        let minted = mint(&ring, &one).unwrap();
        assert_eq!(open(&ring, &one.access_key_id, &minted.session_token).unwrap().session, one);
        assert!(open(&ring, &other.access_key_id, &minted.session_token).is_none());
        assert!(minted.session_token.len() <= 1024);
        assert_eq!(minted.secret_access_key.len(), 40);
    }

    #[test]
    fn sts_15_a_token_of_another_installation_is_refused() {
        let (ours, theirs) = (KeyRing::generate().unwrap(), KeyRing::generate().unwrap());
        let session = session();
        let minted = mint(&theirs, &session).unwrap();
        assert!(open(&ours, &session.access_key_id, &minted.session_token).is_none());
        assert!(open(&theirs, &session.access_key_id, &minted.session_token).is_some());
    }

    #[test]
    fn a_token_is_as_long_as_asked_and_never_longer_than_is_read() {
        let ring = KeyRing::generate().unwrap();
        let mut session = session();
        for least in [0, 1, 700, 4095, 4096] {
            let minted = mint_of_size(&ring, &session, Some(least)).unwrap();
            let size = minted.token_size().unwrap();
            assert!(size >= least && size < least.max(600) + 4, "{least} {size}");
            assert_eq!(minted.token_utilization(), Some((size * 100 + 16_383) / 16_384));
            assert_eq!(open(&ring, &session.access_key_id, &minted.session_token).unwrap().session, session);
        }
        let mut longest = 0;
        for length in 11_000..13_000 {
            session.source_identity = Some("x".repeat(length));
            match mint(&ring, &session) {
                Ok(minted) => {
                    assert!(open(&ring, &session.access_key_id, &minted.session_token).is_some());
                    longest = minted.session_token.len();
                }
                Err(error) => {
                    assert_eq!(error.to_string(), sts::token_too_large().to_string());
                    assert_eq!(longest, MAX_TOKEN);
                    return;
                }
            }
        }
        panic!("there is a limit");
    }

    proptest! {
        #[test]
        fn sts_15_a_damaged_token_is_refused(at: prop::sample::Index, with in "[A-Za-z0-9+/=]") {
            let ring = KeyRing::generate().unwrap();
            let session = session();
            let token = mint(&ring, &session).unwrap().session_token;
            let at = at.index(token.len());
            let damaged = format!("{}{}{}", &token[..at], with, &token[at + 1..]);
            let opened = open(&ring, &session.access_key_id, &damaged);
            prop_assert_eq!(opened.is_some(), damaged == token);
        }

        #[test]
        fn sts_15_arbitrary_tokens_never_panic(token in ".{0,200}") {
            prop_assert!(open(&KeyRing::generate().unwrap(), "ASIA", &token).is_none());
        }
    }
}
