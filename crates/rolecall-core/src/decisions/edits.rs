//! The smallest edits that would allow a denied request, each with what else it would open.

use super::checks::{Check, Effect};
use super::{Asked, Evidence, Recorded};
use rolecall_policy::{Element, Examined, Layer, NearMiss, Verdict};
use serde_json::{Value as Json, json};

/// One edit for every layer that denies; all of them are needed.
pub(super) fn of(recorded: &Recorded, asked: &Asked, verdict: &Verdict, checks: &[Check]) -> Vec<Json> {
    let asking = Asking { recorded, asked, verdict, policies: recorded.policies() };
    checks.iter().filter(|check| check.effect.is_denial()).flat_map(|check| asking.edits(*check)).collect()
}

struct Asking<'a> {
    recorded: &'a Recorded,
    asked: &'a Asked,
    verdict: &'a Verdict,
    policies: Vec<Evidence>,
}

impl Asking<'_> {
    fn edits(&self, check: Check) -> Vec<Json> {
        match check.effect {
            Effect::ExplicitDeny => self.denials(check.layer).map(|denial| self.limit(denial)).collect(),
            _ => vec![self.near(check.layer).map_or_else(|| self.add(check.layer), |near| self.widen(near))],
        }
    }

    fn denials(&self, layer: Layer) -> impl Iterator<Item = &Examined> {
        self.verdict.matched.iter().filter(move |m| m.layer == layer && m.deny)
    }

    /// A statement that allows already but for one thing; conditions are there on purpose and stay.
    fn near(&self, layer: Layer) -> Option<&NearMiss> {
        let widened = |near: &&NearMiss| {
            let listed = matches!(near.element, Element::Action | Element::Resource) && !near.negated;
            near.statement.layer == layer && listed
        };
        self.verdict.near.iter().find(widened)
    }

    fn limit(&self, denial: &Examined) -> Json {
        let (title, place) = (self.title(denial), place(denial));
        json!({
            "layer": super::explanation::layer(denial.layer),
            "edit": format!(
                "limit or remove the Deny statement {place} of the {title}, for example by leaving {} out of it",
                self.what()
            ),
            "opens": "removing it opens everything that it denies and another policy allows; leaving this \
                      request out of it opens this request alone",
        })
    }

    fn widen(&self, near: &NearMiss) -> Json {
        let (list, entry) = match near.element {
            Element::Action => ("Action", self.asked.target.action),
            _ => ("Resource", self.asked.target.resource.as_str()),
        };
        let (title, place) = (self.title(&near.statement), place(&near.statement));
        let opens = match near.element {
            Element::Action => format!("{entry} on every resource that the statement names"),
            _ => format!("every action that the statement names, on {entry}"),
        };
        json!({
            "layer": super::explanation::layer(near.statement.layer),
            "edit": format!("add \"{entry}\" to {list} of the statement {place} of the {title}"),
            "opens": format!("{opens}, for {}", self.everybody(near.statement.layer)),
        })
    }

    fn add(&self, layer: Layer) -> Json {
        let Asked { target, .. } = self.asked;
        let mut statement =
            json!({ "Effect": "Allow", "Action": target.action, "Resource": target.resource });
        let principal = json!({ "AWS": self.recorded.principal.arn });
        if let (Layer::Resource | Layer::Trust, Some(members)) = (layer, statement.as_object_mut()) {
            members.insert("Principal".to_owned(), principal);
        }
        if let (Layer::Trust, Some(members)) = (layer, statement.as_object_mut()) {
            members.remove("Resource");
        }
        json!({
            "layer": super::explanation::layer(layer),
            "edit": format!("add a statement that allows {} to the {}", self.what(), self.place_to_add(layer)),
            "statement": statement,
            "opens": format!("this action on this resource, for {}", self.everybody(layer)),
        })
    }

    fn what(&self) -> String {
        format!("{} on {}", self.asked.target.action, self.asked.target.resource)
    }

    /// An inline policy that is there already, or a new one.
    fn place_to_add(&self, layer: Layer) -> String {
        let of_layer = || self.policies.iter().filter(move |policy| policy.layer == layer);
        let changeable = |policy: &&Evidence| !policy.uri.starts_with("arn:aws:iam::aws:");
        let found = of_layer().find(|policy| policy.inline).or_else(|| of_layer().find(changeable));
        match found {
            Some(policy) => policy.title.clone(),
            None => format!("policies of {}", self.recorded.holder()),
        }
    }

    fn everybody(&self, layer: Layer) -> String {
        match layer {
            Layer::Resource | Layer::Trust => self.recorded.principal.arn.clone(),
            Layer::Session => "this session alone".to_owned(),
            Layer::ServiceControl | Layer::ResourceControl => "every account under it".to_owned(),
            Layer::Boundary => {
                "everybody who has this boundary and is allowed it by another policy".to_owned()
            }
            Layer::Identity => {
                format!("everybody who has this policy, {} among them", self.recorded.holder())
            }
        }
    }

    fn title(&self, examined: &Examined) -> String {
        let uri = self.recorded.uri_of(self.asked, examined);
        let found = self.policies.iter().find(|policy| policy.uri == uri);
        found.map_or_else(|| uri.clone(), |policy| policy.title.clone())
    }
}

fn place(examined: &Examined) -> String {
    let (line, column) = examined.position;
    match &examined.sid {
        Some(sid) => format!("{sid} ({line}:{column})"),
        None => format!("at {line}:{column}"),
    }
}
