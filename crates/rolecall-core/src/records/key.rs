//! The keys of the store: `kind NUL part NUL part …`. Parts hold no NUL. Those of S3's records are made in rolecall-s3
//! and nowhere else, all others here and nowhere else.
//!
//! Names that AWS keeps unique without regard to case are stored in lower case, so uniqueness is the
//! key itself; the record keeps the name as it was given.

use crate::id::AccountId;
use rolecall_store::{Key, Range};

/// An account's.
pub fn account(id: &AccountId) -> Key {
    join(b"account", &[id.as_str()])
}

/// All accounts.
pub(crate) fn accounts() -> Range {
    below(b"account".to_vec())
}

pub(crate) fn organization(id: &str) -> Key {
    join(b"organization", &[id])
}

/// The mark that an account is a member of an organization, for listing.
pub(crate) fn member_account(organization: &str, account: &AccountId) -> Key {
    join(b"member-account", &[organization, account.as_str()])
}

pub(crate) fn member_accounts(organization: &str) -> Range {
    below(join(b"member-account", &[organization]))
}

pub(crate) fn unit(organization: &str, id: &str) -> Key {
    join(b"unit", &[organization, id])
}

pub(crate) fn units(organization: &str) -> Range {
    below(join(b"unit", &[organization]))
}

/// A control policy's, of an organization.
pub fn control_policy(organization: &str, id: &str) -> Key {
    join(b"control-policy", &[organization, id])
}

pub(crate) fn control_policies(organization: &str) -> Range {
    below(join(b"control-policy", &[organization]))
}

/// A request to create an account in an organization.
pub(crate) fn account_request(organization: &str, id: &str) -> Key {
    join(b"account-request", &[organization, id])
}

pub(crate) fn account_requests(organization: &str) -> Range {
    below(join(b"account-request", &[organization]))
}

/// The mark that a service-linked role was deleted by a task.
pub(crate) fn deletion_task(account: &AccountId, task: &str) -> Key {
    join(b"deletion-task", &[account.as_str(), task])
}

pub(crate) fn credential_report(account: &AccountId) -> Key {
    join(b"credential-report", &[account.as_str()])
}

pub(crate) fn invitation(id: &str) -> Key {
    join(b"invitation", &[id])
}

pub(crate) fn invitations() -> Range {
    below(b"invitation".to_vec())
}

/// The mark that an e-mail address is an account's.
pub fn account_email(email: &str) -> Key {
    join(b"account-email", &[&email.to_lowercase()])
}

pub(crate) fn alias(name: &str) -> Key {
    join(b"alias", &[name])
}

pub(crate) fn revocations(account: &AccountId) -> Key {
    join(b"revocations", &[account.as_str()])
}

/// Every access key.
pub(crate) fn access_keys() -> Range {
    below(join(b"access-key", &[]))
}

pub(crate) fn access_key(id: &str) -> Key {
    join(b"access-key", &[id])
}

pub(crate) fn access_key_use(id: &str) -> Key {
    join(b"access-key-use", &[id])
}

pub(crate) fn role_use(role_id: &str) -> Key {
    join(b"role-use", &[role_id])
}

pub(crate) fn user(account: &AccountId, name: &str) -> Key {
    named(b"user", account, name)
}

pub(crate) fn users(account: &AccountId) -> Range {
    below(join(b"user", &[account.as_str()]))
}

pub(crate) fn group(account: &AccountId, name: &str) -> Key {
    named(b"group", account, name)
}

pub(crate) fn groups(account: &AccountId) -> Range {
    below(join(b"group", &[account.as_str()]))
}

/// A user's membership in a group.
pub(crate) fn member(account: &AccountId, group: &str, user: &str) -> Key {
    join(b"member", &[account.as_str(), &group.to_lowercase(), &user.to_lowercase()])
}

pub(crate) fn members(account: &AccountId, group: &str) -> Range {
    below(join(b"member", &[account.as_str(), &group.to_lowercase()]))
}

/// A role's.
pub fn role(account: &AccountId, name: &str) -> Key {
    named(b"role", account, name)
}

pub(crate) fn roles(account: &AccountId) -> Range {
    below(join(b"role", &[account.as_str()]))
}

/// An instance profile's.
pub fn instance_profile(account: &AccountId, name: &str) -> Key {
    named(b"instance-profile", account, name)
}

pub(crate) fn instance_profiles(account: &AccountId) -> Range {
    below(join(b"instance-profile", &[account.as_str()]))
}

/// The mark that a role is in an instance profile.
pub(crate) fn profile_of_role(account: &AccountId, role: &str, profile: &str) -> Key {
    join(b"profile-of-role", &[account.as_str(), &role.to_lowercase(), &profile.to_lowercase()])
}

pub(crate) fn profiles_of_role(account: &AccountId, role: &str) -> Range {
    below(join(b"profile-of-role", &[account.as_str(), &role.to_lowercase()]))
}

pub(crate) fn password_policy(account: &AccountId) -> Key {
    join(b"password-policy", &[account.as_str()])
}

/// A virtual MFA device, by its path and name in one.
pub(crate) fn mfa_device(account: &AccountId, place: &str) -> Key {
    named(b"mfa-device", account, place)
}

pub(crate) fn mfa_devices(account: &AccountId) -> Range {
    below(join(b"mfa-device", &[account.as_str()]))
}

/// The devices of every account.
pub(crate) fn every_mfa_device() -> Range {
    below(join(b"mfa-device", &[]))
}

/// The mark that a device is somebody's: a user's, by unique id, or the root user's, by the account's.
pub(crate) fn mfa_of(account: &AccountId, holder: &str, place: &str) -> Key {
    join(b"mfa-of", &[account.as_str(), holder, &place.to_lowercase()])
}

