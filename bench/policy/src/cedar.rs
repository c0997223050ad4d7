//! The same rules in the cedar-policy crate.

use crate::rules::{Ask, Rule, TEAM};
use anyhow::{Context as _, Result};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use std::str::FromStr;

/// Policies and requests, ready to be decided.
pub(crate) struct Cedar {
    policies: PolicySet,
    requests: Vec<Request>,
    entities: Entities,
    authorizer: Authorizer,
}

impl Cedar {
    /// Translates.
    ///
    /// # Errors
    /// When Cedar refuses a text.
    pub(crate) fn new(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        let text: String = rules.iter().map(|rule| rule.cedar()).collect();
        Ok(Self {
            policies: PolicySet::from_str(&text)?,
            requests: asks.iter().map(request).collect::<Result<_>>()?,
            entities: Entities::empty(),
            authorizer: Authorizer::new(),
        })
    }

    /// Decides one of the requests.
    pub(crate) fn allows(&self, at: usize) -> bool {
        let Some(request) = self.requests.get(at % self.requests.len()) else { return false };
        self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

fn request(ask: &Ask) -> Result<Request> {
    let uid = |kind: &str, id: &str| EntityUid::from_str(&format!("{kind}::\"{id}\"")).context("entity");
    let context = serde_json::json!({"arn": ask.resource, "team": TEAM, "secure": true});
    Ok(Request::new(
        uid("User", "ann")?,
        uid("Action", &ask.action)?,
        uid("Resource", &ask.resource)?,
        Context::from_json_value(context, None)?,
        None,
    )?)
}
