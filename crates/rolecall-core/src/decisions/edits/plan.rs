//! The search: from what is in the way to edits, each of which brings the request nearer to an `Allow`.

use super::draft::{Draft, Need};
use super::{Edit, caller, denial, grant};

/// Who changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The caller, where that helps, and policies.
    Anybody,
    /// Policies alone.
    Policies,
}

/// Edits that together allow the request, the smallest first found for each thing in the way. `None` when
/// there are none.
pub(super) fn find(draft: &Draft<'_>, by: By) -> Option<Vec<Edit>> {
    let (mut draft, mut edits) = (draft.clone(), Vec::new());
    while edits.len() < MOST {
        let standing = draft.standing()?;
        let Some(need) = standing.needs.first() else {
            return standing.verdict.is_allowed().then_some(edits);
        };
        let by_caller = match by {
            By::Anybody => caller::edits(&draft, &standing, need),
            By::Policies => Vec::new(),
        };
        let by_policies = match need {
            Need::Denial(examined) => denial::edits(&draft, examined),
            Need::Silence(layer, level) => grant::edits(&draft, &standing, *layer, *level),
        };
        let nearer = by_caller.into_iter().chain(by_policies).find_map(|edit| {
            let next = draft.with(&edit.change);
            let is_nearer = next.standing()?.distance() < standing.distance();
            is_nearer.then_some((edit, next))
        });
        let (edit, next) = nearer?;
        edits.push(edit);
        draft = next;
    }
    None
}

/// The most edits of a plan.
const MOST: usize = 12;
