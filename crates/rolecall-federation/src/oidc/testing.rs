//! An OpenID provider in memory: keys, the documents that publish them, and tokens of every kind.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests alone use it, those of other crates, too"
)]

use crate::{Fetch, FetchError};
use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

/// What is served at which URL, and how often something was asked for.
#[derive(Default)]
pub struct Web {
    pages: Mutex<HashMap<String, Result<Bytes, FetchError>>>,
    asked: AtomicUsize,
    /// How long every answer takes.
    pub delay: Mutex<Option<std::time::Duration>>,
}

#[async_trait]
impl Fetch for Web {
    async fn get(&self, url: &str, _thumbprints: &[String]) -> Result<Bytes, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let delay = *self.delay.lock().unwrap();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let page = self.pages.lock().unwrap().get(url).cloned();
        page.unwrap_or_else(|| Err(FetchError::Unreachable("404".to_owned())))
    }
}

impl Web {
    /// Serves a page.
    pub fn put(&self, url: &str, page: &str) {
        self.pages.lock().unwrap().insert(url.to_owned(), Ok(Bytes::from(page.to_owned())));
    }

    /// Fails for a URL.
    pub fn fail(&self, url: &str, error: FetchError) {
        self.pages.lock().unwrap().insert(url.to_owned(), Err(error));
    }

    /// How many pages were asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Publishes an issuer with these keys.
    pub fn publish(&self, issuer: &str, keys: &[Value]) {
        let base = issuer.trim_end_matches('/');
        let about = json!({"issuer": issuer, "jwks_uri": format!("{base}/keys")});
        self.put(&format!("{base}/.well-known/openid-configuration"), &about.to_string());
        self.put(&format!("{base}/keys"), &json!({"keys": keys}).to_string());
    }
}

/// A key that signs.
pub enum Signer {
    /// Its algorithm, how it signs, and the pair.
    Rsa(&'static str, &'static dyn RsaEncoding, Arc<RsaKeyPair>),
    /// Its algorithm, its curve, and the pair.
    Ec(&'static str, &'static str, Arc<EcdsaKeyPair>),
}

static RSA: LazyLock<Arc<RsaKeyPair>> =
    LazyLock::new(|| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
static OTHER_RSA: LazyLock<Arc<RsaKeyPair>> =
    LazyLock::new(|| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));

impl Signer {
    /// The key of the tests, by its algorithm.
    pub fn of(algorithm: &'static str) -> Self {
        match algorithm {
            "RS256" => Self::Rsa(algorithm, &RSA_PKCS1_SHA256, Arc::clone(&RSA)),
            "RS384" => Self::Rsa(algorithm, &RSA_PKCS1_SHA384, Arc::clone(&RSA)),
            "RS512" => Self::Rsa(algorithm, &RSA_PKCS1_SHA512, Arc::clone(&RSA)),
            "ES256" => Self::elliptic(algorithm, "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => Self::elliptic(algorithm, "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
            "ES512" => Self::elliptic(algorithm, "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
            other => panic!("{other}"),
        }
    }

    /// A key of somebody else.
    pub fn stranger() -> Self {
        Self::Rsa("RS256", &RSA_PKCS1_SHA256, Arc::clone(&OTHER_RSA))
    }

    fn elliptic(name: &'static str, curve: &'static str, how: &'static EcdsaSigningAlgorithm) -> Self {
        Self::Ec(name, curve, Arc::new(EcdsaKeyPair::generate(how).unwrap()))
    }

    /// Its algorithm.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rsa(name, ..) | Self::Ec(name, ..) => name,
        }
    }

    /// The public key as a JSON Web Key.
    pub fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(_, _, pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let text = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({"kty": "RSA", "use": "sig", "kid": kid, "n": text(n), "e": text(e)})
            }
            Self::Ec(alg, curve, pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let text = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
                json!({"kty": "EC", "alg": alg, "crv": curve, "kid": kid, "x": text(x), "y": text(y)})
            }
        }
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(_, how, pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*how, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(_, _, pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
        }
    }

    /// A token with this header and these claims.
    pub fn token_with(&self, header: &Value, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims));
        format!("{signed}.{}", encode(self.sign(signed.as_bytes())))
    }

    /// A token with these claims, in the name of a key.
    pub fn token(&self, kid: &str, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.name(), "typ": "JWT", "kid": kid}), &claims.to_string())
    }
}

/// Base64 as tokens have it.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The issuer of the tests.
pub const ISSUER: &str = "https://idp.example.com/tenant";
/// What its provider is registered for.
pub const CLIENT: &str = "sts.amazonaws.com";

/// `claims` with members replaced; `null` takes one away.
pub fn with(mut claims: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!() };
    for (name, value) in changes {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(&name)),
            value => claims[name] = value,
        }
    }
    claims
}
