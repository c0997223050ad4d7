//! Holding a streamed body to what the request declared of it: `x-amz-content-sha256`,
//! `Content-MD5` and the `x-amz-checksum-*` family, in the head or in the trailer.

use super::chunked::Trailers;
use super::key::hex;
use super::payload::PayloadHash;
use crate::error::{ApiError, ErrorCode};
use crate::request::Request;
use aws_lc_rs::digest::{self, Context};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crc_fast::{CrcAlgorithm, Digest as Crc};
use md5::{Digest as _, Md5};

/// A checksum S3 can store with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The header or trailer that carries it.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// Its name in messages and in `x-amz-checksum-algorithm`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The algorithm of a name in any case, as clients send it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// True for a value that can be a checksum by it: base64 of as many bytes as it has.
    pub fn is_value(self, base64: &str) -> bool {
        BASE64_STANDARD.decode(base64).is_ok_and(|bytes| bytes.len() == self.length())
    }

    /// The algorithm a header or trailer carries, if it carries one.
    pub fn from_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }

    /// The CRC of two runs of bytes together, from the CRC of each in base64 and the length of the
    /// second. `None` for hashes, which do not join, and when a value is not a CRC.
    pub fn joined(self, first: &str, second: &str, second_length: u64) -> Option<String> {
        let algorithm = match self {
            Self::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
            Self::Crc32c => CrcAlgorithm::Crc32Iscsi,
            Self::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
            Self::Sha1 | Self::Sha256 => return None,
        };
        let (first, second) = (self.number(first)?, self.number(second)?);
        let joined = crc_fast::checksum_combine(algorithm, first, second, second_length).to_be_bytes();
        Some(BASE64_STANDARD.encode(joined.get(joined.len() - self.length()..)?))
    }

    /// A CRC as a number.
    fn number(self, base64: &str) -> Option<u64> {
        let bytes = BASE64_STANDARD.decode(base64).ok().filter(|bytes| bytes.len() == self.length())?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    const fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// A checksum being computed.
pub struct Hasher {
    algorithm: Algorithm,
    state: State,
}

enum State {
    Crc(Box<Crc>),
    Sha(Box<Context>),
}

impl Hasher {
    /// Starts a checksum.
    pub fn new(algorithm: Algorithm) -> Self {
        let crc = |which| State::Crc(Box::new(Crc::new(which)));
        let state = match algorithm {
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => State::Sha(Box::new(Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY))),
            Algorithm::Sha256 => State::Sha(Box::new(Context::new(&digest::SHA256))),
        };
        Self { algorithm, state }
    }

    /// Adds bytes.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.state {
            State::Crc(crc) => crc.update(data),
            State::Sha(sha) => sha.update(data),
        }
    }

    /// The checksum in base64 of its big-endian bytes, as it travels.
    pub fn finish(self) -> String {
        match self.state {
            State::Sha(sha) => BASE64_STANDARD.encode(sha.finish()),
            State::Crc(crc) => {
                let bytes = crc.finalize().to_be_bytes();
                let skip = bytes.len() - self.algorithm.length();
                BASE64_STANDARD.encode(bytes.get(skip..).unwrap_or_default())
            }
        }
    }
}

/// What a body is held to while it streams by.
pub struct Checksums {
    sha256: Option<([u8; 32], Context)>,
    md5: Option<(Vec<u8>, Md5)>,
    checksum: Option<(Expected, Hasher)>,
}

enum Expected {
    Value(String),
    InTrailer,
}

impl Checksums {
    /// What a request that carries an object's or a part's bytes, or a message, declares of them.
    ///
    /// # Errors
    /// 400 when a declared value cannot be one, or several checksums are declared.
    pub fn expect(request: &Request, payload: PayloadHash) -> Result<Self, ApiError> {
        let sha256 = match payload {
            PayloadHash::Hex(hash) => Some((hash, Context::new(&digest::SHA256))),
            _ => None,
        };
        Ok(Self { sha256, md5: content_md5(request)?, checksum: declared(request)? })
    }

    /// Adds bytes of the (decoded) body.
    pub fn update(&mut self, data: &[u8]) {
        if let Some((_, sha256)) = &mut self.sha256 {
            sha256.update(data);
        }
        if let Some((_, md5)) = &mut self.md5 {
            md5.update(data);
        }
        if let Some((_, hasher)) = &mut self.checksum {
            hasher.update(data);
        }
    }

    /// Compares everything; returns the checksum to store with the object, if one was declared.
    ///
    /// # Errors
    /// 400 when something differs. The body must then leave no trace.
    pub fn finish(self, trailers: &Trailers) -> Result<Option<(Algorithm, String)>, ApiError> {
        if let Some((expected, sha256)) = self.sha256
            && sha256.finish().as_ref() != expected
        {
            return Err(error("XAmzContentSHA256Mismatch", SHA256_MISMATCH));
        }
        if let Some((expected, md5)) = self.md5 {
            check_md5(&expected, md5.finalize().as_slice())?;
        }
        let Some((expected, hasher)) = self.checksum else { return Ok(None) };
        let algorithm = hasher.algorithm;
        let expected = match expected {
            Expected::Value(value) => value,
            Expected::InTrailer => trailer_value(trailers, algorithm)?,
        };
        if hasher.finish() != expected {
            let text =
                format!("The {} you specified did not match the calculated checksum.", algorithm.name());
            return Err(error("BadDigest", text));
        }
        Ok(Some((algorithm, expected)))
    }
}

