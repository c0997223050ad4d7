//! How a blob lies in its file: blocks of 64 KiB, each followed by its check value.
//!
//! The check value is a CRC-32C (RFC 3720 appendix B.4) over the blob's id, the block's number and its
//! bytes, so a block in the wrong place is as wrong as a flipped bit. A file's length tells the blob's.

use super::BlobId;
use bytes::{BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, Digest};

/// Bytes of the blob in a full block.
pub(super) const BLOCK: usize = 64 << 10;

/// Bytes of the file in a full block.
pub(super) const STORED: usize = BLOCK + CHECK;

/// Appends a block as stored.
pub(super) fn seal(out: &mut BytesMut, id: &BlobId, number: u64, bytes: &[u8]) {
    out.put_slice(bytes);
    out.put_u32(check(id, number, bytes));
}

/// The bytes of a stored block, when they are what was sealed.
pub(super) fn unseal(id: &BlobId, number: u64, stored: &Bytes) -> Option<Bytes> {
    let (bytes, expected) = stored.split_last_chunk::<CHECK>()?;
    let intact = !bytes.is_empty() && u32::from_be_bytes(*expected) == check(id, number, bytes);
    intact.then(|| stored.slice(..bytes.len()))
}

/// The blob's length in a file of so many bytes.
pub(super) fn length(file: u64) -> u64 {
    let (full, rest) = (file / STORED as u64, file % STORED as u64);
    full * BLOCK as u64 + rest.saturating_sub(CHECK as u64)
}

fn check(id: &BlobId, number: u64, bytes: &[u8]) -> u32 {
    let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
    digest.update(id.as_str().as_bytes());
    digest.update(&number.to_be_bytes());
    digest.update(bytes);
    u32::try_from(digest.finalize()).unwrap_or_default()
}

/// Bytes of a check value.
const CHECK: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_only_itself_in_its_own_place() {
        let ids = ["0".repeat(32), "1".repeat(32)].map(|text| text.parse::<BlobId>().unwrap());
        let mut stored = BytesMut::new();
        seal(&mut stored, &ids[0], 3, b"bytes");
        let stored = stored.freeze();
        assert_eq!(unseal(&ids[0], 3, &stored).as_deref(), Some(&b"bytes"[..]));
        assert_eq!(unseal(&ids[0], 4, &stored), None);
        assert_eq!(unseal(&ids[1], 3, &stored), None);
        for bit in 0..stored.len() * 8 {
            let mut flipped = stored.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(&ids[0], 3, &flipped.into()), None, "bit {bit}");
        }
        for length in 0..stored.len() {
            assert_eq!(unseal(&ids[0], 3, &stored.slice(..length)), None, "length {length}");
        }
    }

    #[test]
    fn the_file_length_tells_the_blob_length() {
        for (blob, file) in
            [(0, 0), (1, 5), (65_535, 65_539), (65_536, 65_540), (65_537, 65_545), (131_072, 131_080)]
        {
            assert_eq!(length(file), blob);
        }
    }
}
