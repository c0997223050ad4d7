//! Any chunked body, split anywhere: the decoder ends, decodes no more than declared, and decodes the
//! same as in one piece; of a signed body nothing comes out that nobody signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_wire::sigv4::chunked::{ChunkError, ChunkedDecoder, Trailers};
use rolecall_wire::sigv4::verify::Chain;
use rolecall_wire::sigv4::{PayloadHash, Scope, SecretKey};

fuzz_target!(|input: (u16, u16, &[u8])| {
    let (length, cut, body) = input;
    let (head, tail) = body.split_at(usize::from(cut).min(body.len()));
    let names = ["x-amz-checksum-crc32"];
    for names in [&names[..], &[]] {
        let decoder =
            || ChunkedDecoder::new(PayloadHash::StreamingUnsignedTrailer, None, length.into(), names);
        let (Ok(one), Ok(two)) = (decoder(), decoder()) else { panic!("a legal decoder was refused") };
        let (whole, split) = (decode(one, &[body]), decode(two, &[head, tail]));
        assert_eq!(whole.1.is_ok(), split.1.is_ok());
        assert!(whole.0.len() <= usize::from(length) && split.0.len() <= usize::from(length));
        if whole.1.is_ok() {
            assert_eq!(whole, split);
        }
    }
    for payload in [PayloadHash::StreamingSigned, PayloadHash::StreamingSignedTrailer] {
        let Ok(decoder) = ChunkedDecoder::new(payload, Some(chain()), length.into(), &[]) else { return };
        let (out, result) = decode(decoder, &[head, tail]);
        assert!(out.is_empty() && result.is_err());
    }
});

fn decode(mut decoder: ChunkedDecoder, pieces: &[&[u8]]) -> (Vec<u8>, Result<Trailers, ChunkError>) {
    let mut out = Vec::new();
    for piece in pieces {
        if let Err(error) = decoder.push(piece, &mut out) {
            return (out, Err(error));
        }
    }
    (out, decoder.finish())
}

fn chain() -> Chain {
    let scope = Scope::new("20260101", "us-east-1", "s3");
    let key = SecretKey::new("a secret nobody signed with".to_owned()).signing_key(&scope);
    Chain { key, timestamp: "20260101T000000Z".to_owned(), scope, seed: String::new() }
}
