//! Policy documents: text in, a validated and compiled [`Policy`] out.

use std::borrow::Cow;
use std::sync::Arc;

use crate::context::Key;
use crate::json;
use crate::sentence::{Finding, Offence};
use crate::statement::Statement;
use crate::syntax::{self, Draft};
use crate::validate::validate;
use crate::variable::Dialect;

/// What a document is used as; decides which elements it may and must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Attached to or inlined in a user, group or role.
    Identity,
    /// A permissions boundary (a managed policy used as a limit).
    Boundary,
    /// Passed when a session is made.
    Session,
    /// A bucket policy.
    Bucket,
    /// A role's trust policy.
    Trust,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// AWS's sentence for it, without the error code.
    pub message: String,
    /// Line of the offending token, from 1.
    pub line: usize,
    /// Column of the offending token, in characters from 1.
    pub column: usize,
    /// Our own explanation: what is wrong and what was expected.
    pub detail: String,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {}, column {}: {})", self.message, self.line, self.column, self.detail)
    }
}

impl std::error::Error for Invalid {}

/// A compiled policy. Cheap to clone (shared).
#[derive(Debug, Clone)]
pub struct Policy {
    statements: Arc<[Statement]>,
    reads_keys: bool,
}

impl Policy {
    /// Parses, validates and compiles a document.
    ///
    /// # Errors
    /// [`Invalid`] with AWS's sentence (IAM User Guide, Grammar of the IAM JSON policy language;
    /// sentences as recorded from AWS) and the place of the offence.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Invalid> {
        let draft = checked(text, kind).map_err(|finding| finding.refuse(kind))?;
        let dialect = match &draft.version {
            Some(version) if version.value == "2012-10-17" => Dialect::Variables,
            _ => Dialect::Plain,
        };
        Ok(draft.clauses.iter().map(|clause| Statement::compile(clause, kind, dialect)).collect())
    }

    /// The length that AWS's quotas count: characters that are not white space.
    pub fn size(text: &str) -> usize {
        text.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// Every ARN, account or id named under `Principal` or `NotPrincipal`: (kind, value) such as
    /// `("AWS", "arn:aws:iam::123456789012:user/a")`, in document order. `"*"` is `("AWS", "*")`.
    pub fn principals(&self) -> Vec<(&str, &str)> {
        self.statements.iter().filter_map(|s| s.grantees.as_ref()).flat_map(|g| g.entries()).collect()
    }

    /// The same policy with principals replaced by what they were resolved to when the policy was saved:
    /// `bound` gives the unique id of an ARN, and the account of a canonical user id. A canonical user id
    /// that it does not know names nobody.
    #[must_use]
    pub fn bind(&self, bound: &dyn Fn(&str) -> Option<String>) -> Self {
        self.statements.iter().map(|statement| statement.bind(bound)).collect()
    }

    /// Every resource pattern named, with true for `NotResource`.
    pub fn resources(&self) -> Vec<(&str, bool)> {
        let lists = self.statements.iter().filter_map(|statement| statement.resources.as_ref());
        lists.flat_map(|list| list.entries.iter().map(|entry| (&*entry.text, list.negated))).collect()
    }

    /// True when no statement allows anything.
    pub fn only_denies(&self) -> bool {
        self.statements.iter().all(|statement| statement.deny)
    }

    /// Every action pattern named.
    pub fn actions(&self) -> Vec<&str> {
        self.statements.iter().flat_map(|s| &s.actions.entries).map(|entry| &*entry.text).collect()
    }

    /// Line and column of every statement, in order.
    pub fn places(&self) -> Vec<(usize, usize)> {
        self.statements.iter().map(|statement| (statement.start.line, statement.start.column)).collect()
    }

    /// Every context key that conditions and variables name, each once, in document order.
    pub fn context_keys(&self) -> Vec<Cow<'_, str>> {
        let mut keys: Vec<&Key<'_>> = Vec::new();
        for key in self.statements.iter().flat_map(Statement::keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().map(Key::text).collect()
    }

    /// True when a decision can depend on condition keys: some condition or variable names one.
    pub const fn reads_keys(&self) -> bool {
        self.reads_keys
    }

    /// A condition key of a service under which no action of its statement knows it, if there is one: the
    /// statement can never mean what it says. Statements of `NotAction`, and keys that the catalogue does not
    /// know, are not judged.
    pub fn idle_key(&self) -> Option<Cow<'_, str>> {
        self.statements.iter().find_map(Statement::idle_key).map(Key::text)
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

impl FromIterator<Statement> for Policy {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        let statements: Arc<[Statement]> = statements.into_iter().collect();
        let reads_keys = statements.iter().any(|statement| statement.keys().next().is_some());
        Self { statements, reads_keys }
    }
}

fn checked(text: &str, kind: Kind) -> Result<Draft, Finding> {
    let node = json::parse(text).map_err(|fault| Finding::new(Offence::Json, fault.at, fault.detail))?;
    if kind == Kind::Bucket && !text.starts_with('{') {
        return Err(Finding::new(Offence::Json, node.start, "the first character must be {"));
    }
    let draft = syntax::read(&node)?;
    validate(&draft, kind)?;
    Ok(draft)
}
