//! Tokens of the metadata service, version 2: proof that whoever asks could send a `PUT` with a header of its own,
//! as software that is tricked into fetching a URL cannot.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::OnceLock;

/// Issues tokens and knows them again. The key is this process's own: a restart makes every token void, and
/// clients fetch another.
#[derive(Default)]
pub struct Tokens {
    key: OnceLock<Option<hmac::Key>>,
}

impl Tokens {
    /// A token for an instance, good until that second. `None` when the random generator failed.
    pub(super) fn issue(&self, instance: &str, expires: i64) -> Option<String> {
        let expires = expires.to_be_bytes();
        let mac = hmac::sign(self.key()?, &text(instance, expires));
        Some(URL_SAFE_NO_PAD.encode([&expires, mac.as_ref()].concat()))
    }

    /// True for a token that was issued for this very instance and is not over. The comparison takes the same
    /// time whatever differs.
    pub(super) fn holds(&self, instance: &str, token: &str, now: i64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        let Some((expires, mac)) = bytes.split_first_chunk::<8>() else { return false };
        let ours = self.key().is_some_and(|key| hmac::verify(key, &text(instance, *expires), mac).is_ok());
        ours && now < i64::from_be_bytes(*expires)
    }

    fn key(&self) -> Option<&hmac::Key> {
        let random = || hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok();
        self.key.get_or_init(random).as_ref()
    }
}

fn text(instance: &str, expires: [u8; 8]) -> Vec<u8> {
    [&expires, instance.as_bytes()].concat()
}

/// The longest that a token can be good for, in seconds (EC2 User Guide, Use IMDSv2).
pub const LONGEST_LIFE: i64 = 21_600;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn imd_04_an_expired_a_foreign_and_a_forged_token_are_worth_nothing() {
        let (tokens, restarted) = (Tokens::default(), Tokens::default());
        let token = tokens.issue("i-1", 100).unwrap();
        assert!(tokens.holds("i-1", &token, 99));
        assert!(!tokens.holds("i-1", &token, 100), "over");
        assert!(!tokens.holds("i-2", &token, 99), "another instance's");
        assert!(!restarted.holds("i-1", &token, 99), "another process's");
        for forged in ["", "x", "AAAAAAAAAAA", &token[..token.len() - 2], &format!("{token}AA")] {
            assert!(!tokens.holds("i-1", forged, 0), "{forged}");
        }
    }

    proptest! {
        #[test]
        fn a_token_with_any_bit_changed_is_worth_nothing(at in 0..40_usize, bit in 0..8_u32) {
            let tokens = Tokens::default();
            let mut bytes = URL_SAFE_NO_PAD.decode(tokens.issue("i-1", 100).unwrap()).unwrap();
            bytes[at] ^= 1 << bit;
            prop_assert!(!tokens.holds("i-1", &URL_SAFE_NO_PAD.encode(bytes), 0));
        }
    }
}
