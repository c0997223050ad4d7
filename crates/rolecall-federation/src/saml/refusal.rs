//! Why a SAML response is not believed, or not enough.

use super::Why;

/// Why a response gives nobody anything. Until its signature holds, callers should hear the same of every fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// What was posted is not base64 of a text.
    NotBase64,
    /// The provider says that it did not authenticate anybody.
    Rejected,
    /// It is anything but a response with one assertion, signed by the provider.
    Invalid(Why),
    /// It is signed, and not what a response must be.
    Malformed(Why),
    /// It is of another issuer than the provider's metadata name.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// It answers a request; none is ever made.
    Unasked,
    /// It was issued too long ago.
    Stale,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYet,
    /// The attribute `RoleSessionName` is missing.
    SessionNameMissing,
    /// The attribute `RoleSessionName` is no name of a session.
    SessionNameMalformed,
    /// The attribute `SourceIdentity` is no source identity.
    SourceIdentity,
    /// It names nobody, or not the role that is asked for.
    NotAuthorized,
}

impl From<Why> for Refusal {
    fn from(why: Why) -> Self {
        Self::Invalid(why)
    }
}
