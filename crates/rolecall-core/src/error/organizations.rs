//! The sentences of Organizations (Organizations API Reference; as reported from AWS where reports exist).

use super::Error;
use rolecall_wire::organizations::error as code;
use rolecall_wire::{ApiError, ErrorCode};

pub(crate) fn concurrent_modification() -> ApiError {
    ApiError::new(
        code::CONCURRENT_MODIFICATION,
        "The target of the operation is currently being modified by a different request. Try again later.",
    )
}

pub(crate) fn not_in_use() -> Error {
    Error::api(code::AWS_ORGANIZATIONS_NOT_IN_USE, "Your account is not a member of an organization.")
}

pub(crate) fn not_management() -> Error {
    Error::api(code::ACCESS_DENIED, "You don't have permissions to access this resource.")
}

pub(crate) fn already_in_organization() -> Error {
    Error::api(code::ALREADY_IN_ORGANIZATION, "The provided account is already a member of an organization.")
}

pub(crate) fn organization_not_empty() -> Error {
    Error::api(
        code::ORGANIZATION_NOT_EMPTY,
        "To delete an organization you must first remove all member accounts (except the master).",
    )
}

pub(crate) fn no_such_request() -> Error {
    Error::api(
        code::CREATE_ACCOUNT_STATUS_NOT_FOUND,
        "You specified an account creation status that doesn't exist.",
    )
}

pub(crate) fn no_such_account() -> Error {
    Error::api(code::ACCOUNT_NOT_FOUND, "You specified an account that doesn't exist.")
}

pub(crate) fn no_such_parent() -> Error {
    Error::api(code::PARENT_NOT_FOUND, "You specified parent that doesn't exist.")
}

pub(crate) fn no_such_source() -> Error {
    Error::api(code::SOURCE_PARENT_NOT_FOUND, "You specified a source root or OU that doesn't exist.")
}

pub(crate) fn no_such_destination() -> Error {
    Error::api(
        code::DESTINATION_PARENT_NOT_FOUND,
        "You specified a destination root or OU that doesn't exist.",
    )
}

pub(crate) fn no_such_child() -> Error {
    Error::api(code::CHILD_NOT_FOUND, "You specified an organizational unit or account that doesn't exist.")
}

pub(crate) fn no_such_root() -> Error {
    Error::api(code::ROOT_NOT_FOUND, "You specified a root that doesn't exist.")
}

pub(crate) fn no_such_unit() -> Error {
    Error::api(
        code::ORGANIZATIONAL_UNIT_NOT_FOUND,
        "You specified an organizational unit that doesn't exist.",
    )
}

pub(crate) fn no_such_policy() -> Error {
    Error::api(code::POLICY_NOT_FOUND, "You specified a policy that doesn't exist.")
}

pub(crate) fn no_such_target() -> Error {
    Error::api(code::TARGET_NOT_FOUND, "You specified a target that doesn't exist.")
}

pub(crate) fn no_such_handshake() -> Error {
    Error::api(code::HANDSHAKE_NOT_FOUND, "You specified a handshake that doesn't exist.")
}

pub(crate) fn duplicate_account() -> Error {
    Error::api(code::DUPLICATE_ACCOUNT, "That account is already present in the specified destination.")
}

pub(crate) fn duplicate_unit() -> Error {
    Error::api(code::DUPLICATE_ORGANIZATIONAL_UNIT, "An OU with the same name already exists.")
}

pub(crate) fn duplicate_policy() -> Error {
    Error::api(code::DUPLICATE_POLICY, "A policy with the same name already exists.")
}

pub(crate) fn duplicate_invitation() -> Error {
    Error::api(code::DUPLICATE_HANDSHAKE, "A handshake with the same action and target already exists.")
}

pub(crate) fn already_closed() -> Error {
    Error::api(code::ACCOUNT_ALREADY_CLOSED, "You attempted to close an account that is already closed.")
}

pub(crate) fn management_cannot_leave() -> Error {
    Error::api(
        code::MASTER_CANNOT_LEAVE_ORGANIZATION,
        "You can't remove a management account from an organization. If you want the management account to become a member account in another organization, you must first delete the current organization of the management account.",
    )
}

pub(crate) fn unit_not_empty() -> Error {
    Error::api(
        code::ORGANIZATIONAL_UNIT_NOT_EMPTY,
        "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.",
    )
}

pub(crate) fn type_already_enabled() -> Error {
    Error::api(code::POLICY_TYPE_ALREADY_ENABLED, "The specified policy type is already enabled.")
}

pub(crate) fn type_not_enabled() -> Error {
    Error::api(
        code::POLICY_TYPE_NOT_ENABLED,
        "This operation can be performed only for enabled policy types.",
    )
}

