//! Sealing: authenticated encryption under a key of the ring (AES-256-GCM, NIST SP 800-38D).
//!
//! A sealed text is `format · key id · nonce · ciphertext and tag`. Opening gives the plain text or
//! nothing: a flipped bit, a foreign key and a truncated text are not told apart.

use crate::entropy::passing;
use crate::error::Error;
use crate::keyring::{KeyRing, Purpose};
use aws_lc_rs::aead::{Aad, Nonce};

/// Seals `plain` under the purpose's active key. `bound_to` must be the same when opening.
///
/// # Errors
/// When the ring has no active key for the purpose or the random generator fails.
pub fn seal(ring: &KeyRing, purpose: Purpose, bound_to: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let key = ring.active(purpose).ok_or_else(|| Error::internal("no active key for sealing"))?;
    let nonce = passing::<12>()?;
    let mut sealed = Vec::with_capacity(HEAD + plain.len() + 16);
    sealed.push(FORMAT);
    sealed.extend(key.id().to_be_bytes());
    sealed.extend(nonce);
    sealed.extend(plain);
    let text = sealed.get_mut(HEAD..).unwrap_or_default();
    let (nonce, bound_to) = (Nonce::assume_unique_for_key(nonce), Aad::from(bound_to));
    let tag = key.cipher().and_then(|cipher| cipher.seal_in_place_separate_tag(nonce, bound_to, text).ok());
    sealed.extend(tag.ok_or_else(|| Error::internal("sealing failed"))?.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made with any key of the purpose that is still in the ring.
pub fn open(ring: &KeyRing, purpose: Purpose, bound_to: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (head, text) = sealed.split_at_checked(HEAD)?;
    let (format, rest) = head.split_first()?;
    let (id, nonce) = rest.split_first_chunk::<4>()?;
    let key = ring.by_id(purpose, u32::from_be_bytes(*id))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    let length = key.cipher()?.open_in_place(nonce, Aad::from(bound_to), &mut text).ok()?.len();
    text.truncate(length);
    (*format == FORMAT).then_some(text)
}

/// True when the ring has the key that sealed a text.
pub fn can_open(ring: &KeyRing, purpose: Purpose, sealed: &[u8]) -> bool {
    key_id(sealed).is_some_and(|id| ring.has(purpose, id))
}

/// How much longer than its plain text a sealed text is, in bytes: the head and the tag.
pub const OVERHEAD: usize = HEAD + 16;
/// The id of the key that sealed a text.
pub fn key_id(sealed: &[u8]) -> Option<u32> {
    sealed.get(1..)?.first_chunk::<4>().map(|id| u32::from_be_bytes(*id))
}

const FORMAT: u8 = 1;
const HEAD: usize = 1 + 4 + 12;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn another_ring_another_binding_and_another_purpose_open_nothing() {
        let (ours, theirs) = (KeyRing::generate().unwrap(), KeyRing::generate().unwrap());
        let sealed = seal(&ours, Purpose::SessionToken, b"a", b"plain").unwrap();
        assert_eq!(open(&ours, Purpose::SessionToken, b"a", &sealed).unwrap(), b"plain");
        assert!(open(&theirs, Purpose::SessionToken, b"a", &sealed).is_none());
        assert!(open(&ours, Purpose::SessionToken, b"b", &sealed).is_none());
        assert!(open(&ours, Purpose::StoredSecret, b"a", &sealed).is_none());
    }

    #[tokio::test]
    async fn what_a_removed_key_sealed_cannot_be_opened() {
        let ring = KeyRing::generate().unwrap();
        let sealed = seal(&ring, Purpose::StoredSecret, b"a", b"plain").unwrap();
        let is_open = || {
            let opens = can_open(&ring, Purpose::StoredSecret, &sealed);
            assert_eq!(open(&ring, Purpose::StoredSecret, b"a", &sealed).is_some(), opens);
            opens
        };
        assert!(is_open());
        ring.prepare(&[Purpose::StoredSecret], 1).await.unwrap();
        ring.activate(&[Purpose::StoredSecret], 2).await.unwrap();
        assert!(is_open());
        ring.remove(key_id(&sealed).unwrap()).await.unwrap();
        assert!(!is_open());
        assert!(
            !can_open(&ring, Purpose::SessionToken, &sealed) && !can_open(&ring, Purpose::StoredSecret, b"")
        );
    }

    proptest! {
        #[test]
        fn any_flipped_bit_and_any_truncation_is_refused(plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32) {
            let ring = KeyRing::generate().unwrap();
            let sealed = seal(&ring, Purpose::SessionToken, b"", &plain).unwrap();
            prop_assert_eq!(open(&ring, Purpose::SessionToken, b"", &sealed).unwrap(), plain);
            let mut flipped = sealed.clone();
            flipped[at.index(sealed.len())] ^= 1 << bit;
            prop_assert!(open(&ring, Purpose::SessionToken, b"", &flipped).is_none());
            prop_assert!(open(&ring, Purpose::SessionToken, b"", &sealed[..at.index(sealed.len())]).is_none());
        }
    }
}
