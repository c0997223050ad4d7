//! The kinds of keys, one list of all crates': two records under one kind would be taken for each other.

/// Every kind that a key begins with.
pub const KINDS: [&str; 40] = [
    "access-key",
    "access-key-use",
    "account",
    "account-email",
    "account-request",
    "alias",
    "attached",
    "boundary",
    "bucket",
    "completed",
    "control-policy",
    "credential-report",
    "deletion-task",
    "group",
    "installation",
    "instance-profile",
    "invitation",
    "member",
    "member-account",
    "mfa-device",
    "mfa-of",
    "object",
    "oidc-provider",
    "organization",
    "outbound-federation",
    "owned-bucket",
    "part",
    "password-policy",
    "policy",
    "profile-of-role",
    "revocations",
    "role",
    "role-use",
    "saml-provider",
    "ssh-public-keys",
    "time-mark",
    "unit",
    "upload",
    "user",
    "version-two-tokens",
];

/// The kinds that a source text makes keys of and that are not in the list, for the tests of whoever makes keys.
#[cfg(any(test, feature = "testing"))]
pub fn unlisted(source: &str) -> Vec<&str> {
    let literals = source.split("b\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let kinds = literals.map(|(kind, _)| kind).filter(|kind| !kind.is_empty() && is_kind(kind));
    kinds.filter(|kind| !KINDS.contains(kind)).collect()
}

#[cfg(any(test, feature = "testing"))]
fn is_kind(literal: &str) -> bool {
    literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::KINDS;
    use std::collections::BTreeSet;

    #[test]
    fn no_kind_is_listed_twice() {
        assert_eq!(BTreeSet::from(KINDS).len(), KINDS.len());
    }
}
