//! One sample request of every served operation, with everything in it that asks for a permission of
//! its own, and the actions it needs.

use crate::testing::ALLOW_ALL;
use bytes::Bytes;
use rolecall_wire::Service;
use std::collections::HashMap;

/// A request, and the actions it needs.
pub(super) struct Sample {
    pub actions: Vec<String>,
    /// Parameters of a query operation, headers of an S3 one.
    pairs: Vec<(&'static str, String)>,
    pub method: &'static str,
    pub path: String,
    pub body: Bytes,
}

impl Sample {
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// The sample of an operation, its `{names}` replaced by values.
pub(super) fn of(
    service: Service,
    name: &'static str,
    values: &HashMap<&'static str, String>,
) -> Option<Sample> {
    let fill = |text: &str| {
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let pairs = |pairs: Pairs| pairs.iter().map(|(name, value)| (*name, fill(value))).collect();
    let actions = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    if service == Service::S3 {
        let (_, needs, method, path, headers, body) = S3.iter().find(|row| row.0 == name)?;
        let body = Bytes::from(fill(body));
        return Some(Sample {
            actions: actions(needs),
            pairs: pairs(headers),
            method,
            path: fill(path),
            body,
        });
    }
    let (_, _, more, params) = queries().find(|row| (row.0, row.1) == (service, name))?;
    let mut needs = actions(more);
    if *more != FREE {
        needs.insert(0, format!("{}:{name}", service.prefix()));
    }
    needs.retain(|action| action != FREE);
    Some(Sample {
        actions: needs,
        pairs: pairs(params),
        method: "POST",
        path: String::new(),
        body: Bytes::new(),
    })
}

/// Every operation that has a sample.
pub(super) fn all() -> impl Iterator<Item = (Service, &'static str)> {
    let s3 = S3.iter().map(|row| (Service::S3, row.0));
    queries().map(|row| (row.0, row.1)).chain(s3)
}

fn queries() -> impl Iterator<Item = &'static Query> {
    QUERY.iter().chain(super::organizations::QUERY)
}

pub(super) type Pairs = &'static [(&'static str, &'static str)];
/// Service, operation, the actions it needs besides the one of its own name, parameters.
pub(super) type Query = (Service, &'static str, &'static str, Pairs);
/// Operation, the actions it needs, method, path, headers, body.
type Rest = (&'static str, &'static str, &'static str, &'static str, Pairs, &'static str);

const FREE: &str = "-";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const OWN: &str = "arn:aws:iam::123456789012:policy/own";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},
    "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
    "Action":"s3:PutBucketWebsite","Resource":"arn:aws:s3:::bucket"}]}"#;
const BLOCK: &str = "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>";
const TAGS: &str = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/d";
const CODES: [(&str, &str); 2] = [("AuthenticationCode1", "000000"), ("AuthenticationCode2", "000000")];
const PROVIDER: (&str, &str) =
    ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/idp.example.com");
pub(super) const TAG: (&str, &str) = ("Tags.member.1.Key", "k");
pub(super) const VALUE: (&str, &str) = ("Tags.member.1.Value", "v");
const SAML: (&str, &str) = ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/idp");
const METADATA: (&str, &str) =
    ("SAMLMetadataDocument", rolecall_federation::saml::testing::document("metadata-rsa.xml"));

