//! What of a request and its answer goes into the record, and what is hidden, as CloudTrail does.

use rolecall_wire::Params;
use std::borrow::Cow;

/// The parameters of a query operation that say what is asked: neither those that carry the operation or
/// the credential nor, in what they show, secrets. All that mean something begin with a capital; others are
/// left out, because `userName` must not pass for `UserName`.
pub(super) fn query_parameters(params: &Params) -> impl Iterator<Item = (&str, &str)> {
    let meant = |name: &str| !is_control(name) && name.starts_with(|c: char| c.is_ascii_uppercase());
    params.iter().filter(move |(name, _)| meant(name))
}

/// The same of an S3 request, under the names they have.
pub(crate) fn rest_parameters(query: &[(String, String)]) -> Vec<(String, String)> {
    let asked = query.iter().filter(|(name, _)| !is_control(name));
    asked.map(|(name, value)| (cut(name).into_owned(), shown(name, value).into_owned())).collect()
}

/// True for operations that change nothing (`AssumeRole*` among them, as CloudTrail has it).
pub(crate) fn is_read_only(operation: &str) -> bool {
    const READS: [&str; 10] = [
        "Get",
        "List",
        "Head",
        "Simulate",
        "Decode",
        "AssumeRole",
        "Generate",
        "Select",
        "Options",
        "Explain",
    ];
    READS.iter().any(|verb| operation.starts_with(verb))
}

/// A value as the record shows it: hidden if it is a secret, cut if it is long.
pub(super) fn shown<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let last =
        name.bytes().rposition(|byte| byte == b'.').and_then(|dot| name.get(dot + 1..)).unwrap_or(name);
    let is_secret = || SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(last));
    if SECRET_LENGTHS >> last.len().min(63) & 1 == 1 && is_secret() {
        return HIDDEN.into();
    }
    cut(value)
}

pub(super) fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_VALUE {
        return text.into();
    }
    let end = (0..=LONGEST_VALUE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default()).into()
}

fn is_control(name: &str) -> bool {
    let amz = name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("x-amz-"));
    amz || CONTROL.contains(&name)
}

/// Parameters that carry the operation or the credential, not what is asked.
const CONTROL: [&str; 5] = ["Action", "Version", "AWSAccessKeyId", "Signature", "Expires"];
pub(super) const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// In bytes.
const LONGEST_VALUE: usize = 4096;
/// Members that are secrets, or that grant something to whoever holds them.
const SECRETS: [&str; 16] = [
    "SecretAccessKey",
    "Base32StringSeed",
    "QRCodePNG",
    "SessionToken",
    "TokenCode",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "Password",
    "NewPassword",
    "OldPassword",
    "SAMLAssertion",
    "WebIdentityToken",
    "TradeInToken",
    "PrivateKey",
    "AddPrivateKey",
    "ServicePassword",
];
/// How long names of secrets are, a bit each: most others need no comparing.
const SECRET_LENGTHS: u64 = {
    let (mut lengths, mut names) = (0, SECRETS.as_slice());
    while let [name, rest @ ..] = names {
        lengths |= 1 << name.len();
        names = rest;
    }
    lengths
};
