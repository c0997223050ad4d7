//! X.509 certificates of identity providers: which key, and when it may be used. Trust comes from the
//! provider's metadata, which an administrator chose, so no chain is followed.

use super::Why;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// A certificate's key, and when it may be used.
#[derive(Debug)]
pub(super) struct SigningCertificate {
    kind: Kind,
    /// The key, in the form the verifier takes.
    key: Vec<u8>,
    /// In seconds since 1970.
    not_before: i64,
    /// In seconds since 1970.
    not_after: i64,
}

/// Kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    P521,
}

impl SigningCertificate {
    /// Reads a DER certificate.
    ///
    /// # Errors
    /// When it is malformed, repeats an extension, or its key is none that can be used: RSA of 1024 to 8192
    /// bits, or a point on P-256, P-384 or P-521.
    pub(super) fn read(der: &[u8]) -> Result<Self, Why> {
        let certificate =
            Certificate::from_der(der).map_err(|_| "a certificate is malformed")?.tbs_certificate;
        let extensions = certificate.extensions.unwrap_or_default();
        let repeats =
            |at: usize, id: &ObjectIdentifier| extensions.iter().skip(at + 1).any(|e| e.extn_id == *id);
        if extensions.iter().enumerate().any(|(at, e)| repeats(at, &e.extn_id)) {
            return Err("a certificate repeats an extension");
        }
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        let (kind, key) = key(&certificate.subject_public_key_info)?;
        let validity = certificate.validity;
        Ok(Self {
            kind,
            key,
            not_before: seconds(validity.not_before),
            not_after: seconds(validity.not_after),
        })
    }

    /// True when the certificate is in force.
    pub(super) fn is_valid(&self, now: i64) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// True when the signature over `message` is this key's, made by `method`.
    pub(super) fn verifies(&self, method: Method, message: &[u8], signature: &[u8]) -> bool {
        let Some(algorithm) = self.algorithm(method) else { return false };
        UnparsedPublicKey::new(algorithm, &self.key).verify(message, signature).is_ok()
    }

    fn algorithm(&self, method: Method) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (self.kind, method) {
            (Kind::Rsa, Method::RsaSha256) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (Kind::Rsa, Method::RsaSha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Method::RsaSha512) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            (Kind::P256, Method::EcdsaSha256) => &signature::ECDSA_P256_SHA256_FIXED,
            (Kind::P384, Method::EcdsaSha384) => &signature::ECDSA_P384_SHA384_FIXED,
            (Kind::P521, Method::EcdsaSha256) => &signature::ECDSA_P521_SHA256_FIXED,
            (Kind::P521, Method::EcdsaSha384) => &signature::ECDSA_P521_SHA384_FIXED,
            (Kind::P521, Method::EcdsaSha512) => &signature::ECDSA_P521_SHA512_FIXED,
            _ => return None,
        })
    }
}

/// The signature methods that count (RFC 6931): nothing below SHA-256, nothing with a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
}

impl Method {
    /// The method of an algorithm's identifier.
    pub(super) fn of(uri: &str) -> Option<Self> {
        Some(match uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")? {
            "rsa-sha256" => Self::RsaSha256,
            "rsa-sha384" => Self::RsaSha384,
            "rsa-sha512" => Self::RsaSha512,
            "ecdsa-sha256" => Self::EcdsaSha256,
            "ecdsa-sha384" => Self::EcdsaSha384,
            "ecdsa-sha512" => Self::EcdsaSha512,
            _ => return None,
        })
    }
}

fn key(info: &SubjectPublicKeyInfoOwned) -> Result<(Kind, Vec<u8>), Why> {
    let bytes = info.subject_public_key.raw_bytes();
    if info.algorithm.oid == RSA {
        let bits = modulus_bits(bytes).ok_or("a certificate's RSA key is malformed")?;
        let fits = RSA_BITS.contains(&bits);
        return fits
            .then(|| (Kind::Rsa, bytes.to_vec()))
            .ok_or("a certificate's RSA key is not of 1024 to 8192 bits");
    }
    let curve = info.algorithm.parameters.as_ref().and_then(|p| p.decode_as::<ObjectIdentifier>().ok());
    let kind = match curve.filter(|_| info.algorithm.oid == EC) {
        Some(P256) => Kind::P256,
        Some(P384) => Kind::P384,
        Some(P521) => Kind::P521,
        _ => return Err("a certificate's key is of a kind that cannot be used"),
    };
    Ok((kind, bytes.to_vec()))
}

/// The length of the modulus of an `RSAPublicKey` (RFC 8017, A.1.1).
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(der).ok()?;
    let modulus = reader.sequence(|inner| {
        let modulus = UintRef::decode(inner)?;
        UintRef::decode(inner)?;
        Ok(modulus)
    });
    let bytes = modulus.ok()?.as_bytes();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// The lengths of RSA keys that are accepted (STS API Reference: at least 1024 bits).
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
