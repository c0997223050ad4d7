//! The sentences of STS (STS API Reference; each recorded or reported from AWS unless said otherwise).

use super::Error;
use rolecall_wire::ApiError;
use rolecall_wire::error::common::{
    ACCESS_DENIED, INVALID_ACTION, INVALID_CLIENT_TOKEN_ID, INVALID_PARAMETER_VALUE, MISSING_ACTION,
    THROTTLING, VALIDATION_ERROR,
};
use rolecall_wire::sts::error::{
    EXPIRED_TOKEN, EXPIRED_TRADE_IN_TOKEN, IDP_COMMUNICATION_ERROR, IDP_REJECTED_CLAIM,
    INVALID_IDENTITY_TOKEN, JWT_PAYLOAD_SIZE_EXCEEDED, MALFORMED_POLICY_DOCUMENT,
    OUTBOUND_WEB_IDENTITY_FEDERATION_DISABLED, PACKED_POLICY_TOO_LARGE, SESSION_DURATION_ESCALATION,
};

pub(crate) fn invalid_action(action: &str, version: &str) -> ApiError {
    ApiError::new(INVALID_ACTION, format!("Could not find operation {action} for version {version}"))
}

pub(crate) fn missing_action() -> Error {
    Error::api(MISSING_ACTION, "The request is missing an action or a required parameter.")
}

/// IAM is closed to `GetFederationToken` credentials, and to those of `GetSessionToken` made without a
/// second factor.
pub(crate) fn not_for_iam() -> Error {
    Error::api(INVALID_CLIENT_TOKEN_ID, "The security token included in the request is invalid")
        .because("Credentials of GetFederationToken, and of GetSessionToken without MFA, cannot call IAM.")
}

/// What `GetSessionToken` credentials may ask of STS.
pub(crate) fn allowed_with_session_token(operation: &str) -> Result<(), Error> {
    match operation {
        "AssumeRole" | "GetCallerIdentity" => Ok(()),
        _ => Err(session_credentials(operation)),
    }
}

/// What `GetFederationToken` credentials may ask of STS.
pub(crate) fn allowed_when_federated(operation: &str) -> Result<(), Error> {
    if operation == "GetCallerIdentity" { Ok(()) } else { Err(session_credentials(operation)) }
}

pub(crate) fn session_credentials(operation: &str) -> Error {
    Error::api(ACCESS_DENIED, format!("Cannot call {operation} with session credentials")).because(
        "Credentials of GetSessionToken and GetFederationToken can ask little of STS; use a user's or role's.",
    )
}

pub(crate) fn invalid_arn(value: &str) -> Error {
    Error::api(VALIDATION_ERROR, format!("{value} is invalid"))
}

pub(crate) fn roles_not_for_root() -> Error {
    Error::api(ACCESS_DENIED, "Roles may not be assumed by root accounts.").because(
        "The request is signed by the root user of an account, which assumes no role whatever policies say. Assume \
         it as a user: aws iam create-user, aws iam create-access-key, and a trust policy that names the user.",
    )
}

pub(crate) fn chaining_limit() -> Error {
    Error::api(
        VALIDATION_ERROR,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )
}

pub(crate) fn max_session_duration() -> Error {
    Error::api(
        VALIDATION_ERROR,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
}

pub(crate) fn mfa_incomplete() -> Error {
    Error::api(
        ACCESS_DENIED,
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    )
}

/// AWS writes two spaces after the code.
pub(crate) fn mfa_unknown_device() -> Error {
    Error::api(
        ACCESS_DENIED,
        "MultiFactorAuthentication failed, unable to validate MFA code.  \
         Please verify your MFA serial number is valid and associated with this user.",
    )
}

/// A wrong code, one that was used, and any code while the device is locked. Some saw a space at its end;
/// clients that compare the whole text expect none.
pub(crate) fn mfa_wrong_code() -> Error {
    Error::api(ACCESS_DENIED, "MultiFactorAuthentication failed with invalid MFA one time pass code.")
}

pub(crate) fn duplicate_tags() -> Error {
    Error::api(
        INVALID_PARAMETER_VALUE,
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
}

pub(crate) fn transitive_not_among_tags() -> Error {
    Error::api(
        INVALID_PARAMETER_VALUE,
        "The specified transitive tag key must be included in the requested tags.",
    )
}

pub(crate) fn transitive_conflict() -> Error {
    Error::api(
        INVALID_PARAMETER_VALUE,
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
         from the calling session.",
    )
}

pub(crate) fn source_identity_fixed() -> Error {
    Error::api(ACCESS_DENIED, "The source identity of the calling session cannot be changed.")
}

/// Not recorded: the sentence is ours. Contexts are vouched for by AWS services, and none is here.
pub(crate) fn no_context_provider() -> Error {
    Error::api(INVALID_PARAMETER_VALUE, "ProvidedContexts names a context provider that is not known here.")
}

/// The one answer to whatever of a SAML response does not hold.
pub(crate) fn saml_signature_invalid() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Response signature invalid")
}

pub(crate) fn saml_not_base64() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Invalid base64 SAMLResponse")
}

