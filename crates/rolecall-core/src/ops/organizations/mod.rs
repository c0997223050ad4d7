//! The operations of Organizations.

mod accounts;
mod attachments;
mod invitations;
mod members;
mod node;
mod organization;
mod page;
mod policies;
mod services;
mod standing;
mod tags;
mod tree;
mod units;

use crate::gate::Handler;
use rolecall_wire::organizations::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AcceptHandshake>(),
    Handler::of::<op::AttachPolicy>(),
    Handler::of::<op::CancelHandshake>(),
    Handler::of::<op::CloseAccount>(),
    Handler::of::<op::CreateAccount>(),
    Handler::of::<op::CreateOrganization>(),
    Handler::of::<op::CreateOrganizationalUnit>(),
    Handler::of::<op::CreatePolicy>(),
    Handler::of::<op::DeclineHandshake>(),
    Handler::of::<op::DeleteOrganization>(),
    Handler::of::<op::DeleteOrganizationalUnit>(),
    Handler::of::<op::DeletePolicy>(),
    Handler::of::<op::DeregisterDelegatedAdministrator>(),
    Handler::of::<op::DescribeAccount>(),
    Handler::of::<op::DescribeCreateAccountStatus>(),
    Handler::of::<op::DescribeHandshake>(),
    Handler::of::<op::DescribeOrganization>(),
    Handler::of::<op::DescribeOrganizationalUnit>(),
    Handler::of::<op::DescribePolicy>(),
    Handler::of::<op::DetachPolicy>(),
    Handler::of::<op::DisableAWSServiceAccess>(),
    Handler::of::<op::DisablePolicyType>(),
    Handler::of::<op::EnableAWSServiceAccess>(),
    Handler::of::<op::EnablePolicyType>(),
    Handler::of::<op::InviteAccountToOrganization>(),
    Handler::of::<op::LeaveOrganization>(),
    Handler::of::<op::ListAWSServiceAccessForOrganization>(),
    Handler::of::<op::ListAccounts>(),
    Handler::of::<op::ListAccountsForParent>(),
    Handler::of::<op::ListChildren>(),
    Handler::of::<op::ListCreateAccountStatus>(),
    Handler::of::<op::ListDelegatedAdministrators>(),
    Handler::of::<op::ListDelegatedServicesForAccount>(),
    Handler::of::<op::ListHandshakesForAccount>(),
    Handler::of::<op::ListHandshakesForOrganization>(),
    Handler::of::<op::ListOrganizationalUnitsForParent>(),
    Handler::of::<op::ListParents>(),
    Handler::of::<op::ListPolicies>(),
    Handler::of::<op::ListPoliciesForTarget>(),
    Handler::of::<op::ListRoots>(),
    Handler::of::<op::ListTagsForResource>(),
    Handler::of::<op::ListTargetsForPolicy>(),
    Handler::of::<op::MoveAccount>(),
    Handler::of::<op::RegisterDelegatedAdministrator>(),
    Handler::of::<op::RemoveAccountFromOrganization>(),
    Handler::of::<op::TagResource>(),
    Handler::of::<op::UntagResource>(),
    Handler::of::<op::UpdateOrganizationalUnit>(),
    Handler::of::<op::UpdatePolicy>(),
];
