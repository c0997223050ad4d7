//! The alphabets of random worlds. Small, so that what policies name is what requests ask; with everything
//! in them that has ever been read in two ways.

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Number,
    Date,
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

pub(crate) const OPERATORS: [(&str, Family); 27] = [
    ("StringEquals", Family::Text),
    ("StringNotEquals", Family::Text),
    ("StringEqualsIgnoreCase", Family::Text),
    ("StringNotEqualsIgnoreCase", Family::Text),
    ("StringLike", Family::Text),
    ("StringNotLike", Family::Text),
    ("NumericEquals", Family::Number),
    ("NumericNotEquals", Family::Number),
    ("NumericLessThan", Family::Number),
    ("NumericLessThanEquals", Family::Number),
    ("NumericGreaterThan", Family::Number),
    ("NumericGreaterThanEquals", Family::Number),
    ("DateEquals", Family::Date),
    ("DateNotEquals", Family::Date),
    ("DateLessThan", Family::Date),
    ("DateLessThanEquals", Family::Date),
    ("DateGreaterThan", Family::Date),
    ("DateGreaterThanEquals", Family::Date),
    ("Bool", Family::Bool),
    ("BinaryEquals", Family::Binary),
    ("IpAddress", Family::Address),
    ("NotIpAddress", Family::Address),
    ("ArnEquals", Family::Arn),
    ("ArnNotEquals", Family::Arn),
    ("ArnLike", Family::Arn),
    ("ArnNotLike", Family::Arn),
    ("Null", Family::Null),
];

/// Keys, with what they usually hold.
pub(crate) const KEY_FAMILIES: [(&str, Family); 14] = [
    ("gitlab.com:sub", Family::Text),
    ("aws:username", Family::Text),
    ("aws:PrincipalTag/team", Family::Text),
    ("t", Family::Text),
    ("r", Family::Text),
    ("n", Family::Number),
    ("aws:CurrentTime", Family::Date),
    ("aws:MultiFactorAuthPresent", Family::Bool),
    ("bin", Family::Binary),
    ("aws:SourceIp", Family::Address),
    ("aws:PrincipalArn", Family::Arn),
    ("aws:TagKeys", Family::Text),
    ("none", Family::Text),
    ("a b", Family::Null),
];

pub(crate) const KEYS: [&str; 9] = [
    "gitlab.com:sub",
    "aws:username",
    "aws:PrincipalTag/team",
    "t",
    "n",
    "aws:TagKeys",
    "none",
    "aws:PrincipalArn",
    "a b",
];

/// The key that usually holds what a family compares.
pub(crate) fn key_of(family: Family) -> &'static str {
    let found = KEY_FAMILIES.iter().skip(1).find(|(_, known)| *known == family);
    found.map_or("t", |(key, _)| key)
}

/// The values of a family.
pub(crate) fn values(family: Family) -> &'static [&'static str] {
    match family {
        Family::Text => &TEXTS,
        Family::Number => &NUMBERS,
        Family::Date => &DATES,
        Family::Bool | Family::Null => &BOOLS,
        Family::Binary => &BINARIES,
        Family::Address => &ADDRESSES,
        Family::Arn => &ARN_VALUES,
    }
}

pub(crate) const ACTIONS: [&str; 14] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObjectAcl",
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "iam:GetUser",
    "iam:PassRole",
    "ec2:RunInstances",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "s3tables:GetTable",
    "s3:X",
];
pub(crate) const S3_ACTIONS: [&str; 7] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:X",
];
pub(crate) const STS_ACTIONS: [&str; 5] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

pub(crate) const ARNS: [&str; 15] = [
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/a/k",
    "arn:aws:s3:::b/ann/k",
    "arn:aws:s3:::b/ANN/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${t}",
    "arn:aws:s3:::b/k:1?",
    "arn:aws:s3:::b/é",
    "arn:aws:s3:::bb/aab",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:iam::444455556666:user/ann",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
];
pub(crate) const S3_ARNS: [&str; 6] = [
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/a/k",
    "arn:aws:s3:::b/ann/k",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::bb/aab",
];

