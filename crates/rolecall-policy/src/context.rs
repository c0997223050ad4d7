//! The request context: condition keys and their values, as the server knows them.
//!
//! Filling one is cheap: names and values are borrowed where they live long enough, a name is hashed once
//! where it is written (at compile time for a `const` [`Key`]), and a lookup compares hashes.

use std::borrow::Cow;
use std::fmt;

/// The name of a condition key. Compares without regard to (ASCII) case.
#[derive(Debug, Clone)]
pub struct Key<'a> {
    prefix: &'static str,
    name: Cow<'a, str>,
    hash: u64,
}

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single-valued key. Numbers, dates, booleans and addresses travel as text, too.
    One(Cow<'a, str>),
    /// A multivalued key such as `aws:TagKeys`; may be empty.
    Many(Vec<Cow<'a, str>>),
}

/// Condition keys with their values.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    base: Option<&'a Context<'a>>,
    entries: Vec<(Key<'a>, Value<'a>)>,
}

impl Key<'static> {
    /// A key that the program knows, such as `const REGION: Key = Key::new("aws:RequestedRegion")`.
    pub const fn new(name: &'static str) -> Self {
        Self { prefix: "", name: Cow::Borrowed(name), hash: hash(SEED, name) }
    }
}

impl<'a> Key<'a> {
    /// A key whose end comes from elsewhere: `Key::tag("aws:PrincipalTag/", "team")`.
    pub fn tag(prefix: &'static str, name: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        Self { prefix, hash: hash(hash(SEED, prefix), &name), name }
    }

    /// The same name, borrowed.
    pub fn borrowed(&self) -> Key<'_> {
        Key { prefix: self.prefix, name: Cow::Borrowed(&self.name), hash: self.hash }
    }

    fn detached(&self) -> Key<'static> {
        Key { prefix: self.prefix, name: Cow::Owned(self.name.to_string()), hash: self.hash }
    }

    /// The name as text.
    pub fn text(&self) -> Cow<'_, str> {
        match self.prefix {
            "" => Cow::Borrowed(&self.name),
            prefix => Cow::Owned(format!("{prefix}{}", self.name)),
        }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.spelled().map(|b| b.to_ascii_lowercase())
    }

    fn spelled(&self) -> impl Iterator<Item = u8> {
        self.prefix.bytes().chain(self.name.bytes())
    }

    /// True for the same name in another spelling whose end comes from elsewhere: the tags `Team` and `team` of an
    /// S3 object are two.
    fn is_twin_of(&self, other: &Self) -> bool {
        self.prefix.starts_with("s3:") && !self.spelled().eq(other.spelled())
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.bytes().eq(other.bytes())
    }
}

impl Eq for Key<'_> {}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Self::tag("", name)
    }
}

impl From<String> for Key<'_> {
    fn from(name: String) -> Self {
        Self::tag("", name)
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.name)
    }
}

impl<'a> Value<'a> {
    /// Every value, in order.
    pub fn all(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn detached(&self) -> Value<'static> {
        let own = |value: &Cow<'_, str>| Cow::Owned(value.to_string());
        match self {
            Self::One(value) => Value::One(own(value)),
            Self::Many(values) => Value::Many(values.iter().map(own).collect()),
        }
    }

    /// The same value, borrowed.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Self::One(value) => Value::One(Cow::Borrowed(value)),
            Self::Many(values) => Value::Many(values.iter().map(|v| Cow::Borrowed(&**v)).collect()),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::One(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::One(Cow::Owned(value))
    }
}

impl From<Vec<String>> for Value<'_> {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values.into_iter().map(Cow::Owned).collect())
    }
}

impl<'a> Context<'a> {
    /// A context without any key.
    pub const fn new() -> Self {
        Self { base: None, entries: Vec::new() }
    }

    /// A context with every key of another. What is set in this one is seen first.
    pub const fn over(base: &'a Context<'a>) -> Self {
        Self { base: Some(base), entries: Vec::new() }
    }

    /// Makes room for that many keys.
    #[must_use]
    pub fn with_capacity(mut self, keys: usize) -> Self {
        self.entries.reserve(keys);
        self
    }

    /// Sets a single-valued key, replacing an earlier value.
    pub fn set(&mut self, key: impl Into<Key<'a>>, value: impl Into<Cow<'a, str>>) {
        self.put(key.into(), Value::One(value.into()));
    }

