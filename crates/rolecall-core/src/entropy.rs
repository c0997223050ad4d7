//! Randomness: the one place that asks the operating system's generator.

use crate::error::Error;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use std::cell::RefCell;

/// Random bytes from the operating system's generator.
///
/// # Errors
/// When the generator fails; nothing may be minted then.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the random generator failed"))?;
    Ok(bytes)
}

/// Random bytes for an id of a request or an event, which only has to be unlike all others: they come from a
/// block that the thread has asked for before. Nothing secret and no nonce is made of them.
pub fn for_id<const N: usize>() -> [u8; N] {
    BLOCK.with_borrow_mut(|(block, used)| {
        const { assert!(N <= BLOCK_SIZE) };
        if *used + N > block.len() {
            *block = random().unwrap_or([0; BLOCK_SIZE]);
            *used = 0;
        }
        let bytes = block.get(*used..).and_then(|rest| rest.first_chunk::<N>());
        *used += N;
        bytes.copied().unwrap_or([0; N])
    })
}

/// A random UUID (RFC 9562, version 4), as request and event ids are.
pub fn uuid() -> String {
    let mut bytes = for_id::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(hex_digit(byte >> 4));
        text.push(hex_digit(byte & 0x0f));
    }
    text
}

const fn hex_digit(nibble: u8) -> char {
    (if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }) as char
}

/// A random 40-character secret access key of `[A-Za-z0-9/+]` (240 bits).
///
/// # Errors
/// As [`random`].
pub fn secret_access_key() -> Result<String, Error> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD_NO_PAD.encode(random::<30>()?))
}

thread_local! {
    /// Random bytes, and how many of them are used up.
    static BLOCK: RefCell<([u8; BLOCK_SIZE], usize)> = const { RefCell::new(([0; BLOCK_SIZE], BLOCK_SIZE)) };
}

const BLOCK_SIZE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_awss_shape_and_differ() {
        let (a, b) = (secret_access_key().unwrap(), secret_access_key().unwrap());
        assert_eq!(a.len(), 40);
        assert_ne!(a, b);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'/' || c == b'+'));
    }

    #[test]
    fn uuids_are_version_4() {
        let id = uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(id.bytes().all(|c| c == b'-' || c.is_ascii_digit() || (b'a'..=b'f').contains(&c)), "{id}");
    }

    #[test]
    fn no_bytes_are_given_twice() {
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| for_id::<10>()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
