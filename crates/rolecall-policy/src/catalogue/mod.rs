//! The catalogue: which actions, resource types and condition keys there are, of every AWS service.
//!
//! Facts of a public data package (`models/SOURCE`), packed by `cargo xtask catalogue` and unpacked when first
//! asked. Decisions never look here: a policy may name what the catalogue does not know.

pub mod keys;
pub mod spelling;
mod unpack;

use std::sync::LazyLock;

/// What one service has.
#[derive(Debug)]
pub struct Service {
    /// Its prefix in actions, such as `s3`.
    pub prefix: &'static str,
    actions: Vec<Action>,
    resource_types: Vec<ResourceType>,
    keys: Vec<Key>,
}

/// An action.
#[derive(Debug)]
pub struct Action {
    /// Its name without the prefix, such as `GetObject`.
    pub name: &'static str,
    /// What it does to resources.
    pub access: Access,
    resource_types: Vec<usize>,
    keys: Vec<usize>,
}

/// What an action does (IAM User Guide, access levels in policy summaries).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Lists resources.
    List,
    /// Reads them.
    Read,
    /// Makes, changes or deletes them.
    Write,
    /// Changes their tags.
    Tagging,
    /// Grants or changes permissions.
    Permissions,
}

/// A kind of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// Such as `bucket`.
    pub name: &'static str,
    /// Its ARN with `${…}` in the places that vary.
    pub arn: &'static str,
}

/// A condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Such as `s3:prefix`; a `${…}` or `<…>` stands for what the request fills in.
    pub name: &'static str,
    /// What its values are.
    pub kind: KeyKind,
    /// True when it may have more than one value.
    pub many: bool,
}

/// What the values of a condition key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Text.
    Text,
    /// Integers and decimals.
    Number,
    /// Points in time.
    Date,
    /// `true` or `false`.
    Bool,
    /// Addresses.
    Address,
    /// ARNs.
    Arn,
}

/// Every service, by prefix.
pub fn services() -> &'static [Service] {
    &SERVICES
}

/// The service of a prefix, whatever its case.
pub fn service(prefix: &str) -> Option<&'static Service> {
    let lower = prefix.to_ascii_lowercase();
    let at = SERVICES.binary_search_by(|service| service.prefix.cmp(lower.as_str())).ok()?;
    SERVICES.get(at)
}

/// The known action that is most like `service:Name`, if one is much like it and it is not known itself.
pub fn suggest(action: &str) -> Option<String> {
    let (prefix, name) = action.split_once(':')?;
    match service(prefix) {
        Some(service) => {
            let known = closest(name, service.actions.iter().map(|action| action.name))?;
            Some(format!("{}:{known}", service.prefix))
        }
        None => {
            let prefix = closest(prefix, SERVICES.iter().map(|service| service.prefix))?;
            let found = service(prefix)?.action(name)?;
            Some(format!("{prefix}:{}", found.name))
        }
    }
}

impl Service {
    /// Its actions, by name.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The action of a name without prefix, whatever its case.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name.eq_ignore_ascii_case(name))
    }

    /// Its kinds of resources.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// The condition keys that any of its actions has, global ones among them.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key of a name, whatever its case, also when it ends in something that the request fills in.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.is(name))
    }

    /// The kinds of resources that an action acts on; none when it is granted on `*` only.
    pub fn resource_types_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a ResourceType> {
        action.resource_types.iter().filter_map(|at| self.resource_types.get(*at))
    }

    /// The condition keys that an action has besides the global ones.
    pub fn keys_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a Key> {
        action.keys.iter().filter_map(|at| self.keys.get(*at))
    }
}

impl Key {
    /// True when this is the key of a name, whatever the case.
    pub fn is(&self, name: &str) -> bool {
        let fixed = self.name.split(['$', '<']).next().unwrap_or(self.name);
        match fixed.len() == self.name.len() {
            true => fixed.eq_ignore_ascii_case(name),
            false => {
                let head = name.get(..fixed.len());
                name.len() > fixed.len() && head.is_some_and(|head| head.eq_ignore_ascii_case(fixed))
            }
        }
    }
}

/// The one of some names that is most like a text: a third of its letters may differ, and three at most.
pub fn closest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let most = (text.len() / 3).min(3);
    let near = names.filter(|name| name.len().abs_diff(text.len()) <= most);
    let ranked = near.map(|name| (distance(&text, &name.to_ascii_lowercase()), name));
    ranked.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// How many letters must be added, taken away or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, x) in a.bytes().enumerate() {
        let mut corner = n;
        let mut left = n + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let best = (corner + usize::from(x != y)).min(left + 1).min(*cell + 1);
            corner = std::mem::replace(cell, best);
            left = best;
        }
        row.splice(..1, [n + 1]);
    }
    row.last().copied().unwrap_or(a.len())
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(unpack::services);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_service() {
        let actions: usize = services().iter().map(|service| service.actions.len()).sum();
        assert!(
            services().len() > 400 && actions > 20_000,
            "{} services, {actions} actions",
            services().len()
        );
        assert!(services().is_sorted_by_key(|service| service.prefix));
    }

    #[test]
    fn knows_what_an_action_acts_on_and_which_keys_it_has() {
        let s3 = service("S3").unwrap();
        let get = s3.action("getobject").unwrap();
        assert_eq!((get.name, get.access), ("GetObject", Access::Read));
        let types: Vec<_> = s3.resource_types_of(get).map(|r| (r.name, r.arn)).collect();
        assert!(
            types.contains(&("object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}")),
            "{types:?}"
        );
        assert!(s3.keys_of(get).any(|key| key.is("s3:ExistingObjectTag/team")));
        assert!(!s3.keys_of(get).any(|key| key.is("s3:prefix")));
        assert_eq!(s3.key("S3:PREFIX").map(|key| (key.kind, key.many)), Some((KeyKind::Text, false)));
        assert_eq!(s3.key("aws:TagKeys").map(|key| key.many), Some(true));
        assert!(s3.resource_types_of(s3.action("ListAllMyBuckets").unwrap()).next().is_none());
        assert!(service("s4").is_none() && s3.action("GetObjekt").is_none());
    }

    #[test]
    fn suggests_what_was_meant() {
        for (text, meant) in [
            ("s3:GetObjct", Some("s3:GetObject")),
            ("s3:putobjectt", Some("s3:PutObject")),
            ("imm:PassRole", Some("iam:PassRole")),
            ("quux:PassRole", None),
            ("iamm:PassRole", Some("iam:PassRole")),
            ("s3:Frobnicate", None),
            ("nothing", None),
            ("é:x", None),
        ] {
            assert_eq!(suggest(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in
            [("", "", 0), ("", "ab", 2), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
