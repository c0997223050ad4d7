//! Edits that make a layer allow, the smallest first: a condition, an entry of a list, a new statement.

use super::Edit;
use super::condition;
use super::draft::{Change, Draft, Standing};
use super::statement::{Sheet, document, in_session, is_ours, list, unlist, with, with_another};
use crate::records::ControlKind;
use rolecall_policy::{Element, Layer, NearMiss, PrincipalKind};
use serde_json::{Value as Json, json};

/// What would make a level of a layer allow.
pub(super) fn edits(draft: &Draft<'_>, standing: &Standing, layer: Layer, level: usize) -> Vec<Edit> {
    let asking = Asking { draft, layer, level };
    let unmet = standing
        .unmet(layer, level)
        .filter(|unmet| unmet.conditions.iter().filter(|c| !c.holds).count() <= FEW);
    let conditions = unmet.flat_map(|unmet| condition::edits(draft, unmet, true));
    let here = |near: &&NearMiss| near.statement.layer == layer && near.statement.level == level;
    let entries = standing.verdict.near.iter().filter(here).flat_map(|near| asking.widened(near));
    conditions.chain(entries).chain(asking.added()).collect()
}

struct Asking<'a> {
    draft: &'a Draft<'a>,
    layer: Layer,
    level: usize,
}

