//! The codes, statuses and sentences of failed authentication, per protocol.

use super::canonical::ALGORITHM;
use super::fault::{AuthFault, HeaderProblem, Mismatch, QueryProblem, ScopePart};
use super::scope::{format_iso, format_timestamp};
use crate::error::{ApiError, ErrorCode};
use crate::operation::{Protocol, Service};

impl AuthFault {
    /// The error a client of `service` gets.
    pub fn to_error(&self, service: Service) -> ApiError {
        match service.protocol() {
            Protocol::RestXml => self.in_s3(),
            Protocol::Query | Protocol::Json | Protocol::RestJson => self.in_query(),
        }
    }

    fn in_s3(&self) -> ApiError {
        match self {
            Self::SeveralMechanisms => error("InvalidArgument", 400, SEVERAL),
            Self::UnsupportedMechanism => error("InvalidRequest", 400, UNSUPPORTED),
            Self::MalformedHeader(problem) => s3_header(problem),
            Self::IncompleteQuery => error(QUERY_ERROR, 400, INCOMPLETE_V4),
            Self::QueryParameter(problem) => error(QUERY_ERROR, 400, query_problem(*problem)),
            Self::IncompleteV2Query => denied(INCOMPLETE_V2),
            Self::InvalidV2Expires(text) => {
                denied(format!("Invalid date (should be seconds since epoch): {text}"))
            }
            Self::WrongScope { part, in_query } => s3_scope(part, *in_query),
            Self::Skewed { signed_at, now, allowed } => s3_skew(*signed_at, *now, *allowed),
            Self::NotYetValid { .. } => denied("Request is not valid yet"),
            Self::UrlExpired { expired_at, now, lifetime } => s3_expired(*expired_at, *now, *lifetime),
            Self::HeadersNotSigned(names) => not_signed(names),
            Self::ParametersNotSigned(names) => parameters_not_signed(names),
            Self::MissingPayloadHash => error("InvalidRequest", 400, MISSING_HASH),
            Self::InvalidPayloadHash(got) => invalid_hash(got),
            Self::PayloadNotImplemented => error("NotImplemented", 501, NOT_IMPLEMENTED),
            Self::SignatureMismatch(mismatch) => s3_mismatch(mismatch),
        }
    }

    fn in_query(&self) -> ApiError {
        match self {
            Self::SeveralMechanisms => incomplete(SEVERAL),
            Self::UnsupportedMechanism => incomplete(UNSUPPORTED),
            Self::MalformedHeader(problem) => incomplete(header_problem(problem)),
            Self::IncompleteQuery => incomplete(INCOMPLETE_V4),
            Self::QueryParameter(problem) => incomplete(query_problem(*problem)),
            Self::IncompleteV2Query | Self::InvalidV2Expires(_) => incomplete(UNSUPPORTED),
            Self::WrongScope { part, .. } => mismatch(scope_problem(part)),
            Self::Skewed { signed_at, now, allowed } if signed_at < now => {
                mismatch(expired(*signed_at, *now, *allowed))
            }
            Self::Skewed { signed_at, now, allowed } | Self::NotYetValid { signed_at, now, allowed } => {
                mismatch(not_yet(*signed_at, *now, *allowed))
            }
            Self::UrlExpired { expired_at, now, lifetime } => {
                let lifetime = lifetime.unwrap_or(0);
                mismatch(expired(expired_at - lifetime, *now, lifetime))
            }
            Self::HeadersNotSigned(names) if names.iter().any(|name| name == "host") => {
                mismatch(HOST_NOT_SIGNED)
            }
            Self::HeadersNotSigned(names) => not_signed(names),
            Self::ParametersNotSigned(names) => parameters_not_signed(names),
            Self::MissingPayloadHash => incomplete(MISSING_HASH),
            Self::InvalidPayloadHash(_) | Self::PayloadNotImplemented | Self::SignatureMismatch(_) => {
                mismatch(QUERY_MISMATCH)
            }
        }
    }
}

fn s3_header(problem: &HeaderProblem) -> ApiError {
    match problem {
        HeaderProblem::NoDate | HeaderProblem::Date(_) => denied(NO_DATE),
        HeaderProblem::Credential(_) => {
            malformed(format!("the Credential is mal-formed; expecting {EXPECTING}."))
        }
        HeaderProblem::Missing(part) => malformed(format!("the authorization header requires {part}.")),
        HeaderProblem::NotKeyValue { .. } | HeaderProblem::UnexpectedPart(_) => malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
    }
}

fn header_problem(problem: &HeaderProblem) -> String {
    match problem {
        HeaderProblem::NotKeyValue { part, header } => format!(
            "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
        ),
        HeaderProblem::UnexpectedPart(part) => format!("'{part}' is not expected in Authorization header."),
        HeaderProblem::Missing(part) => format!("Authorization header requires '{part}' parameter."),
        HeaderProblem::Credential(got) => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
        ),
        HeaderProblem::NoDate => {
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned()
        }
        HeaderProblem::Date(got) => format!(
            "Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ),
    }
}

fn query_problem(problem: QueryProblem) -> String {
    match problem {
        QueryProblem::Algorithm => format!("X-Amz-Algorithm only supports \"{ALGORITHM}\""),
        QueryProblem::Credential => {
            format!(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting {EXPECTING}."
            )
        }
        QueryProblem::Date => {
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned()
        }
        QueryProblem::ExpiresNotNumber => "X-Amz-Expires should be a number".to_owned(),
        QueryProblem::ExpiresNotPositive => "X-Amz-Expires must be at least one second".to_owned(),
        QueryProblem::ExpiresTooLong(WEEK) => WEEK_TEXT.to_owned(),
        QueryProblem::ExpiresTooLong(most) => format!("X-Amz-Expires must be less than {most} seconds"),
    }
}