fn content_md5(request: &Request) -> Result<Option<(Vec<u8>, Md5)>, ApiError> {
    let Some(text) = request.header("content-md5") else { return Ok(None) };
    let value = BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 16);
    let invalid = || error("InvalidDigest", "The Content-MD5 you specified was invalid.");
    Ok(Some((value.ok_or_else(invalid)?, Md5::new())))
}

fn check_md5(expected: &[u8], computed: &[u8]) -> Result<(), ApiError> {
    if expected == computed {
        return Ok(());
    }
    Err(error("BadDigest", "The Content-MD5 you specified did not match what we received.")
        .with("ExpectedDigest", hex(expected))
        .with("CalculatedDigest", BASE64_STANDARD.encode(computed)))
}

/// Holds a request that says by which algorithm it is checked to sending such a checksum.
///
/// # Errors
/// 400 when there is none, or only one of another algorithm (S3 API Reference, `PutObject`).
pub fn check_announced(request: &Request) -> Result<(), ApiError> {
    let Some(announced) = request.header("x-amz-sdk-checksum-algorithm") else { return Ok(()) };
    match sent(request).next() {
        None => Err(error("InvalidRequest", NOT_SENT)),
        Some((algorithm, _)) if algorithm.name().eq_ignore_ascii_case(announced) => Ok(()),
        Some(_) => Err(error("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")),
    }
}

/// True when the request sends something that its body is compared with.
pub fn is_checked(request: &Request) -> bool {
    request.header("content-md5").is_some() || sent(request).next().is_some()
}

/// The checksums that a request sends, with their values as far as the head has them.
fn sent(request: &Request) -> impl Iterator<Item = (Algorithm, Option<&str>)> {
    sent_with(request, request.header(TRAILERS))
}

fn sent_with<'a>(
    request: &'a Request,
    trailers: Option<&'a str>,
) -> impl Iterator<Item = (Algorithm, Option<&'a str>)> {
    let in_head = Algorithm::ALL.into_iter().filter_map(|a| Some((a, Some(request.header(a.header())?))));
    let names = trailers.unwrap_or("").split(',').map(str::trim);
    in_head.chain(names.filter_map(Algorithm::from_header).map(|algorithm| (algorithm, None)))
}

/// The algorithm of the checksum that a request sends, in its head or its trailer.
pub fn sent_algorithm(request: &Request) -> Option<Algorithm> {
    sent(request).next().map(|(algorithm, _)| algorithm)
}

fn declared(request: &Request) -> Result<Option<(Expected, Hasher)>, ApiError> {
    let trailers = request.header(TRAILERS);
    trailers.map_or(Ok(()), check_trailers)?;
    let mut all = sent_with(request, trailers);
    let Some((algorithm, value)) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(error("InvalidRequest", SEVERAL));
    }
    let expected = match value {
        Some(value) => Expected::Value(valid(value, algorithm, "header")?),
        None => Expected::InTrailer,
    };
    Ok(Some((expected, Hasher::new(algorithm))))
}

/// A trailer carries a checksum and nothing else.
fn check_trailers(names: &str) -> Result<(), ApiError> {
    let mut names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    match names.all(|name| Algorithm::from_header(name).is_some()) {
        true => Ok(()),
        false => Err(error("InvalidRequest", NO_CHECKSUM)),
    }
}

fn trailer_value(trailers: &Trailers, algorithm: Algorithm) -> Result<String, ApiError> {
    let value = trailers.iter().find(|(name, _)| name == algorithm.header()).map_or("", |(_, value)| value);
    valid(value, algorithm, "trailing header")
}

fn valid(value: &str, algorithm: Algorithm, place: &str) -> Result<String, ApiError> {
    match algorithm.is_value(value) {
        true => Ok(value.to_owned()),
        false => {
            Err(error("InvalidRequest", format!("Value for {} {place} is invalid.", algorithm.header())))
        }
    }
}

fn error(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(ErrorCode::sender(code, 400), message)
}

const SHA256_MISMATCH: &str = "The provided 'x-amz-content-sha256' header does not match what was computed.";
const NOT_SENT: &str = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
     x-amz-trailer headers were found.";
const TRAILERS: &str = "x-amz-trailer";
const NO_CHECKSUM: &str = "The value specified in the x-amz-trailer header is not supported";
const SEVERAL: &str = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";

#[cfg(test)]
mod tests {
    use super::super::tests::request;
    use super::*;
    use crate::sigv4::key::sha256;

