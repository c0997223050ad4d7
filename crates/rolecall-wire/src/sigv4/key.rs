//! Secret access keys, the signing keys derived from them, and a bounded cache of the latter.

use super::scope::Scope;
use aws_lc_rs::{constant_time, digest, hmac};
use foldhash::fast::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret access key: wiped when dropped, never printed, compared in constant time.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(String);

impl SecretKey {
    /// Takes possession of a secret.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself; every call is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Derives the key that signs within `scope`: a chain of HMAC-SHA-256 over the date, the region,
    /// the service and the terminator (IAM User Guide, "Create a signed AWS API request", step 4).
    pub fn signing_key(&self, scope: &Scope<'_>) -> SigningKey {
        let mut start = format!("AWS4{}", self.0).into_bytes();
        let mut key = hmac_sha256(&start, scope.date.as_bytes());
        start.zeroize();
        for part in [&scope.region, &scope.service, TERMINATOR] {
            let next = hmac_sha256(&key, part.as_bytes());
            key.zeroize();
            key = next;
        }
        let ready = hmac::Key::new(hmac::HMAC_SHA256, &key);
        key.zeroize();
        SigningKey(Arc::new(ready))
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        is_same(&self.0, &other.0)
    }
}

impl Eq for SecretKey {}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A key that signs for one day, region and service; made ready once, wiped by its library when dropped.
#[derive(Clone)]
pub struct SigningKey(Arc<hmac::Key>);

impl SigningKey {
    /// The signature of a string to sign, in lower-case hex as it travels.
    pub fn sign(&self, string_to_sign: &str) -> String {
        hex(hmac::sign(&self.0, string_to_sign.as_bytes()).as_ref())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// Derived signing keys by access key and scope. Bounded, safe to share between threads; an entry
/// remembers which secret it came from, so a changed secret never meets an old key.
pub struct SigningKeyCache {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    capacity: usize,
}

#[derive(Default)]
struct Shard {
    /// By the hash of access key id and scope; the entry says whether it is the one meant.
    entries: HashMap<u64, Entry, RandomState>,
    oldest_first: VecDeque<u64>,
}

struct Entry {
    access_key_id: String,
    scope: Scope<'static>,
    secret: SecretKey,
    key: SigningKey,
}

impl SigningKeyCache {
    /// A cache of at most about `capacity` keys.
    pub fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, hasher: RandomState::default(), capacity: capacity.div_ceil(SHARDS).max(1) }
    }

    /// The signing key of `secret`, which belongs to `access_key_id`, for `scope`.
    pub fn signing_key(&self, access_key_id: &str, secret: &SecretKey, scope: &Scope<'_>) -> SigningKey {
        let hash = self.hasher.hash_one((access_key_id, scope));
        if let Some(key) = self.find(hash, access_key_id, secret, scope) {
            return key;
        }
        let key = secret.signing_key(scope);
        let (access_key_id, scope) = (access_key_id.to_owned(), scope.clone().into_owned());
        let secret = SecretKey(secret.0.clone());
        self.insert(hash, Entry { access_key_id, scope, secret, key: key.clone() });
        key
    }

    /// Drops every key derived for an access key.
    pub fn forget(&self, access_key_id: &str) {
        let Some(mut shard) = self.shard(access_key_id) else { return };
        let Shard { entries, oldest_first } = &mut *shard;
        entries.retain(|_, entry| entry.access_key_id != access_key_id);
        oldest_first.retain(|hash| entries.contains_key(hash));
    }

    fn find(
        &self,
        hash: u64,
        access_key_id: &str,
        secret: &SecretKey,
        scope: &Scope<'_>,
    ) -> Option<SigningKey> {
        let shard = self.shard(access_key_id)?;
        let entry = shard.entries.get(&hash)?;
        let meant = entry.access_key_id == access_key_id && entry.scope == *scope;
        (meant && entry.secret == *secret).then(|| entry.key.clone())
    }

    fn insert(&self, hash: u64, entry: Entry) {
        let Some(mut shard) = self.shard(&entry.access_key_id) else { return };
        if shard.entries.insert(hash, entry).is_some() {
            return;
        }
        shard.oldest_first.push_back(hash);
        if shard.oldest_first.len() > self.capacity
            && let Some(oldest) = shard.oldest_first.pop_front()
        {
            shard.entries.remove(&oldest);
        }
    }

    fn shard(&self, access_key_id: &str) -> Option<MutexGuard<'_, Shard>> {
        let hash = usize::try_from(self.hasher.hash_one(access_key_id) % (SHARDS as u64)).ok()?;
        Some(self.shards.get(hash)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for SigningKeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyCache").field("capacity", &(self.capacity * SHARDS)).finish_non_exhaustive()
    }
}

/// True when two texts are the same; how long it takes tells their length at most.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// SHA-256 of some bytes.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    fixed(digest::digest(&digest::SHA256, data).as_ref())
}

/// Bytes in lower-case hex, as signatures and hashes travel.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = vec![0; bytes.len() * 2];
    let (pairs, _) = out.as_chunks_mut();
    for ([high, low], byte) in pairs.iter_mut().zip(bytes) {
        (*high, *low) = (hex_digit(byte >> 4), hex_digit(byte & 15));
    }
    String::from_utf8(out).unwrap_or_default()
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }
}

pub(crate) fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    fixed(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref())
}

pub(crate) fn hmac_sha1(key: &[u8], data: &[u8]) -> [u8; 20] {
    fixed(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), data).as_ref())
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    out
}

/// The last element of every credential scope.
pub const TERMINATOR: &str = "aws4_request";

const SHARDS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    fn scope(date: &str) -> Scope<'_> {
        Scope::new(date, "us-east-1", "iam")
    }

    #[test]
    fn derives_the_documented_example() {
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
        let key = secret.signing_key(&scope("20120215"));
        let documented =
            HEXLOWER.decode(b"f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d").unwrap();
        for text in ["", "any", "other"] {
            assert_eq!(key.sign(text), HEXLOWER.encode(&hmac_sha256(&documented, text.as_bytes())));
        }
    }

    #[test]
    fn sig_29_a_changed_secret_never_meets_an_old_key() {
        let cache = SigningKeyCache::new(64);
        let (old, new) = (SecretKey::new("old".to_owned()), SecretKey::new("new".to_owned()));
        let before = cache.signing_key("AKIA", &old, &scope("20260101"));
        let again = cache.signing_key("AKIA", &old, &scope("20260101"));
        assert!(Arc::ptr_eq(&before.0, &again.0));
        let after = cache.signing_key("AKIA", &new, &scope("20260101"));
        assert_ne!(before.sign("text"), after.sign("text"));
        assert_eq!(after.sign("text"), new.signing_key(&scope("20260101")).sign("text"));
    }

    #[test]
    fn forgetting_and_eviction_keep_it_small() {
        let cache = SigningKeyCache::new(32);
        let secret = SecretKey::new("s".to_owned());
        for day in 0..500 {
            cache.signing_key("AKIA", &secret, &scope(&day.to_string()));
        }
        let size = || cache.shards.iter().map(|s| s.lock().unwrap().entries.len()).sum::<usize>();
        assert_eq!(size(), 2);
        cache.signing_key("AKIB", &secret, &scope("1"));
        cache.forget("AKIA");
        assert_eq!(size(), 1);
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = SecretKey::new("hunter2".to_owned());
        assert!(!format!("{secret:?}{:?}", secret.signing_key(&scope("1"))).contains("hunter2"));
        assert_eq!(secret, SecretKey::new("hunter2".to_owned()));
        assert_ne!(secret, SecretKey::new("hunter3".to_owned()));
    }
}
