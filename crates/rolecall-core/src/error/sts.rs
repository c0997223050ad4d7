//! The sentences of STS (STS API Reference; each recorded or reported from AWS unless said otherwise).

mod federation;

pub(crate) use federation::{
    access_tokens_not_served, no_such_issuer, saml_no_such_provider, saml_not_authorized, saml_redeemed,
};

use super::Error;
use rolecall_wire::ApiError;
use rolecall_wire::error::common::{
    ACCESS_DENIED, INVALID_ACTION, INVALID_CLIENT_TOKEN_ID, INVALID_PARAMETER_VALUE, MISSING_ACTION,
    THROTTLING, VALIDATION_ERROR,
};
use rolecall_wire::sts::error::{
    EXPIRED_TRADE_IN_TOKEN, JWT_PAYLOAD_SIZE_EXCEEDED, MALFORMED_POLICY_DOCUMENT,
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