impl Asking<'_> {
    /// A statement that allows already but for one list.
    fn widened(&self, near: &NearMiss) -> Vec<Edit> {
        let Some(sheet) = Sheet::of(self.draft, &near.statement) else { return Vec::new() };
        let target = &self.draft.asked.target;
        match near.element {
            Element::Action => self.listed(&sheet, near, "Action", target.action),
            Element::Resource => self.listed(&sheet, near, "Resource", &target.resource),
            Element::Principal => self.named(&sheet, near).into_iter().collect(),
            Element::Condition(_) => Vec::new(),
        }
    }

    fn listed(&self, sheet: &Sheet<'_>, near: &NearMiss, element: &str, entry: &str) -> Vec<Edit> {
        if !near.negated {
            let mut all = list(sheet.statement.get(element));
            all.push(json!(entry));
            let words = format!("add \"{entry}\" to {element} of {}", sheet.title);
            return vec![sheet.edit(Some(with(&sheet.statement, element, unlist(all))), words)];
        }
        let element = format!("Not{element}");
        let all = list(sheet.statement.get(&element));
        let without = |at: usize| {
            let mut rest = all.clone();
            let gone = rest.remove(at);
            let words = format!("take {gone} out of {element} of {}", sheet.title);
            sheet.edit(Some(with(&sheet.statement, &element, unlist(rest))), words)
        };
        if all.len() > 1 { (0..all.len()).map(without).collect() } else { Vec::new() }
    }

    /// Names the caller in a statement that names others.
    fn named(&self, sheet: &Sheet<'_>, near: &NearMiss) -> Option<Edit> {
        let (kind, value) = self.caller()?;
        let mut principal = sheet.statement.get("Principal").filter(|_| !near.negated)?.clone();
        let members = principal.as_object_mut()?;
        let mut all = list(members.get(kind));
        all.push(json!(value));
        members.insert(kind.to_owned(), unlist(all));
        let words = format!("add \"{value}\" to Principal ({kind}) of {}", sheet.title);
        Some(sheet.edit(Some(with(&sheet.statement, "Principal", principal)), words))
    }

    /// How a policy names the caller: a session by its role.
    fn caller(&self) -> Option<(&'static str, String)> {
        let principal = &self.draft.recorded.principal;
        Some(match &principal.kind {
            PrincipalKind::Anonymous => return None,
            PrincipalKind::RoleSession { role_arn, .. } => ("AWS", role_arn.clone()),
            PrincipalKind::Federated { provider } => ("Federated", provider.clone()),
            PrincipalKind::Service { name } => ("Service", name.clone()),
            PrincipalKind::Root | PrincipalKind::User { .. } | PrincipalKind::FederatedUser { .. } => {
                ("AWS", principal.arn.clone())
            }
        })
    }

    /// A statement of its own: in a policy that is there, or in a new one.
    fn added(&self) -> Vec<Edit> {
        if self.layer == Layer::ResourceControl {
            return self.full_access().into_iter().collect();
        }
        let statement = self.statement();
        let changeable = || {
            let here = |policy: &&super::super::Evidence| {
                policy.layer == self.layer && self.is_here(&policy.attached)
            };
            self.draft.policies.iter().filter(here)
        };
        let inline = changeable().filter(|policy| policy.inline);
        let managed = changeable().filter(|policy| !policy.inline);
        let there = inline.chain(managed).filter(|policy| is_ours(policy)).filter_map(|policy| {
            let text = Some(with_another(&policy.text, &statement)?);
            let words = format!("add a statement that allows {} to the {}", self.what(), policy.title);
            Some(self.edit(
                Change::Text { layer: self.layer, uri: policy.uri.clone(), text },
                words,
                &statement,
            ))
        });
        there.chain(self.new_policy(&statement)).chain(self.own_boundary(&statement)).collect()
    }

    /// Control policies count on the level that they are attached to.
    fn is_here(&self, attached: &[String]) -> bool {
        self.layer != Layer::ServiceControl || attached.contains(&self.draft.place(self.layer, self.level))
    }

    fn statement(&self) -> Json {
        let target = &self.draft.asked.target;
        let mut statement =
            json!({ "Effect": "Allow", "Action": target.action, "Resource": target.resource });
        if matches!(self.layer, Layer::Resource | Layer::Trust) {
            let named = self.caller().map_or_else(|| json!("*"), |(kind, value)| json!({ kind: value }));
            statement = with(&statement, "Principal", named);
        }
        if let (Layer::Trust, Some(members)) = (self.layer, statement.as_object_mut()) {
            members.remove("Resource");
        }
        statement
    }

    fn new_policy(&self, statement: &Json) -> Option<Edit> {
        let holder = match self.layer {
            Layer::Identity => format!("give {} an inline policy", self.draft.recorded.holder()),
            Layer::Session => "give it a session policy".to_owned(),
            Layer::Resource => "give the bucket a policy".to_owned(),
            Layer::ServiceControl => {
                format!("attach a service control policy to {}", self.draft.place(self.layer, self.level))
            }
            Layer::Boundary | Layer::Trust | Layer::ResourceControl => return None,
        };
        let change = Change::New { layer: self.layer, level: self.level, text: document(statement) };
        Some(self.edit(change, format!("{holder} that allows {}", self.what()), statement))
    }

    /// A boundary of AWS's is replaced by a copy that can be edited.
    fn own_boundary(&self, statement: &Json) -> Option<Edit> {
        let of_layer = |policy: &&super::super::Evidence| policy.layer == Layer::Boundary;
        let policy = self.draft.policies.iter().find(of_layer).filter(|_| self.layer == Layer::Boundary)?;
        let text = Some(with_another(&policy.text, statement)?);
        let words =
            format!("put a copy that also allows {} in the place of the {}", self.what(), policy.title);
        let change = Change::Text { layer: self.layer, uri: policy.uri.clone(), text };
        Some(self.edit(change, words, statement))
    }

    /// Only AWS's own resource control policy allows (Organizations User Guide, RCP syntax).
    fn full_access(&self) -> Option<Edit> {
        let text = ControlKind::Resource.of_aws().document.text.clone();
        let words = format!("attach RCPFullAWSAccess to {}", self.draft.place(self.layer, self.level));
        let change = Change::New { layer: self.layer, level: self.level, text };
        Some(Edit { layer: self.layer, change, words, statement: None })
    }

    fn edit(&self, change: Change, words: String, statement: &Json) -> Edit {
        let words = in_session(self.layer, words);
        Edit { layer: self.layer, change, words, statement: Some(statement.clone()) }
    }

    fn what(&self) -> String {
        format!("{} on {}", self.draft.asked.target.action, self.draft.asked.target.resource)
    }
}

/// Statements with more conditions in the way than this are left as they are.
const FEW: usize = 2;
