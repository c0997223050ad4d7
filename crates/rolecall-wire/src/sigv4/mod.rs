//! Request authentication: which credential a request presents, and whether its signature holds.
//!
//! Everything here is a pure function of the request, a secret and the time handed in. The order of
//! use: [`Presented::find`] → look the access key up → [`Presented::verify`]. Streamed bodies then go
//! through [`chunked::ChunkedDecoder`] and [`checksum::Checksums`]; browser forms through
//! [`post_policy`].

pub mod canonical;
pub mod checksum;
pub mod chunked;
pub mod fault;
mod fault_texts;
pub mod key;
pub mod moved;
pub mod multipart;
pub mod payload;
pub mod post_policy;
pub mod presented;
pub mod scope;
pub mod sign;
mod v2;
pub mod verify;

pub use fault::AuthFault;
pub use key::{SecretKey, SigningKey, SigningKeyCache};
pub use payload::PayloadHash;
pub use presented::{Mechanism, Presented};
pub use scope::{Credential, Scope};
pub use sign::Signer;
pub use verify::{Body, Rules, Verified};

#[cfg(test)]
mod tests;
