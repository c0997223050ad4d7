//! Whose certificates our own client believes: those that the system's authorities vouch for, or instead those that a
//! bundle's do; and a certificate that stands in the bundle itself, as curl and the AWS CLI have it.

use crate::outbound::by_itself;
use crate::tls;
use anyhow::{Result, bail};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// What connects to servers that this trust vouches for.
///
/// # Errors
/// When the bundle cannot be read or has no usable certificate, or without one the system has no authorities.
pub fn connector(bundle: Option<&Path>) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let own = bundle.map(tls::certificates).transpose()?.unwrap_or_default();
    let (added, _) = match bundle {
        Some(_) => roots.add_parsable_certificates(own.iter().cloned()),
        None => roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
    };
    match bundle {
        Some(bundle) if added == 0 => bail!("{}: no usable certificate", bundle.display()),
        None if added == 0 => {
            bail!(
                "this machine has no authorities to trust for https; give --ca-bundle FILE or AWS_CA_BUNDLE"
            )
        }
        _ => {}
    }
    let verifier = Verifier { web: WebPkiServerVerifier::builder(Arc::new(roots)).build()?, own };
    let config = ClientConfig::builder().dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}

/// A certificate that signed itself vouches for itself when it is trusted by name; the library wants an authority.
#[derive(Debug)]
struct Verifier {
    web: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = match self.web.verify_server_cert(leaf, chain, name, ocsp, now) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        match self.own.iter().any(|own| own == leaf) {
            true => by_itself(leaf, name, now),
            false => Err(said_plainly(refused)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}

/// An authority's certificate that a server shows as its own is one that nobody here trusts.
fn said_plainly(error: Error) -> Error {
    match &error {
        Error::InvalidCertificate(CertificateError::Other(_)) => {
            Error::InvalidCertificate(CertificateError::UnknownIssuer)
        }
        _ => error,
    }
}
