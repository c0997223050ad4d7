//! The smallest edits that would allow a denied request. Each plan is tried on the policies of the decision
//! before it is told: only what turns it into an `Allow` is told at all, with what else it would open.

mod caller;
mod command;
mod condition;
mod denial;
mod draft;
mod grant;
mod opens;
mod plan;
mod statement;

use super::{Asked, Recorded};
use draft::{Change, Draft};
use rolecall_policy::Layer;
use serde_json::{Value as Json, json};

/// One thing to change, for one layer.
#[derive(Clone)]
struct Edit {
    /// The layer that it makes allow, or deny no more.
    layer: Layer,
    /// What is changed.
    change: Change,
    /// The same in words.
    words: String,
    /// The statement as it is afterwards; `None` when it is gone, or no statement changes.
    statement: Option<Json>,
}

/// The plans for a denied request.
pub(super) struct Plans {
    /// All of these together allow the request; none when no plan was found.
    pub edits: Vec<Json>,
    /// The same by policies alone, where `edits` asks something of the caller.
    pub alternative: Vec<Json>,
    /// Why there is no plan.
    pub why_not: Option<String>,
}

/// Finds the plans.
pub(super) fn of(recorded: &Recorded, asked: &Asked) -> Plans {
    let draft = Draft::new(recorded, asked);
    let told = |edits: &[Edit]| draft.told(edits);
    let by_anybody = plan::find(&draft, plan::By::Anybody);
    let needs_caller = by_anybody.iter().flatten().any(|edit| matches!(edit.change, Change::Keys(_)));
    let by_policies = needs_caller.then(|| plan::find(&draft, plan::By::Policies)).flatten();
    Plans {
        edits: by_anybody.as_deref().map(told).unwrap_or_default(),
        alternative: by_policies.as_deref().map(told).unwrap_or_default(),
        why_not: by_anybody.is_none().then(|| draft.why_not()),
    }
}

impl Draft<'_> {
    /// The edits as JSON, each with what it opens after those before it.
    fn told(&self, edits: &[Edit]) -> Vec<Json> {
        let mut draft = self.clone();
        let mut all = Vec::new();
        for edit in edits {
            all.push(draft.one(edit));
            draft = draft.with(&edit.change);
        }
        all
    }

    fn one(&self, edit: &Edit) -> Json {
        let opened = opens::by(self, edit);
        let (policy, document) = match &edit.change {
            Change::Text { uri, text, .. } => (Some(uri.clone()), text.clone()),
            Change::New { text, .. } => (None, Some(text.clone())),
            Change::Keys(_) => (None, None),
        };
        json!({
            "layer": super::explanation::layer(edit.layer),
            "by": if matches!(edit.change, Change::Keys(_)) { "caller" } else { "policy" },
            "edit": edit.words,
            "statement": edit.statement,
            "policy": policy,
            "document": document,
            "commands": command::of(self, edit),
            "opens": opened.words,
            "changes": opened.changes,
            "complete": opened.complete,
        })
    }
}

#[cfg(test)]
mod tests;
