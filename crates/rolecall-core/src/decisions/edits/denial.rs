//! Edits after which a `Deny` does not meet the request, the smallest first; the last takes it away.

use super::draft::{Change, Draft};
use super::statement::{Sheet, list, unlist, with};
use super::{Edit, condition};
use rolecall_policy::{Examined, Layer};
use serde_json::{Value as Json, json};

/// What would end a denial.
pub(super) fn edits(draft: &Draft<'_>, examined: &Examined) -> Vec<Edit> {
    let Some(sheet) = Sheet::of(draft, examined) else { return vec![detach(draft, examined)] };
    let denial = Denial { draft, sheet: &sheet };
    let mut all = condition::edits(draft, examined, false);
    all.extend(denial.spared());
    all.extend(denial.exempted());
    all.extend(denial.unlisted());
    all.push(denial.removed());
    all
}

struct Denial<'a> {
    draft: &'a Draft<'a>,
    sheet: &'a Sheet<'a>,
}

impl Denial<'_> {
    /// The request among what `NotAction`, `NotResource` and `NotPrincipal` spare.
    fn spared(&self) -> Vec<Edit> {
        let target = &self.draft.asked.target;
        let entries = [("NotAction", target.action), ("NotResource", target.resource.as_str())];
        let spare = |(element, entry): (&str, &str)| {
            let mut all = list(Some(self.sheet.statement.get(element)?));
            all.push(json!(entry));
            let words = format!("add \"{entry}\" to {element} of {}", self.sheet.title);
            Some(self.sheet.edit(Some(with(&self.sheet.statement, element, unlist(all))), words))
        };
        entries.into_iter().filter_map(spare).collect()
    }

    /// A condition that leaves this principal out.
    fn exempted(&self) -> Option<Edit> {
        let context = self.draft.context();
        let arn = context.lookup(&ARN.into()).and_then(|value| value.all().first())?.to_string();
        let mut conditions = self.sheet.statement.get("Condition").cloned().unwrap_or_else(|| json!({}));
        let slot = conditions.as_object_mut()?.entry("ArnNotEquals").or_insert_with(|| json!({}));
        slot.as_object_mut().filter(|keys| !keys.contains_key(ARN))?.insert(ARN.to_owned(), json!(arn));
        let words = format!("add the condition ArnNotEquals {ARN} \"{arn}\" to {}", self.sheet.title);
        Some(self.sheet.edit(Some(with(&self.sheet.statement, "Condition", conditions)), words))
    }

    /// Without the action or resource, where it is listed by name among others.
    fn unlisted(&self) -> Vec<Edit> {
        let target = &self.draft.asked.target;
        let entries = [("Action", target.action), ("Resource", target.resource.as_str())];
        let take = |(element, entry): (&str, &str)| {
            let all = list(self.sheet.statement.get(element));
            let is_it = |value: &Json| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(entry));
            let rest: Vec<Json> = all.iter().filter(|value| !is_it(value)).cloned().collect();
            let words = format!("take \"{entry}\" out of {element} of {}", self.sheet.title);
            let fewer = !rest.is_empty() && rest.len() < all.len();
            fewer.then(|| self.sheet.edit(Some(with(&self.sheet.statement, element, unlist(rest))), words))
        };
        entries.into_iter().filter_map(take).collect()
    }

    fn removed(&self) -> Edit {
        let words = match self.sheet.is_alone() {
            true => format!("remove the {}, which has no other statement", self.sheet.policy_title()),
            false => format!("remove {}", self.sheet.title),
        };
        self.sheet.edit(None, words)
    }
}

/// A policy that nobody here can edit can be detached.
fn detach(draft: &Draft<'_>, examined: &Examined) -> Edit {
    let uri = draft.recorded.uri_of(draft.asked, examined);
    let title = draft.policy_of(examined).map(|policy| policy.title.clone());
    let words = match (title, examined.layer) {
        (None, Layer::ResourceControl) => format!("turn {uri} off in the bucket's public access block"),
        (title, _) => format!("detach the {}", title.unwrap_or_else(|| uri.clone())),
    };
    let change = Change::Text { layer: examined.layer, uri, text: None };
    Edit { layer: examined.layer, change, words, statement: None }
}

const ARN: &str = "aws:PrincipalArn";
