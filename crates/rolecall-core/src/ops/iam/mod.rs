//! The operations of IAM.

mod access_keys;
mod account;
mod attached;
mod authorization_details;
mod belongings;
mod boundary;
mod create_policy;
mod create_role;
mod create_user;
mod credential_report;
mod delete_policy;
mod delete_role;
mod delete_user;
mod document;
mod encoded;
mod entity;
mod get_access_key_last_used;
mod get_policy;
mod get_role;
mod get_user;
mod groups;
mod inline;
mod instance_profile_life;
mod instance_profile_roles;
mod instance_profile_tags;
mod instance_profiles;
mod list_entities_for_policy;
mod list_policies;
mod list_users;
mod membership;
mod mfa_assignment;
mod mfa_devices;
mod mfa_listings;
mod mfa_tags;
mod mfa_virtual;
mod oidc_provider_life;
mod oidc_provider_lists;
mod oidc_provider_tags;
mod oidc_providers;
mod organizations_features;
mod outbound_federation;
pub(super) mod paging;
mod password_policy;
mod path;
mod policies;
mod policy_tags;
mod policy_versions;
mod quota;
mod role_boundary;
mod role_tags;
mod role_trust;
mod roles;
mod saml_provider_life;
mod saml_provider_tags;
mod saml_providers;
mod service_linked_roles;
mod simulate;
mod ssh_public_key_body;
mod ssh_public_keys;
mod tags;
mod token_preferences;
mod unheld;
mod update_group;
mod update_role;
mod update_user;
mod user_boundary;
mod user_tags;
mod users;

