//! The sentences of IAM (IAM API Reference; recorded from AWS unless said otherwise).

use super::Error;
use crate::id::AccountId;
use rolecall_wire::error::common::{ACCESS_DENIED, VALIDATION_ERROR};
use rolecall_wire::iam::error as code;
use rolecall_wire::iam::error::{
    DELETE_CONFLICT, ENTITY_ALREADY_EXISTS, FEATURE_DISABLED, FEATURE_ENABLED, INVALID_AUTHENTICATION_CODE,
    INVALID_INPUT, LIMIT_EXCEEDED, MALFORMED_POLICY_DOCUMENT, NO_SUCH_ENTITY, POLICY_EVALUATION,
    POLICY_NOT_ATTACHABLE, UNMODIFIABLE_ENTITY,
};

pub(crate) fn invalid_marker() -> Error {
    Error::api(VALIDATION_ERROR, "Invalid Marker.")
}

pub(crate) fn invalid_path() -> Error {
    Error::api(
        VALIDATION_ERROR,
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    )
}

/// AWS writes two spaces.
pub(crate) fn unparsable_arn() -> Error {
    Error::api(VALIDATION_ERROR, "Invalid ARN:  Could not be parsed!")
}

pub(crate) fn must_name_user() -> Error {
    Error::api(VALIDATION_ERROR, "Must specify userName when calling with non-User credentials")
}

/// An input of the policy simulator that is not what it should be (our own words).
pub(crate) fn invalid_simulation(why: String) -> Error {
    Error::api(INVALID_INPUT, why)
}

/// A stored policy that cannot be read (our own words).
pub(crate) fn policy_evaluation() -> Error {
    Error::api(POLICY_EVALUATION, "A policy of the principal cannot be evaluated.")
}

/// `what` is `user`, `group` or `role`.
pub(crate) fn no_such_entity(what: &str, name: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The {what} with name {name} cannot be found."))
}

/// `what` is `User`, `Group` or `Role`.
pub(crate) fn entity_exists(what: &str, name: &str) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("{what} with name {name} already exists."))
}

/// `what` is `user`, `group` or `role`.
pub(crate) fn no_such_inline_policy(what: &str, name: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The {what} policy with name {name} cannot be found."))
}

pub(crate) fn not_attachable(arn: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Policy {arn} does not exist or is not attachable."))
}

pub(crate) fn policy_not_found(arn: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Policy {arn} was not found."))
}

pub(crate) fn no_such_boundary() -> Error {
    Error::api(NO_SUCH_ENTITY, "Scope ARN: ARN does not exist or is not attachable.")
}

/// As recorded; test suites elsewhere assert another sentence, which is not AWS's.
pub(crate) fn not_a_boundary(arn: &str) -> Error {
    Error::api(INVALID_INPUT, format!("ARN {arn} is not valid."))
}

pub(crate) fn service_role_policy() -> Error {
    Error::api(POLICY_NOT_ATTACHABLE, "Cannot attach a Service Role Policy to a Customer Role.")
}

pub(crate) fn protected_role(name: &str) -> Error {
    Error::api(
        UNMODIFIABLE_ENTITY,
        format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        ),
    )
}

pub(crate) fn malformed_document(message: impl Into<String>) -> Error {
    Error::api(MALFORMED_POLICY_DOCUMENT, message.into())
}

/// `what` is the quota's name, such as `AccessKeysPerUser`.
pub(crate) fn quota(what: &str, most: usize) -> Error {
    Error::api(LIMIT_EXCEEDED, format!("Cannot exceed quota for {what}: {most}"))
}

/// `what` is `user`, `group` or `role`.
pub(crate) fn inline_too_large(most: usize, what: &str, name: &str) -> Error {
    Error::api(LIMIT_EXCEEDED, format!("Maximum policy size of {most} bytes exceeded for {what} {name}"))
}

