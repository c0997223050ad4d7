//! What the models leave out, and the few places where services behave unlike their model.

use crate::models::Model;

/// Brings these facts into a model.
pub(crate) fn amend(model: &mut Model) {
    for (name, shape) in &mut model.shapes.0 {
        shape.sensitive |= SENSITIVE.contains(&name.as_str());
        if let Some((_, values)) = ENUMS.iter().find(|(n, _)| n == name) {
            shape.values = values.iter().map(ToString::to_string).collect();
            (shape.min, shape.max) = (None, None);
        }
    }
}

/// How the names of operations begin that change nothing.
pub(crate) const READS: [&str; 9] =
    ["Decode", "Describe", "Explain", "Generate", "Get", "Head", "List", "Select", "Simulate"];

/// What operations do that their names do not tell: those of STS that make credentials or tokens, those that
/// store a report or a document under another name.
pub(crate) const EFFECTS: &[(&str, &str)] = &[
    ("AcquireRole", "Writes"),
    ("AssumeRole", "Mints"),
    ("AssumeRoleWithSAML", "Mints"),
    ("AssumeRoleWithWebIdentity", "Mints"),
    ("AssumeRoot", "Mints"),
    ("CreateSession", "Mints"),
    ("GenerateCredentialReport", "Writes"),
    ("GenerateOrganizationsAccessReport", "Writes"),
    ("GenerateServiceLastAccessedDetails", "Writes"),
    ("GetDelegatedAccessToken", "Mints"),
    ("GetFederationToken", "Mints"),
    ("GetSessionToken", "Mints"),
    ("GetWebIdentityToken", "Mints"),
];

/// The services, each with a model in `models/`.
pub(crate) const SERVICES: &[&str] = &["sts", "iam", "iam-toolbox", "s3", "organizations", "rolecall"];

/// The services with worked examples in `models/`.
pub(crate) const WITH_EXAMPLES: [&str; 2] = ["sts", "iam"];

/// Secrets that the models do not mark.
const SENSITIVE: &[&str] = &["tokenType", "tokenCodeType", "authenticationCodeType"];

/// Enums that the models describe as free text.
const ENUMS: &[(&str, &[&str])] = &[("jwtAlgorithmType", &["RS256", "ES384"])];

/// Texts whose least length AWS does not check: a word that is no ARN is told so in another sentence
/// (recorded for `AssumeRole` and `AttachRolePolicy`).
pub(crate) const NO_LEAST_LENGTH: &[&str] = &["arnType"];

/// Numbers whose limits AWS names in one sentence, `between … and …`.
pub(crate) const BETWEEN: &[&str] = &["webIdentityTokenDurationSecondsType"];

/// Optional lists and maps that say one thing when they are empty and another when they are absent, by structure
/// (IAM API Reference, EvaluationResult; `GetPolicy` and `GetInstanceProfile` are recorded with an empty list of
/// tags, what creates and lists things without one: docs/answers.md).
pub(crate) const EMPTY_OR_ABSENT: &[(&str, &str)] = &[
    ("CreateOpenIDConnectProviderResponse", "Tags"),
    ("CreateSAMLProviderResponse", "Tags"),
    ("EvaluationResult", "EvalDecisionDetails"),
    ("InstanceProfile", "Tags"),
    ("Policy", "Tags"),
    ("ResourceSpecificResult", "EvalDecisionDetails"),
];

/// Members that a model requires and answers leave out all the same: the root user has neither name nor path
/// (recorded: docs/answers.md).
pub(crate) const NOT_ALWAYS_THERE: &[(&str, &str)] = &[("User", "Path"), ("User", "UserName")];

/// Optional lists inside structures that are written even when empty. (Lists directly in an answer
/// always are, but for [`EMPTY_OR_ABSENT`]; clients rely on it.)
pub(crate) const ALWAYS_WRITTEN: &[(&str, &str)] = &[
    ("EvaluationResult", "MatchedStatements"),
    ("EvaluationResult", "MissingContextValues"),
    ("GroupDetail", "AttachedManagedPolicies"),
    ("GroupDetail", "GroupPolicyList"),
    ("ManagedPolicyDetail", "PolicyVersionList"),
    ("ResourceSpecificResult", "MatchedStatements"),
    ("ResourceSpecificResult", "MissingContextValues"),
    ("RoleDetail", "AttachedManagedPolicies"),
    ("RoleDetail", "InstanceProfileList"),
    ("RoleDetail", "RolePolicyList"),
    ("RoleDetail", "Tags"),
    ("UserDetail", "AttachedManagedPolicies"),
    ("UserDetail", "GroupList"),
    ("UserDetail", "Tags"),
];

/// Root elements of S3's answers where they are not the name of the operation's output shape.
pub(crate) const ROOTS: &[(&str, &str)] = &[
    ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
    ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
    ("DeleteObjects", "DeleteResult"),
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetBucketCors", "CORSConfiguration"),
    ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("GetBucketLocation", "LocationConstraint"),
    ("GetBucketLogging", "BucketLoggingStatus"),
    ("GetBucketNotificationConfiguration", "NotificationConfiguration"),
    ("GetBucketRequestPayment", "RequestPaymentConfiguration"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetBucketWebsite", "WebsiteConfiguration"),
    ("GetObjectAcl", "AccessControlPolicy"),
    ("GetObjectAttributes", "GetObjectAttributesResponse"),
    ("GetObjectTagging", "Tagging"),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListMultipartUploads", "ListMultipartUploadsResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("ListObjects", "ListBucketResult"),
    ("ListObjectsV2", "ListBucketResult"),
    ("ListParts", "ListPartsResult"),
];

/// The member that is the content of the root element itself.
pub(crate) const ROOT_CONTENT: (&str, &str) = ("GetBucketLocationOutput", "LocationConstraint");

/// Enums of S3 that requests are not held to: the regions of a server are its own, and callers name
/// checksum algorithms that are newer than the model.
pub(crate) const OPEN_ENUMS: &[&str] = &["BucketLocationConstraint", "ChecksumAlgorithm"];
