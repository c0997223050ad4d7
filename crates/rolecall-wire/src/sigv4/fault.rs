//! Every way a presented credential fails; `fault_texts` says it in the service's words.

/// Why a request could not be authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFault {
    /// Credentials in the `Authorization` header and in the query at once.
    SeveralMechanisms,
    /// `Bearer`, `Basic`, Signature Version 2 in the header, SigV4A, a session token by itself, junk.
    UnsupportedMechanism,
    /// The `Authorization` header is not what Signature Version 4 prescribes.
    MalformedHeader(HeaderProblem),
    /// Some of the six parameters of a presigned URL are missing.
    IncompleteQuery,
    /// One parameter of a presigned URL is wrong.
    QueryParameter(QueryProblem),
    /// Some of `AWSAccessKeyId`, `Signature` and `Expires` are missing.
    IncompleteV2Query,
    /// `Expires` of a Signature Version 2 URL is not a number.
    InvalidV2Expires(String),
    /// The scope of the credential does not fit this endpoint or this request.
    WrongScope {
        /// Which element is wrong, and how.
        part: ScopePart,
        /// True when the scope came in the query string.
        in_query: bool,
    },
    /// The signing time is too far from now.
    Skewed {
        /// When the request says it was signed, in seconds since 1970.
        signed_at: i64,
        /// The server's time.
        now: i64,
        /// How far apart the two may be, in seconds.
        allowed: i64,
    },
    /// A presigned URL dated in the future.
    NotYetValid {
        /// When the URL says it was signed.
        signed_at: i64,
        /// The server's time.
        now: i64,
        /// How far ahead the signing time may be, in seconds.
        allowed: i64,
    },
    /// A presigned URL past its time.
    UrlExpired {
        /// When it expired, in seconds since 1970.
        expired_at: i64,
        /// The server's time.
        now: i64,
        /// How long it was good for (Signature Version 4), in seconds.
        lifetime: Option<i64>,
    },
    /// Headers that must be signed and are not: `host` or any `x-amz-*` that was sent.
    HeadersNotSigned(Vec<String>),
    /// Query parameters that a Signature Version 2 URL does not cover.
    ParametersNotSigned(Vec<String>),
    /// S3 wants `x-amz-content-sha256` with an `Authorization` header.
    MissingPayloadHash,
    /// `x-amz-content-sha256` has none of its documented values.
    InvalidPayloadHash(String),
    /// The payload form belongs to SigV4A, which is not served.
    PayloadNotImplemented,
    /// The signature is not the one computed here.
    SignatureMismatch(Box<Mismatch>),
}

/// What is wrong with an `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderProblem {
    /// A part without an equal sign, and the header it stands in.
    NotKeyValue {
        /// The part.
        part: String,
        /// The whole header.
        header: String,
    },
    /// A part that occurs twice, or that Signature Version 4 does not know.
    UnexpectedPart(String),
    /// `Credential`, `SignedHeaders` or `Signature` is missing or empty.
    Missing(&'static str),
    /// `Credential` does not have its five elements.
    Credential(String),
    /// Neither `X-Amz-Date` nor `Date` was sent.
    NoDate,
    /// The date is unreadable.
    Date(String),
}

/// What is wrong with a parameter of a presigned URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryProblem {
    /// `X-Amz-Algorithm` is not ours.
    Algorithm,
    /// `X-Amz-Credential` does not have its five elements.
    Credential,
    /// `X-Amz-Date` is not in ISO 8601 basic format.
    Date,
    /// `X-Amz-Expires` is not a whole number.
    ExpiresNotNumber,
    /// `X-Amz-Expires` is less than one second.
    ExpiresNotPositive,
    /// `X-Amz-Expires` is more than the service allows, in seconds.
    ExpiresTooLong(i64),
}

/// The element of a credential scope that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopePart {
    /// The day is not the day of the request's date.
    Date {
        /// The day in the scope.
        got: String,
        /// The signing time.
        signed_at: i64,
    },
    /// The region is not served here.
    Region {
        /// The region in the scope.
        got: String,
        /// A region that is.
        expecting: String,
    },
    /// The service is another.
    Service {
        /// The service in the scope.
        got: String,
        /// The service of this endpoint.
        expecting: String,
    },
    /// The last element is not `aws4_request`.
    Terminator(String),
}

/// What was computed and what was provided, as S3 tells it to the signer.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The access key id presented.
    pub access_key_id: String,
    /// The signature presented.
    pub provided: String,
    /// The string to sign computed here.
    pub string_to_sign: String,
    /// The canonical request computed here; empty for Signature Version 2.
    pub canonical_request: Vec<u8>,
}

/// Shows the access key only: the canonical request carries the session token.
impl std::fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mismatch").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
