//! A second evaluator, slow and plain, written from the specification of the policy language and not
//! from the engine. It shares no code with it: documents are read by serde_json, patterns are matched by
//! their definition, layers are weighed in the order of the steps that AWS documents (IAM User Guide,
//! Policy evaluation logic).

mod condition;
mod document;
mod principal;
mod text;
mod validation;
mod value;

pub(crate) use document::{Document, read};
pub(crate) use text::{Fact, Facts};

use principal::Grant;
use rolecall_policy::{Decision, Layer, Principal, PrincipalKind};

/// The question, in the words of the API.
pub(crate) struct Question<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) resource_account: &'a str,
    pub(crate) facts: &'a Facts,
    pub(crate) bounded: bool,
}

/// One layer: its levels (one, but for control policies), each a list of documents.
pub(crate) type Levels = (Layer, Vec<Vec<Document>>);

/// What a layer says.
struct Voice {
    layer: Layer,
    denies: bool,
    /// The closest Allow; with several levels that of the level which says least.
    grants: Option<Grant>,
}

/// Decides; `layers` holds those that exist, in the order in which a denial is blamed on them.
pub(crate) fn decide(question: &Question<'_>, layers: &[Levels]) -> (Decision, Option<Layer>) {
    // Service-linked roles are not limited by control policies and boundaries.
    let linked = matches!(&question.principal.kind,
        PrincipalKind::RoleSession { role_arn, .. } if role_arn.contains(":role/aws-service-role/"));
    let limits = [Layer::ServiceControl, Layer::ResourceControl, Layer::Boundary];
    let heard = layers.iter().filter(|(layer, _)| !(linked && limits.contains(layer)));
    let voices: Vec<Voice> = heard.map(|levels| hear(question, levels)).collect();
    // Step 0: any matching Deny. The owner's root user may always repair a bucket's own policy.
    let repairs = question.principal.kind == PrincipalKind::Root
        && same_account(question)
        && ["s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"]
            .contains(&question.action.to_lowercase().as_str());
    for voice in &voices {
        if voice.denies && !(repairs && voice.layer == Layer::Resource) {
            return (Decision::ExplicitDeny, Some(voice.layer));
        }
    }
    // Steps 1 to 5: the layers whose Allow is needed.
    let needed = needed(question, &voices);
    let order = [
        Layer::ServiceControl,
        Layer::ResourceControl,
        Layer::Trust,
        Layer::Resource,
        Layer::Session,
        Layer::Boundary,
        Layer::Identity,
    ];
    for layer in order {
        let granted = voices.iter().any(|voice| voice.layer == layer && voice.grants.is_some());
        if needed.contains(&layer) && !granted {
            return (Decision::ImplicitDeny, Some(layer));
        }
    }
    (Decision::Allow, None)
}

fn hear(question: &Question<'_>, (layer, levels): &Levels) -> Voice {
    let mut voice = Voice { layer: *layer, denies: false, grants: Some(Grant::Direct) };
    for level in levels {
        let mut best = None;
        for document in level {
            for statement in &document.statements {
                let Some(grant) = statement.applies(question, document.variables, *layer) else { continue };
                if statement.allow {
                    best = best.max(Some(grant));
                } else {
                    voice.denies = true;
                }
            }
        }
        voice.grants = voice.grants.min(best);
    }
    voice
}

fn same_account(question: &Question<'_>) -> bool {
    !question.principal.account.is_empty() && question.principal.account == question.resource_account
}

/// The table of step 3, step 4 (both sides must allow) and step 5 (nobody has only the resource).
fn needed(question: &Question<'_>, voices: &[Voice]) -> Vec<Layer> {
    let exists = |layer| voices.iter().any(|voice| voice.layer == layer);
    let side = if exists(Layer::Trust) { Layer::Trust } else { Layer::Resource };
    let granted = voices.iter().find(|voice| voice.layer == side).and_then(|voice| voice.grants);
    let mut needed = Vec::new();
    let in_account = !matches!(
        question.principal.kind,
        PrincipalKind::Anonymous | PrincipalKind::Service { .. } | PrincipalKind::Federated { .. }
    );
    if exists(Layer::ServiceControl) && in_account {
        needed.push(Layer::ServiceControl);
    }
    if exists(Layer::ResourceControl) {
        needed.push(Layer::ResourceControl);
    }
    let federated_user = matches!(question.principal.kind, PrincipalKind::FederatedUser { .. });
    let mut limits = Vec::new();
    if exists(Layer::Session) || federated_user {
        limits.push(Layer::Session);
    }
    if exists(Layer::Boundary) {
        limits.push(Layer::Boundary);
    }
    let mandatory = side == Layer::Trust || !same_account(question);
    let root = question.principal.kind == PrincipalKind::Root;
    match granted {
        _ if !in_account => needed.push(side),
        _ if root && mandatory => needed.push(side),
        _ if root => {}
        Some(Grant::Direct) if same_account(question) => {}
        Some(Grant::Role | Grant::Parent) if same_account(question) => needed.extend(limits),
        _ => {
            if mandatory {
                needed.push(side);
            }
            needed.extend(limits);
            needed.push(Layer::Identity);
        }
    }
    needed
}
