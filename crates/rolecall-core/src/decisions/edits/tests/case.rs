//! Denied requests to be put together, and applied again with the documents of a plan.

use super::super::super::{Asked, Recorded};
use super::super::Plans;
use crate::held::{Held, Holder, Source};
use crate::layers::{Gathered, ResourceOwner};
use crate::managed;
use crate::organizations::Place;
use crate::records::{
    Account, ControlKind, ControlPolicy, Document, Organization, Role, Standing, Unit, User,
};
use crate::target::{BucketPolicy, ResourcePolicy, Target};
use rolecall_policy::{Context, Principal, PrincipalKind};
use rolecall_wire::Service;
use serde_json::Value as Json;
use std::sync::Arc;

pub(super) const OWN: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";
pub(super) const KEY: &str = "arn:aws:s3:::b/k";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/r";
pub(super) const ANN: &str = "arn:aws:iam::111122223333:user/ann";

/// A denied request; every text is a list of statements without its brackets.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) who: &'static str,
    pub(super) action: &'static str,
    pub(super) resource: &'static str,
    pub(super) owner: &'static str,
    pub(super) identity: Vec<String>,
    /// ARNs of policies of AWS.
    pub(super) attached: Vec<&'static str>,
    pub(super) boundary: Option<String>,
    pub(super) session: Option<Vec<String>>,
    pub(super) bucket: Option<Option<String>>,
    pub(super) trust: Option<Option<String>>,
    pub(super) restricted: bool,
    pub(super) scp: Vec<Vec<String>>,
    pub(super) rcp: Vec<Vec<String>>,
    pub(super) keys: Vec<(&'static str, Vec<&'static str>)>,
}

/// `user ann`, who gets an object of her own account.
pub(super) fn ann() -> Case {
    Case {
        who: "user",
        action: "s3:GetObject",
        resource: KEY,
        owner: OWN,
        identity: Vec::new(),
        attached: Vec::new(),
        boundary: None,
        session: None,
        bucket: None,
        trust: None,
        restricted: false,
        scp: Vec::new(),
        rcp: Vec::new(),
        keys: vec![("aws:PrincipalArn", vec![ANN]), ("aws:username", vec!["ann"])],
    }
}

pub(super) fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

pub(super) fn allow(more: &str) -> String {
    statement("Allow", "*", more)
}

pub(super) fn statement(effect: &str, action: &str, more: &str) -> String {
    document(&format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"*"{more}}}"#))
}

