//! The door out: the only way by which anything in here reaches another server. The binary opens it, guarded;
//! without one, nobody is reached.

use async_trait::async_trait;
use bytes::Bytes;

/// Fetches documents of identity providers.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// The body of a GET that is answered with 200, at most [`LONGEST`] bytes and within a few seconds.
    /// A server whose certificate no trusted authority vouches for is believed when one of `thumbprints`
    /// (SHA-1, 40 lower-case hex digits) is that of a certificate it presents.
    async fn get(&self, url: &str, thumbprints: &[String]) -> Result<Bytes, FetchError>;
}

/// Why a document was not fetched. The texts are for the log, never for callers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Neither an authority nor a thumbprint vouches for the server's certificate.
    #[error("the certificate is not trusted: {0}")]
    Certificate(String),
    /// The address is none that may be asked.
    #[error("refused: {0}")]
    Refused(String),
    /// No answer, none in time, or one that says to come back: it may be another time.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// An answer with nothing in it that could be used.
    #[error("no usable answer: {0}")]
    Unusable(String),
}

/// No door at all.
pub struct NoWayOut;

#[async_trait]
impl Fetch for NoWayOut {
    async fn get(&self, _url: &str, _thumbprints: &[String]) -> Result<Bytes, FetchError> {
        Err(FetchError::Refused("this system asks nobody".to_owned()))
    }
}

/// The longest document, in bytes.
pub const LONGEST: usize = 512 << 10;
