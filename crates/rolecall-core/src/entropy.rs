//! Randomness: the one place that asks the operating system's generator.

use crate::error::Error;
use arrayvec::ArrayString;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use std::cell::RefCell;
use uuid::Builder;

/// Random bytes from the operating system's generator.
///
/// # Errors
/// When the generator fails; nothing may be minted then.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the random generator failed"))?;
    Ok(bytes)
}

/// The same for ids and nonces, of which every request needs some: they come from a block that the thread has
/// asked for before, and are wiped there as they are taken. No key and no secret access key is made of them.
///
/// # Errors
/// As [`random`].
pub fn passing<const N: usize>() -> Result<[u8; N], Error> {
    BLOCK.with_borrow_mut(|(block, used)| {
        const { assert!(N <= BLOCK_SIZE) };
        if *used + N > block.len() {
            *block = random()?;
            *used = 0;
        }
        let place = block.get_mut(*used..).and_then(|rest| rest.first_chunk_mut::<N>());
        *used += N;
        place
            .map(|place| std::mem::replace(place, [0; N]))
            .ok_or_else(|| Error::internal("no randomness is left"))
    })
}

/// A random UUID (RFC 9562, version 4), as request and event ids are.
pub fn uuid() -> ArrayString<36> {
    // An id that is all zeros harms nobody; what is minted without randomness would.
    let id = Builder::from_random_bytes(passing::<16>().unwrap_or_default()).into_uuid();
    let mut text = [0; 36];
    ArrayString::from(id.hyphenated().encode_lower(&mut text)).unwrap_or_default()
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

const BLOCK_SIZE: usize = 1024;

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
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| passing::<10>().unwrap()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
