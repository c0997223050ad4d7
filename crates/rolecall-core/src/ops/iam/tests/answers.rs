//! The members of IAM's answers are those of the table in `docs/answers.md`.

use super::{ADMIN, ALLOW_ALL};
use crate::testing::{Answers, Seen, World};
use rolecall_federation::saml::testing::document;
use rolecall_wire::Service;

const OWN: &str = "arn:aws:iam::123456789012:policy/P";
const LADEN: &str = "arn:aws:iam::123456789012:policy/Q";
const TAG: (&str, &str) = ("Tags.member.1.Key", "k");
const VALUE: (&str, &str) = ("Tags.member.1.Value", "v");
const DOCUMENT: (&str, &str) = ("PolicyDocument", ALLOW_ALL);
const TRUST: (&str, &str) = (
    "AssumeRolePolicyDocument",
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
);
const SSH_KEY: &str = include_str!("../testdata/ssh-public-key.txt");

/// Operation, situation (none: only to make it so), parameters.
type Row<'r> = (&'r str, &'r str, &'r [(&'r str, &'r str)]);

/// A world whose root user asks, and what it was answered.
struct Asker {
    world: World,
    answers: Answers,
}

impl Asker {
    async fn new() -> Self {
        Self { world: World::new().await, answers: Answers::default() }
    }

    async fn ask(&mut self, operation: &str, situation: &str, params: &[(&str, &str)]) -> Seen {
        let Self { world, answers } = self;
        answers.of(world, &world.root, Service::Iam, (operation, situation), params).await
    }

    async fn rows(&mut self, rows: &[Row<'_>]) {
        for (operation, situation, params) in rows {
            if situation.is_empty() {
                self.world.iam(operation, params).await;
            } else {
                self.ask(operation, situation, params).await;
            }
        }
    }
}

#[tokio::test]
async fn the_members_of_answers_about_users_and_groups_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let (u, v) = (("UserName", "u"), ("UserName", "v"));
    let (g, p) = (("GroupName", "g"), ("PolicyName", "p"));
    asker
        .rows(&[
            ("CreateUser", "plain", &[u]),
            ("GetUser", "plain", &[u]),
            ("ListUsers", "one", &[]),
            ("ListUserTags", "none", &[u]),
            ("CreateUser", "tags and boundary", &[v, TAG, VALUE, ("PermissionsBoundary", ADMIN)]),
            ("GetUser", "tags and boundary", &[v]),
            ("GetUser", "the root user", &[]),
            ("ListUsers", "plain and laden", &[]),
            ("ListUsers", "the first of two", &[("MaxItems", "1")]),
            ("ListUserTags", "one", &[v]),
            ("CreateGroup", "plain", &[g]),
            ("GetGroup", "nobody in it", &[g]),
            ("ListGroupsForUser", "none", &[u]),
            ("AddUserToGroup", "", &[g, u]),
            ("GetGroup", "somebody in it", &[g]),
            ("ListGroups", "one", &[]),
            ("ListGroupsForUser", "one", &[u]),
            ("ListAttachedUserPolicies", "none", &[u]),
            ("ListUserPolicies", "none", &[u]),
            ("ListAttachedGroupPolicies", "none", &[g]),
            ("ListGroupPolicies", "none", &[g]),
            ("AttachUserPolicy", "", &[u, ("PolicyArn", ADMIN)]),
            ("AttachGroupPolicy", "", &[g, ("PolicyArn", ADMIN)]),
            ("PutUserPolicy", "", &[u, p, DOCUMENT]),
            ("PutGroupPolicy", "", &[g, p, DOCUMENT]),
            ("ListAttachedUserPolicies", "one", &[u]),
            ("ListUserPolicies", "one", &[u]),
            ("ListAttachedGroupPolicies", "one", &[g]),
            ("ListGroupPolicies", "one", &[g]),
            ("GetUserPolicy", "plain", &[u, p]),
            ("GetGroupPolicy", "plain", &[g, p]),
        ])
        .await;
    asker.answers.compare("Users and groups");
}