    const BODY: &[u8] = b"123456789";

    fn check(
        headers: &[(&str, &str)],
        payload: PayloadHash,
        trailers: &Trailers,
    ) -> Result<Option<(Algorithm, String)>, ApiError> {
        let mut all = vec![("host", "h")];
        all.extend_from_slice(headers);
        let mut sums = Checksums::expect(&request("PUT", "/b/k", &all), payload)?;
        sums.update(&BODY[..4]);
        sums.update(&BODY[4..]);
        sums.finish(trailers)
    }

    fn refused(headers: &[(&str, &str)], trailers: &Trailers) -> (&'static str, String) {
        let error = check(headers, PayloadHash::Unsigned, trailers).unwrap_err();
        assert_eq!(error.code.status, 400);
        (error.code.code, error.message.into_owned())
    }

    #[test]
    fn check_values_of_the_published_catalogue() {
        for (algorithm, value) in [
            (Algorithm::Crc32, "y/Q5Jg=="),
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Crc64Nvme, "rosUhgp5mIg="),
            (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(BODY);
            assert_eq!(hasher.finish(), value, "{algorithm:?}");
        }
        let stored = check(&[("x-amz-checksum-crc32", "y/Q5Jg==")], PayloadHash::Unsigned, &vec![]).unwrap();
        assert_eq!(stored, Some((Algorithm::Crc32, "y/Q5Jg==".to_owned())));
        let stored = check(&[("x-amz-checksum-crc32c", "4waSgw==")], PayloadHash::Unsigned, &vec![]).unwrap();
        assert_eq!(stored.unwrap().0, Algorithm::Crc32c);
        let stored = check(&[("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")], PayloadHash::Unsigned, &vec![]);
        assert_eq!(stored.unwrap().unwrap().0, Algorithm::Crc64Nvme);
    }

    #[test]
    fn sig_09_the_body_must_be_the_one_signed() {
        assert!(check(&[], PayloadHash::Hex(sha256(BODY)), &vec![]).is_ok());
        let error = check(&[], PayloadHash::Hex(sha256(b"other")), &vec![]).unwrap_err();
        assert_eq!((error.code.code, error.code.status), ("XAmzContentSHA256Mismatch", 400));
        assert_eq!(error.message, SHA256_MISMATCH);
    }

    #[test]
    fn content_md5_in_the_recorded_words() {
        assert!(
            check(&[("content-md5", "JfnnlDI7RTiF9RgfGwKKIg==")], PayloadHash::Unsigned, &vec![]).is_err()
        );
        let good = BASE64_STANDARD.encode(Md5::digest(BODY));
        assert!(check(&[("content-md5", &good)], PayloadHash::Unsigned, &vec![]).is_ok());
        let other = BASE64_STANDARD.encode(Md5::digest(b"other"));
        let text = "The Content-MD5 you specified did not match what we received.";
        assert_eq!(refused(&[("content-md5", &other)], &vec![]), ("BadDigest", text.to_owned()));
        for bad in ["x", "AAAA", ""] {
            let text = "The Content-MD5 you specified was invalid.";
            assert_eq!(refused(&[("content-md5", bad)], &vec![]), ("InvalidDigest", text.to_owned()));
        }
    }

    #[test]
    fn checksums_in_the_recorded_words() {
        let text = "The CRC32 you specified did not match the calculated checksum.";
        assert_eq!(refused(&[("x-amz-checksum-crc32", "AAAAAA==")], &vec![]), ("BadDigest", text.to_owned()));
        let text = "Value for x-amz-checksum-crc32 header is invalid.";
        assert_eq!(
            refused(&[("x-amz-checksum-crc32", "AAAA")], &vec![]),
            ("InvalidRequest", text.to_owned())
        );
        let two = [("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-sha1", "x")];
        assert_eq!(refused(&two, &vec![]), ("InvalidRequest", SEVERAL.to_owned()));
    }

    #[test]
    fn a_trailer_that_is_no_checksum_is_refused() {
        for names in ["x-foo", "x-amz-meta-a", "x-amz-checksum-crc16", "x-amz-checksum-crc32, x-foo"] {
            assert_eq!(
                refused(&[("x-amz-trailer", names)], &vec![]),
                ("InvalidRequest", NO_CHECKSUM.to_owned())
            );
        }
    }

    #[test]
    fn trailers_are_checked_too() {
        let announced = [("x-amz-trailer", "x-amz-checksum-crc32")];
        let trailer = |value: &str| vec![("x-amz-checksum-crc32".to_owned(), value.to_owned())];
        assert!(check(&announced, PayloadHash::StreamingUnsignedTrailer, &trailer("y/Q5Jg==")).is_ok());
        assert_eq!(refused(&announced, &trailer("AAAAAA==")).0, "BadDigest");
        assert_eq!(refused(&announced, &trailer("A")).0, "InvalidRequest");
        assert_eq!(refused(&announced, &vec![]).0, "InvalidRequest");
    }
}