/// IAM's part of the house: a bare and a laden one of each kind.
pub(super) const FURNITURE: &[(&str, Pairs)] = &[
    ("GenerateCredentialReport", &[]),
    ("CreateUser", &[("UserName", "bare")]),
    ("CreateUser", &[("UserName", "held")]),
    ("CreateGroup", &[("GroupName", "bare")]),
    ("CreateGroup", &[("GroupName", "held")]),
    ("CreateRole", &[("RoleName", "bare"), ("AssumeRolePolicyDocument", TRUST)]),
    ("CreateRole", &[("RoleName", "held"), ("AssumeRolePolicyDocument", TRUST)]),
    ("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", ALLOW_ALL)]),
    ("CreatePolicyVersion", &[("PolicyArn", OWN), ("PolicyDocument", ALLOW_ALL)]),
    ("CreatePolicy", &[("PolicyName", "unused"), ("PolicyDocument", ALLOW_ALL)]),
    ("CreateInstanceProfile", &[("InstanceProfileName", "bare")]),
    ("CreateInstanceProfile", &[("InstanceProfileName", "held")]),
    ("AddRoleToInstanceProfile", &[("InstanceProfileName", "held"), ("RoleName", "held")]),
    ("CreateOpenIDConnectProvider", &[("Url", "https://idp.example.com")]),
    ("CreateSAMLProvider", &[("Name", "idp"), METADATA]),
    ("AddUserToGroup", &[("GroupName", "held"), ("UserName", "held")]),
    ("AttachUserPolicy", &[("UserName", "held"), ("PolicyArn", ADMIN)]),
    ("AttachGroupPolicy", &[("GroupName", "held"), ("PolicyArn", ADMIN)]),
    ("AttachRolePolicy", &[("RoleName", "held"), ("PolicyArn", ADMIN)]),
    ("PutUserPolicy", &[("UserName", "held"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("PutGroupPolicy", &[("GroupName", "held"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("PutRolePolicy", &[("RoleName", "held"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("PutUserPermissionsBoundary", &[("UserName", "held"), ("PermissionsBoundary", ADMIN)]),
    ("PutRolePermissionsBoundary", &[("RoleName", "held"), ("PermissionsBoundary", ADMIN)]),
    ("CreateAccountAlias", &[("AccountAlias", "alias")]),
    ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "d")]),
    ("UpdateAccountPasswordPolicy", &[]),
];

/// S3's part of the house.
pub(super) const STORED: &[(&str, &str, Pairs, &str)] = &[
    ("PUT", "/bucket", &[], ""),
    ("PUT", "/empty", &[], ""),
    ("PUT", "/bucket/k", &[("x-amz-tagging", "k=v")], "content"),
    ("PUT", "/bucket?policy", &[], POLICY),
    ("PUT", "/bucket?tagging", &[], TAGS),
];

const QUERY: &[Query] = &[
    (
        Service::Sts,
        "AssumeRole",
        "sts:TagSession sts:SetSourceIdentity",
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/bare"),
            ("RoleSessionName", "session"),
            ("SourceIdentity", "alice"),
            TAG,
            VALUE,
        ],
    ),
    (Service::Sts, "GetAccessKeyInfo", "", &[("AccessKeyId", "{key}")]),
    (Service::Sts, "GetCallerIdentity", FREE, &[]),
    (Service::Sts, "GetFederationToken", "sts:TagSession", &[("Name", "bob"), TAG, VALUE]),
    (Service::Sts, "GetSessionToken", FREE, &[]),
    (Service::Sts, "GetDelegatedAccessToken", "", &[("TradeInToken", "abcd")]),
    (
        Service::Sts,
        "GetWebIdentityToken",
        "sts:TagGetWebIdentityToken",
        &[("Audience.member.1", "https://api.example.com"), ("SigningAlgorithm", "ES384"), TAG, VALUE],
    ),
    (Service::Iam, "EnableOutboundWebIdentityFederation", "", &[]),
    (Service::Iam, "DisableOutboundWebIdentityFederation", "", &[]),
    (Service::Iam, "GetOutboundWebIdentityFederationInfo", "", &[]),
    (Service::Sts, "AssumeRoleForInstance", FREE, &[]),
    (
        Service::Sts,
        "AssumeRoleWithWebIdentity",
        FREE,
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/held"),
            ("RoleSessionName", "job"),
            ("WebIdentityToken", "no.token.atall"),
        ],
    ),
    (Service::Iam, "AddClientIDToOpenIDConnectProvider", "", &[PROVIDER, ("ClientID", "app")]),
    (
        Service::Iam,
        "CreateOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        &[("Url", "https://new.example.com"), TAG, VALUE],
    ),
    (Service::Iam, "DeleteOpenIDConnectProvider", "", &[PROVIDER]),
    (Service::Iam, "GetOpenIDConnectProvider", "", &[PROVIDER]),
    (Service::Iam, "ListOpenIDConnectProviderTags", "", &[PROVIDER]),
    (Service::Iam, "ListOpenIDConnectProviders", "", &[]),
    (Service::Iam, "RemoveClientIDFromOpenIDConnectProvider", "", &[PROVIDER, ("ClientID", "app")]),
    (Service::Iam, "TagOpenIDConnectProvider", "", &[PROVIDER, TAG, VALUE]),
    (Service::Iam, "UntagOpenIDConnectProvider", "", &[PROVIDER, ("TagKeys.member.1", "k")]),
    (
        Service::Iam,
        "UpdateOpenIDConnectProviderThumbprint",
        "",
        &[PROVIDER, ("ThumbprintList.member.1", "990f4193972f2becf12ddeda5237f9c952f20d9e")],
    ),
    (
        Service::Sts,
        "AssumeRoleWithSAML",
        FREE,
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/held"),
            ("PrincipalArn", "arn:aws:iam::123456789012:saml-provider/idp"),
            ("SAMLAssertion", "PHgvPg=="),
        ],
    ),
    (Service::Iam, "CreateSAMLProvider", "iam:TagSAMLProvider", &[("Name", "new"), METADATA, TAG, VALUE]),
    (Service::Iam, "DeleteSAMLProvider", "", &[SAML]),
    (Service::Iam, "GetSAMLProvider", "", &[SAML]),
    (Service::Iam, "ListSAMLProviderTags", "", &[SAML]),
    (Service::Iam, "ListSAMLProviders", "", &[]),
    (Service::Iam, "TagSAMLProvider", "", &[SAML, TAG, VALUE]),
    (Service::Iam, "UntagSAMLProvider", "", &[SAML, ("TagKeys.member.1", "k")]),
    (Service::Iam, "UpdateSAMLProvider", "", &[SAML, METADATA]),
    (
        Service::Iam,
        "AddRoleToInstanceProfile",
        "iam:PassRole",
        &[("InstanceProfileName", "bare"), ("RoleName", "bare")],
    ),
    (Service::Iam, "AddUserToGroup", "", &[("GroupName", "bare"), ("UserName", "bare")]),
    (Service::Iam, "AttachGroupPolicy", "", &[("GroupName", "bare"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "AttachRolePolicy", "", &[("RoleName", "bare"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "AttachUserPolicy", "", &[("UserName", "bare"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "CreateAccessKey", "", &[("UserName", "bare")]),
    (Service::Iam, "CreateAccountAlias", "", &[("AccountAlias", "other")]),
    (Service::Iam, "CreateGroup", "", &[("GroupName", "new")]),
    (
        Service::Iam,
        "CreateInstanceProfile",
        "iam:TagInstanceProfile",
        &[("InstanceProfileName", "new"), TAG, VALUE],
    ),
    (
        Service::Iam,
        "CreatePolicy",
        "iam:TagPolicy",
        &[("PolicyName", "new"), ("PolicyDocument", ALLOW_ALL), TAG, VALUE],
    ),
    (Service::Iam, "CreatePolicyVersion", "", &[("PolicyArn", OWN), ("PolicyDocument", ALLOW_ALL)]),
    (
        Service::Iam,
        "CreateRole",
        "iam:TagRole",
        &[("RoleName", "new"), ("AssumeRolePolicyDocument", TRUST), TAG, VALUE],
    ),
    (
        Service::Iam,
        "CreateVirtualMFADevice",
        "iam:TagMFADevice",
        &[("VirtualMFADeviceName", "new"), TAG, VALUE],
    ),
    (Service::Iam, "DeactivateMFADevice", "", &[("UserName", "bare"), ("SerialNumber", DEVICE)]),
    (Service::Iam, "DeleteVirtualMFADevice", "", &[("SerialNumber", DEVICE)]),
    (
        Service::Iam,
        "EnableMFADevice",
        "",
        &[("UserName", "bare"), ("SerialNumber", DEVICE), CODES[0], CODES[1]],
    ),
    (Service::Iam, "GetMFADevice", "", &[("SerialNumber", DEVICE)]),
    (Service::Iam, "ListMFADeviceTags", "", &[("SerialNumber", DEVICE)]),
    (
        Service::Iam,
        "ResyncMFADevice",
        "",
        &[("UserName", "bare"), ("SerialNumber", DEVICE), CODES[0], CODES[1]],
    ),
    (Service::Iam, "TagMFADevice", "", &[("SerialNumber", DEVICE), TAG, VALUE]),
    (Service::Iam, "UntagMFADevice", "", &[("SerialNumber", DEVICE), ("TagKeys.member.1", "k")]),
    (Service::Iam, "CreateUser", "iam:TagUser", &[("UserName", "new"), TAG, VALUE]),
    (Service::Iam, "DeleteAccessKey", "", &[("UserName", "keyed"), ("AccessKeyId", "{key}")]),
    (Service::Iam, "DeleteAccountAlias", "", &[("AccountAlias", "alias")]),
    (Service::Iam, "DeleteAccountPasswordPolicy", "", &[]),
    (Service::Iam, "GetAccountPasswordPolicy", "", &[]),
    (Service::Iam, "UpdateAccountPasswordPolicy", "", &[("RequireNumbers", "true")]),
    (Service::Iam, "DeleteGroup", "", &[("GroupName", "bare")]),
    (Service::Iam, "DeleteGroupPolicy", "", &[("GroupName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "DeleteInstanceProfile", "", &[("InstanceProfileName", "bare")]),
    (Service::Iam, "DeleteLoginProfile", "", &[("UserName", "bare")]),
    (Service::Iam, "DeletePolicy", "", &[("PolicyArn", "arn:aws:iam::123456789012:policy/unused")]),
    (Service::Iam, "DeletePolicyVersion", "", &[("PolicyArn", OWN), ("VersionId", "v2")]),
    (Service::Iam, "DeleteRole", "", &[("RoleName", "bare")]),
    (Service::Iam, "DeleteRolePermissionsBoundary", "", &[("RoleName", "held")]),
    (Service::Iam, "DeleteRolePolicy", "", &[("RoleName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "DeleteUser", "", &[("UserName", "bare")]),
    (Service::Iam, "DeleteUserPermissionsBoundary", "", &[("UserName", "held")]),
    (Service::Iam, "DeleteUserPolicy", "", &[("UserName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "DetachGroupPolicy", "", &[("GroupName", "held"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "DetachRolePolicy", "", &[("RoleName", "held"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "DetachUserPolicy", "", &[("UserName", "held"), ("PolicyArn", ADMIN)]),
    (Service::Iam, "GetAccessKeyLastUsed", "", &[("AccessKeyId", "{key}")]),
    (Service::Iam, "GetAccountSummary", "", &[]),
    (Service::Iam, "SetSecurityTokenServicePreferences", "", &[("GlobalEndpointTokenVersion", "v2Token")]),
    (Service::Iam, "GetContextKeysForCustomPolicy", "", &[("PolicyInputList.member.1", ALLOW_ALL)]),
    (
        Service::Iam,
        "GetContextKeysForPrincipalPolicy",
        "",
        &[("PolicySourceArn", "arn:aws:iam::123456789012:user/held")],
    ),
    (Service::Iam, "GetGroup", "", &[("GroupName", "held")]),
    (Service::Iam, "GetGroupPolicy", "", &[("GroupName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "GetInstanceProfile", "", &[("InstanceProfileName", "held")]),
    (Service::Iam, "GetLoginProfile", "", &[("UserName", "bare")]),
    (Service::Iam, "GetPolicy", "", &[("PolicyArn", OWN)]),
    (Service::Iam, "GetPolicyVersion", "", &[("PolicyArn", OWN), ("VersionId", "v1")]),
    (Service::Iam, "GetRole", "", &[("RoleName", "held")]),
    (Service::Iam, "GetRolePolicy", "", &[("RoleName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "GetUser", "", &[]),
    (Service::Iam, "GetUserPolicy", "", &[("UserName", "held"), ("PolicyName", "p")]),
    (Service::Iam, "ListAccessKeys", "", &[]),
    (Service::Iam, "ListAccountAliases", "", &[]),
    (Service::Iam, "ListAttachedGroupPolicies", "", &[("GroupName", "held")]),
    (Service::Iam, "ListAttachedRolePolicies", "", &[("RoleName", "held")]),
    (Service::Iam, "ListAttachedUserPolicies", "", &[("UserName", "held")]),
    (Service::Iam, "ListEntitiesForPolicy", "", &[("PolicyArn", ADMIN)]),
    (Service::Iam, "ListGroupPolicies", "", &[("GroupName", "held")]),
    (Service::Iam, "ListGroups", "", &[]),
    (Service::Iam, "ListGroupsForUser", "", &[("UserName", "held")]),
    (Service::Iam, "ListInstanceProfileTags", "", &[("InstanceProfileName", "held")]),
    (Service::Iam, "ListInstanceProfiles", "", &[]),
    (Service::Iam, "ListInstanceProfilesForRole", "", &[("RoleName", "held")]),
    (Service::Iam, "ListMFADevices", "", &[]),
    (Service::Iam, "ListPolicies", "", &[]),
    (Service::Iam, "ListPolicyTags", "", &[("PolicyArn", OWN)]),
    (Service::Iam, "ListPolicyVersions", "", &[("PolicyArn", OWN)]),
    (Service::Iam, "ListRolePolicies", "", &[("RoleName", "held")]),
    (Service::Iam, "ListRoleTags", "", &[("RoleName", "held")]),
    (Service::Iam, "ListRoles", "", &[]),
    (Service::Iam, "ListSSHPublicKeys", "", &[]),
    (Service::Iam, "ListServiceSpecificCredentials", "", &[]),
    (Service::Iam, "ListSigningCertificates", "", &[]),
    (Service::Iam, "ListUserPolicies", "", &[("UserName", "held")]),
    (Service::Iam, "ListUserTags", "", &[("UserName", "held")]),
    (Service::Iam, "ListUsers", "", &[]),
    (Service::Iam, "ListVirtualMFADevices", "", &[]),
    (
        Service::Iam,
        "PutGroupPolicy",
        "",
        &[("GroupName", "bare"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)],
    ),
    (Service::Iam, "PutRolePermissionsBoundary", "", &[("RoleName", "bare"), ("PermissionsBoundary", ADMIN)]),
    (
        Service::Iam,
        "PutRolePolicy",
        "",
        &[("RoleName", "bare"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)],
    ),
    (Service::Iam, "PutUserPermissionsBoundary", "", &[("UserName", "bare"), ("PermissionsBoundary", ADMIN)]),
    (
        Service::Iam,
        "PutUserPolicy",
        "",
        &[("UserName", "m"), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)],
    ),
    (
        Service::Iam,
        "RemoveRoleFromInstanceProfile",
        "",
        &[("InstanceProfileName", "held"), ("RoleName", "held")],
    ),
    (Service::Iam, "RemoveUserFromGroup", "", &[("GroupName", "held"), ("UserName", "held")]),
    (Service::Iam, "SetDefaultPolicyVersion", "", &[("PolicyArn", OWN), ("VersionId", "v2")]),
    (Service::Iam, "TagInstanceProfile", "", &[("InstanceProfileName", "bare"), TAG, VALUE]),
    (Service::Iam, "TagPolicy", "", &[("PolicyArn", OWN), TAG, VALUE]),
    (Service::Iam, "TagRole", "", &[("RoleName", "bare"), TAG, VALUE]),
    (Service::Iam, "TagUser", "", &[("UserName", "m"), TAG, VALUE]),
    (Service::Iam, "UntagInstanceProfile", "", &[("InstanceProfileName", "bare"), ("TagKeys.member.1", "k")]),
    (Service::Iam, "UntagPolicy", "", &[("PolicyArn", OWN), ("TagKeys.member.1", "k")]),
    (Service::Iam, "UntagRole", "", &[("RoleName", "bare"), ("TagKeys.member.1", "k")]),
    (Service::Iam, "UntagUser", "", &[("UserName", "m"), ("TagKeys.member.1", "k")]),
    (
        Service::Iam,
        "UpdateAccessKey",
        "",
        &[("UserName", "keyed"), ("AccessKeyId", "{key}"), ("Status", "Inactive")],
    ),
    (Service::Iam, "UpdateAssumeRolePolicy", "", &[("RoleName", "bare"), ("PolicyDocument", TRUST)]),
    (Service::Iam, "UpdateGroup", "", &[("GroupName", "bare"), ("NewGroupName", "new")]),
    (Service::Iam, "UpdateRole", "", &[("RoleName", "bare"), ("MaxSessionDuration", "7200")]),
    (Service::Iam, "UpdateRoleDescription", "", &[("RoleName", "bare"), ("Description", "d")]),
    (Service::Iam, "UpdateUser", "", &[("UserName", "bare"), ("NewUserName", "new")]),
    (
        Service::Iam,
        "SimulateCustomPolicy",
        "",
        &[("PolicyInputList.member.1", ALLOW_ALL), ("ActionNames.member.1", "s3:GetObject")],
    ),
    (
        Service::Iam,
        "SimulatePrincipalPolicy",
        "",
        &[
            ("PolicySourceArn", "arn:aws:iam::123456789012:user/held"),
            ("ActionNames.member.1", "s3:GetObject"),
        ],
    ),
    (Service::IamToolbox, "GetRequestAuthorizationDetails", "", &[("authorizationId", "none")]),
    (
        Service::IamToolbox,
        "GetRequestAuthorizationPolicy",
        "",
        &[("authorizationId", "none"), ("policyUri", "none")],
    ),
    (Service::Sts, "DecodeAuthorizationMessage", "", &[("EncodedMessage", "none")]),
    (
        Service::Sts,
        "AssumeRoot",
        "",
        &[
            ("TargetPrincipal", "{account}"),
            ("TaskPolicyArn.arn", "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"),
        ],
    ),
    (Service::Iam, "CreateServiceLinkedRole", "", &[("AWSServiceName", "organizations.amazonaws.com")]),
    (Service::Iam, "DeleteServiceLinkedRole", "", &[("RoleName", "bare")]),
    (Service::Iam, "DisableOrganizationsRootCredentialsManagement", "", &[]),
    (Service::Iam, "DisableOrganizationsRootSessions", "", &[]),
    (Service::Iam, "EnableOrganizationsRootCredentialsManagement", "", &[]),
    (Service::Iam, "EnableOrganizationsRootSessions", "", &[]),
    (Service::Iam, "GenerateCredentialReport", "", &[]),
    (Service::Iam, "GetAccountAuthorizationDetails", "", &[]),
    (Service::Iam, "GetCredentialReport", "", &[]),
    (
        Service::Iam,
        "GetServiceLinkedRoleDeletionStatus",
        "",
        &[("DeletionTaskId", "task/aws-service-role/x/y/z")],
    ),
    (Service::Iam, "ListOrganizationsFeatures", "", &[]),
    (Service::Rolecall, "AdvanceClock", "", &[("Seconds", "1")]),
    (Service::Rolecall, "CloseAccount", "", &[("AccountId", "111122223333")]),
    (Service::Rolecall, "CreateAccount", "", &[]),
    (Service::Rolecall, "DescribeAccount", "", &[("AccountId", "123456789012")]),
    (Service::Rolecall, "ExplainRequest", "", &[("RequestId", "none")]),
    (Service::Rolecall, "GetMetrics", "", &[]),
    (Service::Rolecall, "GetServerInfo", "", &[]),
    (Service::Rolecall, "GetSession", "", &[("AccessKeyId", "ASIAAAAAAAAAAAAAAAAA")]),
    (Service::Rolecall, "ListAccounts", "", &[]),
    (Service::Rolecall, "ListKeys", "", &[]),
    (Service::Rolecall, "ListRefusals", "", &[]),
    (Service::Rolecall, "ListSessions", "", &[]),
    (Service::Rolecall, "RemoveKey", "", &[("KeyId", "99")]),
    (Service::Rolecall, "RevokeSessions", "", &[("RoleName", "bare")]),
    (Service::Rolecall, "RotateKeys", "", &[]),
];

const S3: &[Rest] = &[
    ("AbortMultipartUpload", "s3:AbortMultipartUpload", "DELETE", "/bucket/up?uploadId={upload}", &[], ""),
    (
        "CompleteMultipartUpload",
        "s3:PutObject",
        "POST",
        "/bucket/up?uploadId={upload}",
        &[],
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>",
    ),
    (
        "CopyObject",
        "s3:GetObject s3:GetObjectTagging s3:PutObject s3:PutObjectTagging",
        "PUT",
        "/bucket/copy",
        &[("x-amz-copy-source", "/bucket/k")],
        "",
    ),
    (
        "CreateBucket",
        "s3:CreateBucket s3:PutBucketAcl s3:PutBucketOwnershipControls",
        "PUT",
        "/another",
        &[("x-amz-acl", "private"), ("x-amz-object-ownership", "BucketOwnerEnforced")],
        "",
    ),
    (
        "CreateMultipartUpload",
        "s3:PutObject s3:PutObjectTagging",
        "POST",
        "/bucket/n?uploads",
        &[("x-amz-tagging", "k=v")],
        "",
    ),
    ("DeleteBucket", "s3:DeleteBucket", "DELETE", "/empty", &[], ""),
    ("DeleteBucketCors", "s3:PutBucketCORS", "DELETE", "/bucket?cors", &[], ""),
    ("DeleteBucketEncryption", "s3:PutEncryptionConfiguration", "DELETE", "/bucket?encryption", &[], ""),
    ("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration", "DELETE", "/bucket?lifecycle", &[], ""),
    ("DeleteBucketPolicy", "s3:DeleteBucketPolicy", "DELETE", "/bucket?policy", &[], ""),
    ("DeleteBucketReplication", "s3:PutReplicationConfiguration", "DELETE", "/bucket?replication", &[], ""),
    ("DeleteBucketTagging", "s3:PutBucketTagging", "DELETE", "/bucket?tagging", &[], ""),
    ("DeleteBucketWebsite", "s3:DeleteBucketWebsite", "DELETE", "/bucket?website", &[], ""),
    ("DeleteObject", "s3:DeleteObject", "DELETE", "/bucket/k", &[], ""),
    ("DeleteObjectTagging", "s3:DeleteObjectTagging", "DELETE", "/bucket/k?tagging", &[], ""),
    (
        "DeleteObjects",
        "s3:DeleteObject",
        "POST",
        "/bucket?delete",
        &[("x-amz-checksum-crc32", "A8uZRQ==")],
        "<Delete><Object><Key>k</Key></Object></Delete>",
    ),
    (
        "DeletePublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "DELETE",
        "/bucket?publicAccessBlock",
        &[],
        "",
    ),
    (
        "GetBucketAccelerateConfiguration",
        "s3:GetAccelerateConfiguration",
        "GET",
        "/bucket?accelerate",
        &[],
        "",
    ),
    ("GetBucketAcl", "s3:GetBucketAcl", "GET", "/bucket?acl", &[], ""),
    ("GetBucketCors", "s3:GetBucketCORS", "GET", "/bucket?cors", &[], ""),
    ("GetBucketEncryption", "s3:GetEncryptionConfiguration", "GET", "/bucket?encryption", &[], ""),
    ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "GET", "/bucket?lifecycle", &[], ""),
    ("GetBucketLocation", "s3:GetBucketLocation", "GET", "/bucket?location", &[], ""),
    ("GetBucketLogging", "s3:GetBucketLogging", "GET", "/bucket?logging", &[], ""),
    (
        "GetBucketNotificationConfiguration",
        "s3:GetBucketNotification",
        "GET",
        "/bucket?notification",
        &[],
        "",
    ),
    (
        "GetBucketOwnershipControls",
        "s3:GetBucketOwnershipControls",
        "GET",
        "/bucket?ownershipControls",
        &[],
        "",
    ),
    ("GetBucketPolicy", "s3:GetBucketPolicy", "GET", "/bucket?policy", &[], ""),
    ("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "GET", "/bucket?policyStatus", &[], ""),
    ("GetBucketReplication", "s3:GetReplicationConfiguration", "GET", "/bucket?replication", &[], ""),
    ("GetBucketRequestPayment", "s3:GetBucketRequestPayment", "GET", "/bucket?requestPayment", &[], ""),
    ("GetBucketTagging", "s3:GetBucketTagging", "GET", "/bucket?tagging", &[], ""),
    ("GetBucketVersioning", "s3:GetBucketVersioning", "GET", "/bucket?versioning", &[], ""),
    ("GetBucketWebsite", "s3:GetBucketWebsite", "GET", "/bucket?website", &[], ""),
    ("GetObject", "s3:GetObject", "GET", "/bucket/k", &[], ""),
    ("GetObjectAcl", "s3:GetObjectAcl", "GET", "/bucket/k?acl", &[], ""),
    (
        "GetObjectAttributes",
        "s3:GetObject s3:GetObjectAttributes",
        "GET",
        "/bucket/k?attributes",
        &[("x-amz-object-attributes", "ETag")],
        "",
    ),
    ("GetObjectLegalHold", "s3:GetObjectLegalHold", "GET", "/bucket/k?legal-hold", &[], ""),
    (
        "GetObjectLockConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "GET",
        "/bucket?object-lock",
        &[],
        "",
    ),
    ("GetObjectRetention", "s3:GetObjectRetention", "GET", "/bucket/k?retention", &[], ""),
    ("GetObjectTagging", "s3:GetObjectTagging", "GET", "/bucket/k?tagging", &[], ""),
    ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "GET", "/bucket?publicAccessBlock", &[], ""),
    ("HeadBucket", "s3:ListBucket", "HEAD", "/bucket", &[], ""),
    ("HeadObject", "s3:GetObject", "HEAD", "/bucket/k", &[], ""),
    ("ListBuckets", "s3:ListAllMyBuckets", "GET", "/", &[], ""),
    ("ListMultipartUploads", "s3:ListBucketMultipartUploads", "GET", "/bucket?uploads", &[], ""),
    ("ListObjectVersions", "s3:ListBucketVersions", "GET", "/bucket?versions", &[], ""),
    ("ListObjects", "s3:ListBucket", "GET", "/bucket", &[], ""),
    ("ListObjectsV2", "s3:ListBucket", "GET", "/bucket?list-type=2", &[], ""),
    ("ListParts", "s3:ListMultipartUploadParts", "GET", "/bucket/up?uploadId={upload}", &[], ""),
    ("PostObject", "s3:PutObject", "POST", "/bucket", &[], ""),
    ("PutBucketAcl", "s3:PutBucketAcl", "PUT", "/bucket?acl", &[("x-amz-acl", "private")], ""),
    ("PutBucketPolicy", "s3:PutBucketPolicy", "PUT", "/bucket?policy", &[], POLICY),
    ("PutBucketTagging", "s3:PutBucketTagging", "PUT", "/bucket?tagging", &[], TAGS),
    (
        "PutObject",
        "s3:PutObject s3:PutObjectTagging s3:PutObjectAcl",
        "PUT",
        "/bucket/n",
        &[("x-amz-tagging", "k=v"), ("x-amz-acl", "private")],
        "x",
    ),
    ("PutObjectAcl", "s3:PutObjectAcl", "PUT", "/bucket/k?acl", &[("x-amz-acl", "private")], ""),
    (
        "PutObjectLegalHold",
        "s3:PutObjectLegalHold",
        "PUT",
        "/bucket/k?legal-hold",
        &[],
        "<LegalHold><Status>ON</Status></LegalHold>",
    ),
    (
        "PutObjectRetention",
        "s3:PutObjectRetention",
        "PUT",
        "/bucket/k?retention",
        &[],
        "<Retention><Mode>GOVERNANCE</Mode></Retention>",
    ),
    ("PutObjectTagging", "s3:PutObjectTagging", "PUT", "/bucket/k?tagging", &[], TAGS),
    ("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "PUT", "/bucket?publicAccessBlock", &[], BLOCK),
    ("UploadPart", "s3:PutObject", "PUT", "/bucket/up?partNumber=2&uploadId={upload}", &[], "more"),
    (
        "UploadPartCopy",
        "s3:GetObject s3:PutObject",
        "PUT",
        "/bucket/up?partNumber=2&uploadId={upload}",
        &[("x-amz-copy-source", "/bucket/k")],
        "",
    ),
];
