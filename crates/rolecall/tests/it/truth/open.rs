//! The recorded facts that are not played, and why.

/// Service, operation, situation, reason.
pub(super) type Entry = (&'static str, &'static str, &'static str, &'static str);

pub(super) const OPEN: &[Entry] = &[
    (
        "iam",
        "CreateServiceSpecificCredential",
        "no such user (also when the service is wrong too)",
        NOT_SERVED,
    ),
    ("iam", "CreateServiceSpecificCredential", "unknown or unsupported service name", NOT_SERVED),
    ("iam", "DeleteUser", "user still has a service-specific credential", NO_CREDENTIAL),
    ("iam", "UpdateServiceSpecificCredential", "credential id with hyphens", NOT_SERVED),
    ("iam", "UpdateServiceSpecificCredential", "well-formed id that does not exist", NOT_SERVED),
    ("iam", "UpdateServiceSpecificCredential", "right id, other user's name", NOT_SERVED),
    ("iam", "ResetServiceSpecificCredential", "credential id with hyphens", NOT_SERVED),
    ("iam", "ResetServiceSpecificCredential", "well-formed id that does not exist", NOT_SERVED),
    ("iam", "ResetServiceSpecificCredential", "right id, other user's name", NOT_SERVED),
    ("iam", "DeleteServiceSpecificCredential", "credential id with hyphens", NOT_SERVED),
    ("iam", "DeleteServiceSpecificCredential", "well-formed id that does not exist", NOT_SERVED),
    ("iam", "DeleteServiceSpecificCredential", "right id, other user's name", NOT_SERVED),
    ("iam", "UpdateServiceSpecificCredential", "status not in the enum", NOT_SERVED),
    ("iam", "DeleteUser", "login profile still there", NO_CREDENTIAL),
    ("iam", "UploadSigningCertificate", "third certificate of a user", NOT_SERVED),
    ("iam", "UploadSigningCertificate", "no such user", NOT_SERVED),
    ("iam", "UpdateSigningCertificate", "no such certificate", NOT_SERVED),
    ("iam", "CreateRole", "permissions boundary not a policy ARN", BOUNDARY),
    ("s3", "HeadObject", "wrong customer key digest", NO_CUSTOMER_KEYS),
    ("s3", "CompleteMultipartUpload", "If-None-Match, object deleted meanwhile", NO_TRACE),
    ("s3", "DeleteBucket", "versions or delete markers left", NO_VERSIONS),
    ("s3", "GetBucketOwnershipControls", "none set", OWNERSHIP),
    ("s3", "GetObjectRetention", "never set", NO_LOCKS),
    ("s3", "DeleteObject", "version under retention or legal hold", NO_LOCKS),
    ("s3", "PutBucketVersioning", "empty Status", NOT_SERVED),
    ("s3", "PutBucketVersioning", "suspend on a bucket with object lock", NOT_SERVED),
    ("s3", "GetObject", "the version is a delete marker", NO_VERSIONS),
    ("s3", "PutBucketAcl", "canned ACL and grant headers together", ACLS_OFF),
    ("s3", "PutBucketAcl", "canonical id unknown", ACLS_OFF),
    ("s3", "PutBucketAcl", "group URI unknown", ACLS_OFF),
    ("s3", "PutBucketAcl", "ACL body does not fit the schema", ACLS_OFF),
    ("s3", "PutObject", "customer key given without an algorithm", NO_CUSTOMER_KEYS),
    ("s3", "GetObject", "object under a customer key, none sent", NO_CUSTOMER_KEYS),
    ("s3", "GetObject", "object under a customer key, wrong one sent", NO_CUSTOMER_KEYS),
    ("s3", "OptionsObject", "CORS not set on the bucket", NOT_SERVED),
    ("s3", "OptionsObject", "origin or method not allowed", NOT_SERVED),
    ("s3", "OptionsObject", "no Origin header", NOT_SERVED),
    ("sts", "*", "request signed more than 15 minutes ago", FIVE_MINUTES),
    ("sts", "*", "credential scope names a region the endpoint is not", ANY_REGION),
    ("s3", "*", "scope's region is not the bucket's endpoint", ANY_REGION),
    ("iam", "SetDefaultPolicyVersion", "version id not of the form v1", NO_VALUE),
    ("iam", "ListRoles", "PathPrefix does not begin and end with a slash", PREFIX),
    ("iam", "CreatePolicy", "IAM resource path of an unknown kind", ROOT_PATH),
];

/// No handler has the operation.
pub(super) const NOT_SERVED: &str = "not served";
const FIVE_MINUTES: &str = "AWS has come to allow five minutes, and says so; so do we";
const ANY_REGION: &str = "there is one endpoint, and clients set to any region may sign for it";
const NO_VALUE: &str =
    "an assertion of tests elsewhere; AWS's newest form, as recorded, leaves the value out";
const PREFIX: &str =
    "an assertion of tests elsewhere; AWS's model holds a prefix to a pattern, whose sentence comes first";
const ROOT_PATH: &str = "AWS has come to name root among the paths";
const NO_CREDENTIAL: &str = "no user can be given one, so none can be left";
const BOUNDARY: &str = "an assertion of tests elsewhere; AWS answers InvalidInput, as recorded";
const NO_CUSTOMER_KEYS: &str = "headers of encryption with customer keys are refused as not implemented";
const NO_VERSIONS: &str = "buckets keep no versions, and versioning cannot be switched on";
const NO_LOCKS: &str = "objects cannot be locked, so none is";
const NO_TRACE: &str = "nothing is kept of deleted objects: an upload that finds no object is completed";
const ACLS_OFF: &str = "access control lists are off, as in new buckets, and setting one is refused for that";
const OWNERSHIP: &str = "every bucket has the default of new buckets, which is BucketOwnerEnforced";
