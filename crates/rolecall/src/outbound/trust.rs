//! Whose certificates are believed: those that the system's authorities or the operator's vouch for, and
//! besides, for a provider with thumbprints, one that a thumbprint names.
//!
//! A thumbprint is the SHA-1 of a certificate that the server presents. If it is an authority's, the chain up
//! to it must hold; if it is the server's own, that is enough. Name, validity and possession of the key are
//! checked either way.

use crate::tls;
use anyhow::Result;
use data_encoding::HEXLOWER;
use rolecall_federation::FetchError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::io;
use std::path::Path;
use std::sync::Arc;
use x509_cert::der::Decode;

/// The authorities that are believed.
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
}

impl Trust {
    /// The system's authorities and those of a bundle. A system without any is no error: then only the
    /// bundle and thumbprints vouch for anybody.
    pub(super) fn new(bundle: Option<&Path>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(bundle) = bundle {
            roots.add_parsable_certificates(tls::certificates(bundle)?);
        }
        Ok(Self { roots: Arc::new(roots) })
    }

    /// TLS to a provider with these thumbprints.
    pub(super) fn config(&self, thumbprints: &[String]) -> ClientConfig {
        let plain = ClientConfig::builder();
        let provider = Arc::clone(plain.crypto_provider());
        let verifier =
            Verifier { roots: Arc::clone(&self.roots), thumbprints: thumbprints.to_vec(), provider };
        plain.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    }
}

/// What a failed handshake means.
pub(super) fn refusal(error: &io::Error) -> FetchError {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match cause {
        Some(Error::InvalidCertificate(why)) => FetchError::Certificate(format!("{why:?}")),
        _ => FetchError::Unreachable(error.to_string()),
    }
}

#[derive(Debug)]
struct Verifier {
    roots: Arc<RootCertStore>,
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Verifies a chain up to one of these authorities, with name and validity.
    fn by(
        &self,
        roots: Arc<RootCertStore>,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider)).build();
        verifier.map_err(|_| unknown())?.verify_server_cert(leaf, chain, name, &[], now)
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
        let print = HEXLOWER.encode(aws_lc_rs::digest::digest(algorithm, certificate).as_ref());
        self.thumbprints.contains(&print)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = match self.by(Arc::clone(&self.roots), leaf, chain, name, now) {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        if self.is_pinned(leaf) {
            return by_itself(leaf, name, now);
        }
        for authority in chain.iter().filter(|certificate| self.is_pinned(certificate)) {
            let mut roots = RootCertStore::empty();
            if roots.add(authority.clone().into_owned()).is_ok() {
                return self.by(Arc::new(roots), leaf, chain, name, now);
            }
        }
        Err(refused)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, leaf, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, leaf, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A server's own certificate that a thumbprint names still has to be for this name, and in force.
pub(crate) fn by_itself(
    leaf: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    let bad = |why| Error::InvalidCertificate(why);
    verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
    let parsed = x509_cert::Certificate::from_der(leaf).map_err(|_| bad(CertificateError::BadEncoding))?;
    let validity = &parsed.tbs_certificate.validity;
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(bad(CertificateError::NotValidYet));
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(bad(CertificateError::Expired));
    }
    Ok(ServerCertVerified::assertion())
}