pub(crate) fn type_not_available() -> Error {
    Error::api(
        code::POLICY_TYPE_NOT_AVAILABLE_FOR_ORGANIZATION,
        "You can't use the specified policy type with the feature set currently enabled for this organization.",
    )
}

pub(crate) fn policy_in_use() -> Error {
    Error::api(
        code::POLICY_IN_USE,
        "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.",
    )
}

pub(crate) fn malformed_policy() -> Error {
    Error::api(
        code::MALFORMED_POLICY_DOCUMENT,
        "The provided policy document does not meet the requirements of the specified policy type.",
    )
}

pub(crate) fn already_attached() -> Error {
    Error::api(
        code::DUPLICATE_POLICY_ATTACHMENT,
        "The selected policy is already attached to the specified target.",
    )
}

pub(crate) fn not_attached() -> Error {
    Error::api(
        code::POLICY_NOT_ATTACHED,
        "The policy isn't attached to the specified target in the specified root.",
    )
}

pub(crate) fn already_registered() -> Error {
    Error::api(
        code::ACCOUNT_ALREADY_REGISTERED,
        "The provided account is already a delegated administrator for your organization.",
    )
}

pub(crate) fn not_registered() -> Error {
    Error::api(
        code::ACCOUNT_NOT_REGISTERED,
        "The provided account is not a registered delegated administrator for your organization.",
    )
}

pub(crate) fn handshake_over() -> Error {
    Error::api(
        code::INVALID_HANDSHAKE_TRANSITION,
        "You can't perform the operation on the handshake in its current state.",
    )
}

pub(crate) fn invalid_token() -> Error {
    because(
        code::INVALID_INPUT,
        "INVALID_NEXT_TOKEN",
        "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API.",
    )
}

pub(crate) fn immutable_policy() -> Error {
    because(
        code::INVALID_INPUT,
        "IMMUTABLE_POLICY",
        "You specified a policy that is managed by AWS and can't be modified.",
    )
}

pub(crate) fn not_detachable() -> Error {
    because(code::INVALID_INPUT, "NON_DETACHABLE_POLICY", "You can't detach this policy from any target.")
}

pub(crate) fn invalid_party() -> Error {
    because(
        code::INVALID_INPUT,
        "INVALID_PARTY_TYPE_TARGET",
        "You specified a target that is no account of this installation.",
    )
}

pub(crate) fn unknown_service() -> Error {
    because(
        code::INVALID_INPUT,
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        "You specified an unrecognized service principal.",
    )
}

pub(crate) fn duplicate_tags() -> Error {
    because(
        code::INVALID_INPUT,
        "DUPLICATE_TAG_KEY",
        "Tag keys must be unique among the tags attached to the same entity.",
    )
}

pub(crate) fn reserved_tag() -> Error {
    because(
        code::INVALID_INPUT,
        "INVALID_SYSTEM_TAGS_PARAMETER",
        "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.",
    )
}

pub(crate) fn too_many_tags() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "MAX_TAG_LIMIT_EXCEEDED",
        "You have exceeded the number of tags allowed on this resource.",
    )
}

pub(crate) fn too_deep() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "OU_DEPTH_LIMIT_EXCEEDED",
        "You have reached the limit on the number of levels of OUs.",
    )
}

pub(crate) fn policy_too_long() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "POLICY_CONTENT_LIMIT_EXCEEDED",
        "You have exceeded the maximum size of a policy document.",
    )
}

pub(crate) fn too_many_attached() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        "You have attached the maximum number of policies of this type to the specified target.",
    )
}

pub(crate) fn last_attached() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        "You cannot remove the last policy attached to the specified target. You should have at least one attached.",
    )
}

pub(crate) fn cannot_close_management() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        "You attempted to close the management account.",
    )
}

pub(crate) fn delegate_cannot_leave() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "You attempted to remove an account that is registered as a delegated administrator for a service integrated with your organization.",
    )
}

pub(crate) fn management_as_delegate() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
        "You cannot register master account/yourself as delegated administrator for your organization.",
    )
}

pub(crate) fn service_not_trusted() -> Error {
    because(
        code::CONSTRAINT_VIOLATION,
        "SERVICE_ACCESS_NOT_ENABLED",
        "You must enable service access before you can register a delegated administrator for the service.",
    )
}

pub(crate) fn party_in_organization() -> Error {
    because(
        code::HANDSHAKE_CONSTRAINT_VIOLATION,
        "ALREADY_IN_AN_ORGANIZATION",
        "The account is already a member of an organization.",
    )
}

pub(crate) fn handshake_already(state: &str) -> Error {
    Error::api(code::HANDSHAKE_ALREADY_IN_STATE, format!("The handshake is already in the state {state}."))
}

/// An error with the reason that the service tells beside its sentence.
fn because(code: ErrorCode, reason: &'static str, message: &'static str) -> Error {
    Error::Api(ApiError::new(code, message).with("Reason", reason))
}
