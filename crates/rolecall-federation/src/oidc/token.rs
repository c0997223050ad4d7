//! A JSON Web Token as it comes in: a compact JWS (RFC 7515 §3.1) and nothing else. Of its header only `alg`
//! and `kid` mean something; where to find keys (`jku`, `x5u`, `jwk`, `x5c`) is not for the sender to say.

use super::claims::Claims;
use super::json::{Json, Object, object};
use super::key::{Algorithm, KeySet};
use super::{Provider, Refusal};
use crate::Assertion;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memchr_iter;

/// A token, taken apart and not yet read.
pub struct Parts<'a> {
    header: Vec<u8>,
    payload: Vec<u8>,
    /// What is signed.
    signed: &'a [u8],
    /// By this.
    signature: Vec<u8>,
}

/// What is in a token, read and not yet believed.
pub struct Token<'a> {
    /// How it says it is signed.
    algorithm: Algorithm,
    /// Which key it says it is signed with.
    kid: Option<String>,
    /// What it says.
    claims: Object<'a>,
    /// What is signed, and by what.
    signed: (&'a [u8], &'a [u8]),
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(text: &'a str) -> Result<Self, Refusal> {
        let mut dots = memchr_iter(b'.', text.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(Refusal::NotAToken);
        };
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let (header, payload) = (part(0, first), part(first + 1, second));
        let (signed, signature) = (part(0, second).as_bytes(), part(second + 1, text.len()));
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::NotAToken);
        Ok(Self { header: decode(header)?, payload: decode(payload)?, signature: decode(signature)?, signed })
    }

    /// Reads what is in it.
    ///
    /// # Errors
    /// When it is no token, or signed in a way that is not accepted.
    pub fn token(&self) -> Result<Token<'_>, Refusal> {
        let header = object(&self.header).ok_or(Refusal::NotAToken)?;
        let algorithm = header.text("alg").and_then(Algorithm::parse).ok_or(Refusal::Algorithm)?;
        if EXTENSIONS.iter().any(|name| header.get(name).is_some()) {
            return Err(Refusal::NotAToken);
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Json::Text(kid)) => Some(kid.to_string()),
            Some(_) => return Err(Refusal::NotAToken),
        };
        let claims = object(&self.payload).ok_or(Refusal::NotAToken)?;
        Ok(Token { algorithm, kid, claims, signed: (self.signed, &self.signature) })
    }
}

impl Token<'_> {
    /// Whose token it says it is: nothing else of it may be believed before it is verified.
    ///
    /// # Errors
    /// When it does not say.
    pub fn issuer(&self) -> Result<&str, Refusal> {
        self.claims.text("iss").ok_or(Refusal::MissingClaim("iss"))
    }

    /// The key that it says it is signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What the token vouches for as of `now` (seconds since 1970), when a key of its provider signed it. This is
    /// what costs public-key work.
    ///
    /// # Errors
    /// When no such key did, or it is not in force, or not meant for us.
    pub fn verify(&self, keys: &KeySet, provider: &Provider<'_>, now: i64) -> Result<Assertion, Refusal> {
        let (message, signature) = self.signed;
        if !keys.of(self.kid()).iter().any(|key| key.verifies(self.algorithm, message, signature)) {
            return Err(Refusal::NoKey);
        }
        Claims { all: &self.claims, provider }.assertion(now)
    }
}

/// Header members that make a token something else than a plain signed one: critical extensions (RFC 7515
/// §4.1.11), an unencoded payload (RFC 7797), encryption and compression (RFC 7516), a token within (RFC 7519 §5.2).
const EXTENSIONS: [&str; 5] = ["crit", "b64", "enc", "zip", "cty"];