/// What a piece of a text is replaced by.
pub(crate) const BLURS: [&str; 20] = [
    "${aws:TagKeys, 'ann'}",
    "${aws:TagKeys, 'a'}",
    "*",
    "*",
    "?",
    "??",
    "**",
    "*?",
    "",
    "${aws:username}",
    "${AWS:UserName}",
    "${t}",
    "${none}",
    "${none, 'ann'}",
    "${t, 'a}b'}",
    "${aws:TagKeys}",
    "${*}",
    "${?}",
    "${$}{t}",
    "${",
];

pub(crate) const AWS_PRINCIPALS: [&str; 19] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "444455556666",
    "arn:aws-cn:iam::111122223333:root",
    "arn:aws-us-gov:iam::111122223333:root",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/team/eve",
    "arn:aws:iam::444455556666:user/ann",
    "AIDAUSERUSERUSERUSER1",
    "AIDAUSERUSERUSERUSER2",
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:iam::444455556666:role/app",
    "AROAROLEROLEROLEROLE1",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:sts::444455556666:assumed-role/app/s1",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:iam::111122223333:user/ANN",
];
pub(crate) const SERVICES: [&str; 3] = ["ec2.amazonaws.com", "lambda.amazonaws.com", "s3.amazonaws.com"];
pub(crate) const PROVIDERS: [&str; 5] = [
    "arn:aws:iam::111122223333:oidc-provider/gitlab.com",
    "arn:aws:iam::111122223333:oidc-provider/id.example",
    "arn:aws:iam::111122223333:saml-provider/corp",
    "accounts.google.com",
    "www.amazon.com",
];

pub(crate) const TEXTS: [&str; 22] = [
    "", "a", "b", "A", "ab", "aab", "ann", "ANN", "Ann", "team", "a*", "*", "?", "${t}", "a}b", "é", "É",
    "${", "k", "\u{212a}", "s", "\u{17f}",
];
const NUMBERS: [&str; 33] = [
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "01",
    "+1",
    "1.5",
    "-1",
    "-1.5",
    "10",
    "1e1",
    "1E+1",
    "9",
    "0x1",
    "one",
    "",
    "inf",
    "nan",
    ".5",
    "0.5",
    "5.",
    "1e",
    " 1",
    "-",
    "9223372036854775807",
    "9223372036854775808",
    "999999999999999999999999999999999999999",
    "999999999999999999999999999999999999999.1",
    "0999999999999999999999999999999999999990e-1",
    "1e3000000000",
    "-1e3000000000",
    "1e-3000000000",
];
pub(crate) const DATES: [&str; 26] = [
    "2026",
    "2026-01",
    "2026-01-01",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "2025-12-31T23:59:59.999Z",
    "2025-12-31T18:59-05:00",
    "2024-02-29",
    "1767225600",
    "1767225599",
    "0",
    "-1",
    "-123",
    "1970",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "2026-01-01T00:00:00.0000000001Z",
    "253402300800",
    "2026-02-30",
    "junk",
    "",
    "1767225600.5",
    "2026-1",
    "2026-01-01T24:00Z",
    "2026-01-01T00:00:00",
];
/// So many at the end of the list are none.
pub(crate) const BAD_DATES: usize = 7;
const BOOLS: [&str; 9] =
    ["true", "false", "true", "false", "TRUE", "False", "yes", "", "${aws:MultiFactorAuthPresent}"];
const BINARIES: [&str; 8] = ["QmluYXJ5", "QmluYXJ6", "QQ==", "QR==", "QQ", "QQ=", "", "!!"];
const ADDRESSES: [&str; 18] = [
    "10.0.0.0/8",
    "10.1.2.3",
    "10.1.2.3/32",
    "10.1.2.0/24",
    "10.1.3.1",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1",
    "2001:DB8:0::1",
    "2001:db9::1",
    "::ffff:10.1.2.3",
    "::ffff:0:0/96",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/08",
    "010.1.2.3",
    "here",
];
pub(crate) const ARN_VALUES: [&str; 9] = [
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/Ann",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:s3:::b/k:1",
    "arn:aws:s3:::b",
    "arn:aws:s3",
    "role/x",
    "",
];
