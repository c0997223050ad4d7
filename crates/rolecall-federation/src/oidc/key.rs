//! The keys of an issuer (JSON Web Keys, RFC 7517 and RFC 7518 §6) and the signatures they make. A key decides
//! which algorithms it verifies; a token can only choose among its key's.

use super::json::{self, Object};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An algorithm that federation accepts (STS API Reference, `AssumeRoleWithWebIdentity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, and so on.
    Rs256,
    Rs384,
    Rs512,
    /// ECDSA on P-256 with SHA-256, and so on.
    Es256,
    Es384,
    Es512,
}

/// A public key of an issuer.
pub(super) struct Key {
    kid: Option<String>,
    /// One for every algorithm it verifies.
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
}

/// The usable keys of an issuer.
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// Reads a key set. Keys of other kinds and uses are passed over, as RFC 7517 §5 says; `None` when the text is
    /// no key set at all.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let set = json::object(text)?;
        let keys = set.get("keys")?.list()?;
        Some(Self { keys: keys.iter().take(MOST_KEYS).filter_map(|key| Key::read(key.object()?)).collect() })
    }

    /// The keys that a token may be signed with: those of its `kid`, or the only one there is.
    pub(super) fn of(&self, kid: Option<&str>) -> Vec<&Key> {
        match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => {
                keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).take(MOST_TRIED).collect()
            }
            (None, [only]) => vec![only],
            (None, _) => Vec::new(),
        }
    }
}

impl Key {
    fn read(key: &Object<'_>) -> Option<Self> {
        let text = |name| key.text(name);
        let for_signatures = key.get("use").is_none_or(|usage| usage.text() == Some("sig"));
        let verifies = key
            .get("key_ops")
            .is_none_or(|ops| ops.list().is_some_and(|ops| ops.iter().any(|op| op.text() == Some("verify"))));
        if !for_signatures || !verifies {
            return None;
        }
        let verifiers = match text("kty")? {
            "RSA" => rsa(&bytes(text("n")?)?, &bytes(text("e")?)?)?,
            "EC" => vec![elliptic(text("crv")?, &bytes(text("x")?)?, &bytes(text("y")?)?)?],
            _ => return None,
        };
        let named =
            |algorithm: Algorithm| key.get("alg").is_none_or(|alg| alg.text() == Some(algorithm.name()));
        let verifiers: Vec<_> = verifiers.into_iter().filter(|(algorithm, _)| named(*algorithm)).collect();
        (!verifiers.is_empty()).then(|| Self { kid: text("kid").map(str::to_owned), verifiers })
    }

    /// True when the key made this signature by this algorithm, which must be one of its own.
    pub(super) fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let verifier = self.verifiers.iter().find(|(own, _)| *own == algorithm);
        verifier.is_some_and(|(_, key)| key.verify_sig(signed, signature).is_ok())
    }
}

impl Algorithm {
    /// The algorithm of an `alg`; spelled exactly so, for names are case-sensitive.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::Es384, Self::Es512]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
        }
    }
}

/// 2048 to 8192 bits; shorter keys are refused where they are parsed.
fn rsa(n: &[u8], e: &[u8]) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
    let der = RsaPublicKeyComponents { n, e }.as_der().ok()?;
    let hashes: [(Algorithm, &'static dyn VerificationAlgorithm); 3] = [
        (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
        (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384),
        (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512),
    ];
    hashes
        .into_iter()
        .map(|(name, algorithm)| Some((name, ParsedPublicKey::new(algorithm, der.as_ref()).ok()?)))
        .collect()
}

/// The coordinates have the full length of the curve (RFC 7518 §6.2.1.2).
fn elliptic(curve: &str, x: &[u8], y: &[u8]) -> Option<(Algorithm, ParsedPublicKey)> {
    let (name, algorithm, length): (_, &'static dyn VerificationAlgorithm, _) = match curve {
        "P-256" => (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED, 32),
        "P-384" => (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED, 48),
        "P-521" => (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED, 66),
        _ => return None,
    };
    let point = [&[UNCOMPRESSED], x, y].concat();
    let whole = x.len() == length && y.len() == length;
    let key = whole.then(|| ParsedPublicKey::new(algorithm, point).ok()).flatten()?;
    Some((name, key))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// How an uncompressed point begins (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;
/// Keys of a set that are looked at.
const MOST_KEYS: usize = 128;
/// Keys of one `kid` that are tried.
const MOST_TRIED: usize = 4;
