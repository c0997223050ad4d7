//! The body of a request, held to everything the request declares of it while it streams by.
//!
//! Pieces come out as soon as they are read, so whoever consumes them must let nothing become visible
//! before [`Payload::next`] has said `None`: only then have length, hash, checksum and the chunks'
//! signatures been compared.

use crate::body::BodyStream;
use crate::error::{Error, s3};
use crate::limits::UPLOAD;
use bytes::{Bytes, BytesMut};
use http::Method;
use http::header::CONTENT_ENCODING;
use rolecall_wire::sigv4::checksum::{Algorithm, Checksums};
use rolecall_wire::sigv4::chunked::{ChunkedDecoder, Trailers};
use rolecall_wire::sigv4::{PayloadHash, Verified};
use rolecall_wire::{ApiError, Request, Service};
use std::io;

/// A body being read.
pub struct Payload {
    source: BodyStream,
    state: State,
    read: u64,
    declared: PayloadHash,
    digests: Digests,
}

enum State {
    Reading { decoder: Option<Box<ChunkedDecoder>>, checksums: Box<Checksums> },
    Ended,
}

/// What is known of a body once it has been read and compared.
#[derive(Debug, Clone, Default)]
pub struct Digests {
    /// The checksum that the client sent, which holds: algorithm and value in base64.
    pub checksum: Option<(Algorithm, String)>,
}

impl Payload {
    pub(super) fn new(
        source: BodyStream,
        request: &Request,
        verified: Option<&Verified>,
    ) -> Result<Self, Error> {
        let declared = match verified {
            Some(verified) => verified.payload,
            None => unsigned(request)?,
        };
        check_head(request, declared)?;
        let checksums = Box::new(match joins_parts(request) {
            true => Checksums::expect(&without_checksums(request), declared)?,
            false => Checksums::expect(request, declared)?,
        });
        let decoder =
            declared.is_streaming().then(|| decoder(request, verified, declared)).transpose()?.map(Box::new);
        let state = State::Reading { decoder, checksums };
        Ok(Self { source, state, read: 0, declared, digests: Digests::default() })
    }

    /// Refuses unsigned chunks where no object or part is sent.
    ///
    /// # Errors
    /// For a body in such chunks.
    pub(super) fn refuse_unsigned_chunks(&self) -> Result<(), Error> {
        let is_such = self.declared == PayloadHash::StreamingUnsignedTrailer;
        if is_such { Err(s3::unsigned_chunks()) } else { Ok(()) }
    }

    /// The next piece; `None` when the body is complete and everything declared of it holds.
    ///
    /// # Errors
    /// When the body breaks off, is too long, or differs from what was declared or signed.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let State::Reading { decoder, checksums } = &mut self.state else { return Ok(None) };
            let Some(piece) = self.source.next().await.map_err(broken_off)? else {
                return self.finish();
            };
            let piece = decoded(decoder.as_deref_mut(), piece)?;
            self.read += piece.len() as u64;
            if self.read > UPLOAD {
                return Err(s3::entity_too_large(self.read, UPLOAD));
            }
            checksums.update(&piece);
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// The whole body, if it is at most `most` bytes long.
    ///
    /// # Errors
    /// As [`Payload::next`], and when the body is longer.
    pub async fn collect(mut self, most: usize) -> Result<Bytes, Error> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.next().await? {
            if all.len() + piece.len() > most {
                return Err(s3::message_too_long());
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// What is known of the body; complete after [`Payload::next`] has said `None`.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }

    fn finish(&mut self) -> Result<Option<Bytes>, Error> {
        let State::Reading { decoder, checksums } = std::mem::replace(&mut self.state, State::Ended) else {
            return Ok(None);
        };
        let trailers =
            decoder.map_or(Ok(Trailers::new()), |decoder| decoder.finish()).map_err(|e| e.to_error())?;
        self.digests.checksum = checksums.finish(&trailers)?;
        Ok(None)
    }
}

/// What can be refused before anything of the body is read: an object longer than one can be, and chunks that are
/// announced by the encoding only and would be stored with their framing.
fn check_head(request: &Request, declared: PayloadHash) -> Result<(), Error> {
    if request.method != Method::PUT {
        return Ok(());
    }
    let (name, is_chunked) = match declared.is_streaming() {
        true => ("x-amz-decoded-content-length", false),
        false => ("content-length", request.header(CONTENT_ENCODING).is_some_and(names_framing)),
    };
    let length = request.header(name).and_then(|length| length.parse::<u64>().ok());
    match length.filter(|length| *length > UPLOAD) {
        Some(length) => Err(s3::entity_too_large(length, UPLOAD)),
        None if is_chunked => Err(s3::chunks_not_declared()),
        None => Ok(()),
    }
}

fn names_framing(encoding: &str) -> bool {
    encoding.split(',').any(|one| one.trim().eq_ignore_ascii_case("aws-chunked"))
}

/// What an anonymous caller says of the body; nobody can have signed its chunks.
fn unsigned(request: &Request) -> Result<PayloadHash, Error> {
    let Some(text) = request.header("x-amz-content-sha256") else { return Ok(PayloadHash::Unsigned) };
    PayloadHash::parse(text).map_err(|fault| Error::Api(fault.to_error(Service::S3)))
}

/// The checksums that complete a multipart upload are those of the object, not of the message.
fn joins_parts(request: &Request) -> bool {
    request.method == Method::POST && request.query("uploadId").is_some()
}

fn without_checksums(request: &Request) -> Request {
    let mut plain = request.clone();
    for algorithm in Algorithm::ALL {
        plain.headers.remove(algorithm.header());
    }
    plain
}

/// A stream that was judged while it was read says itself why it ends.
fn broken_off(error: io::Error) -> Error {
    let inner = error.into_inner().and_then(|inner| inner.downcast::<ApiError>().ok());
    inner.map_or_else(s3::incomplete_body, |refusal| Error::Api(*refusal))
}

fn decoded(decoder: Option<&mut ChunkedDecoder>, piece: Bytes) -> Result<Bytes, Error> {
    let Some(decoder) = decoder else { return Ok(piece) };
    let mut out = Vec::with_capacity(piece.len());
    decoder.push(&piece, &mut out).map_err(|e| e.to_error())?;
    Ok(Bytes::from(out))
}

fn decoder(
    request: &Request,
    verified: Option<&Verified>,
    declared: PayloadHash,
) -> Result<ChunkedDecoder, Error> {
    let length = request.header("x-amz-decoded-content-length").and_then(|v| v.parse().ok());
    let length = length.ok_or_else(s3::missing_content_length)?;
    let trailers: Vec<&str> = request
        .header("x-amz-trailer")
        .map(|names| names.split(',').map(str::trim).collect())
        .unwrap_or_default();
    let chain = verified.and_then(|v| v.chain.as_deref().cloned());
    Ok(ChunkedDecoder::new(declared, chain, length, &trailers).map_err(|e| e.to_error())?)
}
