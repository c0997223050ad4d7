//! The request context: condition keys and their values, as the server knows them.

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single-valued key. Numbers, dates, booleans and addresses travel as text, too.
    One(String),
    /// A multivalued key such as `aws:TagKeys`; may be empty.
    Many(Vec<String>),
}

impl Value {
    /// Every value, in order.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
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
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.put(key, Value::One(value.into()));
    }

    /// Sets a multivalued key, replacing an earlier value.
    pub fn set_many(&mut self, key: &str, values: Vec<String>) {
        self.put(key, Value::Many(values));
    }

    /// The value of a key.
    pub fn lookup(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Every key with its value, in the order set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(k, v)| (k.as_str(), v))
    }

    fn put(&mut self, key: &str, value: Value) {
        match self.entries.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_values_are_replaced() {
        let mut context = Context::new();
        context.set("aws:PrincipalTag/Team", "a");
        context.set_many("AWS:principaltag/team", vec!["b".into()]);
        assert_eq!(context.lookup("aws:principalTAG/team"), Some(&Value::Many(vec!["b".into()])));
        assert_eq!(context.iter().count(), 1);
        assert_eq!(context.lookup("aws:PrincipalTag/Tea"), None);
    }
}
