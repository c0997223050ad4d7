//! TLS: certificates from files, for listeners and for our own client.

use crate::config::Listen;
use anyhow::{Context, Result, bail};
use rolecall_core::private_file;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Makes aws-lc the process's cryptography. Called once, before anything else.
pub fn install() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// What accepts a listener's connections; `None` for plain HTTP.
///
/// # Errors
/// When a file cannot be read, the key is open to others, or they do not belong together.
pub fn acceptor(listen: &Listen) -> Result<Option<TlsAcceptor>> {
    let (Some(certificate), Some(key)) = (&listen.tls_certificate, &listen.tls_key) else { return Ok(None) };
    private_file::check_mode(key).with_context(|| format!("{}: the TLS key", key.display()))?;
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("{}: no private key in PEM form", key.display()))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| format!("{} and {} do not go together", certificate.display(), key.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

/// What connects to servers that one of the file's certificates vouches for.
///
/// # Errors
/// When the file cannot be read or has no usable certificate.
pub fn connector(ca_bundle: &Path) -> Result<TlsConnector> {
    crate::trust::connector(Some(ca_bundle))
}

/// The certificates of a PEM file; at least one.
///
/// # Errors
/// When the file cannot be read or holds none.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates =
        certificates.with_context(|| format!("{}: no certificates in PEM form", path.display()))?;
    if certificates.is_empty() {
        bail!("{}: no certificate in it", path.display());
    }
    Ok(certificates)
}
