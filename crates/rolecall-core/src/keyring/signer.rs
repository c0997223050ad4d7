//! The keys that sign tokens.

use super::Purpose;
use crate::error::Error;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A key that signs tokens by one algorithm.
pub(crate) enum Signer {
    /// RSA of 2048 bits.
    Rs256(Box<RsaKeyPair>),
    /// The curve P-384.
    Es384(EcdsaKeyPair),
}

/// The bytes (PKCS #8) of a new key for signing.
///
/// # Errors
/// When the random generator fails.
pub(crate) fn generate(purpose: Purpose) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |_| Error::internal("a signing key could not be made");
    if purpose == Purpose::TokenRs256 {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        return Ok(Zeroizing::new(der.as_ref().to_vec()));
    }
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new());
    Ok(Zeroizing::new(document.map_err(failed)?.as_ref().to_vec()))
}

impl Signer {
    /// Reads a key; `None` when the bytes are none of that purpose.
    pub(crate) fn read(purpose: Purpose, bytes: &[u8]) -> Option<Self> {
        match purpose {
            Purpose::TokenRs256 => RsaKeyPair::from_pkcs8(bytes).ok().map(|pair| Self::Rs256(Box::new(pair))),
            Purpose::TokenEs384 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, bytes).ok().map(Self::Es384)
            }
            Purpose::SessionToken
            | Purpose::SessionSecret
            | Purpose::StoredSecret
            | Purpose::AuthorizationMessage => None,
        }
    }

    /// The signature of a message.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Self::Es384(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }

    /// The public key as a JSON Web Key (RFC 7517).
    pub(crate) fn public(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rs256(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": text(n), "e": text(e)})
            }
            Self::Es384(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (point.get(1..49).unwrap_or_default(), point.get(49..97).unwrap_or_default());
                json!({"kty": "EC", "use": "sig", "alg": "ES384", "kid": kid, "crv": "P-384",
                    "x": text(x), "y": text(y)})
            }
        }
    }
}