#[tokio::test]
async fn the_members_of_answers_about_roles_and_policies_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let (r, s, p) = (("RoleName", "r"), ("RoleName", "s"), ("PolicyName", "p"));
    let (own, laden) = (("PolicyArn", OWN), ("PolicyArn", LADEN));
    let described = ("Description", "d");
    asker
        .rows(&[
            ("CreateRole", "plain", &[r, TRUST]),
            ("GetRole", "plain", &[r]),
            ("ListRoles", "one", &[]),
            ("ListRoleTags", "none", &[r]),
            (
                "CreateRole",
                "description, tags and boundary",
                &[s, TRUST, described, TAG, VALUE, ("PermissionsBoundary", ADMIN)],
            ),
            ("GetRole", "description, tags and boundary", &[s]),
            ("ListRoles", "plain and laden", &[]),
            ("ListRoleTags", "one", &[s]),
            ("UpdateRoleDescription", "plain", &[r, described]),
            ("UpdateRole", "plain", &[r]),
            ("CreateServiceLinkedRole", "plain", &[("AWSServiceName", "ecs.amazonaws.com")]),
            ("DeleteServiceLinkedRole", "plain", &[("RoleName", "AWSServiceRoleForECS")]),
            ("ListAttachedRolePolicies", "none", &[r]),
            ("ListRolePolicies", "none", &[r]),
            ("CreatePolicy", "plain", &[("PolicyName", "P"), DOCUMENT]),
            ("CreatePolicy", "description and tags", &[("PolicyName", "Q"), DOCUMENT, described, TAG, VALUE]),
            ("GetPolicy", "plain", &[own]),
            ("GetPolicy", "description and tags", &[laden]),
            ("GetPolicy", "one that AWS manages", &[("PolicyArn", ADMIN)]),
            ("ListPolicies", "the account's own", &[("Scope", "Local")]),
            ("ListPolicies", "those that AWS manages", &[("Scope", "AWS")]),
            ("ListPolicyTags", "none", &[own]),
            ("ListPolicyTags", "one", &[laden]),
            ("CreatePolicyVersion", "plain", &[own, DOCUMENT]),
            ("GetPolicyVersion", "plain", &[own, ("VersionId", "v1")]),
            ("ListPolicyVersions", "two", &[own]),
            ("ListEntitiesForPolicy", "none", &[own]),
            ("CreateUser", "", &[("UserName", "u")]),
            ("CreateGroup", "", &[("GroupName", "g")]),
            ("AttachUserPolicy", "", &[("UserName", "u"), own]),
            ("AttachGroupPolicy", "", &[("GroupName", "g"), own]),
            ("AttachRolePolicy", "", &[r, own]),
            ("ListEntitiesForPolicy", "one of each kind", &[own]),
            ("PutRolePolicy", "", &[r, p, DOCUMENT]),
            ("ListAttachedRolePolicies", "one", &[r]),
            ("ListRolePolicies", "one", &[r]),
            ("GetRolePolicy", "plain", &[r, p]),
        ])
        .await;
    asker.answers.compare("Roles and policies");
}

#[tokio::test]
async fn the_members_of_answers_about_credentials_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let u = ("UserName", "u");
    asker.rows(&[("CreateUser", "", &[u]), ("ListAccessKeys", "none", &[u])]).await;
    let key = asker.ask("CreateAccessKey", "plain", &[u]).await.credential();
    let id = ("AccessKeyId", key.access_key_id.as_str());
    asker.rows(&[("ListAccessKeys", "one", &[u]), ("GetAccessKeyLastUsed", "never used", &[id])]).await;
    asker.world.ask(&key, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    asker
        .rows(&[
            ("GetAccessKeyLastUsed", "used", &[id]),
            ("ListMFADevices", "none", &[u]),
            ("ListVirtualMFADevices", "none", &[]),
            ("CreateVirtualMFADevice", "plain", &[("VirtualMFADeviceName", "d")]),
            ("ListVirtualMFADevices", "one that is nobody's", &[]),
        ])
        .await;
    let device = asker.world.device("u", "e").await;
    let serial = ("SerialNumber", device.serial_number.as_str());
    asker
        .rows(&[
            ("ListVirtualMFADevices", "one that is a user's", &[("AssignmentStatus", "Assigned")]),
            ("ListMFADevices", "one", &[u]),
            ("GetMFADevice", "a user's", &[u, serial]),
            ("ListMFADeviceTags", "none", &[serial]),
            ("ListSSHPublicKeys", "none", &[u]),
        ])
        .await;
    let uploaded = asker.ask("UploadSSHPublicKey", "plain", &[u, ("SSHPublicKeyBody", SSH_KEY)]).await;
    let id = ("SSHPublicKeyId", uploaded.tag("SSHPublicKeyId").unwrap());
    asker
        .rows(&[
            ("GetSSHPublicKey", "plain", &[u, id, ("Encoding", "SSH")]),
            ("ListSSHPublicKeys", "one", &[u]),
            ("ListSigningCertificates", "none", &[u]),
            ("ListServiceSpecificCredentials", "none", &[u]),
        ])
        .await;
    asker.answers.compare("Credentials of users");
}

