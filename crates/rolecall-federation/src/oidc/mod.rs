//! OpenID Connect: from a token to what its issuer vouches for (OpenID Connect Core 1.0; RFC 7519; RFC 8725,
//! JSON Web Token best current practices).
//!
//! Nothing in a token is believed before its signature holds, but for the issuer's name, which says whose keys
//! to ask for: [`Parts::of`] and [`Parts::token`] read it, [`Token::issuer`] says whose it is, [`Keys::find`] knows
//! the keys of the [`Provider`] that the caller has found by that name, and [`Token::verify`] believes it or not.

mod claims;
mod issuer;
mod json;
mod key;
mod keys;
mod refusal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;

pub use key::KeySet;
pub use keys::{Keys, Source};
pub use refusal::Refusal;
pub use token::{Parts, Token};

/// An issuer whose word is taken, and for whom.
#[derive(Debug, Clone)]
pub struct Provider<'a> {
    /// Where its keys come from.
    pub source: Source,
    /// What its condition keys begin with: the issuer without its scheme.
    pub name: &'a str,
    /// The audiences it is registered for; `None` when any will do.
    pub client_ids: Option<&'a [String]>,
    /// Whether audience and subject stay visible in the session's requests.
    pub carried: bool,
}