use crate::gate::Handler;
use rolecall_wire::iam::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AddClientIDToOpenIDConnectProvider>(),
    Handler::of::<op::AddRoleToInstanceProfile>(),
    Handler::of::<op::AddUserToGroup>(),
    Handler::of::<op::AttachGroupPolicy>(),
    Handler::of::<op::AttachRolePolicy>(),
    Handler::of::<op::AttachUserPolicy>(),
    Handler::of::<op::CreateAccessKey>(),
    Handler::of::<op::CreateAccountAlias>(),
    Handler::of::<op::CreateGroup>(),
    Handler::of::<op::CreateInstanceProfile>(),
    Handler::of::<op::CreateOpenIDConnectProvider>(),
    Handler::of::<op::CreatePolicy>(),
    Handler::of::<op::CreatePolicyVersion>(),
    Handler::of::<op::CreateRole>(),
    Handler::of::<op::CreateSAMLProvider>(),
    Handler::of::<op::CreateServiceLinkedRole>(),
    Handler::of::<op::CreateUser>(),
    Handler::of::<op::CreateVirtualMFADevice>(),
    Handler::of::<op::DeactivateMFADevice>(),
    Handler::of::<op::DeleteAccessKey>(),
    Handler::of::<op::DeleteAccountAlias>(),
    Handler::of::<op::DeleteAccountPasswordPolicy>(),
    Handler::of::<op::DeleteGroup>(),
    Handler::of::<op::DeleteGroupPolicy>(),
    Handler::of::<op::DeleteInstanceProfile>(),
    Handler::of::<op::DeleteLoginProfile>(),
    Handler::of::<op::DeleteOpenIDConnectProvider>(),
    Handler::of::<op::DeletePolicy>(),
    Handler::of::<op::DeletePolicyVersion>(),
    Handler::of::<op::DeleteRole>(),
    Handler::of::<op::DeleteRolePermissionsBoundary>(),
    Handler::of::<op::DeleteRolePolicy>(),
    Handler::of::<op::DeleteSAMLProvider>(),
    Handler::of::<op::DeleteSSHPublicKey>(),
    Handler::of::<op::DeleteServiceLinkedRole>(),
    Handler::of::<op::DeleteUser>(),
    Handler::of::<op::DeleteUserPermissionsBoundary>(),
    Handler::of::<op::DeleteUserPolicy>(),
    Handler::of::<op::DeleteVirtualMFADevice>(),
    Handler::of::<op::DetachGroupPolicy>(),
    Handler::of::<op::DetachRolePolicy>(),
    Handler::of::<op::DetachUserPolicy>(),
    Handler::of::<op::DisableOrganizationsRootCredentialsManagement>(),
    Handler::of::<op::DisableOrganizationsRootSessions>(),
    Handler::of::<op::DisableOutboundWebIdentityFederation>(),
    Handler::of::<op::EnableMFADevice>(),
    Handler::of::<op::EnableOrganizationsRootCredentialsManagement>(),
    Handler::of::<op::EnableOrganizationsRootSessions>(),
    Handler::of::<op::EnableOutboundWebIdentityFederation>(),
    Handler::of::<op::GenerateCredentialReport>(),
    Handler::of::<op::GetAccessKeyLastUsed>(),
    Handler::of::<op::GetAccountAuthorizationDetails>(),
    Handler::of::<op::GetAccountPasswordPolicy>(),
    Handler::of::<op::GetAccountSummary>(),
    Handler::of::<op::GetContextKeysForCustomPolicy>(),
    Handler::of::<op::GetContextKeysForPrincipalPolicy>(),
    Handler::of::<op::GetCredentialReport>(),
    Handler::of::<op::GetGroup>(),
    Handler::of::<op::GetGroupPolicy>(),
    Handler::of::<op::GetInstanceProfile>(),
    Handler::of::<op::GetLoginProfile>(),
    Handler::of::<op::GetMFADevice>(),
    Handler::of::<op::GetOpenIDConnectProvider>(),
    Handler::of::<op::GetOutboundWebIdentityFederationInfo>(),
    Handler::of::<op::GetPolicy>(),
    Handler::of::<op::GetPolicyVersion>(),
    Handler::of::<op::GetRole>(),
    Handler::of::<op::GetRolePolicy>(),
    Handler::of::<op::GetSAMLProvider>(),
    Handler::of::<op::GetSSHPublicKey>(),
    Handler::of::<op::GetServiceLinkedRoleDeletionStatus>(),
    Handler::of::<op::GetUser>(),
    Handler::of::<op::GetUserPolicy>(),
    Handler::of::<op::ListAccessKeys>(),
    Handler::of::<op::ListAccountAliases>(),
    Handler::of::<op::ListAttachedGroupPolicies>(),
    Handler::of::<op::ListAttachedRolePolicies>(),
    Handler::of::<op::ListAttachedUserPolicies>(),
    Handler::of::<op::ListEntitiesForPolicy>(),
    Handler::of::<op::ListGroupPolicies>(),
    Handler::of::<op::ListGroups>(),
    Handler::of::<op::ListGroupsForUser>(),
    Handler::of::<op::ListInstanceProfileTags>(),
    Handler::of::<op::ListInstanceProfiles>(),
    Handler::of::<op::ListInstanceProfilesForRole>(),
    Handler::of::<op::ListMFADeviceTags>(),
    Handler::of::<op::ListMFADevices>(),
    Handler::of::<op::ListOpenIDConnectProviderTags>(),
    Handler::of::<op::ListOpenIDConnectProviders>(),
    Handler::of::<op::ListOrganizationsFeatures>(),
    Handler::of::<op::ListPolicies>(),
    Handler::of::<op::ListPolicyTags>(),
    Handler::of::<op::ListPolicyVersions>(),
    Handler::of::<op::ListRolePolicies>(),
    Handler::of::<op::ListRoleTags>(),
    Handler::of::<op::ListRoles>(),
    Handler::of::<op::ListSAMLProviderTags>(),
    Handler::of::<op::ListSAMLProviders>(),
    Handler::of::<op::ListSSHPublicKeys>(),
    Handler::of::<op::ListServiceSpecificCredentials>(),
    Handler::of::<op::ListSigningCertificates>(),
    Handler::of::<op::ListUserPolicies>(),
    Handler::of::<op::ListUserTags>(),
    Handler::of::<op::ListUsers>(),
    Handler::of::<op::ListVirtualMFADevices>(),
    Handler::of::<op::PutGroupPolicy>(),
    Handler::of::<op::PutRolePermissionsBoundary>(),
    Handler::of::<op::PutRolePolicy>(),
    Handler::of::<op::PutUserPermissionsBoundary>(),
    Handler::of::<op::PutUserPolicy>(),
    Handler::of::<op::RemoveClientIDFromOpenIDConnectProvider>(),
    Handler::of::<op::RemoveRoleFromInstanceProfile>(),
    Handler::of::<op::RemoveUserFromGroup>(),
    Handler::of::<op::ResyncMFADevice>(),
    Handler::of::<op::SetDefaultPolicyVersion>(),
    Handler::of::<op::SetSecurityTokenServicePreferences>(),
    Handler::of::<op::SimulateCustomPolicy>(),
    Handler::of::<op::SimulatePrincipalPolicy>(),
    Handler::of::<op::TagInstanceProfile>(),
    Handler::of::<op::TagMFADevice>(),
    Handler::of::<op::TagOpenIDConnectProvider>(),
    Handler::of::<op::TagPolicy>(),
    Handler::of::<op::TagRole>(),
    Handler::of::<op::TagSAMLProvider>(),
    Handler::of::<op::TagUser>(),
    Handler::of::<op::UntagInstanceProfile>(),
    Handler::of::<op::UntagMFADevice>(),
    Handler::of::<op::UntagOpenIDConnectProvider>(),
    Handler::of::<op::UntagPolicy>(),
    Handler::of::<op::UntagRole>(),
    Handler::of::<op::UntagSAMLProvider>(),
    Handler::of::<op::UntagUser>(),
    Handler::of::<op::UpdateAccessKey>(),
    Handler::of::<op::UpdateAccountPasswordPolicy>(),
    Handler::of::<op::UpdateAssumeRolePolicy>(),
    Handler::of::<op::UpdateGroup>(),
    Handler::of::<op::UpdateOpenIDConnectProviderThumbprint>(),
    Handler::of::<op::UpdateRole>(),
    Handler::of::<op::UpdateRoleDescription>(),
    Handler::of::<op::UpdateSAMLProvider>(),
    Handler::of::<op::UpdateSSHPublicKey>(),
    Handler::of::<op::UpdateUser>(),
    Handler::of::<op::UploadSSHPublicKey>(),
];

#[cfg(test)]
mod tests;
