//! Findings about whom a pattern of an identity provider's subjects lets in besides those whom it names: at an
//! issuer that many organizations share, a wildcard in a name does not stop at the end of that name.

use super::{Report, covers};
use crate::syntax::Test;

/// How a shared issuer writes its subjects.
struct Form {
    issuer: &'static str,
    /// What every subject begins with; behind it stands the name of the organization.
    prefix: &'static str,
    /// What ends that name.
    end: char,
    /// What a project of it is called, and how a subject goes on behind the project.
    project: &'static str,
    rest: &'static str,
    /// Other claims that say whose token it is.
    owners: &'static [&'static str],
}

/// Tells of patterns that fit somebody else's subjects. `tests` are the conditions on the subject; all must hold.
pub(super) fn check(conditions: &[Test], tests: &[&Test], issuer: &str, report: &mut Report) {
    let Some(form) = FORMS.iter().find(|form| form.issuer == issuer) else { return };
    let is_closed =
        |test: &&Test| !is_pattern(test) || test.values.iter().all(|v| form.stranger(&v.value).is_none());
    if tests.iter().any(is_closed) || conditions.iter().any(|test| form.names_owner(test)) {
        return;
    }
    for value in tests.iter().flat_map(|test| &test.values) {
        let Some(stranger) = form.stranger(&value.value) else { continue };
        let message = format!(
            "{} lets in {stranger}, too: the wildcard does not stop at the end of a name. Write the whole name and \
             {:?} behind it.",
            value.value, form.end
        );
        report.error("SUBJECT_LETS_IN_STRANGERS", value.at, message);
    }
}

fn is_pattern(test: &Test) -> bool {
    test.spelling.name() == "StringLike"
}

impl Form {
    /// The subject of somebody else that a pattern fits; `None` when the organization's name is complete.
    fn stranger(&self, pattern: &str) -> Option<String> {
        let at = pattern.find(['*', '?'])?;
        let (head, tail) = pattern.split_at(at);
        let name = if head.is_empty() { head } else { head.strip_prefix(self.prefix)? };
        if name.contains(self.end) {
            return None;
        }
        let tail = tail.get(1..).unwrap_or_default().replace(['*', '?'], "x");
        let more = if name.is_empty() { "evil" } else { "-evil" };
        let Self { end, project, rest, prefix, .. } = self;
        let fills = [
            more.to_owned(),
            format!("{more}{end}{project}"),
            format!("{more}{end}{project}:{rest}"),
            format!("{prefix}evil-"),
            "x".to_owned(),
        ];
        let all = fills.iter().map(|fill| [head, fill, &tail].concat());
        all.into_iter().find(|subject| self.is_subject(subject) && covers(pattern, subject))
    }

    /// True for a text that the issuer could have written.
    fn is_subject(&self, text: &str) -> bool {
        let parts = text.strip_prefix(self.prefix).and_then(|rest| rest.split_once(self.end));
        parts.is_some_and(|(name, rest)| {
            let goes_on =
                self.end == ':' || rest.split_once(':').is_some_and(|(project, _)| !project.is_empty());
            !name.is_empty() && !name.contains(':') && !rest.is_empty() && goes_on
        })
    }

    /// True for a condition that names the organization by another claim.
    fn names_owner(&self, test: &Test) -> bool {
        let spelling = &test.spelling;
        let plain = |text: &str| spelling.name() == "StringEquals" || !text.contains(['*', '?']);
        let is = |claim: &&str| test.key.eq_ignore_ascii_case(&format!("{}:{claim}", self.issuer));
        spelling.scopes_text()
            && self.owners.iter().any(is)
            && !test.values.is_empty()
            && test.values.iter().all(|value| plain(&value.value))
    }
}

const FORMS: [Form; 4] = [
    Form {
        issuer: "token.actions.githubusercontent.com",
        prefix: "repo:",
        end: '/',
        project: "app",
        rest: "ref:refs/heads/main",
        owners: &["repository", "repository_id", "repository_owner_id", "enterprise_id", "job_workflow_ref"],
    },
    Form {
        issuer: "gitlab.com",
        prefix: "project_path:",
        end: '/',
        project: "app",
        rest: "ref_type:branch:ref:main",
        owners: &["namespace_id", "project_id"],
    },
    Form {
        issuer: "app.terraform.io",
        prefix: "organization:",
        end: ':',
        project: "project:p",
        rest: "workspace:w:run_phase:apply",
        owners: &[],
    },
    Form {
        issuer: "agent.buildkite.com",
        prefix: "organization:",
        end: ':',
        project: "pipeline:p",
        rest: "ref:refs/heads/main:commit:c:step:s",
        owners: &["organization_id", "pipeline_id"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_found_for_every_pattern_that_lets_one_in() {
        for (form, pattern, stranger) in [
            (0, "repo:org*", Some("repo:org-evil/app:ref:refs/heads/main")),
            (0, "repo:org*/app:*", Some("repo:org-evil/app:x")),
            (0, "repo:org*:ref:refs/heads/main", Some("repo:org-evil/app:ref:refs/heads/main")),
            (0, "repo:or?/app:*", Some("repo:orx/app:x")),
            (0, "repo:*/app:*", Some("repo:evil/app:x")),
            (0, "*org/app:*", Some("repo:evil-org/app:x")),
            (0, "repo:org/*", None),
            (0, "repo:org/app*:ref:*", None),
            (0, "repo:org/app:ref:refs/heads/main", None),
            (1, "project_path:group*", Some("project_path:group-evil/app:ref_type:branch:ref:main")),
            (1, "project_path:group/*", None),
            (2, "organization:org*", Some("organization:org-evil:project:p")),
            (2, "organization:org*:project:p:*", Some("organization:org-evil:project:p:x")),
            (2, "organization:org:*", None),
            (3, "organization:org*:pipeline:*", Some("organization:org-evil:pipeline:x")),
        ] {
            assert_eq!(FORMS[form].stranger(pattern).as_deref(), stranger, "{pattern}");
        }
    }
}
