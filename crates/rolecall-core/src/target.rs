//! What an operation asks permission for: actions on resources, with the keys only it knows.

use crate::records::{Document, Role};
use rolecall_policy::{Context, Key};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One action on one resource.
#[derive(Clone, Default)]
pub struct Target {
    /// `service:Action`.
    pub action: &'static str,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// The account that owns the resource; empty for the caller's own.
    pub owner: String,
    /// The resource's own policy.
    pub policy: ResourcePolicy,
    /// Condition keys that this action or resource adds to the global ones.
    pub keys: Context<'static>,
}

/// The policy of the resource itself.
#[derive(Clone, Default)]
pub enum ResourcePolicy {
    /// The resource has none and can have none.
    #[default]
    None,
    /// That of the bucket that the resource is, or is in.
    Bucket(BucketPolicy),
    /// A role's trust policy, which must allow; `None` when there is no such role.
    Trust(Option<Arc<Role>>),
}

/// What a decision reads of a bucket. Its name is in the resource's ARN, its owner is the target's.
#[derive(Clone, Default)]
pub struct BucketPolicy {
    /// Its policy, if it has one.
    pub document: Option<Arc<Document>>,
    /// True when its policy gives other accounts, and callers without one, nothing.
    pub restricted: bool,
    /// What it blocks of public access.
    pub public_access: PublicAccess,
}

/// The four settings of S3 Block Public Access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccess {
    /// Requests that would set a public access control list are refused.
    pub block_acls: bool,
    /// Public access control lists mean nothing.
    pub ignore_acls: bool,
    /// Public policies are refused.
    pub block_policy: bool,
    /// A public policy gives nothing to other accounts or to nobody.
    pub restrict: bool,
}

impl PublicAccess {
    /// Everything is blocked, as for every new bucket.
    pub const BLOCKED: Self =
        Self { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };
}

/// Everything an operation asks permission for, and what it looked at to know that.
#[derive(Default)]
pub struct Targets<Seen = ()> {
    /// All of these must be allowed, or the operation is refused.
    pub all: Vec<Target>,
    /// Each of these is decided by itself and the operation is told the outcomes in order: the keys of
    /// a `DeleteObjects`, or whether a caller may learn that an object does not exist.
    pub each: Vec<Target>,
    /// Of each of these the operation is told whether it is allowed, and nobody else is: what the answer leaves
    /// out is no denial.
    pub aside: Vec<Target>,
    /// What permission is decided on, and what is acted on once it is granted.
    pub seen: Seen,
}

impl Targets {
    /// An operation that needs no permission, only a valid signature.
    pub fn none() -> Self {
        Self::default()
    }

    /// One action that must be allowed.
    pub fn one(target: Target) -> Self {
        Self { all: vec![target], ..Self::default() }
    }

    /// One action on a resource of the caller's account.
    pub fn on(action: &'static str, resource: impl Into<String>) -> Self {
        Self::one(Target::new(action, resource))
    }

    /// The same, about something seen.
    pub fn seeing<Seen>(self, seen: Seen) -> Targets<Seen> {
        Targets { all: self.all, each: self.each, aside: self.aside, seen }
    }
}

impl<Seen> Targets<Seen> {
    /// The same, with one more action that must be allowed.
    #[must_use]
    pub fn and(mut self, target: Target) -> Self {
        self.all.push(target);
        self
    }

    /// The same, with something added to every action that must be allowed.
    #[must_use]
    pub fn map(mut self, with: impl Fn(Target) -> Target) -> Self {
        self.all = self.all.into_iter().map(with).collect();
        self
    }

    /// The same, with one more action to be told about.
    #[must_use]
    pub fn ask(mut self, target: Target) -> Self {
        self.each.push(target);
        self
    }

    /// The same, with one more action whose permission decides what the answer leaves out.
    #[must_use]
    pub fn ask_aside(mut self, target: Target) -> Self {
        self.aside.push(target);
        self
    }

    /// Both together, and what was seen of both.
    pub fn with<Other>(mut self, other: Targets<Other>) -> Targets<(Seen, Other)> {
        self.all.extend(other.all);
        self.each.extend(other.each);
        self.aside.extend(other.aside);
        Targets { all: self.all, each: self.each, aside: self.aside, seen: (self.seen, other.seen) }
    }

    /// The same, with what was seen as part of something larger.
    pub fn seen_as<Larger>(self, with: impl FnOnce(Seen) -> Larger) -> Targets<Larger> {
        Targets { all: self.all, each: self.each, aside: self.aside, seen: with(self.seen) }
    }

    /// The actions alone, and what was seen.
    pub(crate) fn split(self) -> (Targets, Seen) {
        (Targets { all: self.all, each: self.each, aside: self.aside, seen: () }, self.seen)
    }
}

impl Target {
    /// The name of the bucket that the resource is, or is in.
    pub(crate) fn bucket(&self) -> &str {
        let named = self.resource.strip_prefix("arn:aws:s3:::").unwrap_or(&self.resource);
        named.split('/').next().unwrap_or_default()
    }

    /// An action on a resource of the caller's account.
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), ..Self::default() }
    }

    /// The same, for a resource of `owner` with a policy of its own.
    #[must_use]
    pub fn owned(mut self, owner: impl Into<String>, policy: ResourcePolicy) -> Self {
        self.owner = owner.into();
        self.policy = policy;
        self
    }

    /// The same, with a condition key.
    #[must_use]
    pub fn with(mut self, key: impl Into<Key<'static>>, value: impl Into<String>) -> Self {
        self.keys.set(key, value.into());
        self
    }

    /// The same, with a condition key when there is a value for it.
    #[must_use]
    pub fn with_some(self, key: impl Into<Key<'static>>, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The same, with a multivalued condition key.
    #[must_use]
    pub fn with_many(mut self, key: impl Into<Key<'static>>, values: Vec<String>) -> Self {
        self.keys.set_many(key, values);
        self
    }

    /// The same, with the tags of the request: `aws:RequestTag/*` and `aws:TagKeys`.
    #[must_use]
    pub fn with_request_tags(mut self, tags: &[(String, String)]) -> Self {
        if !tags.is_empty() {
            self.keys.set_many("aws:TagKeys", tags.iter().map(|(k, _)| k.clone()));
        }
        for (key, value) in tags {
            self.keys.set(Key::tag("aws:RequestTag/", key.clone()), value.clone());
        }
        self
    }

    /// The same, with the tags that the resource has: `aws:ResourceTag/*`, and the service's own name
    /// for it when it has one, such as `iam:ResourceTag`.
    #[must_use]
    pub fn with_resource_tags(mut self, also: Option<&str>, tags: &[(String, String)]) -> Self {
        for (key, value) in tags {
            self.keys.set(Key::tag("aws:ResourceTag/", key.clone()), value.clone());
            if let Some(name) = also {
                self.keys.set(format!("{name}/{key}"), value.clone());
            }
        }
        self
    }
}
