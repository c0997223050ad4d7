//! Decoding `aws-chunked` bodies, signed and unsigned, with their trailers. No byte of a signed
//! chunk is released before its signature holds.

use super::fault_texts::S3_MISMATCH;
use super::key::{hex, is_same, sha256};
use super::payload::PayloadHash;
use super::verify::Chain;
use crate::error::{ApiError, ErrorCode};

/// Why a chunked body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkError {
    /// Not the grammar of `aws-chunked`, or a line or signed chunk beyond its limit.
    Malformed,
    /// The decoded body is not as long as declared, or ended early.
    Length,
    /// A chunk's or the trailer's signature is not the one computed here.
    Signature,
    /// The trailers are not those `x-amz-trailer` announced.
    Trailer,
}

impl ChunkError {
    /// The error S3's clients get.
    pub fn to_error(self) -> ApiError {
        let (code, status, text) = match self {
            Self::Malformed => ("InvalidRequest", 400, "The chunked request body is not well-formed."),
            Self::Length => ("IncompleteBody", 400, INCOMPLETE),
            Self::Signature => ("SignatureDoesNotMatch", 403, S3_MISMATCH),
            Self::Trailer => ("MalformedTrailerError", 400, TRAILER),
        };
        ApiError::new(ErrorCode::sender(code, status), text)
    }
}

/// Trailers in the order sent, names in lower case.
pub type Trailers = Vec<(String, String)>;

/// Decodes one body, fed piece by piece.
#[derive(Debug)]
pub struct ChunkedDecoder {
    chain: Option<Chain>,
    signed_trailer: bool,
    expected: Vec<String>,
    remaining: u64,
    state: State,
    line: Vec<u8>,
    chunk: Vec<u8>,
    trailers: Trailers,
    trailer_signature: Option<String>,
}

#[derive(Debug)]
enum State {
    Header,
    Data { left: u64, signature: String },
    DataEnd,
    Trailer,
    Done,
}

impl ChunkedDecoder {
    /// A decoder for a body declared as `payload`, `decoded_length` bytes long
    /// (`x-amz-decoded-content-length`), followed by the trailers named (`x-amz-trailer`). `chain`
    /// is that of the verified request.
    ///
    /// # Errors
    /// When `payload` is no chunked form, or a signed form without a chain.
    pub fn new(
        payload: PayloadHash,
        chain: Option<Chain>,
        decoded_length: u64,
        trailer_names: &[&str],
    ) -> Result<Self, ChunkError> {
        let signed = payload != PayloadHash::StreamingUnsignedTrailer;
        if !payload.is_streaming() || (signed && chain.is_none()) {
            return Err(ChunkError::Malformed);
        }
        let trailed = payload != PayloadHash::StreamingSigned;
        if !trailed && !trailer_names.is_empty() {
            return Err(ChunkError::Trailer);
        }
        let mut expected: Vec<_> =
            trailer_names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        expected.sort_unstable();
        Ok(Self {
            chain: chain.filter(|_| signed),
            signed_trailer: payload == PayloadHash::StreamingSignedTrailer,
            expected,
            remaining: decoded_length,
            state: State::Header,
            line: Vec::new(),
            chunk: Vec::new(),
            trailers: Vec::new(),
            trailer_signature: None,
        })
    }