pub(super) fn when(condition: &str) -> String {
    format!(r#","Condition":{{{condition}}}"#)
}

pub(super) const EVERYBODY: &str = r#","Principal":"*""#;

impl Case {
    pub(super) fn with(mut self, key: &'static str, values: &[&'static str]) -> Self {
        self.keys.push((key, values.to_vec()));
        self
    }

    pub(super) fn identity(mut self, text: String) -> Self {
        self.identity.push(text);
        self
    }

    /// Assumes a role whose trust policy is this.
    pub(super) fn assumes(trust: Option<String>) -> Self {
        let trust = Some(trust);
        Self { action: "sts:AssumeRole", resource: ROLE, trust, ..ann() }
    }

    fn principal(&self) -> Principal {
        let (kind, account, arn) = match self.who {
            "user" => (PrincipalKind::User { id: "AIDAANN".into() }, OWN, ANN),
            "session" => {
                let kind = PrincipalKind::RoleSession { role_arn: ROLE.into(), role_id: "AROAR".into() };
                (kind, OWN, "arn:aws:sts::111122223333:assumed-role/r/s")
            }
            "web" => {
                let provider = "arn:aws:iam::111122223333:oidc-provider/id.example".to_owned();
                (PrincipalKind::Federated { provider }, "", "")
            }
            _ => (PrincipalKind::Anonymous, "", ""),
        };
        Principal { kind, account: account.into(), arn: arn.into() }
    }

    pub(super) fn recorded(&self) -> Recorded {
        let mut context = Context::new();
        for (key, values) in &self.keys {
            match values.as_slice() {
                [one] => context.set(*key, *one),
                many => context.set_many(*key, many.iter().copied()),
            }
        }
        let policy = match (&self.bucket, &self.trust) {
            (Some(policy), _) => ResourcePolicy::Bucket(bucket(policy.as_deref(), self)),
            (_, Some(trust)) => ResourcePolicy::Trust(trust.as_deref().map(|text| Arc::new(role(text)))),
            _ => ResourcePolicy::None,
        };
        let resource = self.resource.to_owned();
        let target = Target { action: self.action, resource, policy, ..Target::default() };
        let asked = vec![Asked { target, owner: self.owner.into(), context: Context::new() }];
        let recorded = Recorded {
            request_id: "r".try_into().unwrap(),
            at: 0,
            service: Service::S3,
            operation: "GetObject",
            principal: self.principal(),
            gathered: self.gathered(),
            context,
            asked,
        };
        recorded.with_distinct_names()
    }

    fn gathered(&self) -> Gathered {
        let inline =
            self.identity.iter().map(|text| ("own".to_owned(), Document::new(text.clone()))).collect();
        let user = Arc::new(user(inline));
        let own = |at| Held {
            id: format!("p{at}"),
            holder: Holder::User(Arc::clone(&user)),
            source: Source::Inline(at),
        };
        let aws = |arn: &&str| Held {
            id: (*arn).to_owned(),
            holder: Holder::User(Arc::clone(&user)),
            source: Source::Aws(managed::find(arn).unwrap()),
        };
        let levels = |kind, levels: &[Vec<String>], name: &str| -> Vec<Vec<Held>> {
            let level = |(depth, texts): (usize, &Vec<String>)| {
                texts
                    .iter()
                    .map(|text| control(kind, text, &format!("{name}{depth}"), PLACES[depth]))
                    .collect()
            };
            levels.iter().enumerate().map(level).collect()
        };
        Gathered {
            identity: (0..self.identity.len()).map(own).chain(self.attached.iter().map(aws)).collect(),
            boundary: self.boundary.as_deref().map(|text| Held {
                id: LIMITS.into(),
                holder: Holder::User(Arc::clone(&user)),
                ..control(ControlKind::Service, text, "", "")
            }),
            session: self.session.as_ref().map(|texts| {
                texts
                    .iter()
                    .map(|text| Held { id: "session".into(), ..control(ControlKind::Service, text, "", "") })
                    .collect()
            }),
            place: Some(place()),
            service_control: levels(ControlKind::Service, &self.scp, "scp"),
            owners: vec![ResourceOwner {
                account: self.owner.into(),
                place: Some(place()),
                control: levels(ControlKind::Resource, &self.rcp, "rcp"),
            }],
        }
    }

    pub(super) fn plans(&self) -> Plans {
        let recorded = self.recorded();
        let verdict = recorded.verdict(&recorded.asked[0]).unwrap();
        assert!(!verdict.is_allowed(), "not denied: {}", self.identity.join(" "));
        super::super::of(&recorded, &recorded.asked[0])
    }

    /// The case with the documents of a plan in place of what they stand for.
    pub(super) fn edited(&self, edits: &[Json]) -> Self {
        let mut case = self.clone();
        for edit in edits {
            let text = edit["document"].as_str().map(str::to_owned);
            case.put(edit["policy"].as_str(), edit["layer"].as_str().unwrap(), text);
        }
        case
    }

    fn put(&mut self, policy: Option<&str>, layer: &str, text: Option<String>) {
        let at =
            |name: &str, prefix: &str| name.rsplit('/').next()?.strip_prefix(prefix)?.parse::<usize>().ok();
        match (policy.unwrap_or_default(), layer) {
            ("RestrictPublicBuckets", _) => self.restricted = false,
            (LIMITS, _) => self.boundary = text,
            ("session", _) => self.session = Some(text.into_iter().collect()),
            (name, _) if name.starts_with("arn:aws:iam::aws:") => self.attached.retain(|arn| *arn != name),
            (name, "identity policy") => match at(name, "p") {
                Some(at) => self.identity[at] = text.unwrap_or_else(|| statement("Allow", "none:None", "")),
                None => self.identity.extend(text),
            },
            (_, "session policy") => self.session.as_mut().unwrap().extend(text),
            (_, "resource policy") => self.bucket = Some(text),
            (_, "trust policy") => self.trust = Some(text),
            (name, layer) => {
                let (levels, prefix) = match layer {
                    "service control policy" => (&mut self.scp, "scp"),
                    _ => (&mut self.rcp, "rcp"),
                };
                match at(name, prefix) {
                    Some(at) => levels[at] = text.into_iter().collect(),
                    None => levels
                        .iter_mut()
                        .filter(|level| level.is_empty())
                        .for_each(|level| level.extend(text.clone())),
                }
            }
        }
    }

    pub(super) fn is_allowed(&self) -> bool {
        let recorded = self.recorded();
        recorded.verdict(&recorded.asked[0]).unwrap().is_allowed()
    }
}

