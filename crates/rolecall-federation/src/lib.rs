//! Federation: what an identity provider vouches for, once its word is verified.
//!
//! OpenID Connect and SAML both end in an [`Assertion`]. Everything here reads what strangers wrote, and nothing
//! here reaches a store, a request or a record: which provider is asked about, and what a refusal sounds like,
//! is for the caller to say.

mod assertion;
mod fetch;
pub mod oidc;
pub mod saml;

pub use assertion::{Assertion, ConditionKey, Tags, Voucher};
pub use fetch::{Fetch, FetchError, LONGEST as LONGEST_DOCUMENT, NoWayOut};
