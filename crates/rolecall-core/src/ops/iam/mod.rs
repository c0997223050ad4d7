//! The operations of IAM.

mod attached;
mod create_policy;
mod delete_policy;
mod document;
mod encoded;
mod entity;
mod get_policy;
mod inline;
mod list_entities_for_policy;
mod list_policies;
mod paging;
mod path;
mod policies;
mod policy_tags;
mod policy_versions;
mod tags;

use crate::gate::Handler;
use rolecall_wire::iam::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AttachGroupPolicy>(),
    Handler::of::<op::AttachRolePolicy>(),
    Handler::of::<op::AttachUserPolicy>(),
    Handler::of::<op::CreatePolicy>(),
    Handler::of::<op::CreatePolicyVersion>(),
    Handler::of::<op::DeleteGroupPolicy>(),
    Handler::of::<op::DeletePolicy>(),
    Handler::of::<op::DeletePolicyVersion>(),
    Handler::of::<op::DeleteRolePolicy>(),
    Handler::of::<op::DeleteUserPolicy>(),
    Handler::of::<op::DetachGroupPolicy>(),
    Handler::of::<op::DetachRolePolicy>(),
    Handler::of::<op::DetachUserPolicy>(),
    Handler::of::<op::GetGroupPolicy>(),
    Handler::of::<op::GetPolicy>(),
    Handler::of::<op::GetPolicyVersion>(),
    Handler::of::<op::GetRolePolicy>(),
    Handler::of::<op::GetUserPolicy>(),
    Handler::of::<op::ListAttachedGroupPolicies>(),
    Handler::of::<op::ListAttachedRolePolicies>(),
    Handler::of::<op::ListAttachedUserPolicies>(),
    Handler::of::<op::ListEntitiesForPolicy>(),
    Handler::of::<op::ListGroupPolicies>(),
    Handler::of::<op::ListPolicies>(),
    Handler::of::<op::ListPolicyTags>(),
    Handler::of::<op::ListPolicyVersions>(),
    Handler::of::<op::ListRolePolicies>(),
    Handler::of::<op::ListUserPolicies>(),
    Handler::of::<op::PutGroupPolicy>(),
    Handler::of::<op::PutRolePolicy>(),
    Handler::of::<op::PutUserPolicy>(),
    Handler::of::<op::SetDefaultPolicyVersion>(),
    Handler::of::<op::TagPolicy>(),
    Handler::of::<op::UntagPolicy>(),
];