pub(super) const LIMITS: &str = "arn:aws:iam::111122223333:policy/limits";
pub(super) const PLACES: [&str; 3] = ["r-root", "ou-work", OWN];

pub(super) fn user(inline: Vec<(String, Document)>) -> User {
    User {
        account: OWN.parse().unwrap(),
        name: "ann".into(),
        path: "/".into(),
        id: "AIDAANN".into(),
        created: 0,
        tags: Vec::new(),
        boundary: None,
        attached: Vec::new(),
        inline,
        groups: Vec::new(),
        access_keys: Vec::new(),
    }
}

pub(super) fn role(trust: &str) -> Role {
    Role {
        account: OWN.parse().unwrap(),
        name: "r".into(),
        path: "/".into(),
        id: "AROAR".into(),
        created: 0,
        description: None,
        max_session_duration: 3600,
        trust: Document::new(trust),
        tags: Vec::new(),
        boundary: None,
        attached: Vec::new(),
        inline: Vec::new(),
    }
}

pub(super) fn bucket(policy: Option<&str>, case: &Case) -> BucketPolicy {
    BucketPolicy {
        document: policy.map(Document::new).map(Arc::new),
        restricted: case.restricted,
        ..BucketPolicy::default()
    }
}

pub(super) fn control(kind: ControlKind, text: &str, name: &str, place: &str) -> Held {
    let policy = ControlPolicy {
        id: format!("p-{name}"),
        owner: Some((OTHER.parse().unwrap(), "o-o".into())),
        kind,
        name: name.into(),
        description: String::new(),
        document: Document::new(text),
        tags: Vec::new(),
    };
    let id = format!("arn:aws:organizations::{OTHER}:policy/o-o/x/{name}");
    Held { id, holder: Holder::Place(place.into()), source: Source::Control(Arc::new(policy)) }
}

pub(super) fn place() -> Place {
    let organization = Organization {
        id: "o-o".into(),
        management: OTHER.parse().unwrap(),
        created: 0,
        all_features: true,
        root: PLACES[0].into(),
        policies: Vec::new(),
        tags: Vec::new(),
        policy_types: ControlKind::ALL.to_vec(),
        trusted_services: Vec::new(),
        delegates: Vec::new(),
        features: Vec::new(),
    };
    let unit = Unit {
        id: PLACES[1].into(),
        organization: "o-o".into(),
        parent: PLACES[0].into(),
        name: "Work".into(),
        policies: Vec::new(),
        tags: Vec::new(),
    };
    let account = Account {
        id: OWN.parse().unwrap(),
        created: 0,
        alias: None,
        root_keys: Vec::new(),
        name: String::new(),
        email: String::new(),
        standing: Standing::Active,
        membership: None,
        tags: Vec::new(),
    };
    Place { organization: Arc::new(organization), units: vec![Arc::new(unit)], account: Arc::new(account) }
}
