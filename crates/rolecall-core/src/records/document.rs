//! A policy document as stored: its text, and for trust and bucket policies the unique ids that the
//! principals named had when it was saved.

use crate::id::AccountId;
use rolecall_policy::shown::with_principals;
use rolecall_policy::{Kind, Policy};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A stored policy document. Compiled once, when first needed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Document {
    /// The text as the caller sent it.
    pub text: String,
    /// `(ARN, unique id)` of every user and role named as a principal, as of the time of saving.
    pub bound: Vec<(String, String)>,
    #[serde(skip)]
    compiled: OnceLock<Option<Policy>>,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.bound == other.bound
    }
}

impl Eq for Document {}

impl Document {
    /// A document that names no principal.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A document whose principals were resolved to unique ids.
    pub fn with_principals(text: impl Into<String>, bound: Vec<(String, String)>) -> Self {
        Self { text: text.into(), bound, compiled: OnceLock::new() }
    }

    /// The compiled policy. `None` when the text cannot be compiled (it was valid when it was saved, so
    /// this is damage): whoever asks must then deny.
    pub fn policy(&self, kind: Kind) -> Option<&Policy> {
        self.compiled.get_or_init(|| self.compile(kind)).as_ref()
    }

    fn compile(&self, kind: Kind) -> Option<Policy> {
        match Policy::parse(&self.text, kind) {
            Ok(policy) if self.bound.is_empty() => Some(policy),
            Ok(policy) => Some(policy.bind(&|arn| self.unique_id(arn).map(str::to_owned))),
            Err(why) => {
                tracing::error!(
                    line = why.line,
                    column = why.column,
                    why = why.detail,
                    "a stored policy is unreadable"
                );
                None
            }
        }
    }

    /// The unique id that an ARN stood for when the document was saved.
    pub fn unique_id(&self, arn: &str) -> Option<&str> {
        self.bound.iter().find(|(a, _)| a == arn).map(|(_, id)| id.as_str())
    }

    /// The text as readers see it: principals that exist no more (or anew, under another id) are shown
    /// as the unique id that the document means, and an account's number as its root ARN (IAM User
    /// Guide, AWS JSON policy elements: Principal). Conditions are never rewritten.
    pub fn shown(&self, is_current: impl Fn(&str, &str) -> bool) -> String {
        with_principals(&self.text, &|name| match self.unique_id(name) {
            Some(id) => (!is_current(name, id)).then(|| id.to_owned()),
            None => name.parse::<AccountId>().ok().map(|account| account.root_arn()),
        })
    }
}
