//! The sentences of `AssumeRoleWithWebIdentity` and `AssumeRoleWithSAML`: why a provider's word is not believed.

use super::not_authorized;
use crate::error::Error;
use rolecall_federation::{oidc, saml};
use rolecall_wire::error::common::INVALID_PARAMETER_VALUE;
use rolecall_wire::sts::error::{
    EXPIRED_TOKEN, IDP_COMMUNICATION_ERROR, IDP_REJECTED_CLAIM, INVALID_IDENTITY_TOKEN,
};

impl From<oidc::Refusal> for Error {
    fn from(why: oidc::Refusal) -> Self {
        use oidc::Refusal;
        match why {
            Refusal::NotAToken => not_a_token(),
            Refusal::Algorithm => unsupported_algorithm(),
            Refusal::NoKey => no_verification_key(),
            Refusal::Unreachable => issuer_unreachable(),
            Refusal::Certificate => untrusted_certificate(),
            Refusal::MissingClaim(claim) => missing_claim(claim),
            Refusal::MalformedClaim(claim) => malformed_claim(claim),
            Refusal::SourceIdentity => malformed_source_identity(),
            Refusal::Audience => incorrect_audience(),
            Refusal::Expired { now, exp } => token_expired(now, exp),
            Refusal::TooOld(age) => token_too_old(age),
            Refusal::NotYet { claim, time, now } => token_from_the_future(claim, time, now),
        }
    }
}

impl From<saml::Refusal> for Error {
    fn from(why: saml::Refusal) -> Self {
        use saml::Refusal;
        match why {
            Refusal::NotBase64 => saml_not_base64(),
            Refusal::Rejected => saml_rejected(),
            Refusal::Invalid(why) => saml_signature_invalid().because(why),
            Refusal::Malformed(what) => saml_malformed(what),
            Refusal::Issuer => saml_issuer(),
            Refusal::Audience => saml_audience(),
            Refusal::Unasked => saml_unasked(),
            Refusal::Stale => saml_stale(),
            Refusal::Expired => saml_expired(),
            Refusal::NotYet => saml_not_yet(),
            Refusal::SessionNameMissing => saml_session_name_missing(),
            Refusal::SessionNameMalformed => saml_session_name_malformed(),
            Refusal::SourceIdentity => malformed_source_identity(),
            Refusal::NotAuthorized => saml_not_authorized(),
        }
    }
}

fn not_a_token() -> Error {
    invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// Not recorded: the sentence is ours.
fn unsupported_algorithm() -> Error {
    invalid_token(
        "The ID Token provided is not signed with one of RS256, RS384, RS512, ES256, ES384 and ES512.",
    )
}

fn missing_claim(claim: &str) -> Error {
    invalid_token(format!("Missing a required claim: {claim}"))
}

/// Not recorded: the sentence is ours.
fn malformed_claim(claim: &str) -> Error {
    invalid_token(format!("The claim {claim} is malformed."))
}

/// The issuer is spelled as in the token.
pub(crate) fn no_such_issuer(issuer: &str) -> Error {
    let shown: String = issuer.chars().take(255).collect();
    invalid_token(format!("No OpenIDConnect provider found in your account for {shown}"))
}

/// AWS writes two spaces after the comma. A signature that does not hold is answered in the same words.
fn no_verification_key() -> Error {
    invalid_token(
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    )
}

/// Clients try again. Not recorded: the sentence is ours.
fn issuer_unreachable() -> Error {
    Error::api(IDP_COMMUNICATION_ERROR, "The identity provider did not answer; try again later.")
}

fn untrusted_certificate() -> Error {
    invalid_token("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
}

fn incorrect_audience() -> Error {
    invalid_token("Incorrect token audience")
}

fn token_expired(now: i64, exp: i64) -> Error {
    Error::api(
        EXPIRED_TOKEN,
        format!("Token expired: current date/time {now} must be before the expiration date/time {exp}"),
    )
}

fn token_too_old(age: i64) -> Error {
    Error::api(EXPIRED_TOKEN, format!("Token too old: {age}"))
}

/// Not recorded: modelled on that of an expired token.
fn token_from_the_future(claim: &str, time: i64, now: i64) -> Error {
    invalid_token(format!(
        "Token not yet valid: current date/time {now} must not be before its {claim}, {time}"
    ))
}

/// Of SAML and web identities alike (IAM User Guide, Troubleshoot SAML federation).
fn malformed_source_identity() -> Error {
    invalid_token(r#"Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:""#)
}

/// Not AWS's: we do not ask Amazon and Facebook about access tokens.
pub(crate) fn access_tokens_not_served() -> Error {
    Error::api(
        INVALID_PARAMETER_VALUE,
        "ProviderId is for OAuth 2.0 access tokens, which this endpoint does not accept; send an OpenID Connect \
         ID token without it.",
    )
}

/// The one answer to whatever of a SAML response does not hold.
fn saml_signature_invalid() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Response signature invalid")
}

fn saml_not_base64() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Invalid base64 SAMLResponse")
}

pub(crate) fn saml_no_such_provider() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Specified provider doesn't exist.")
}

fn saml_issuer() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Issuer not present in specified provider")
}

fn saml_audience() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Response does not contain the required audience.")
}

fn saml_session_name_missing() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "RoleSessionName is required in AuthnResponse")
}

fn saml_session_name_malformed() -> Error {
    let sentence = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
    Error::api(INVALID_IDENTITY_TOKEN, sentence)
}

/// Reported by users of AWS's tools.
fn saml_stale() -> Error {
    Error::api(EXPIRED_TOKEN, "Token must be redeemed within 5 minutes of issuance")
}

/// Not recorded: the sentence is ours.
fn saml_expired() -> Error {
    Error::api(EXPIRED_TOKEN, "The SAML response has expired.")
}

/// Not recorded: the sentence is ours.
fn saml_not_yet() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "The SAML response is not valid yet.")
}

/// Not recorded: the sentence is ours.
fn saml_unasked() -> Error {
    Error::api(
        INVALID_IDENTITY_TOKEN,
        "The SAML response answers a request that was never made (InResponseTo).",
    )
}

/// Not recorded: the sentence is ours.
pub(crate) fn saml_redeemed() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "The SAML assertion has been redeemed already.")
}

/// Not recorded: the sentence is ours. What is malformed was signed by the provider.
fn saml_malformed(what: &str) -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, format!("The SAML response is malformed: {what}."))
}

/// The API reference's sentence on the error.
fn saml_rejected() -> Error {
    Error::api(IDP_REJECTED_CLAIM, "The identity provider (IdP) reported that authentication failed.")
}

pub(crate) fn saml_not_authorized() -> Error {
    not_authorized("AssumeRoleWithSAML")
}

fn invalid_token(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, message)
}