pub(crate) fn mfas_of(account: &AccountId, holder: &str) -> Range {
    below(join(b"mfa-of", &[account.as_str(), holder]))
}

/// The devices of all who have one.
pub(crate) fn all_mfas(account: &AccountId) -> Range {
    below(join(b"mfa-of", &[account.as_str()]))
}

/// The SSH public keys of a user, by its unique id: they follow it to another name, and no namesake inherits them.
pub(crate) fn ssh_public_keys(account: &AccountId, user_id: &str) -> Key {
    join(b"ssh-public-keys", &[account.as_str(), user_id])
}

pub(crate) fn saml_provider(account: &AccountId, name: &str) -> Key {
    named(b"saml-provider", account, name)
}

/// The SAML providers of all accounts.
pub(crate) fn every_saml_provider() -> Range {
    below(b"saml-provider".to_vec())
}

pub(crate) fn saml_providers(account: &AccountId) -> Range {
    below(join(b"saml-provider", &[account.as_str()]))
}

/// A managed policy of an account's own.
pub fn policy(account: &AccountId, name: &str) -> Key {
    named(b"policy", account, name)
}

pub(crate) fn policies(account: &AccountId) -> Range {
    below(join(b"policy", &[account.as_str()]))
}

/// An OpenID Connect provider, by its issuer without the scheme; its path is told apart by case.
pub(crate) fn oidc_provider(account: &AccountId, name: &str) -> Key {
    join(b"oidc-provider", &[account.as_str(), name])
}

pub(crate) fn oidc_providers(account: &AccountId) -> Range {
    below(join(b"oidc-provider", &[account.as_str()]))
}

/// The mark that an account's principals may get tokens.
pub(crate) fn outbound_federation(account: &AccountId) -> Key {
    join(b"outbound-federation", &[account.as_str()])
}

/// The mark that an account prefers tokens of version 2 from the global endpoint.
pub(crate) fn version_two_tokens(account: &AccountId) -> Key {
    join(b"version-two-tokens", &[account.as_str()])
}

/// Which installation the store is a part of.
pub fn installation() -> Key {
    b"installation".to_vec()
}

/// That record, as a range.
pub(crate) fn installations() -> Range {
    Range { start: installation(), end: join(b"installation", &[""]) }
}

/// The latest time that the installation has reached.
pub(crate) fn time_mark() -> Key {
    b"time-mark".to_vec()
}

/// How an entity uses a managed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// As a permissions policy.
    Attached,
    /// As a permissions boundary.
    Boundary,
}

impl Usage {
    const fn kind(self) -> &'static [u8] {
        match self {
            Self::Attached => b"attached",
            Self::Boundary => b"boundary",
        }
    }
}

/// The mark that an entity (`user`, `group` or `role`, by name) uses a managed policy.
pub(crate) fn usage(usage: Usage, account: &AccountId, policy_arn: &str, entity: &str, name: &str) -> Key {
    join(usage.kind(), &[account.as_str(), policy_arn, entity, &name.to_lowercase()])
}

/// All uses of a managed policy within an account.
pub(crate) fn usages(usage: Usage, account: &AccountId, policy_arn: &str) -> Range {
    below(join(usage.kind(), &[account.as_str(), policy_arn]))
}

/// All uses of any managed policy within an account.
pub(crate) fn all_usages(usage: Usage, account: &AccountId) -> Range {
    below(join(usage.kind(), &[account.as_str()]))
}

/// The ARN of the policy in the key of a use.
pub(crate) fn used_policy(key: &[u8]) -> &str {
    let arn = key.split(|b| *b == 0).nth(2).unwrap_or_default();
    std::str::from_utf8(arn).unwrap_or_default()
}

/// The kind of entity and the name, in the form it is stored under, in the key of a use.
pub(crate) fn user_of_policy(key: &[u8]) -> (&str, &str) {
    let kind = key.split(|b| *b == 0).nth(3).unwrap_or_default();
    (std::str::from_utf8(kind).unwrap_or_default(), last_part(key))
}

/// The last part of a key: the name in the form it is stored under.
pub fn last_part(key: &[u8]) -> &str {
    let tail = key.rsplit(|b| *b == 0).next().unwrap_or_default();
    std::str::from_utf8(tail).unwrap_or_default()
}

fn named(kind: &[u8], account: &AccountId, name: &str) -> Key {
    join(kind, &[account.as_str(), &name.to_lowercase()])
}

/// The key of these parts. Every kind is in [`super::kind::KINDS`].
pub fn join(kind: &[u8], parts: &[&str]) -> Key {
    let room = kind.len() + parts.iter().map(|part| 1 + part.len()).sum::<usize>();
    let mut key = Vec::with_capacity(room);
    key.extend_from_slice(kind);
    for part in parts {
        key.push(0);
        key.extend_from_slice(part.as_bytes());
    }
    key
}

/// All keys that have `prefix` and at least one more part.
pub fn below(mut prefix: Key) -> Range {
    let mut end = prefix.clone();
    prefix.push(0);
    end.push(1);
    Range { start: prefix, end }
}

#[cfg(test)]
mod tests {
    use super::super::kind::unlisted;
    use super::*;

    fn account_id() -> AccountId {
        "123456789012".parse().unwrap()
    }

    #[test]
    fn every_kind_is_listed() {
        assert_eq!(unlisted(include_str!("key.rs")), [""; 0]);
        assert_eq!(unlisted("join(b\"nobodys\", &[])"), ["nobodys"], "the test finds what is missing");
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        assert_eq!(user(&account_id(), "Alice"), user(&account_id(), "aLICE"));
        assert_ne!(user(&account_id(), "alice"), user(&account_id(), "alice2"));
    }
}
