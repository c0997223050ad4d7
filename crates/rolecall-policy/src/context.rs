//! The request context: condition keys and their values, as the server knows them.

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single-valued key. Numbers, dates, booleans and addresses travel as text, too.
    One(String),
    /// A multivalued key such as `aws:TagKeys`; may be empty.
    Many(Vec<String>),
}

/// Condition keys with their values. Names compare without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    entries: Vec<(String, Value)>,
}

impl Context {
    /// A context without any key.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a single-valued key, replacing an earlier value.
    pub fn set(&mut self, _key: &str, _value: impl Into<String>) {}

    /// Sets a multivalued key, replacing an earlier value.
    pub fn set_many(&mut self, _key: &str, _values: Vec<String>) {}

    /// The value of a key.
    pub fn lookup(&self, _key: &str) -> Option<&Value> {
        self.entries.first().map(|(_, v)| v)
    }

    /// Every key with its value, in the order set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(k, v)| (k.as_str(), v))
    }
}