pub(crate) fn too_many_tags() -> Error {
    Error::api(LIMIT_EXCEEDED, "The number of tags has reached the maximum limit.")
}

pub(crate) fn duplicate_tags() -> Error {
    Error::api(INVALID_INPUT, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn reserved_tag() -> Error {
    Error::api(INVALID_INPUT, "aws: prefixed tag key names are not allowed for external use.")
}

pub(crate) fn must_detach_policies() -> Error {
    delete_conflict("must detach all policies first")
}

pub(crate) fn must_delete_policies() -> Error {
    delete_conflict("must delete policies first")
}

pub(crate) fn must_delete_access_keys() -> Error {
    delete_conflict("must delete access keys first")
}

/// Not recorded: modelled on the other sentences.
pub(crate) fn must_delete_mfa_devices() -> Error {
    delete_conflict("must delete MFA device first")
}

/// What AWS says of SSH public keys, among others.
pub(crate) fn must_remove_referenced_objects() -> Error {
    delete_conflict("must remove referenced objects first")
}

pub(crate) fn must_leave_groups() -> Error {
    delete_conflict("must remove users from group first")
}

fn delete_conflict(what: &str) -> Error {
    Error::api(DELETE_CONFLICT, format!("Cannot delete entity, {what}."))
}

pub(crate) fn no_such_access_key(id: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The Access Key with id {id} cannot be found."))
}

/// An unknown key sounds like one the caller may not ask about.
pub(crate) fn unknown_key_last_used(caller: &str, id: &str) -> Error {
    Error::api(
        ACCESS_DENIED,
        format!(
            "User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}"
        ),
    )
}

/// Not recorded: the sentence is ours.
pub(crate) fn expired_is_not_settable() -> Error {
    Error::api(INVALID_INPUT, "The status of an access key can only be set to Active or Inactive.")
}

/// Not recorded: modelled on the sentence about access keys.
pub(crate) fn expired_ssh_public_key() -> Error {
    Error::api(INVALID_INPUT, "The status of an SSH public key can only be set to Active or Inactive.")
}

pub(crate) fn no_such_ssh_public_key(id: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The Public Key with id {id} cannot be found."))
}

/// This sentence and the two after it are those by which the API Reference describes the errors.
pub(crate) fn duplicate_ssh_public_key() -> Error {
    Error::api(
        code::DUPLICATE_SSH_PUBLIC_KEY,
        "The SSH public key is already associated with the specified IAM user.",
    )
}

pub(crate) fn invalid_public_key() -> Error {
    Error::api(code::INVALID_PUBLIC_KEY, "The public key is malformed or otherwise invalid.")
}

pub(crate) fn unrecognized_public_key() -> Error {
    Error::api(
        code::UNRECOGNIZED_PUBLIC_KEY_ENCODING,
        "The public key encoding format is unsupported or unrecognized.",
    )
}

pub(crate) fn mfa_device_exists() -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, "MFADevice entity at the same path and name already exists.")
}

pub(crate) fn mfa_device_in_use() -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, "MFA Device is already in use.")
}

pub(crate) fn no_such_mfa_device(serial_number: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("MFA Device with serial number {serial_number} does not exist."))
}

/// Reported from AWS.
pub(crate) fn must_deactivate_mfa_device() -> Error {
    Error::api(DELETE_CONFLICT, "MFA VirtualDevice in use. Must deactivate first.")
}

pub(crate) fn wrong_authentication_code() -> Error {
    Error::api(INVALID_AUTHENTICATION_CODE, "Authentication code for device is not valid.")
}

pub(crate) fn no_password_policy(account: &AccountId) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The Password Policy with domain name {account} cannot be found."))
}

pub(crate) fn no_account_policy() -> Error {
    Error::api(NO_SUCH_ENTITY, "The account policy with name PasswordPolicy cannot be found.")
}

pub(crate) fn no_such_login_profile(user: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Login Profile for User {user} cannot be found."))
}

