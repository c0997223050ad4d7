//! The parameters of a message, in the order sent, kept in one piece of text.

use std::sync::Arc;

/// Names and values. Clones share them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Arc<Text>);

#[derive(Default, PartialEq, Eq)]
struct Text {
    /// Name, value, name, value and so on.
    text: String,
    /// Where each name and each value ends.
    ends: Vec<(usize, usize)>,
}

impl Params {
    /// Names and values one after another in `text`, and where each of them ends. `None` when the ends do not
    /// divide the text into whole characters.
    pub(crate) fn new(text: String, ends: Vec<(usize, usize)>) -> Option<Self> {
        let mut marks = ends.iter().flat_map(|(name, value)| [*name, *value]);
        let whole = marks.all(|end| text.is_char_boundary(end));
        whole.then(|| Self(Arc::new(Text { text, ends })))
    }

    /// Every name and its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let Text { text, ends } = &*self.0;
        let mut start = 0;
        ends.iter().map(move |(name, value)| {
            let from = std::mem::replace(&mut start, *value);
            (text.get(from..*name).unwrap_or_default(), text.get(*name..*value).unwrap_or_default())
        })
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// How long all names and values are together, in bytes.
    pub fn length(&self) -> usize {
        self.0.text.len()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }
}

/// Shows the names only: values can be secrets.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut all = Text::default();
        for (name, value) in pairs {
            all.text.push_str(name.as_ref());
            let end = all.text.len();
            all.text.push_str(value.as_ref());
            all.ends.push((end, all.text.len()));
        }
        Self(Arc::new(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_end_within_a_character_is_refused() {
        assert!(Params::new("aé".to_owned(), vec![(1, 3)]).is_some());
        assert!(Params::new("aé".to_owned(), vec![(2, 3)]).is_none());
        assert!(Params::new("a".to_owned(), vec![(1, 2)]).is_none());
    }

    #[test]
    fn values_are_not_shown() {
        let params: Params = [("Name", "very secret")].into_iter().collect();
        assert_eq!(format!("{params:?}"), r#"["Name"]"#);
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(pairs: Vec<(String, String)>) {
            let params: Params = pairs.iter().map(|(name, value)| (name, value)).collect();
            let found: Vec<_> = params.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(params.len(), pairs.len());
            prop_assert_eq!(found, pairs);
        }
    }
}
