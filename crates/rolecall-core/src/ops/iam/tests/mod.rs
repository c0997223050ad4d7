//! IAM's operations as callers see them.

mod answers;
mod attacks;
mod groups;
mod holders;
mod keys;
mod mfa;
mod oidc_providers;
mod password_policy;
mod policies;
mod policy_races;
mod races;
mod roles;
mod saml_providers;
mod ssh_public_keys;
mod token_preferences;
mod users;

use crate::testing::Seen;

/// The texts of all elements of a name, in order.
fn tag_values<'a>(seen: &'a Seen, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}>");
    let texts = seen.body.split(open.as_str()).skip(1);
    texts.filter_map(|rest| rest.split_once('<').map(|(text, _)| text)).collect()
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const POWER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
