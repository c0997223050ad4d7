//! A JSON Web Token as it comes in: a compact JWS (RFC 7515 §3.1) and nothing else. Of its header only `alg`
//! and `kid` mean something; where to find keys (`jku`, `x5u`, `jwk`, `x5c`) is not for the sender to say.

use super::json::{Json, Object, object};
use super::key::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall_wire::plain::split;

/// A token, taken apart and not yet read.
pub(super) struct Parts<'a> {
    header: Vec<u8>,
    payload: Vec<u8>,
    /// What is signed.
    pub signed: &'a [u8],
    /// By this.
    pub signature: Vec<u8>,
}

/// What is in a token, read and not yet believed.
pub(super) struct Token<'a> {
    /// How it says it is signed.
    pub algorithm: Algorithm,
    /// Which key it says it is signed with.
    pub kid: Option<String>,
    /// What it says.
    pub claims: Object<'a>,
}

/// Why a text is no token that could be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// Not a signed token, or one with extensions that change what it means.
    NotAToken,
    /// Signed in a way that is not accepted, or not at all.
    Algorithm,
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        let mut parts = split(text, b'.');
        let (header, payload, signature) = (parts.next(), parts.next(), parts.next());
        let (Some(header), Some(payload), Some(signature), None) = (header, payload, signature, parts.next())
        else {
            return Err(Malformed::NotAToken);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Malformed::NotAToken);
        let signed = text.as_bytes().get(..header.len() + 1 + payload.len()).unwrap_or_default();
        Ok(Self { header: decode(header)?, payload: decode(payload)?, signature: decode(signature)?, signed })
    }

    /// Reads what is in it.
    pub(super) fn token(&self) -> Result<Token<'_>, Malformed> {
        let header = object(&self.header).ok_or(Malformed::NotAToken)?;
        let algorithm = header.text("alg").and_then(Algorithm::parse).ok_or(Malformed::Algorithm)?;
        if EXTENSIONS.iter().any(|name| header.get(name).is_some()) {
            return Err(Malformed::NotAToken);
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Json::Text(kid)) => Some(kid.to_string()),
            Some(_) => return Err(Malformed::NotAToken),
        };
        let claims = object(&self.payload).ok_or(Malformed::NotAToken)?;
        Ok(Token { algorithm, kid, claims })
    }
}

/// Header members that make a token something else than a plain signed one: critical extensions (RFC 7515
/// §4.1.11), an unencoded payload (RFC 7797), encryption and compression (RFC 7516), a token within (RFC 7519 §5.2).
const EXTENSIONS: [&str; 5] = ["crit", "b64", "enc", "zip", "cty"];