pub(crate) fn saml_no_such_provider() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Specified provider doesn't exist.")
}

pub(crate) fn saml_issuer() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Issuer not present in specified provider")
}

pub(crate) fn saml_audience() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "Response does not contain the required audience.")
}

pub(crate) fn saml_session_name_missing() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "RoleSessionName is required in AuthnResponse")
}

pub(crate) fn saml_session_name_malformed() -> Error {
    let sentence = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
    Error::api(INVALID_IDENTITY_TOKEN, sentence)
}

/// Reported by users of AWS's tools.
pub(crate) fn saml_stale() -> Error {
    Error::api(EXPIRED_TOKEN, "Token must be redeemed within 5 minutes of issuance")
}

/// Not recorded: the sentence is ours.
pub(crate) fn saml_expired() -> Error {
    Error::api(EXPIRED_TOKEN, "The SAML response has expired.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn saml_not_yet() -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, "The SAML response is not valid yet.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn saml_unasked() -> Error {
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
pub(crate) fn saml_malformed(what: &str) -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, format!("The SAML response is malformed: {what}."))
}

/// The API reference's sentence on the error.
pub(crate) fn saml_rejected() -> Error {
    Error::api(IDP_REJECTED_CLAIM, "The identity provider (IdP) reported that authentication failed.")
}

pub(crate) fn saml_not_authorized() -> Error {
    not_authorized("AssumeRoleWithSAML")
}

pub(crate) fn policy_too_long(length: usize) -> Error {
    let what = format!("Value of {length} characters at 'policy'");
    Error::api(
        VALIDATION_ERROR,
        format!(
            "1 validation error detected: {what} failed to satisfy constraint: \
             Member must have length less than or equal to 2048"
        ),
    )
}

pub(crate) fn malformed_policy(message: String) -> Error {
    Error::api(MALFORMED_POLICY_DOCUMENT, message)
}

pub(crate) fn packed_policy(percent: usize) -> Error {
    Error::api(
        PACKED_POLICY_TOO_LARGE,
        format!("Packed policy consumes {percent}% of allotted space, please use smaller policy."),
    )
}

pub(crate) fn packed_tags(percent: usize) -> Error {
    Error::api(
        PACKED_POLICY_TOO_LARGE,
        format!("Packed size of session tags consumes {percent}% of allotted space."),
    )
}

pub(crate) fn token_too_large() -> Error {
    Error::api(PACKED_POLICY_TOO_LARGE, "Serialized token too large for session")
}

/// As AWS's validation of any list's length reads.
pub(crate) fn too_many_policy_arns(arns: &str) -> Error {
    Error::api(
        VALIDATION_ERROR,
        format!(
            "1 validation error detected: Value '[{arns}]' at 'policyArns' failed to satisfy constraint: \
             Member must have length less than or equal to 10"
        ),
    )
}

/// Not recorded: the sentence is the one for IAM's tags, which is ours.
pub(crate) fn reserved_tag() -> Error {
    Error::api(INVALID_PARAMETER_VALUE, "aws: prefixed tag key names are not allowed for external use.")
}

pub(crate) fn not_a_key_id(id: &str) -> Error {
    Error::api(VALIDATION_ERROR, format!("{id} is not a valid access key id."))
}

/// The refusal of a federated caller; AWS names neither role nor reason.
pub(crate) fn not_authorized(operation: &str) -> Error {
    Error::api(ACCESS_DENIED, format!("Not authorized to perform sts:{operation}"))
}

pub(crate) fn throttled() -> Error {
    Error::api(THROTTLING, "Rate exceeded")
}

fn invalid_token(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::api(INVALID_IDENTITY_TOKEN, message)
}

pub(crate) fn not_a_token() -> Error {
    invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// Not recorded: the sentence is ours.
pub(crate) fn unsupported_algorithm() -> Error {
    invalid_token(
        "The ID Token provided is not signed with one of RS256, RS384, RS512, ES256, ES384 and ES512.",
    )
}

pub(crate) fn missing_claim(claim: &str) -> Error {
    invalid_token(format!("Missing a required claim: {claim}"))
}

/// Not recorded: the sentence is ours.
pub(crate) fn malformed_claim(claim: &str) -> Error {
    invalid_token(format!("The claim {claim} is malformed."))
}

/// The issuer is spelled as in the token.
pub(crate) fn no_such_issuer(issuer: &str) -> Error {
    let shown: String = issuer.chars().take(255).collect();
    invalid_token(format!("No OpenIDConnect provider found in your account for {shown}"))
}

/// AWS writes two spaces after the comma. A signature that does not hold is answered in the same words.
pub(crate) fn no_verification_key() -> Error {
    invalid_token(
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    )
}

/// Clients try again. Not recorded: the sentence is ours.
pub(crate) fn issuer_unreachable() -> Error {
    Error::api(IDP_COMMUNICATION_ERROR, "The identity provider did not answer; try again later.")
}

pub(crate) fn untrusted_certificate() -> Error {
    invalid_token("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
}

pub(crate) fn incorrect_audience() -> Error {
    invalid_token("Incorrect token audience")
}

pub(crate) fn token_expired(now: i64, exp: i64) -> Error {
    Error::api(
        EXPIRED_TOKEN,
        format!("Token expired: current date/time {now} must be before the expiration date/time {exp}"),
    )
}

pub(crate) fn token_too_old(age: i64) -> Error {
    Error::api(EXPIRED_TOKEN, format!("Token too old: {age}"))
}

/// Not recorded: modelled on that of an expired token.
pub(crate) fn token_from_the_future(claim: &str, time: i64, now: i64) -> Error {
    invalid_token(format!(
        "Token not yet valid: current date/time {now} must not be before its {claim}, {time}"
    ))
}

/// Of SAML and web identities alike (IAM User Guide, Troubleshoot SAML federation).
pub(crate) fn malformed_source_identity() -> Error {
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

pub(crate) fn outbound_federation_disabled() -> Error {
    Error::api(
        OUTBOUND_WEB_IDENTITY_FEDERATION_DISABLED,
        "The outbound web identity federation feature is not enabled for this account. To use this feature, you \
         must first enable it through the Amazon Web Services Management Console or API.",
    )
}

pub(crate) fn session_duration_escalation() -> Error {
    Error::api(
        SESSION_DURATION_ESCALATION,
        "The requested token duration would extend the session beyond its original expiration time. You cannot use \
         this operation to extend the lifetime of a session beyond what was granted when the session was \
         originally created.",
    )
}

pub(crate) fn jwt_too_large() -> Error {
    Error::api(
        JWT_PAYLOAD_SIZE_EXCEEDED,
        "The requested token payload size exceeds the maximum allowed size. Reduce the number of request tags \
         included in the GetWebIdentityToken API call to reduce the token payload size.",
    )
}

/// Nobody issues such tokens here; one that AWS issued long ago sounds like this.
pub(crate) fn expired_trade_in_token() -> Error {
    Error::api(
        EXPIRED_TRADE_IN_TOKEN,
        "The trade-in token provided in the request has expired and can no longer be exchanged for credentials. \
         Request a new token and retry the operation.",
    )
}

/// Forged, somebody else's and too old sound alike.
pub(crate) fn invalid_authorization_message() -> Error {
    Error::api(
        rolecall_wire::sts::error::INVALID_AUTHORIZATION_MESSAGE,
        "Message is not valid. Make sure that the message has not been changed and is not older than a day.",
    )
}

/// A refusal without a reason: whatever is missing must sound alike.
pub(crate) fn not_authorized_on(caller: &str, operation: &str, resource: &str) -> Error {
    let what =
        format!("User: {caller} is not authorized to perform: sts:{operation} on resource: {resource}");
    Error::api(ACCESS_DENIED, what)
}