/// Not recorded: modelled on the other sentences.
pub(crate) fn alias_exists(alias: &str) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("The account alias {alias} already exists."))
}

/// Not recorded: modelled on the other sentences.
pub(crate) fn no_such_alias(alias: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The Account Alias with name {alias} cannot be found."))
}

/// Not recorded: the sentence is ours.
pub(crate) fn alias_is_account_id() -> Error {
    Error::api(VALIDATION_ERROR, "An account alias must not be a 12-digit number.")
}

/// Not recorded: modelled on the service names unknown to service-specific credentials.
pub(crate) fn no_such_credential_service(service: &str) -> Error {
    Error::api(
        NO_SUCH_ENTITY,
        format!("No such service {service} is supported for Service Specific Credentials"),
    )
}

pub(crate) fn duplicate_policy_tags() -> Error {
    Error::api(INVALID_INPUT, "Duplicate tag keys found.")
}

pub(crate) fn policy_exists(name: &str) -> Error {
    let sentence = format!("A policy called {name} already exists. Duplicate names are not allowed.");
    Error::api(ENTITY_ALREADY_EXISTS, sentence)
}

pub(crate) fn no_such_version(arn: &str, version: &str) -> Error {
    let sentence = format!("Policy {arn} version {version} does not exist or is not attachable.");
    Error::api(NO_SUCH_ENTITY, sentence)
}

pub(crate) fn too_many_versions() -> Error {
    Error::api(
        LIMIT_EXCEEDED,
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
         existing version.",
    )
}

pub(crate) fn default_version() -> Error {
    Error::api(DELETE_CONFLICT, "Cannot delete the default version of a policy.")
}

pub(crate) fn policy_attached() -> Error {
    Error::api(DELETE_CONFLICT, "Cannot delete a policy attached to entities.")
}

pub(crate) fn policy_has_versions() -> Error {
    Error::api(
        DELETE_CONFLICT,
        "This policy has more than one version. Before you delete a policy, you must delete the policy's \
         versions. The default version is deleted with the policy.",
    )
}

pub(crate) fn foreign_policy_deletion() -> Error {
    Error::api(ACCESS_DENIED, "Cannot delete policies outside your own account.")
}

pub(crate) fn foreign_version_deletion() -> Error {
    Error::api(ACCESS_DENIED, "Cannot delete policy versions for policies outside your own account.")
}

pub(crate) fn foreign_policy_update() -> Error {
    Error::api(ACCESS_DENIED, "Cannot update policies outside your own account.")
}

pub(crate) fn must_leave_instance_profiles() -> Error {
    delete_conflict("must remove roles from instance profile first")
}

pub(crate) fn instance_profile_exists(name: &str) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("Instance Profile {name} already exists."))
}

pub(crate) fn no_such_instance_profile(name: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Instance Profile {name} cannot be found."))
}

pub(crate) fn role_not_in_profile(role: &str, profile: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Role {role} in Instance Profile {profile} cannot be found."))
}

pub(crate) fn no_such_saml_provider(arn: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("Manifest not found for arn {arn}"))
}

/// Not recorded: modelled on the other sentences.
pub(crate) fn saml_provider_exists(name: &str) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("SAML provider with name {name} already exists."))
}

/// The first sentence is AWS's (IAM User Guide, Troubleshooting SAML federation); the reason is ours.
pub(crate) fn bad_metadata(why: &str) -> Error {
    Error::api(INVALID_INPUT, format!("Could not parse metadata. ({why})"))
}