    /// Sets a multivalued key, replacing an earlier value.
    pub fn set_many<V: Into<Cow<'a, str>>>(
        &mut self,
        key: impl Into<Key<'a>>,
        values: impl IntoIterator<Item = V>,
    ) {
        self.put(key.into(), Value::Many(values.into_iter().map(Into::into).collect()));
    }

    /// Sets every key of another context, without copying names or values.
    pub fn extend(&mut self, other: &'a Context<'_>) {
        other.iter().for_each(|(key, value)| self.put(key.borrowed(), value.borrowed()));
    }

    /// A copy of the keys set in this one, to be kept; the base's are left out.
    pub fn detached(&self) -> Context<'static> {
        let own = |(key, value): &(Key<'_>, Value<'_>)| (key.detached(), value.detached());
        Context { base: None, entries: self.entries.iter().map(own).collect() }
    }

    /// The value of a key. Of several that differ in case, the one spelled alike, or else the first in the order
    /// of their bytes: never the one that was set last.
    pub fn lookup(&self, key: &Key<'_>) -> Option<&Value<'a>> {
        let mut same = self.entries.iter().filter(|(name, _)| name == key);
        let first = same.next();
        let alike = |name: &Key<'_>| name.spelled().eq(key.spelled());
        let own = first.map(|first| {
            same.fold(first, |best, next| match (alike(&best.0), alike(&next.0)) {
                (true, _) => best,
                (false, false) if best.0.spelled().lt(next.0.spelled()) => best,
                _ => next,
            })
        });
        own.map(|(_, value)| value).or_else(|| self.base?.lookup(key))
    }

    /// Every key with its value, in the order set; the base's last.
    pub fn iter(&self) -> impl Iterator<Item = (&Key<'a>, &Value<'a>)> {
        let hidden = |key: &Key<'_>| self.entries.iter().any(|(name, _)| name == key);
        let base: Vec<_> =
            self.base.map(|base| base.iter().filter(|(key, _)| !hidden(key)).collect()).unwrap_or_default();
        self.entries.iter().map(|(k, v)| (k, v)).chain(base)
    }

    fn put(&mut self, key: Key<'a>, value: Value<'a>) {
        match self.entries.iter_mut().find(|(name, _)| *name == key && !key.is_twin_of(name)) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key, value)),
        }
    }
}

/// FNV-1a over the lower-cased name, continued from an earlier part. Equal hashes are not trusted, so it
/// need not resist anybody.
const fn hash(start: u64, text: &str) -> u64 {
    let mut hash = start;
    let mut rest = text.as_bytes();
    while let [byte, more @ ..] = rest {
        hash = (hash ^ byte.to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
        rest = more;
    }
    hash
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_values_are_replaced() {
        let mut context = Context::new();
        context.set("aws:PrincipalTag/Team", "a");
        context.set_many(Key::tag("AWS:principaltag/", "team"), ["b"]);
        let found = context.lookup(&"aws:principalTAG/team".into());
        assert_eq!(found, Some(&Value::Many(vec!["b".into()])));
        assert_eq!(context.iter().count(), 1);
        assert_eq!(context.lookup(&"aws:PrincipalTag/Tea".into()), None);
    }

    #[test]
    fn tags_that_differ_in_case_are_told_apart_by_spelling_and_not_by_order() {
        let tags = [("Team", "a"), ("team", "b"), ("TEAM", "c")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut context = Context::new();
            for (name, value) in order.map(|at: usize| tags[at]) {
                context.set(Key::tag("s3:ExistingObjectTag/", name), value);
            }
            let value = |name: &str| context.lookup(&name.into()).unwrap().all()[0].clone();
            assert_eq!(value("s3:ExistingObjectTag/Team"), "a");
            assert_eq!(value("s3:existingobjecttag/team"), "c", "none is spelled so: the first of them");
            assert_eq!(value("s3:ExistingObjectTag/team"), "b");
            assert_eq!(value("s3:ExistingObjectTag/TEAM"), "c");
        }
    }

    #[test]
    fn a_context_over_another_is_seen_first() {
        let mut base = Context::new();
        base.set("a", "1");
        base.set(Key::new("b"), "2");
        let mut other = Context::new();
        other.set(String::from("C"), "4");
        let mut context = Context::over(&base).with_capacity(2);
        context.set("B", "3");
        context.extend(&other);
        let all: Vec<_> = context.iter().map(|(key, value)| (key.text(), value.all()[0].as_ref())).collect();
        assert_eq!(all, [("B".into(), "3"), ("C".into(), "4"), ("a".into(), "1")]);
        assert_eq!(context.lookup(&"b".into()), Some(&Value::One("3".into())));
        assert_eq!(context.lookup(&"A".into()), Some(&Value::One("1".into())));
    }
}