    /// Takes the next piece of the body and appends what it decodes to `out`.
    ///
    /// # Errors
    /// The first thing that does not hold; the decoder must not be used afterwards.
    pub fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        while !input.is_empty() {
            input = match self.state {
                State::Data { .. } => self.take_data(input, out)?,
                State::Header | State::DataEnd | State::Trailer => self.take_line(input)?,
                State::Done => return Err(ChunkError::Malformed),
            };
        }
        Ok(())
    }

    /// Ends the body and returns its trailers.
    ///
    /// # Errors
    /// When the body is not complete.
    pub fn finish(self) -> Result<Trailers, ChunkError> {
        match self.state {
            State::Done => Ok(self.trailers),
            _ => Err(ChunkError::Length),
        }
    }

    fn take_data<'a>(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], ChunkError> {
        let State::Data { left, signature } = &mut self.state else { return Err(ChunkError::Malformed) };
        let take = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
        let (now, later) = input.split_at(take);
        *left -= now.len() as u64;
        if self.chain.is_none() {
            out.extend_from_slice(now);
        } else {
            self.chunk.extend_from_slice(now);
        }
        if *left == 0 {
            let signature = std::mem::take(signature);
            self.check_chunk(&signature)?;
            out.append(&mut self.chunk);
            self.state = State::DataEnd;
        }
        Ok(later)
    }

    fn take_line<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], ChunkError> {
        let end = input.iter().position(|b| *b == b'\n').map_or(input.len(), |at| at + 1);
        let (now, later) = input.split_at(end);
        if self.line.len() + now.len() > LONGEST_LINE {
            return Err(ChunkError::Malformed);
        }
        self.line.extend_from_slice(now);
        if self.line.ends_with(b"\n") {
            let line =
                String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| ChunkError::Malformed)?;
            self.line_read(line.strip_suffix("\r\n").ok_or(ChunkError::Malformed)?)?;
        }
        Ok(later)
    }

    fn line_read(&mut self, line: &str) -> Result<(), ChunkError> {
        match self.state {
            State::Header => self.header(line),
            State::DataEnd if line.is_empty() => {
                self.state = State::Header;
                Ok(())
            }
            State::Trailer if line.is_empty() => self.end(),
            State::Trailer => self.trailer(line),
            State::DataEnd | State::Data { .. } | State::Done => Err(ChunkError::Malformed),
        }
    }

    fn header(&mut self, line: &str) -> Result<(), ChunkError> {
        let (size, signature) = match (line.split_once(";chunk-signature="), &self.chain) {
            (Some((size, signature)), Some(_)) => (size, signature),
            (None, None) => (line, ""),
            (Some(_), None) | (None, Some(_)) => return Err(ChunkError::Malformed),
        };
        let digits = (1..=16).contains(&size.len()) && size.bytes().all(|b| b.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| digits).ok_or(ChunkError::Malformed)?;
        if self.chain.is_some() && size > LARGEST_SIGNED_CHUNK {
            return Err(ChunkError::Malformed);
        }
        self.remaining = self.remaining.checked_sub(size).ok_or(ChunkError::Length)?;
        if size == 0 {
            return self.last_chunk(signature);
        }
        self.state = State::Data { left: size, signature: signature.to_owned() };
        Ok(())
    }

    fn last_chunk(&mut self, signature: &str) -> Result<(), ChunkError> {
        if self.remaining != 0 {
            return Err(ChunkError::Length);
        }
        self.check_chunk(signature)?;
        self.state = State::Trailer;
        Ok(())
    }

    fn trailer(&mut self, line: &str) -> Result<(), ChunkError> {
        let (name, value) = line.split_once(':').ok_or(ChunkError::Trailer)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if self.trailer_signature.is_some() || self.trailers.len() > self.expected.len() {
            return Err(ChunkError::Trailer);
        }
        if self.signed_trailer && name == "x-amz-trailer-signature" {
            self.trailer_signature = Some(value);
        } else {
            self.trailers.push((name, value));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ChunkError> {
        let mut names: Vec<_> = self.trailers.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        if !names.into_iter().eq(&self.expected) {
            return Err(ChunkError::Trailer);
        }
        if self.signed_trailer {
            let signature = self.trailer_signature.take().ok_or(ChunkError::Signature)?;
            let chain = self.chain.as_ref().ok_or(ChunkError::Signature)?;
            equal(&chain.sign_trailers(&self.trailers), &signature)?;
        }
        self.state = State::Done;
        Ok(())
    }

    fn check_chunk(&mut self, signature: &str) -> Result<(), ChunkError> {
        let Some(chain) = &mut self.chain else { return Ok(()) };
        let computed = chain.sign_chunk(&self.chunk);
        equal(&computed, signature)
    }
}

impl Chain {
    /// The signature of the next chunk; the chain moves on to it.
    pub fn sign_chunk(&mut self, chunk: &[u8]) -> String {
        let hash = hex(&sha256(chunk));
        let empty = hex(&sha256(b""));
        let (timestamp, scope, previous) = (&self.timestamp, &self.scope, &self.seed);
        let text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{empty}\n{hash}");
        self.seed = self.key.sign(&text);
        self.seed.clone()
    }

    /// The signature of the trailers, which follow the last chunk.
    pub fn sign_trailers(&self, trailers: &[(String, String)]) -> String {
        let lines: String = trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = hex(&sha256(lines.as_bytes()));
        let (timestamp, scope, previous) = (&self.timestamp, &self.scope, &self.seed);
        self.key.sign(&format!("AWS4-HMAC-SHA256-TRAILER\n{timestamp}\n{scope}\n{previous}\n{hash}"))
    }

    /// A body as one piece of signed chunks of at most `size` bytes, with its trailers if any.
    pub fn encode(mut self, body: &[u8], size: usize, trailers: &[(String, String)]) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in body.chunks(size.max(1)).chain([&[][..]]) {
            let signature = self.sign_chunk(chunk);
            out.extend_from_slice(format!("{:x};chunk-signature={signature}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            if !chunk.is_empty() {
                out.extend_from_slice(b"\r\n");
            }
        }
        for (name, value) in trailers {
            out.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        if !trailers.is_empty() {
            let signature = self.sign_trailers(trailers);
            out.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out
    }
}

fn equal(computed: &str, provided: &str) -> Result<(), ChunkError> {
    if is_same(computed, provided) { Ok(()) } else { Err(ChunkError::Signature) }
}

const LONGEST_LINE: usize = 1024;
const LARGEST_SIGNED_CHUNK: u64 = 16 * 1024 * 1024;
const INCOMPLETE: &str =
    "You did not provide the number of bytes specified by the Content-Length HTTP header";
const TRAILER: &str = "The request contained trailing data that was not well-formed or did not conform to our \
                       published schema.";

#[cfg(test)]
mod tests {
    use super::super::tests::{request, s3, secret, signer};
    use super::*;
    use proptest::prelude::*;

    fn chain(payload: PayloadHash) -> Chain {
        let mut request = request("PUT", "/b/k", &[("host", "h")]);
        signer("s3", &secret()).sign(&mut request, payload).unwrap();
        *s3(&request, super::super::tests::NOW).unwrap().chain.unwrap()
    }

    fn crc() -> Trailers {
        vec![("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]
    }

    fn decode(mut decoder: ChunkedDecoder, pieces: &[&[u8]]) -> Result<(Vec<u8>, Trailers), ChunkError> {
        let mut out = Vec::new();
        for piece in pieces {
            decoder.push(piece, &mut out)?;
        }
        Ok((out, decoder.finish()?))
    }

    fn signed(length: u64) -> ChunkedDecoder {
        let payload = PayloadHash::StreamingSigned;
        ChunkedDecoder::new(payload, Some(chain(payload)), length, &[]).unwrap()
    }

    fn unsigned(length: u64, names: &[&str]) -> ChunkedDecoder {
        ChunkedDecoder::new(PayloadHash::StreamingUnsignedTrailer, None, length, names).unwrap()
    }

    /// S3 User Guide, "Signature calculations … Transferring payload in multiple chunks".
    #[test]
    fn the_documented_example_holds() {
        let secret = crate::sigv4::SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
        let scope = crate::sigv4::Scope::new("20130524", "us-east-1", "s3");
        let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".to_owned();
        let key = secret.signing_key(&scope);
        let mut chain = Chain { key, timestamp: "20130524T000000Z".to_owned(), scope, seed };
        let body = vec![b'a'; 66560];
        let expected = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ];
        for (chunk, expected) in body.chunks(65536).chain([&[][..]]).zip(expected) {
            assert_eq!(chain.sign_chunk(chunk), expected);
        }
    }

    #[test]
    fn a_forged_chunk_is_never_released() {
        let body = chain(PayloadHash::StreamingSigned).encode(b"hello world", 6, &[]);
        assert_eq!(decode(signed(11), &[&body]).unwrap().0, b"hello world");
        let at = body.windows(5).position(|w| w == b"world").unwrap();
        let mut forged = body;
        forged[at] = b'W';
        let mut out = Vec::new();
        assert_eq!(signed(11).push(&forged, &mut out), Err(ChunkError::Signature));
        assert_eq!(out, b"hello ");
    }

    #[test]
    fn lengths_must_agree() {
        let body = chain(PayloadHash::StreamingSigned).encode(b"hello world", 6, &[]);
        for length in [0, 10, 12] {
            assert_eq!(decode(signed(length), &[&body]), Err(ChunkError::Length), "{length}");
        }
        assert_eq!(decode(signed(11), &[&body[..body.len() - 1]]), Err(ChunkError::Length));
        assert_eq!(decode(signed(11), &[&body, b"x"]), Err(ChunkError::Malformed));
        assert_eq!(ChunkError::Length.to_error().code.code, "IncompleteBody");
    }

    #[test]
    fn signed_trailers_hold() {
        let payload = PayloadHash::StreamingSignedTrailer;
        let decoder =
            || ChunkedDecoder::new(payload, Some(chain(payload)), 5, &["x-amz-checksum-crc32"]).unwrap();
        let good = chain(payload).encode(b"hello", 5, &crc());
        assert_eq!(decode(decoder(), &[&good]), Ok((b"hello".to_vec(), crc())));
        let text = String::from_utf8(good).unwrap();
        for (from, to, error) in [
            ("AAAAAA==", "AAAAAB==", ChunkError::Signature),
            ("x-amz-trailer-signature:", "x-amz-trailer-signaturf:", ChunkError::Trailer),
            ("x-amz-checksum-crc32:", "x-amz-checksum-crc33:", ChunkError::Trailer),
        ] {
            assert_eq!(decode(decoder(), &[text.replace(from, to).as_bytes()]), Err(error), "{from}");
        }
    }

    #[test]
    fn unsigned_chunks_stream_and_keep_to_the_grammar() {
        let good = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(decode(unsigned(5, &["x-amz-checksum-crc32"]), &[good]), Ok((b"hello".to_vec(), crc())));
        let mut out = Vec::new();
        unsigned(5, &[]).push(b"5\r\nhel", &mut out).unwrap();
        assert_eq!(out, b"hel");
        assert_eq!(decode(unsigned(5, &[]), &[good]), Err(ChunkError::Trailer));
        for bad in [
            "+5\r\n",
            "5\n",
            "5;chunk-signature=1\r\n",
            "\r\n",
            "zz\r\n",
            "11111111111111111\r\n",
            "5\r\nhelloX\r\n",
        ] {
            assert_eq!(decode(unsigned(5, &[]), &[bad.as_bytes()]), Err(ChunkError::Malformed), "{bad}");
        }
        assert_eq!(decode(unsigned(5, &[]), &[&[b'0'; 2000]]), Err(ChunkError::Malformed));
        let huge = format!("{:x};chunk-signature=0\r\n", LARGEST_SIGNED_CHUNK + 1);
        assert_eq!(decode(signed(u64::MAX), &[huge.as_bytes()]), Err(ChunkError::Malformed));
        assert!(ChunkedDecoder::new(PayloadHash::Unsigned, None, 0, &[]).is_err());
        assert!(ChunkedDecoder::new(PayloadHash::StreamingSigned, None, 0, &[]).is_err());
    }

    proptest! {
        #[test]
        fn any_split_decodes_the_same(body: Vec<u8>, size in 1usize..40, cuts in prop::collection::vec(0usize..4000, 0..8)) {
            let payload = PayloadHash::StreamingSignedTrailer;
            let sent = chain(payload).encode(&body, size, &crc());
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(sent.len())).collect();
            cuts.extend([0, sent.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &sent[pair[0]..pair[1]]).collect();
            let decoder =
                ChunkedDecoder::new(payload, Some(chain(payload)), body.len() as u64, &["x-amz-checksum-crc32"]).unwrap();
            prop_assert_eq!(decode(decoder, &pieces), Ok((body, crc())));
        }

        #[test]
        fn never_panics(input: Vec<u8>, length: u64) {
            let _ = (decode(unsigned(length, &[]), &[&input]), decode(signed(length), &[&input]));
        }
    }
}