#[tokio::test]
async fn the_members_of_answers_about_profiles_and_providers_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let (i, j) = (("InstanceProfileName", "i"), ("InstanceProfileName", "j"));
    let oidc = ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/idp.example.com");
    let saml = ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/s");
    let metadata = ("SAMLMetadataDocument", document("metadata-rsa.xml"));
    asker
        .rows(&[
            ("CreateInstanceProfile", "plain", &[i]),
            ("CreateInstanceProfile", "tags", &[j, TAG, VALUE]),
            ("GetInstanceProfile", "plain", &[i]),
            ("GetInstanceProfile", "tags", &[j]),
            ("ListInstanceProfileTags", "none", &[i]),
            ("ListInstanceProfileTags", "one", &[j]),
            ("CreateRole", "", &[("RoleName", "r"), TRUST]),
            ("ListInstanceProfilesForRole", "none", &[("RoleName", "r")]),
            ("AddRoleToInstanceProfile", "", &[i, ("RoleName", "r")]),
            ("GetInstanceProfile", "a role in it", &[i]),
            ("ListInstanceProfiles", "with and without a role", &[]),
            ("ListInstanceProfilesForRole", "one", &[("RoleName", "r")]),
            ("ListOpenIDConnectProviders", "none", &[]),
            ("CreateOpenIDConnectProvider", "plain", &[("Url", "https://idp.example.com")]),
            ("CreateOpenIDConnectProvider", "tags", &[("Url", "https://other.example.com"), TAG, VALUE]),
            ("GetOpenIDConnectProvider", "plain", &[oidc]),
            ("ListOpenIDConnectProviderTags", "none", &[oidc]),
            ("ListOpenIDConnectProviders", "two", &[]),
            ("ListSAMLProviders", "none", &[]),
            ("CreateSAMLProvider", "plain", &[("Name", "s"), metadata]),
            ("CreateSAMLProvider", "tags", &[("Name", "t"), metadata, TAG, VALUE]),
            ("GetSAMLProvider", "plain", &[saml]),
            ("UpdateSAMLProvider", "plain", &[saml, metadata]),
            ("ListSAMLProviders", "two", &[]),
            ("ListSAMLProviderTags", "none", &[saml]),
        ])
        .await;
    asker.answers.compare("Instance profiles and providers");
}

#[tokio::test]
async fn the_members_of_answers_about_the_account_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let (u, g, r) = (("UserName", "u"), ("GroupName", "g"), ("RoleName", "r"));
    let p = ("PolicyName", "p");
    asker
        .rows(&[
            ("ListAccountAliases", "none", &[]),
            ("CreateAccountAlias", "", &[("AccountAlias", "alias")]),
            ("ListAccountAliases", "one", &[]),
            ("UpdateAccountPasswordPolicy", "", &[]),
            ("GetAccountPasswordPolicy", "defaults", &[]),
            (
                "UpdateAccountPasswordPolicy",
                "",
                &[("MaxPasswordAge", "90"), ("PasswordReusePrevention", "3"), ("HardExpiry", "true")],
            ),
            ("GetAccountPasswordPolicy", "everything", &[]),
            ("GenerateCredentialReport", "the first time", &[]),
            ("GenerateCredentialReport", "once there is one", &[]),
            ("GetCredentialReport", "plain", &[]),
            ("CreateUser", "", &[u]),
            ("CreateGroup", "", &[g]),
            ("CreateRole", "", &[r, TRUST]),
            ("CreatePolicy", "", &[("PolicyName", "P"), DOCUMENT]),
            (
                "GetAccountAuthorizationDetails",
                "bare entities",
                &[
                    ("Filter.member.1", "User"),
                    ("Filter.member.2", "Group"),
                    ("Filter.member.3", "Role"),
                    ("Filter.member.4", "LocalManagedPolicy"),
                ],
            ),
            ("PutUserPolicy", "", &[u, p, DOCUMENT]),
            ("PutRolePolicy", "", &[r, p, DOCUMENT]),
            ("PutGroupPolicy", "", &[g, p, DOCUMENT]),
            ("AttachUserPolicy", "", &[u, ("PolicyArn", OWN)]),
            ("AttachRolePolicy", "", &[r, ("PolicyArn", OWN)]),
            ("AttachGroupPolicy", "", &[g, ("PolicyArn", OWN)]),
            ("AddUserToGroup", "", &[g, u]),
            ("TagUser", "", &[u, TAG, VALUE]),
            ("TagRole", "", &[r, TAG, VALUE]),
            ("CreateInstanceProfile", "", &[("InstanceProfileName", "i")]),
            ("AddRoleToInstanceProfile", "", &[("InstanceProfileName", "i"), r]),
            (
                "GetAccountAuthorizationDetails",
                "laden entities",
                &[
                    ("Filter.member.1", "User"),
                    ("Filter.member.2", "Group"),
                    ("Filter.member.3", "Role"),
                    ("Filter.member.4", "LocalManagedPolicy"),
                ],
            ),
        ])
        .await;
    asker.answers.compare("The account");
}
