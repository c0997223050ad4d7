//! The scenes of IAM.

use rolecall_core::records::{self, InstanceProfile, key};
use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Seen, World};
use rolecall_wire::Service;

/// Plays a situation, if it is one of these.
pub(super) async fn play(world: &World, operation: &str, situation: &str) -> Option<Seen> {
    set_the_stage(world).await;
    if let Some((_, _, before, params)) = CALLS.iter().find(|call| (call.0, call.1) == (operation, situation))
    {
        for (action, params) in *before {
            world.iam(action, params).await;
        }
        return Some(ask(world, operation, params).await);
    }
    if let Some((_, document)) =
        DOCUMENTS.iter().find(|row| operation == "CreatePolicy" && row.0 == situation)
    {
        return Some(create_policy(world, "new", document).await);
    }
    match operation {
        "*" => by_session_token(world, situation).await,
        _ => at_a_quota(world, operation, situation).await,
    }
}

/// A user `u`, a role `r`, a policy `p` and an instance profile `i`.
async fn set_the_stage(world: &World) {
    world.iam("CreateUser", &[("UserName", "u")]).await;
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]).await;
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "i")]).await;
}

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

async fn create_policy(world: &World, name: &str, document: &str) -> Seen {
    ask(world, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await
}

async fn by_session_token(world: &World, situation: &str) -> Option<Seen> {
    match situation {
        "called with GetSessionToken credentials made without MFA" => {
            let session =
                world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
            world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
            world.s3(Some(&session), "GET", "/", &[], "").await.ok();
            Some(world.ask(&session, Service::Iam, "ListUsers", &[]).await)
        }
        "error envelope" => Some(ask(world, "GetUser", &[("UserName", "nobody")]).await),
        _ => None,
    }
}

/// Each quota is filled first.
async fn at_a_quota(world: &World, operation: &str, situation: &str) -> Option<Seen> {
    let long =
        ALLOW_ALL.replace("\"*\",\"Resource\"", &format!("\"s3:{}\",\"Resource\"", "x".repeat(10_240)));
    Some(match (operation, situation) {
        ("CreatePolicy", "managed policy over 6144 characters without white space") => {
            create_policy(world, "new", &long).await
        }
        ("PutRolePolicy", "inline policies of a role over 10240 characters") => {
            let params = [("RoleName", "r"), ("PolicyName", "long"), ("PolicyDocument", long.as_str())];
            ask(world, operation, &params).await
        }
        ("UpdateAssumeRolePolicy", "trust policy over 2048 characters") => {
            let trust = TRUST.replace(ACCOUNT, &[ACCOUNT; 200].join("\",\""));
            let trust = trust.replace(":\"1", ":[\"1").replace("2\"}", "2\"]}");
            ask(world, operation, &[("RoleName", "r"), ("PolicyDocument", &trust)]).await
        }
        ("AttachRolePolicy", "eleventh managed policy on a role") => eleventh_policy(world).await,
        ("CreateInstanceProfile", "account full") => {
            fill_with_instance_profiles(world, 999).await;
            ask(world, operation, &[("InstanceProfileName", "one-more")]).await
        }
        ("CreateOpenIDConnectProvider", "more than 100 client ids") => {
            let names: Vec<_> =
                (1..=101).map(|n| (format!("ClientIDList.member.{n}"), n.to_string())).collect();
            let mut params = vec![("Url", "https://idp.example.com")];
            params.extend(names.iter().map(|(name, id)| (name.as_str(), id.as_str())));
            ask(world, operation, &params).await
        }
        _ => return None,
    })
}

/// As many more than there are, put into the store directly.
async fn fill_with_instance_profiles(world: &World, more: usize) {
    let mut txn = world.gate.system().store.begin();
    for n in 0..more {
        let profile = InstanceProfile {
            account: ACCOUNT.parse().unwrap(),
            name: format!("more{n}"),
            path: "/".into(),
            id: format!("AIPA{n:017}"),
            created: 0,
            tags: Vec::new(),
            role: None,
        };
        records::write(&mut txn, key::instance_profile(&profile.account, &profile.name), &profile).unwrap();
    }
    txn.commit().await.unwrap();
}

async fn eleventh_policy(world: &World) -> Seen {
    for n in 1..=11 {
        let name = format!("p{n}");
        create_policy(world, &name, ALLOW_ALL).await.ok();
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let seen = ask(world, "AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", &arn)]).await;
        if n == 11 {
            return seen;
        }
        seen.ok();
    }
    unreachable!()
}

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
const OWN: &str = "arn:aws:iam::123456789012:policy/p";
const GONE: &str = "arn:aws:iam::123456789012:policy/gone";
const OTHER_ROLE: Call = ("CreateRole", &[("RoleName", "other"), ("AssumeRolePolicyDocument", TRUST)]);
const IN_PROFILE: Call = ("AddRoleToInstanceProfile", &[("InstanceProfileName", "i"), ("RoleName", "r")]);
const NEW_KEY: Call = ("CreateAccessKey", &[("UserName", "u")]);
const ATTACHED: Call = ("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", OWN)]);
const INLINE: Call =
    ("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "q"), ("PolicyDocument", ALLOW_ALL)]);

/// An operation and its parameters.
type Call = (&'static str, &'static [(&'static str, &'static str)]);

/// Operation, situation, what is done before, and the parameters of the call.
type Scene = (&'static str, &'static str, &'static [Call], &'static [(&'static str, &'static str)]);

const CALLS: &[Scene] = &[
    ("GetAccountPasswordPolicy", "none set", &[], &[]),
    (
        "CreateServiceLinkedRole",
        "custom suffix for a service that takes none",
        &[],
        &[("AWSServiceName", "batch.amazonaws.com"), ("CustomSuffix", "x")],
    ),
    (
        "CreateServiceLinkedRole",
        "role exists already",
        &[("CreateServiceLinkedRole", &[("AWSServiceName", "batch.amazonaws.com")])],
        &[("AWSServiceName", "batch.amazonaws.com")],
    ),
    (
        "CreateVirtualMFADevice",
        "name taken",
        &[("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "d")])],
        &[("VirtualMFADeviceName", "d")],
    ),
    (
        "CreateRole",
        "trust policy is not JSON",
        &[],
        &[("RoleName", "n"), ("AssumeRolePolicyDocument", "this is not JSON")],
    ),
    (
        "CreateRole",
        "trust policy names a role or user that does not exist",
        &[],
        &[
            ("RoleName", "n"),
            (
                "AssumeRolePolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ghost"},"Action":"sts:AssumeRole"}]}"#,
            ),
        ],
    ),
    (
        "CreateRole",
        "trust policy statement with an empty principal list",
        &[],
        &[
            ("RoleName", "n"),
            (
                "AssumeRolePolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[]},"Action":"sts:AssumeRole"}]}"#,
            ),
        ],
    ),
    (
        "CreateRole",
        "trust policy has a Resource element",
        &[],
        &[
            ("RoleName", "n"),
            (
                "AssumeRolePolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Resource":"*"}]}"#,
            ),
        ],
    ),
    ("CreateRole", "name taken", &[], &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]),
    (
        "AttachRolePolicy",
        "PolicyArn is a plain word (a policy's name)",
        &[],
        &[("RoleName", "r"), ("PolicyArn", "a-policy-with-a-long-name")],
    ),
    (
        "AttachRolePolicy",
        "well-formed ARN of a policy that does not exist",
        &[],
        &[("RoleName", "r"), ("PolicyArn", GONE)],
    ),
    (
        "AttachUserPolicy",
        "PolicyArn is a plain word (a policy's name)",
        &[],
        &[("UserName", "u"), ("PolicyArn", "a-policy-with-a-long-name")],
    ),
    (
        "AttachUserPolicy",
        "well-formed ARN of a policy that does not exist",
        &[],
        &[("UserName", "u"), ("PolicyArn", GONE)],
    ),
    ("DeletePolicy", "no such policy", &[], &[("PolicyArn", GONE)]),
    (
        "GetOpenIDConnectProvider",
        "no such provider",
        &[],
        &[("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/idp.example.com")],
    ),
    ("CreateOpenIDConnectProvider", "Url is not https://…", &[], &[("Url", "http://idp.example.com")]),
    (
        "CreateOpenIDConnectProvider",
        "more than five thumbprints",
        &[],
        &[
            ("Url", "https://idp.example.com"),
            ("ThumbprintList.member.1", THUMBPRINT),
            ("ThumbprintList.member.2", THUMBPRINT),
            ("ThumbprintList.member.3", THUMBPRINT),
            ("ThumbprintList.member.4", THUMBPRINT),
            ("ThumbprintList.member.5", THUMBPRINT),
            ("ThumbprintList.member.6", THUMBPRINT),
        ],
    ),
    ("DeletePolicy", "policy still attached", &[ATTACHED], &[("PolicyArn", OWN)]),
    ("GetPolicy", "no such policy", &[], &[("PolicyArn", GONE)]),
    (
        "ListServiceSpecificCredentials",
        "unknown service name",
        &[],
        &[("UserName", "u"), ("ServiceName", "x.amazonaws.com")],
    ),
    (
        "PutRolePolicy",
        "identity policy has a Principal element",
        &[],
        &[
            ("RoleName", "r"),
            ("PolicyName", "q"),
            (
                "PolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
            ),
        ],
    ),
    (
        "PutRolePolicy",
        "identity policy statement without Resource",
        &[],
        &[
            ("RoleName", "r"),
            ("PolicyName", "q"),
            (
                "PolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}"#,
            ),
        ],
    ),
    (
        "PutRolePolicy",
        "document does not follow the grammar",
        &[],
        &[
            ("RoleName", "r"),
            ("PolicyName", "q"),
            (
                "PolicyDocument",
                r#"{"Version":"2012-10-17","Statement":[{"effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
            ),
        ],
    ),
    ("DeleteRole", "managed policies still attached", &[ATTACHED], &[("RoleName", "r")]),
    ("DeleteRole", "inline policies still there", &[INLINE], &[("RoleName", "r")]),
    ("DeleteRole", "role still in an instance profile", &[IN_PROFILE], &[("RoleName", "r")]),
    ("CreateAccessKey", "third key of a user", &[NEW_KEY, NEW_KEY], &[("UserName", "u")]),
    ("GetUser", "no such user", &[], &[("UserName", "nobody")]),
    ("GetRole", "no such role", &[], &[("RoleName", "nothing")]),
    ("GetRolePolicy", "role has no such inline policy", &[], &[("RoleName", "r"), ("PolicyName", "nothing")]),
    ("GetGroup", "no such group", &[], &[("GroupName", "nobodies")]),
    ("CreatePolicy", "name taken", &[], &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]),
    ("SetDefaultPolicyVersion", "no such version", &[], &[("PolicyArn", OWN), ("VersionId", "v2")]),
    (
        "AddRoleToInstanceProfile",
        "second role",
        &[OTHER_ROLE, IN_PROFILE],
        &[("InstanceProfileName", "i"), ("RoleName", "other")],
    ),
];

/// The documents of `CreatePolicy` that are refused: what is wrong with them, and they.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "Version missing or 2008-10-17 where only 2012 features do",
        r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
    ),
    (
        "statement without Action and NotAction",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "action without a service prefix",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ListBucket","Resource":"*"}]}"#,
    ),
    (
        "action with two colons",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:List:Bucket","Resource":"*"}]}"#,
    ),
    (
        "action whose service prefix has a blank",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s 3:ListBucket","Resource":"*"}]}"#,
    ),
    (
        "resource is a plain word",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}]}"#,
    ),
    (
        "resource ARN of an unknown partition",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:moon:s3:::bucket"}]}"#,
    ),
    (
        "wildcard in the resource's service field",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s*:::bucket"}]}"#,
    ),
    (
        "region in an S3 bucket's ARN",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:us-east-1::bucket"}]}"#,
    ),
    (
        "region in an IAM ARN",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:us-east-1:123456789012:user/u"}]}"#,
    ),
    (
        "two statements with the same Sid",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#,
    ),
    (
        "conditions or elements of the wrong kind (old parser)",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}]}"#,
    ),
];
const THUMBPRINT: &str = "990f4193972f2becf12ddeda5237f9c952f20d9e";
