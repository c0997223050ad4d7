//! What a failed exchange with a server means, and what to do about it.

use http::uri::Authority;
use rustls::{CertificateError, Error as TlsError};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Tells what is wrong. `secure` says whether TLS was spoken.
pub(crate) async fn told(
    error: anyhow::Error,
    authority: &Authority,
    address: (&str, u16),
    secure: bool,
) -> anyhow::Error {
    if let Some(tls) = error.chain().find_map(tls_error) {
        return of_tls(tls, authority);
    }
    let io = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    match io {
        Some(io::ErrorKind::ConnectionRefused) => {
            anyhow::anyhow!("nothing listens at {authority}; is `rolecall` running there?")
        }
        _ if !secure && speaks_tls(address).await => {
            anyhow::anyhow!("{authority} speaks TLS: write https://{authority} instead of http://")
        }
        _ if error.chain().any(|cause| cause.is::<tokio::time::error::Elapsed>()) => {
            anyhow::anyhow!("{authority} did not answer in time")
        }
        _ => error.context(format!("no answer from {authority}")),
    }
}

fn tls_error<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e TlsError> {
    let inner = || cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<TlsError>();
    cause.downcast_ref::<TlsError>().or_else(inner)
}

fn of_tls(error: &TlsError, authority: &Authority) -> anyhow::Error {
    let text = match error {
        TlsError::InvalidMessage(_) => {
            format!("{authority} does not speak TLS: write http://{authority} instead of https://")
        }
        TlsError::InvalidCertificate(why) => {
            format!("the certificate of {authority} {}", of_certificate(why))
        }
        TlsError::NoCertificatesPresented => format!("{authority} shows no certificate"),
        other => format!("no TLS with {authority}: {other}"),
    };
    anyhow::anyhow!(text)
}

fn of_certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "is not trusted here: no authority that is known vouches for it. Give its \
             authority's certificate, or its own, with --ca-bundle FILE or AWS_CA_BUNDLE"
                .to_owned()
        }
        CertificateError::Expired => "has expired; the server needs a new one".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("expired on {}; the server needs a new one", day(not_after.as_secs()))
        }
        CertificateError::NotValidYet => "is not valid yet; are both clocks right?".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("is not valid before {}; are both clocks right?", day(not_before.as_secs()))
        }
        CertificateError::NotValidForName => "is for another name: use the name that it is for".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = if presented.is_empty() { "no name at all".to_owned() } else { presented.join(", ") };
            format!("is for another name. It is for {names}")
        }
        other => format!("cannot be used: {other}"),
    }
}

fn day(seconds: u64) -> String {
    rolecall_core::clock::text::iso8601(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Whether something that was spoken to in plain HTTP answers with a record of TLS, an alert as a rule
/// (RFC 8446 §5.1), or hangs up without a word and shakes hands instead.
async fn speaks_tls(address: (&str, u16)) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let mut first = [0];
        stream.read_exact(&mut first).await?;
        Ok::<_, io::Error>(matches!(first, [ALERT | HANDSHAKE]))
    };
    tokio::time::timeout(PATIENCE, ask).await.is_ok_and(|answer| answer.unwrap_or(false))
}

const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
const PATIENCE: Duration = Duration::from_secs(2);
