//! Issuers, and which of their claims are condition keys (Service Authorization Reference, AWS STS; IAM User
//! Guide, Available keys for OIDC federation).

use super::json::Json;
use super::{Provider, Source};

/// The claims that are condition keys for every issuer.
const COMMON: &[&str] = &["amr", "email"];

impl Provider<'static> {
    /// A provider that every account has without registering it: it goes by its host's name, in `Federated`
    /// principals as in condition keys, and its keys stay visible in the session's later requests.
    pub fn well_known(issuer: &str) -> Option<Self> {
        let host = issuer.strip_prefix("https://").unwrap_or(issuer);
        let (name, url) = WELL_KNOWN.iter().find(|(name, _)| *name == host)?;
        let source = Source { provider: (*name).to_owned(), issuer: (*url).to_owned(), ..Source::default() };
        Some(Self { source, name, client_ids: None, carried: true })
    }
}

/// The claims that are condition keys for an issuer (its URL without the scheme), beside audience and subject.
pub(super) fn claims(issuer: &str) -> Vec<&'static str> {
    let host = issuer.split('/').next().unwrap_or(issuer);
    let is_enterprise = host.starts_with("token.actions.") && host.ends_with(".ghe.com");
    let host = if is_enterprise { GITHUB } else { host };
    let own = OWN.iter().find(|(name, _)| *name == host).map(|(_, claims)| *claims);
    COMMON.iter().chain(own.unwrap_or_default()).copied().collect()
}

/// A claim as conditions see it: texts, numbers and booleans are texts, lists have many values; anything else
/// is nothing that could be compared.
pub(super) fn shown(claim: &Json<'_>) -> Option<rolecall_policy::Value<'static>> {
    use rolecall_policy::Value;
    match claim {
        Json::List(all) => all.iter().map(text).collect::<Option<Vec<String>>>().map(Value::from),
        one => text(one).map(Value::from),
    }
}

fn text(claim: &Json<'_>) -> Option<String> {
    match claim {
        Json::Text(text) => Some(text.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(word) => Some(word.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// Name, and the issuer's URL.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("accounts.google.com", "https://accounts.google.com"),
    ("cognito-identity.amazonaws.com", "https://cognito-identity.amazonaws.com"),
];

/// GitHub's issuer; an enterprise with data residency has one of its own, with the same claims.
const GITHUB: &str = "token.actions.githubusercontent.com";

const OWN: &[(&str, &[&str])] = &[
    (
        GITHUB,
        &[
            "actor",
            "actor_id",
            "enterprise_id",
            "environment",
            "job_workflow_ref",
            "ref",
            "repository",
            "repository_id",
            "repository_owner_id",
            "workflow",
        ],
    ),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "pipeline_source",
            "project_id",
            "ref_protected",
            "runner_environment",
            "user_access_level",
            "user_email",
            "user_id",
            "user_login",
        ],
    ),
    ("accounts.google.com", &["google/organization_number"]),
    (
        "agent.buildkite.com",
        &[
            "organization_slug",
            "organization_id",
            "pipeline_slug",
            "pipeline_id",
            "build_branch",
            "build_tag",
            "cluster_id",
            "cluster_name",
            "queue_key",
        ],
    ),
    ("oidc.circleci.com", &["oidc.circleci.com/project-id"]),
];
