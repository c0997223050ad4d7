//! Issuers that many organizations share: whoever trusts one must say whose tokens of it are meant (IAM User
//! Guide, Identity-provider controls for shared OIDC providers).

use super::{Checked, Clause, Finding, Offence, Text};
use crate::action::{Action, ActionPattern};
use crate::arn::Arn;
use crate::syntax::{Test, WhoShape};

/// Refuses a statement that lets in every tenant of a shared issuer.
pub(crate) fn check(clause: &Clause) -> Checked {
    if clause.effect.value != "Allow" || !admits_web_identity(clause) {
        return Ok(());
    }
    federated(clause).try_for_each(|provider| tenant_is_told(provider, &clause.conditions))
}

fn admits_web_identity(clause: &Clause) -> bool {
    let asked = Action::parse("sts:assumerolewithwebidentity");
    let patterns = clause.action.iter().flat_map(|list| &list.items);
    patterns.into_iter().any(|text| ActionPattern::compile(&text.value).matches(&asked))
}

fn federated(clause: &Clause) -> impl Iterator<Item = &Text> {
    let kinds = match clause.principal.as_ref().map(|who| &who.shape) {
        Some(WhoShape::Kinds(kinds)) => kinds.as_slice(),
        _ => &[],
    };
    kinds.iter().filter(|(kind, _)| *kind == "Federated").flat_map(|(_, values)| values)
}

fn tenant_is_told(provider: &Text, conditions: &[Test]) -> Checked {
    let Some((issuer, claims)) = shared(&provider.value) else { return Ok(()) };
    let keys: Vec<String> = claims.iter().map(|claim| format!("{issuer}:{claim}")).collect();
    let tells = |test: &Test| {
        test.spelling.scopes_text()
            && keys.iter().any(|key| key.eq_ignore_ascii_case(&test.key))
            && !test.values.is_empty()
            && test.values.iter().all(|value| value.value.contains(|c| c != '*' && c != '?'))
    };
    if conditions.iter().any(tells) {
        return Ok(());
    }
    let offence = Offence::SharedIssuer { provider: provider.value.clone(), keys: keys.join(" or ") };
    Err(Finding::new(offence, provider.at, "every tenant of this issuer could assume the role"))
}

/// The issuer of a provider, as condition keys name it, and the claims that tell its tenants apart.
pub(crate) fn shared(provider: &str) -> Option<(&str, &'static [&'static str])> {
    let issuer = match Arn::parse(provider) {
        Some(arn) => arn.resource.strip_prefix("oidc-provider/")?,
        None => provider,
    };
    let is =
        |name: &str| issuer.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    SHARED.iter().find(|(name, _)| is(name)).map(|(_, claims)| (issuer, *claims))
}

const SHARED: &[(&str, &[&str])] = &[
    ("token.actions.githubusercontent.com", &["sub", "job_workflow_ref"]),
    ("vstoken.actions.githubusercontent.com", &["sub"]),
    ("oidc-configuration.audit-log.githubusercontent.com", &["sub"]),
    ("gitlab.com", &["sub"]),
    ("app.terraform.io", &["sub"]),
    ("agent.buildkite.com", &["sub"]),
    ("oidc.codefresh.io", &["sub"]),
    ("studio.datachain.ai/api", &["sub"]),
    ("scalr.io", &["sub"]),
    ("tokens.cloud.shisho.dev", &["sub"]),
    ("proidc.upbound.io", &["sub"]),
    ("api.pulumi.com/oidc", &["aud"]),
    ("sandboxes.cloud", &["aud"]),
    ("oidc.vercel.com", &["aud"]),
    ("cognito-identity.amazonaws.com", &["aud"]),
];

#[cfg(test)]
mod tests {
    use crate::document::{Kind, Policy};

    fn refusal(provider: &str, condition: &str) -> Option<String> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},
            "Action":["sts:TagSession","sts:AssumeRoleWith*"],"Condition":{condition}}}]}}"#
        );
        Policy::parse(&text, Kind::Trust).err().map(|invalid| invalid.message)
    }

    const GITHUB: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

    #[test]
    fn tru_02_a_shared_issuer_needs_a_condition_on_its_tenant() {
        let told = format!(
            "Trust policy with trusted principal {GITHUB} must evaluate, using StringEquals, StringLike or \
             StringEqualsIgnoreCase, token.actions.githubusercontent.com:sub or \
             token.actions.githubusercontent.com:job_workflow_ref which is not scoped to all."
        );
        let key = "token.actions.githubusercontent.com:sub";
        for open in [
            "{}".to_owned(),
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#.to_owned(),
            format!(r#"{{"StringLike":{{"{key}":"*"}}}}"#),
            format!(r#"{{"StringLike":{{"{key}":["repo:a/b:*","**"]}}}}"#),
            format!(r#"{{"StringLike":{{"{key}":"?*"}}}}"#),
            format!(r#"{{"StringLike":{{"{key}":[]}}}}"#),
            format!(r#"{{"StringNotEquals":{{"{key}":"repo:a/b:x"}}}}"#),
            format!(r#"{{"StringEqualsIfExists":{{"{key}":"repo:a/b:x"}}}}"#),
            format!(r#"{{"ForAllValues:StringEquals":{{"{key}":"repo:a/b:x"}}}}"#),
            format!(r#"{{"Null":{{"{key}":"false"}}}}"#),
        ] {
            assert_eq!(refusal(GITHUB, &open).as_ref(), Some(&told), "{open}");
        }
        for closed in [
            format!(r#"{{"StringLike":{{"{key}":"repo:a/b:*"}}}}"#),
            r#"{"StringEquals":{"TOKEN.actions.githubusercontent.com:SUB":"repo:a/b:x"}}"#.to_owned(),
            r#"{"StringLike":{"token.actions.githubusercontent.com:job_workflow_ref":"a/b/.github/*"}}"#
                .to_owned(),
        ] {
            assert_eq!(refusal(GITHUB, &closed), None, "{closed}");
        }
    }

    #[test]
    fn tru_02_private_issuers_are_their_owners_business() {
        let arn = |name: &str| format!("arn:aws:iam::123456789012:oidc-provider/{name}");
        for private in [
            "idp.example.com",
            "mygitlab.com",
            "gitlab.com.example.net",
            "oidc.eks.us-east-1.amazonaws.com/id/A",
        ] {
            assert_eq!(refusal(&arn(private), "{}"), None, "{private}");
        }
        for shared in [arn("gitlab.com"), arn("app.terraform.io"), arn("api.pulumi.com/oidc")] {
            assert!(refusal(&shared, "{}").is_some(), "{shared}");
        }
        let slug = r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:*"}}"#;
        let github = format!("{GITHUB}/slug");
        assert!(refusal(&github, slug).unwrap().contains("token.actions.githubusercontent.com/slug:sub"));
        assert_eq!(refusal(&github, &slug.replace(".com:sub", ".com/slug:sub")), None);
        assert_eq!(refusal("accounts.google.com", "{}"), None, "AWS takes it");
    }
}
