//! TLS: certificates from files, for listeners and for our own client.

use crate::config::Listen;
use anyhow::{Context, Result, bail};
use arc_swap::ArcSwap;
use rolecall_core::private_file;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Makes aws-lc the process's cryptography. Called once, before anything else.
pub fn install() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A listener's certificate. It can be read anew while it serves: connections of before go on as they are.
#[derive(Debug)]
pub struct Certificate {
    files: Mutex<Files>,
    current: ArcSwap<CertifiedKey>,
}

/// Where a certificate is, and how the files looked when they were read last, whether or not they were good.
#[derive(Debug)]
struct Files {
    chain: PathBuf,
    key: PathBuf,
    seen: [Option<Look>; 2],
}

/// What is different in a file that was changed or replaced: device, inode, length, and when content and inode changed.
type Look = (u64, u64, u64, (i64, i64), (i64, i64));

impl Certificate {
    /// The certificate of a listener; `None` for plain HTTP.
    ///
    /// # Errors
    /// When a file cannot be read, the key is open to everybody, or they do not belong together.
    pub fn load(listen: &Listen) -> Result<Option<Arc<Self>>> {
        let (Some(chain), Some(key)) = (&listen.tls_certificate, &listen.tls_key) else { return Ok(None) };
        let seen = [look(chain), look(key)];
        let current = ArcSwap::from_pointee(read(chain, key)?);
        let files = Files { chain: chain.clone(), key: key.clone(), seen };
        Ok(Some(Arc::new(Self { files: Mutex::new(files), current })))
    }

    /// What accepts connections with it.
    pub fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        let resolver = Arc::clone(self) as Arc<dyn ResolvesServerCert>;
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// Takes what is in these files from now on. Reads the disk.
    ///
    /// # Errors
    /// As [`Certificate::load`]; then the one before goes on.
    pub fn move_to(&self, chain: &Path, key: &Path) -> Result<()> {
        let mut files = self.files();
        files.seen = [look(chain), look(key)];
        self.current.store(Arc::new(read(chain, key)?));
        (files.chain, files.key) = (chain.to_owned(), key.to_owned());
        Ok(())
    }

    /// Reads the files again if they look different from the last time; tells whether there is a new certificate.
    /// Reads the disk.
    ///
    /// # Errors
    /// As [`Certificate::move_to`]; once for each change.
    pub fn follow(&self) -> Result<bool> {
        let (chain, key) = {
            let files = self.files();
            if files.seen == [look(&files.chain), look(&files.key)] {
                return Ok(false);
            }
            (files.chain.clone(), files.key.clone())
        };
        self.move_to(&chain, &key).map(|()| true)
    }

    /// The file of the certificate.
    pub fn path(&self) -> PathBuf {
        self.files().chain.clone()
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

/// Follows the files of certificates for ever: a changed one is in force within [`EVERY`], for new connections.
pub(crate) async fn watch(certificates: Vec<Arc<Certificate>>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let certificates = certificates.clone();
        // The end of the process is the only way that this is cut off.
        let _ = tokio::task::spawn_blocking(move || certificates.iter().for_each(|one| follow(one))).await;
    }
}

fn follow(certificate: &Certificate) {
    let outcome = certificate.follow();
    let certificate = certificate.path().display().to_string();
    match outcome {
        Ok(false) => {}
        Ok(true) => tracing::info!(certificate, "the TLS certificate was read again"),
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(
                certificate,
                error,
                "the changed TLS certificate cannot be used; the one before goes on"
            );
        }
    }
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey> {
    private_file::check_group_mode(key).with_context(|| format!("{}: the TLS key", key.display()))?;
    let certificates = certificates(chain)?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("{}: no private key in PEM form", key.display()))?;
    CertifiedKey::from_der(certificates, private, &rustls::crypto::aws_lc_rs::default_provider())
        .with_context(|| format!("{} and {} do not go together", chain.display(), key.display()))
}

fn look(path: &Path) -> Option<Look> {
    let found = std::fs::metadata(path).ok()?;
    let (content, inode) = ((found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
    Some((found.dev(), found.ino(), found.len(), content, inode))
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

/// How often the files of certificates are looked at.
const EVERY: Duration = Duration::from_secs(5);