fn s3_scope(part: &ScopePart, in_query: bool) -> ApiError {
    let text = match part {
        ScopePart::Date { got, signed_at } => format!(
            "Invalid credential date \"{got}\". This date is not the same as X-Amz-Date: \"{}\".",
            day(*signed_at)
        ),
        ScopePart::Region { got, expecting } => {
            format!("the region '{got}' is wrong; expecting '{expecting}'")
        }
        ScopePart::Service { got, expecting } => {
            format!("incorrect service \"{got}\". This endpoint belongs to \"{expecting}\".")
        }
        ScopePart::Terminator(got) => {
            format!("incorrect terminal \"{got}\". This endpoint uses \"aws4_request\".")
        }
    };
    let error = if in_query {
        error(QUERY_ERROR, 400, format!("Error parsing the X-Amz-Credential parameter; {text}"))
    } else {
        malformed(text)
    };
    match part {
        ScopePart::Region { expecting, .. } => error.with("Region", expecting),
        _ => error,
    }
}

fn scope_problem(part: &ScopePart) -> String {
    match part {
        ScopePart::Date { got, signed_at } => format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{got}' != \
             '{}', from '{}'.",
            day(*signed_at),
            format_timestamp(*signed_at)
        ),
        ScopePart::Region { got, .. } => {
            format!("Credential should be scoped to a valid region, not '{got}'. ")
        }
        ScopePart::Service { expecting, .. } => {
            format!("Credential should be scoped to correct service: '{expecting}'. ")
        }
        ScopePart::Terminator(got) => {
            format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{got}'. ")
        }
    }
}

fn s3_skew(signed_at: i64, now: i64, allowed: i64) -> ApiError {
    error(
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    )
    .with("RequestTime", format_timestamp(signed_at))
    .with("ServerTime", format_iso(now))
    .with("MaxAllowedSkewMilliseconds", (allowed * 1000).to_string())
}

fn s3_expired(expired_at: i64, now: i64, lifetime: Option<i64>) -> ApiError {
    let mut error = denied("Request has expired");
    if let Some(lifetime) = lifetime {
        error = error.with("X-Amz-Expires", lifetime.to_string());
    }
    error.with("Expires", format_iso(expired_at)).with("ServerTime", format_iso(now))
}

fn s3_mismatch(mismatch: &Mismatch) -> ApiError {
    let error = error("SignatureDoesNotMatch", 403, S3_MISMATCH)
        .with("AWSAccessKeyId", &mismatch.access_key_id)
        .with("StringToSign", &mismatch.string_to_sign)
        .with("SignatureProvided", &mismatch.provided)
        .with("StringToSignBytes", octets(mismatch.string_to_sign.as_bytes()));
    if mismatch.canonical_request.is_empty() {
        return error;
    }
    error
        .with("CanonicalRequest", String::from_utf8_lossy(&mismatch.canonical_request))
        .with("CanonicalRequestBytes", octets(&mismatch.canonical_request))
}

fn expired(signed_at: i64, now: i64, window: i64) -> String {
    let (signed, earliest, now) =
        (format_timestamp(signed_at), format_timestamp(now - window), format_timestamp(now));
    format!("Signature expired: {signed} is now earlier than {earliest} ({now} - {} min.)", window / 60)
}

fn not_yet(signed_at: i64, now: i64, window: i64) -> String {
    let (signed, latest, now) =
        (format_timestamp(signed_at), format_timestamp(now + window), format_timestamp(now));
    format!("Signature not yet current: {signed} is still later than {latest} ({now} + {} min.)", window / 60)
}

fn not_signed(names: &[String]) -> ApiError {
    denied("There were headers present in the request which were not signed")
        .with("HeadersNotSigned", names.join(", "))
}

fn parameters_not_signed(names: &[String]) -> ApiError {
    denied("There were query parameters present in the request which were not signed")
        .with("ParametersNotSigned", names.join(", "))
}

fn invalid_hash(got: &str) -> ApiError {
    error("InvalidArgument", 400, INVALID_HASH)
        .with("ArgumentName", "x-amz-content-sha256")
        .with("ArgumentValue", got)
}

fn octets(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ")
}

fn day(seconds: i64) -> String {
    format_timestamp(seconds).split('T').next().unwrap_or("").to_owned()
}

fn malformed(detail: impl std::fmt::Display) -> ApiError {
    error("AuthorizationHeaderMalformed", 400, format!("The authorization header is malformed; {detail}"))
}

fn denied(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    error("AccessDenied", 403, message)
}

fn incomplete(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    error("IncompleteSignature", 400, message)
}

fn mismatch(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    error("SignatureDoesNotMatch", 403, message)
}

fn error(code: &'static str, status: u16, message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(ErrorCode::sender(code, status), message)
}

const WEEK: i64 = 604_800;
const QUERY_ERROR: &str = "AuthorizationQueryParametersError";
const SEVERAL: &str = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                       string parameter or the Authorization header should be specified";
const UNSUPPORTED: &str =
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
const INCOMPLETE_V4: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                             X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const INCOMPLETE_V2: &str =
    "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
const WEEK_TEXT: &str = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must \
                         be less than 604800 seconds";
const EXPECTING: &str = "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"";
const NO_DATE: &str = "AWS authentication requires a valid Date or x-amz-date header";
const MISSING_HASH: &str = "Missing required header for this request: x-amz-content-sha256";
const INVALID_HASH: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                            STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a \
                            valid sha256 value.";
const NOT_IMPLEMENTED: &str = "A header you provided implies functionality that is not implemented";
const HOST_NOT_SIGNED: &str = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
pub(super) const S3_MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
const QUERY_MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check \
                              your AWS Secret Access Key and signing method. Consult the service documentation for \
                              details.";
