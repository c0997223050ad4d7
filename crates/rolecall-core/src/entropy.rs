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
    let Ok(mut b) = random::<16>() else { return String::from("00000000-0000-4000-8000-000000000000") };
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let h = hex::encode(b);
    let part = |from, to| h.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
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
