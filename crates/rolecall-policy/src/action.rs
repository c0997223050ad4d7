//! Action patterns: `service:Name` with wildcards in the name, without regard to case.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use crate::pattern::Pattern;

/// A compiled entry of `Action` or `NotAction`.
#[derive(Debug, Clone)]
pub(crate) struct ActionPattern {
    /// As it was written.
    pub(crate) text: Box<str>,
    pub(crate) scope: Scope,
}

/// What an action pattern covers, in lower case.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// `*`
    Everything,
    /// Actions of one service.
    Service(Box<str>, Pattern),
    /// No action at all: a text without colon (validation refuses it).
    Nothing,
}

/// A set of services, one bit for those of a hash: what is not in it is not meant; what is may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Services(u64);

impl ActionPattern {
    /// Compiles an entry.
    pub(crate) fn compile(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let scope = match lower.split_once(':') {
            Some((service, name)) => Scope::Service(service.into(), Pattern::glob(name)),
            None if Pattern::glob(text).is_everything() => Scope::Everything,
            None => Scope::Nothing,
        };
        Self { text: text.into(), scope }
    }

    /// The service of its actions.
    pub(crate) fn services(&self) -> Services {
        match &self.scope {
            Scope::Everything => Services::ALL,
            Scope::Service(service, _) => Services::of(service),
            Scope::Nothing => Services::NONE,
        }
    }

    /// True when the action fits.
    pub(crate) fn matches(&self, action: &Action<'_>) -> bool {
        match &self.scope {
            Scope::Everything => true,
            Scope::Service(service, name) => **service == *action.service && name.fits(action.name),
            Scope::Nothing => false,
        }
    }
}

impl Services {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u64::MAX);

    fn of(service: &str) -> Self {
        Self(1 << (FxBuildHasher.hash_one(service) % 64))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn have(self, service: Self) -> bool {
        self.0 & service.0 != 0
    }
}

/// A requested action: the halves of its lower-cased name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action<'a> {
    pub(crate) whole: &'a str,
    pub(crate) services: Services,
    pub(crate) service: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> Action<'a> {
    /// Cuts a lower-cased `service:name`.
    pub(crate) fn parse(lower: &'a str) -> Self {
        let (service, name) = lower.split_once(':').unwrap_or((lower, ""));
        Self { whole: lower, services: Services::of(service), service, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_without_case() {
        for (pattern, action, expected) in [
            ("*", "s3:getobject", true),
            ("**", "s3:getobject", true),
            ("S3:Get*", "s3:getobject", true),
            ("s3:GetObject", "s3:getobjectacl", false),
            ("s3:*", "s3tables:x", false),
            ("s3:Get?bject", "s3:getobject", true),
            ("s3", "s3:getobject", false),
            ("s*:Get*", "s3:getobject", false),
            ("s3:", "s3:x", false),
        ] {
            assert_eq!(
                ActionPattern::compile(pattern).matches(&Action::parse(action)),
                expected,
                "{pattern} {action}"
            );
        }
    }
}
