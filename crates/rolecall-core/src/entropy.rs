//! Randomness: the one place that asks the operating system's generator.

use crate::error::Error;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// Random bytes from the operating system's generator.
///
/// # Errors
/// When the generator fails; nothing may be minted then.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the random generator failed"))?;
    Ok(bytes)
}

/// A random UUID (RFC 9562, version 4), as request and event ids are.
pub fn uuid() -> String {
    let mut bytes = random::<16>().unwrap_or_default();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 0x0f].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
    }
    text
}

/// A random 40-character secret access key of `[A-Za-z0-9/+]` (240 bits).
///
/// # Errors
/// As [`random`].
pub fn secret_access_key() -> Result<String, Error> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD_NO_PAD.encode(random::<30>()?))
}

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
    }
}
