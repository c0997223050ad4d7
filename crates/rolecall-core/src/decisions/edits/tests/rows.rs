//! The table: what is denied, and the edits that are proposed for it.

use super::case::{ANN, Case, EVERYBODY, OTHER, OWN, ROLE, allow, ann, document, statement, when};

/// What is expected of each edit: its layer, a part of its words, and a part of what it opens.
pub(super) type Expected = [(&'static str, &'static str, &'static str)];

/// A row: what it is about, the case, the plan, and the plan by policies alone where that is another.
pub(super) type Row = (&'static str, Case, &'static Expected, &'static Expected);

pub(super) fn rows() -> Vec<Row> {
    [
        identities(),
        conditions(),
        limits(),
        controls(),
        resources(),
        denials(),
        denials_to_everybody(),
        several_denials(),
    ]
    .concat()
}

const IDENTITY: &str = "identity policy";
const BOUNDARY: &str = "permissions boundary";
const SESSION: &str = "session policy";
const RESOURCE: &str = "resource policy";
const TRUST: &str = "trust policy";
const SCP: &str = "service control policy";
const RCP: &str = "resource control policy";
const NOTHING: &str = "nothing: no policy changes";

fn identities() -> Vec<Row> {
    vec![
        (
            "no policy at all",
            ann(),
            &[(IDENTITY, "give the user ann an inline policy that allows s3:GetObject on arn:aws:s3:::b/k", "this action on this resource, for everybody who has this policy")],
            &[],
        ),
        (
            "another action",
            ann().identity(document(r#"{"Sid":"Put","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#)),
            &[(IDENTITY, "add \"s3:GetObject\" to Action of the statement Put (1:38) of the inline policy p0 of user ann", "s3:GetObject on resources such as arn:aws:s3:::b/,")],
            &[],
        ),
        (
            "another resource",
            ann().identity(document(r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::c/*"}"#)),
            &[(IDENTITY, "add \"arn:aws:s3:::b/k\" to Resource of the statement at 1:38", "s3:PutObject on resources such as arn:aws:s3:::b/k")],
            &[],
        ),
        (
            "all actions but this",
            ann().identity(document(r#"{"Effect":"Allow","NotAction":["s3:GetObject","iam:*"],"Resource":"*"}"#)),
            &[(IDENTITY, "take \"s3:GetObject\" out of NotAction", "s3:GetObject on everything")],
            &[],
        ),
        (
            "neither action nor resource: a statement of its own",
            ann().identity(document(r#"{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::111122223333:user/x"}"#)),
            &[(IDENTITY, "add a statement that allows s3:GetObject on arn:aws:s3:::b/k to the inline policy p0", "this action on this resource")],
            &[],
        ),
        (
            "a policy of AWS is not edited",
            Case { attached: vec!["arn:aws:iam::aws:policy/IAMReadOnlyAccess"], ..ann() },
            &[(IDENTITY, "give the user ann an inline policy", "this action on this resource")],
            &[],
        ),
    ]
}

fn conditions() -> Vec<Row> {
    let condition = |text: &str| ann().identity(allow(&when(text)));
    let role = |condition: &str| {
        let who = format!(r#","Principal":{{"AWS":"{ANN}"}}"#);
        let text = format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole"{who}{}}}"#, when(condition));
        Case::assumes(Some(document(&text)))
    };
    vec![
        (
            "a tag of the caller",
            condition(r#""StringEquals":{"aws:PrincipalTag/team":["ops","dev"]}"#)
                .with("aws:PrincipalTag/team", &["art"]),
            &[(IDENTITY, "give the caller the tag team = \"ops\"", "others may speak of this tag")],
            &[(
                IDENTITY,
                "add \"art\" to the values of StringEquals aws:PrincipalTag/team",
                "with aws:PrincipalTag/team=art",
            )],
        ),
        (
            "who the caller is",
            condition(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#),
            &[(
                IDENTITY,
                "add \"arn:aws:iam::111122223333:user/ann\" to the values of ArnLike",
                "aws:PrincipalArn=arn:aws:iam::111122223333:user/ann",
            )],
            &[],
        ),
        (
            "an external id that was not sent",
            role(r#""StringEquals":{"sts:ExternalId":"blue"}"#),
            &[(TRUST, "the caller sends sts:ExternalId = \"blue\"", NOTHING)],
            &[(
                TRUST,
                "change StringEquals sts:ExternalId in the statement at 1:38 of the trust policy of role r to StringEqualsIfExists",
                "sts:AssumeRole on everything, for whoever",
            )],
        ),
        (
            "a wrong external id",
            role(r#""StringEquals":{"sts:ExternalId":"blue"}"#).with("sts:ExternalId", &["red"]),
            &[(TRUST, "the caller sends sts:ExternalId = \"blue\"", NOTHING)],
            &[(TRUST, "add \"red\" to the values of StringEquals sts:ExternalId", "sts:ExternalId=red")],
        ),
        (
            "multi-factor authentication",
            role(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#),
            &[(TRUST, "the caller gives an MFA code", NOTHING)],
            &[(TRUST, "BoolIfExists", "sts:AssumeRole on everything")],
        ),
        (
            "multi-factor authentication, and an external id",
            role(
                r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"StringEquals":{"sts:ExternalId":"blue"}"#,
            ),
            &[
                (TRUST, "the caller gives an MFA code", NOTHING),
                (TRUST, "the caller sends sts:ExternalId", NOTHING),
            ],
            &[
                (TRUST, "NumericLessThanIfExists", ""),
                (TRUST, "StringEqualsIfExists", "sts:AssumeRole on everything"),
            ],
        ),
        (
            "an address",
            condition(r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}"#)
                .with("aws:SourceIp", &["203.0.113.9"]),
            &[(IDENTITY, "the caller asks from another address, such as 10.0.0.0", NOTHING)],
            &[(
                IDENTITY,
                "add \"203.0.113.9\" to the values of IpAddress aws:SourceIp",
                "with aws:SourceIp=203.0.113.9",
            )],
        ),
        (
            "an encrypted connection",
            condition(r#""Bool":{"aws:SecureTransport":"true"}"#).with("aws:SecureTransport", &["false"]),
            &[(IDENTITY, "the caller asks over https", NOTHING)],
            &[(
                IDENTITY,
                "add \"false\" to the values of Bool aws:SecureTransport",
                "with aws:SecureTransport=false",
            )],
        ),
        (
            "a limit",
            condition(r#""NumericLessThan":{"s3:max-keys":"10"}"#).with("s3:max-keys", &["50"]),
            &[(IDENTITY, "the caller sends s3:max-keys = \"9\"", NOTHING)],
            &[(
                IDENTITY,
                "change the value of NumericLessThan s3:max-keys in the statement at 1:38 of the inline policy p0 of user ann to \"51\"",
                "s3:max-keys=",
            )],
        ),
        (
            "a time",
            condition(r#""DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#)
                .with("aws:CurrentTime", &["2026-11-22T10:00:00Z"]),
            &[(IDENTITY, "the caller asks at another time, such as 2019-12-31T23:59:59Z", NOTHING)],
            &[(IDENTITY, "to \"2026-11-22T10:00:01Z\"", "aws:CurrentTime=")],
        ),
        (
            "one of those who may not",
            condition(r#""StringNotEquals":{"aws:username":["ann","bob"]}"#),
            &[(
                IDENTITY,
                "take \"ann\" out of the values of StringNotEquals aws:username",
                "aws:username=ann",
            )],
            &[],
        ),
        (
            "the only one who may not",
            condition(r#""StringNotLike":{"aws:username":"a*"}"#),
            &[(IDENTITY, "remove the condition StringNotLike aws:username", "aws:username=a")],
            &[],
        ),
        (
            "a value that looks like a pattern",
            condition(r#""StringLike":{"aws:userid":"x*"}"#).with("aws:userid", &["a*b?"]),
            &[(IDENTITY, "add \"a${*}b${?}\" to the values of StringLike aws:userid", "aws:userid=")],
            &[],
        ),
        (
            "several values without a set operator",
            condition(r#""StringEquals":{"aws:PrincipalOrgPaths":"o-1/"}"#)
                .with("aws:PrincipalOrgPaths", &["o-1/", "o-2/"]),
            &[(IDENTITY, "to ForAnyValue:StringEquals", "on everything")],
            &[],
        ),
        (
            "all values must be known",
            condition(r#""ForAllValues:StringEquals":{"aws:CalledVia":["x"]}"#)
                .with("aws:CalledVia", &["x", "y"]),
            &[(IDENTITY, "add \"y\" to the values of ForAllValues:StringEquals", "on everything")],
            &[],
        ),
        (
            "a key that the action does not have",
            condition(r#""StringEquals":{"aws:RequestTag/team":"ops"}"#),
            &[(IDENTITY, "to StringEqualsIfExists", "on everything")],
            &[],
        ),
        (
            "a key that the action has",
            Case {
                action: "s3:ListBucket",
                resource: "arn:aws:s3:::b",
                ..condition(r#""StringLike":{"s3:prefix":"home/*"}"#)
            },
            &[(IDENTITY, "the caller sends s3:prefix = \"home/\"", NOTHING)],
            &[(IDENTITY, "to StringLikeIfExists", "on everything")],
        ),
        (
            "a claim of a provider's token",
            Case {
                who: "web",
                action: "sts:AssumeRoleWithWebIdentity",
                keys: vec![("id.example:sub", vec!["bob"])],
                ..Case::assumes(Some(document(
                    r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/id.example"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"id.example:sub":"ann"}}}"#,
                )))
            },
            &[(TRUST, "add \"bob\" to the values of StringEquals id.example:sub", "id.example:sub=bob")],
            &[],
        ),
    ]
}

fn limits() -> Vec<Row> {
    let session = |text: Option<String>| Case {
        who: "session",
        session: Some(text.into_iter().collect()),
        keys: vec![("aws:PrincipalArn", vec![ROLE])],
        ..ann().identity(allow(""))
    };
    vec![
        (
            "identity and boundary",
            Case { boundary: Some(statement("Allow", "iam:*", "")), ..ann() },
            &[
                (IDENTITY, "give the user ann an inline policy", "this action on this resource"),
                (
                    BOUNDARY,
                    "add \"s3:GetObject\" to Action of the statement at 1:38 of the permissions boundary",
                    "everybody who has this boundary",
                ),
            ],
            &[],
        ),
        (
            "a session without what it takes",
            session(None),
            &[(
                SESSION,
                "make the session anew: give it a session policy that allows s3:GetObject",
                "this session alone",
            )],
            &[],
        ),
        (
            "a session policy's condition",
            session(Some(allow(&when(r#""StringEquals":{"aws:userid":"x"}"#)))),
            &[(SESSION, "make the session anew: change StringEquals aws:userid", "")],
            &[],
        ),
    ]
}

fn controls() -> Vec<Row> {
    let level = |text: &str| vec![text.to_owned()];
    vec![
        (
            "a control policy that lists other actions",
            Case {
                scp: vec![level(&allow("")), level(&statement("Allow", "iam:*", "")), level(&allow(""))],
                ..ann().identity(allow(""))
            },
            &[(
                SCP,
                "add \"s3:GetObject\" to Action of the statement at 1:38 of the service control policy scp1 on ou-work",
                "every account under it",
            )],
            &[],
        ),
        (
            "a level without a control policy",
            Case { scp: vec![level(&allow("")), level(&allow("")), Vec::new()], ..ann().identity(allow("")) },
            &[(
                SCP,
                "attach a service control policy to 111122223333 that allows s3:GetObject",
                "this action on this resource",
            )],
            &[],
        ),
        (
            "a level without RCPFullAWSAccess",
            Case { rcp: vec![level(&allow(EVERYBODY)), Vec::new()], ..ann().identity(allow("")) },
            &[(RCP, "attach RCPFullAWSAccess to ou-work", "on everything")],
            &[],
        ),
        everything_at_once(),
    ]
}

fn everything_at_once() -> Row {
    let level = |text: &str| vec![text.to_owned()];
    (
        "everything at once",
        Case {
            boundary: Some(statement("Allow", "iam:*", "")),
            scp: vec![level(&statement("Allow", "iam:*", "")), level(&allow(""))],
            rcp: vec![
                level(&allow(EVERYBODY)),
                level(&document(
                    r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
                )),
            ],
            ..ann().identity(statement("Deny", "s3:Get*", ""))
        },
        &[
            (RCP, "add the condition ArnNotEquals aws:PrincipalArn", "every account under it"),
            (IDENTITY, "add the condition ArnNotEquals aws:PrincipalArn", "everybody who has this policy"),
            (SCP, "add \"s3:GetObject\" to Action", ""),
            (IDENTITY, "add a statement that allows s3:GetObject", ""),
            (BOUNDARY, "add \"s3:GetObject\" to Action", ""),
        ],
        &[],
    )
}

fn resources() -> Vec<Row> {
    let bucket = |principal: &str| {
        document(&format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}"#
        ))
    };
    let foreign =
        |policy: Option<String>| Case { owner: OTHER, bucket: Some(policy), ..ann().identity(allow("")) };
    let trust = |principal: &str| {
        document(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#))
    };
    vec![
        (
            "another account's bucket without policy",
            foreign(None),
            &[(
                RESOURCE,
                "give the bucket a policy that allows s3:GetObject",
                "this action on this resource, for whoever the statement names",
            )],
            &[],
        ),
        (
            "another account's bucket for somebody else",
            foreign(Some(bucket(r#"{"AWS":"arn:aws:iam::111122223333:user/bob"}"#))),
            &[(RESOURCE, "add \"arn:aws:iam::111122223333:user/ann\" to Principal (AWS)", "s3:")],
            &[],
        ),
        (
            "another account's bucket, and nothing of one's own",
            Case { identity: Vec::new(), ..foreign(None) },
            &[
                (RESOURCE, "give the bucket a policy", ""),
                (IDENTITY, "give the user ann an inline policy", ""),
            ],
            &[],
        ),
        (
            "nobody may",
            Case { who: "anonymous", bucket: Some(None), keys: Vec::new(), ..ann() },
            &[(
                RESOURCE,
                "give the bucket a policy that allows s3:GetObject",
                "this action on this resource",
            )],
            &[],
        ),
        (
            "RestrictPublicBuckets",
            Case {
                restricted: true,
                ..foreign(Some(bucket("\"*\"")))
                    .with("aws:PrincipalAccount", &[OWN])
                    .with("aws:ResourceAccount", &[OTHER])
            },
            &[(RCP, "turn RestrictPublicBuckets off in the bucket's public access block", "")],
            &[],
        ),
        (
            "a role that trusts somebody else",
            Case::assumes(Some(trust(r#"{"AWS":["arn:aws:iam::111122223333:user/bob"]}"#))),
            &[(
                TRUST,
                "add \"arn:aws:iam::111122223333:user/ann\" to Principal (AWS) of the statement at 1:38 of the trust policy of role r",
                "sts:AssumeRole",
            )],
            &[],
        ),
        (
            "a role that trusts a service",
            Case::assumes(Some(trust(r#"{"Service":"ec2.amazonaws.com"}"#))),
            &[(TRUST, "add \"arn:aws:iam::111122223333:user/ann\" to Principal (AWS)", "sts:AssumeRole")],
            &[],
        ),
        (
            "a role that trusts the account",
            Case::assumes(Some(trust(r#"{"AWS":"111122223333"}"#))),
            &[(
                IDENTITY,
                "give the user ann an inline policy that allows sts:AssumeRole",
                "this action on this resource",
            )],
            &[],
        ),
    ]
}

fn denials() -> Vec<Row> {
    let denied = |more: &str| ann().identity(allow("")).identity(statement("Deny", "s3:*", more));
    vec![
        (
            "a denial of an action",
            denied(""),
            &[(
                IDENTITY,
                "add the condition ArnNotEquals aws:PrincipalArn \"arn:aws:iam::111122223333:user/ann\"",
                "with aws:PrincipalArn=arn:aws:iam::111122223333:user/ann",
            )],
            &[],
        ),
        (
            "a denial from elsewhere",
            denied(&when(r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#))
                .with("aws:SourceIp", &["203.0.113.9"]),
            &[(IDENTITY, "the caller asks from another address, such as 10.0.0.0", NOTHING)],
            &[(IDENTITY, "add \"203.0.113.9\" to the values of NotIpAddress", "aws:SourceIp=203.0.113.9")],
        ),
        (
            "a denial without MFA",
            denied(&when(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#)),
            &[(IDENTITY, "the caller gives an MFA code", NOTHING)],
            &[(IDENTITY, "add the condition ArnNotEquals", "aws:PrincipalArn")],
        ),
        (
            "a denial in the clear",
            denied(&when(r#""Bool":{"aws:SecureTransport":"false"}"#))
                .with("aws:SecureTransport", &["false"]),
            &[(IDENTITY, "the caller asks over https", NOTHING)],
            &[(IDENTITY, "add the condition ArnNotEquals", "aws:PrincipalArn")],
        ),
        (
            "a denial of all but some actions",
            ann()
                .identity(allow(""))
                .identity(document(r#"{"Effect":"Deny","NotAction":["iam:*"],"Resource":"*"}"#)),
            &[(IDENTITY, "add \"s3:GetObject\" to NotAction", "s3:GetObject on everything")],
            &[],
        ),
        (
            "a denial for some names",
            denied(&when(r#""StringEquals":{"aws:username":["ann","bob"]}"#)),
            &[(IDENTITY, "take \"ann\" out of the values of StringEquals aws:username", "aws:username=ann")],
            &[],
        ),
        (
            "a denial by a policy of AWS",
            Case { attached: vec!["arn:aws:iam::aws:policy/AWSDenyAll"], ..ann().identity(allow("")) },
            &[(
                IDENTITY,
                "detach the managed policy arn:aws:iam::aws:policy/AWSDenyAll of user ann",
                "on everything",
            )],
            &[],
        ),
    ]
}

fn denials_to_everybody() -> Vec<Row> {
    vec![
        (
            "a denial of everybody, who has no ARN",
            Case {
                who: "anonymous",
                keys: Vec::new(),
                bucket: Some(Some(document(
                    r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Sid":"No","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}"#,
                ))),
                ..ann()
            },
            &[(RESOURCE, "remove the statement No", "s3:")],
            &[],
        ),
        (
            "a denial that lists the action",
            Case {
                who: "anonymous",
                keys: Vec::new(),
                bucket: Some(Some(document(
                    r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}"#,
                ))),
                ..ann()
            },
            &[(RESOURCE, "take \"s3:GetObject\" out of Action", "s3:GetObject")],
            &[],
        ),
    ]
}

fn several_denials() -> Vec<Row> {
    let denied = |more: &str| ann().identity(allow("")).identity(statement("Deny", "s3:*", more));
    vec![
        (
            "a denial of a region, which no request is without",
            denied(&when(r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#))
                .with("aws:RequestedRegion", &["eu-west-1"]),
            &[(IDENTITY, "add the condition ArnNotEquals", "aws:PrincipalArn")],
            &[],
        ),
        (
            "a denial by a control policy",
            Case {
                scp: vec![vec![document(
                    r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}"#,
                )]],
                ..ann().identity(allow(""))
            },
            &[(
                SCP,
                "add the condition ArnNotEquals aws:PrincipalArn \"arn:aws:iam::111122223333:user/ann\" to the statement No",
                "aws:PrincipalArn=arn:aws:iam::111122223333:user/ann",
            )],
            &[],
        ),
        (
            "a boundary that only denies",
            Case {
                boundary: Some(statement("Deny", "s3:*", "")),
                who: "session",
                keys: Vec::new(),
                ..ann().identity(allow(""))
            },
            &[(BOUNDARY, "remove the permissions boundary", "everything that the boundary kept back")],
            &[],
        ),
        (
            "two denials",
            ann()
                .identity(allow(""))
                .identity(statement("Deny", "s3:*", ""))
                .identity(statement("Deny", "s3:Get*", "")),
            &[(IDENTITY, "of the inline policy p1", ""), (IDENTITY, "of the inline policy p2", "")],
            &[],
        ),
        (
            "two denials of one policy, whose places are those of its text",
            ann().identity(document(
                "\n{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"},\n{\"Effect\":\"Deny\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"},\n{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}",
            )),
            &[(IDENTITY, "the statement at 2:1", ""), (IDENTITY, "the statement at 3:1", "")],
            &[],
        ),
    ]
}
