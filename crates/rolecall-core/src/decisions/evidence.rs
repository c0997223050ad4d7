//! The policies of a recorded decision: what each is, whose, and its text at that time.

use super::Recorded;
use crate::held::{Held, Holder, Source};
use crate::target::{ResourcePolicy, Target};
use rolecall_policy::{Examined, Layer};

/// A policy that took part in a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The managed policy's ARN; for others a text that tells it from every other.
    pub uri: String,
    /// Where it takes part.
    pub layer: Layer,
    /// Whether it is part of what it is attached to.
    pub inline: bool,
    /// The ARNs of what it is attached to.
    pub attached: Vec<String>,
    /// What it is, in words.
    pub title: String,
    /// Its text.
    pub text: String,
}

impl Evidence {
    /// A statement of it as it is written.
    pub(crate) fn statement(&self, examined: &Examined) -> Option<serde_json::Value> {
        let place = |(line, column): (usize, usize)| {
            let start: usize = self.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
            let rest = self.text.get(start..)?;
            let (at, _) = rest.char_indices().chain([(rest.len(), ' ')]).nth(column.checked_sub(1)?)?;
            Some(start + at)
        };
        let written = self.text.get(place(examined.position)?..place(examined.end)?)?;
        serde_json::from_str(written).ok()
    }
}

impl Recorded {
    /// Every policy that took part, each once.
    pub(crate) fn policies(&self) -> Vec<Evidence> {
        let mut all: Vec<Evidence> = Vec::new();
        let gathered = &self.gathered;
        let identity = gathered.identity.iter().map(|held| self.held(held, Layer::Identity));
        let boundary = gathered.boundary.iter().map(|held| self.held(held, Layer::Boundary));
        let session = gathered.session.iter().flatten().map(|held| self.held(held, Layer::Session));
        let service = gathered.service_control.iter().flatten();
        let service = service.map(|held| self.held(held, Layer::ServiceControl));
        let control = gathered.owners.iter().flat_map(|owner| &owner.control).flatten();
        let control = control.map(|held| self.held(held, Layer::ResourceControl));
        let resources = self.asked.iter().flat_map(|asked| resource(&asked.target));
        for evidence in identity.chain(boundary).chain(session).chain(service).chain(control).chain(resources)
        {
            match all.iter_mut().find(|known| (&known.uri, known.layer) == (&evidence.uri, evidence.layer)) {
                Some(known) => {
                    known.attached.extend(evidence.attached);
                    known.attached.dedup();
                }
                None => all.push(evidence),
            }
        }
        all
    }

    fn held(&self, held: &Held, layer: Layer) -> Evidence {
        let inline = matches!(held.source, Source::Inline(_));
        let (attached, holder) = match &held.holder {
            Holder::User(user) => (user.arn(), format!("user {}", user.name)),
            Holder::Group(group) => (group.arn(), format!("group {}", group.name)),
            Holder::Role(role) => (role.arn(), format!("role {}", role.name)),
            Holder::Session(_) => (self.principal.arn.clone(), "the session".to_owned()),
            Holder::Place(id) => (id.clone(), id.clone()),
            Holder::Nature => (self.principal.arn.clone(), "the root user".to_owned()),
        };
        let name = held.id.rsplit('/').next().unwrap_or_default();
        let title = match (layer, inline) {
            (Layer::ServiceControl, _) => format!("service control policy {name} on {holder}"),
            (Layer::ResourceControl, _) => format!("resource control policy {name} on {holder}"),
            (Layer::Boundary, _) => format!("permissions boundary {} of {holder}", held.id),
            (Layer::Session, true) => "inline policy of the session".to_owned(),
            (_, true) => format!("inline policy {name} of {holder}"),
            (_, false) => format!("managed policy {} of {holder}", held.id),
        };
        let text = held.text().map(|text| text.into_owned()).unwrap_or_default();
        Evidence { uri: held.id.clone(), layer, inline, attached: vec![attached], title, text }
    }
}

/// The name of an inline policy among all policies of a decision.
pub(crate) fn inline_uri(held: &Held) -> Option<String> {
    let Source::Inline(at) = held.source else { return None };
    Some(match &held.holder {
        Holder::User(user) => format!("inline/user/{}/{}", user.name, held.id),
        Holder::Group(group) => format!("inline/group/{}/{}", group.name, held.id),
        Holder::Role(role) => format!("inline/role/{}/{}", role.name, held.id),
        Holder::Session(_) | Holder::Place(_) | Holder::Nature => format!("inline/session/{at}"),
    })
}

/// The name under which the verdict and the evidence know a resource's own policy.
pub(crate) fn resource_uri(target: &Target) -> Option<String> {
    match &target.policy {
        ResourcePolicy::None | ResourcePolicy::Trust(None) => None,
        ResourcePolicy::Bucket(_) => Some(format!("inline/bucket/{}", target.bucket())),
        ResourcePolicy::Trust(Some(role)) => Some(format!("inline/trust/{}", role.name)),
    }
}

fn resource(target: &Target) -> Option<Evidence> {
    let (layer, document, attached, title) = match &target.policy {
        ResourcePolicy::None | ResourcePolicy::Trust(None) => return None,
        ResourcePolicy::Bucket(bucket) => {
            let name = target.bucket();
            let title = format!("policy of bucket {name}");
            (Layer::Resource, bucket.document.as_deref()?, format!("arn:aws:s3:::{name}"), title)
        }
        ResourcePolicy::Trust(Some(role)) => {
            (Layer::Trust, &role.trust, role.arn(), format!("trust policy of role {}", role.name))
        }
    };
    let (uri, attached) = (resource_uri(target)?, vec![attached]);
    Some(Evidence { uri, layer, inline: true, attached, title, text: document.text.clone() })
}
