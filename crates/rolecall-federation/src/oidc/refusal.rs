//! Why a token is not believed.

/// Why a token gives nobody anything. Callers should hear the same of a key that is not there and of a signature
/// that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no signed token, or one with extensions that change what it means.
    NotAToken,
    /// It is signed in a way that is not accepted, or not at all.
    Algorithm,
    /// The issuer has no such key, may not be asked, or the key did not make the signature.
    NoKey,
    /// The issuer does not answer.
    Unreachable,
    /// Nobody vouches for the issuer's certificate.
    Certificate,
    /// A claim is missing.
    MissingClaim(&'static str),
    /// A claim is not what it must be.
    MalformedClaim(&'static str),
    /// The claim of a source identity is none.
    SourceIdentity,
    /// It is meant for somebody else.
    Audience,
    /// It has ended. Times are in seconds since 1970.
    Expired {
        /// When it was shown.
        now: i64,
        /// When it ended.
        exp: i64,
    },
    /// It was issued so many seconds ago, which is too long.
    TooOld(i64),
    /// It has not begun. Times are in seconds since 1970.
    NotYet {
        /// The claim that says so.
        claim: &'static str,
        /// What it says.
        time: i64,
        /// When it was shown.
        now: i64,
    },
}