/// Not recorded: the sentence is ours.
pub(crate) fn bad_private_key() -> Error {
    Error::api(INVALID_INPUT, "The private key is not an RSA key of 2048 to 4096 bits in PEM.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn no_such_private_key(id: &str) -> Error {
    Error::api(INVALID_INPUT, format!("The SAML provider has no private key with id {id}."))
}

/// Not recorded: the sentence is ours.
pub(crate) fn encryption_needs_key() -> Error {
    Error::api(INVALID_INPUT, "AssertionEncryptionMode Required needs a private key.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn nothing_to_update() -> Error {
    Error::api(INVALID_INPUT, "The request changes nothing of the SAML provider.")
}

pub(crate) fn unknown_principal(arn: &str) -> Error {
    malformed_document(format!("Invalid principal in policy: \"AWS\":\"{arn}\""))
}

pub(crate) fn outbound_federation_enabled() -> Error {
    Error::api(
        FEATURE_ENABLED,
        "The request failed because outbound identity federation is already enabled for your Amazon Web Services \
         account. You cannot enable the feature multiple times. To fetch the current configuration (including \
         the unique issuer URL), use the GetOutboundWebIdentityFederationInfo operation.",
    )
}

pub(crate) fn outbound_federation_disabled() -> Error {
    Error::api(
        FEATURE_DISABLED,
        "The request failed because outbound identity federation is already disabled for your Amazon Web Services \
         account. You cannot disable the feature multiple times",
    )
}

pub(crate) fn no_such_oidc_provider(arn: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// Deletion has a sentence of its own.
pub(crate) fn no_oidc_provider_to_delete(arn: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("OpenId connect Provider {arn} cannot be found."))
}

/// As pasted by users; not recorded.
pub(crate) fn oidc_provider_exists(issuer: &str) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("Provider with url {issuer} already exists."))
}

pub(crate) fn invalid_issuer() -> Error {
    Error::api(VALIDATION_ERROR, "Invalid Open ID Connect Provider URL")
}

/// Five pass: the sentence says otherwise and is AWS's.
pub(crate) fn too_many_thumbprints() -> Error {
    Error::api(INVALID_INPUT, "Thumbprint list must contain fewer than 5 entries.")
}

/// Not recorded: the sentence is ours.
pub(crate) fn invalid_thumbprint() -> Error {
    Error::api(INVALID_INPUT, "A thumbprint is the SHA-1 of a certificate in 40 hexadecimal digits.")
}

pub(crate) fn no_organization() -> Error {
    Error::api(code::ORGANIZATION_NOT_FOUND, "The account is not part of an organization.")
}

pub(crate) fn not_management_account() -> Error {
    Error::api(
        code::ACCOUNT_NOT_MANAGEMENT_OR_DELEGATED_ADMINISTRATOR,
        "The account is neither the management account nor the delegated administrator for IAM of its organization.",
    )
}

pub(crate) fn not_all_features() -> Error {
    Error::api(
        code::ORGANIZATION_NOT_IN_ALL_FEATURES_MODE,
        "The organization does not have all features enabled.",
    )
}

pub(crate) fn service_access_not_enabled() -> Error {
    Error::api(
        code::SERVICE_ACCESS_NOT_ENABLED,
        "Trusted access for iam.amazonaws.com is not enabled in the organization.",
    )
}

pub(crate) fn no_template(service: &str) -> Error {
    Error::api(ACCESS_DENIED, format!("Cannot find Service Linked Role template for {service}"))
}

pub(crate) fn suffix_not_allowed(service: &str) -> Error {
    Error::api(INVALID_INPUT, format!("Custom suffix is not allowed for {service}"))
}

pub(crate) fn service_role_taken(name: &str) -> Error {
    Error::api(
        INVALID_INPUT,
        format!("Service role name {name} has been taken in this account, please try a different suffix."),
    )
}

pub(crate) fn no_such_deletion_task(id: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The deletion task {id} cannot be found."))
}

/// AWS writes no sentence.
pub(crate) fn report_not_present() -> Error {
    Error::api(code::REPORT_NOT_PRESENT, "")
}

pub(crate) fn report_expired() -> Error {
    Error::api(code::REPORT_EXPIRED, "")
}
