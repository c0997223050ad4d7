//! Policy variables: `${key}`, defaults, and the escapes `${*}` `${?}` `${$}` (IAM User Guide,
//! Variables and tags).

use crate::context::{Context, Key, Value};
use crate::pattern::Token;

/// How `${…}` is read; follows from the document's `Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// 2008-10-17 or no version: `${…}` is text like any other.
    Plain,
    /// 2012-10-17: variables and escapes.
    Variables,
}

/// A context key that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) key: Key<'static>,
    default: Option<Box<str>>,
}

impl Variable {
    fn new(key: &str, default: Option<&str>) -> Self {
        Self { key: key.to_owned().into(), default: default.map(Into::into) }
    }

    /// True when the key has no value, and no default stands in for it.
    pub(crate) fn is_missing(&self, context: &Context<'_>) -> bool {
        self.default.is_none() && context.lookup(&self.key).is_none()
    }

    /// Multivalued keys never resolve; the default is for keys that are absent.
    pub(crate) fn value<'t>(&'t self, context: &'t Context<'_>) -> Option<&'t str> {
        match context.lookup(&self.key) {
            Some(Value::One(value)) => Some(value),
            Some(Value::Many(_)) => None,
            None => self.default.as_deref(),
        }
    }
}

/// Finds what is in braces in one text, from its beginning to its end. What closes a brace is searched for
/// once, whatever number of braces it could close, so that the work is bounded by the text's length.
pub(crate) struct Braces<'t> {
    text: &'t str,
    dialect: Dialect,
    close: Ahead,
    comma: Ahead,
    quote: Ahead,
}

impl<'t> Braces<'t> {
    pub(crate) fn of(text: &'t str, dialect: Dialect) -> Self {
        Self { text, dialect, close: Ahead::to("}"), comma: Ahead::to(", '"), quote: Ahead::to("'}") }
    }

    /// The variable or escape that starts at a place, and the place after it. Without a closing brace it is
    /// text. Places must not go back.
    pub(crate) fn at(&mut self, start: usize) -> Option<(Token, usize)> {
        let starts = self.text.get(start..)?.starts_with("${") && self.dialect == Dialect::Variables;
        let from = starts.then_some(start + 2)?;
        let close = self.close.find(self.text, from);
        let comma = self.comma.find(self.text, from);
        if let Some(comma) = comma.filter(|comma| close.is_none_or(|close| *comma < close)) {
            let quote = self.quote.find(self.text, comma + 3)?;
            let default = self.text.get(comma + 3..quote);
            return Some((variable(self.text.get(from..comma)?, default), quote + 2));
        }
        let close = close?;
        let token = match self.text.get(from..close)? {
            name @ ("*" | "?" | "$") => Token::Text(name.into()),
            name => variable(name, None),
        };
        Some((token, close + 1))
    }
}

/// The next place of a text in another, for places that do not go back.
struct Ahead {
    sought: &'static str,
    /// `None` before the first search; then where it was found, or that it comes no more.
    found: Option<Option<usize>>,
    /// How many bytes were searched.
    #[cfg(test)]
    searched: usize,
}

impl Ahead {
    const fn to(sought: &'static str) -> Self {
        Self {
            sought,
            found: None,
            #[cfg(test)]
            searched: 0,
        }
    }

    fn find(&mut self, text: &str, from: usize) -> Option<usize> {
        match self.found {
            Some(None) => None,
            Some(Some(at)) if at >= from => Some(at),
            _ => {
                let at = text.get(from..).and_then(|rest| rest.find(self.sought)).map(|at| from + at);
                #[cfg(test)]
                (self.searched += at.map_or(text.len(), |at| at + self.sought.len()).saturating_sub(from));
                self.found = Some(at);
                at
            }
        }
    }
}

fn variable(key: &str, default: Option<&str>) -> Token {
    Token::Variable(Box::new(Variable::new(key, default)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn context() -> Context<'static> {
        let mut context = Context::new();
        context.set("aws:username", "Ann");
        context.set("empty", "");
        context.set("wild", "a*${aws:username}?");
        context.set_many("many", ["x"]);
        context
    }

    #[test]
    fn resolves_defaults_escapes_and_nothing_else() {
        for (template, text, expected) in [
            ("home/${AWS:UserName}/*", "home/Ann/x", true),
            ("home/${aws:username}", "home/${aws:username}", false),
            ("${none}", "", false),
            ("${none, 'all'}/x", "all/x", true),
            ("${aws:username, 'all'}", "Ann", true),
            ("${many}", "x", false),
            ("${many, 'd'}", "d", false),
            ("${*}${?}${$}", "*?$", true),
            ("${*}", "a", false),
            ("${unclosed", "${unclosed", true),
            ("a$b", "a$b", true),
            ("${none, 'a}b'}", "a}b", true),
            ("*/${aws:username}/?", "x/Ann/y", true),
            ("*/${aws:username}/?*", "x/An/Ann/y/z", true),
            ("*${empty}${aws:username}?", "xxAnny", true),
            ("*${empty}${none}*", "xxAnny", false),
            ("*${aws:username}", "xxAnn", true),
        ] {
            assert_eq!(
                Pattern::wild(template, Dialect::Variables).matches(text, &context()),
                expected,
                "{template}"
            );
        }
        assert!(Pattern::wild("${x}", Dialect::Plain).matches("${x}", &context()));
    }

    /// Reads a text as before there was [`Braces`]: every brace searches the rest of the text anew.
    fn read_anew(text: &str) -> Option<(String, usize)> {
        let inner = text.strip_prefix("${")?;
        if let Some((key, quoted)) = inner.split_once(", '").filter(|(key, _)| !key.contains('}')) {
            let (default, after) = quoted.split_once("'}")?;
            return Some((format!("{key}|{default}"), text.len() - after.len()));
        }
        let (name, after) = inner.split_once('}')?;
        Some((name.to_owned(), text.len() - after.len()))
    }

    fn name(token: &Token) -> String {
        match token {
            Token::Text(text) => text.to_string(),
            Token::Variable(variable) => match &variable.default {
                Some(default) => format!("{}|{default}", variable.key),
                None => variable.key.to_string(),
            },
            Token::Skip(_) | Token::Run => String::new(),
        }
    }

    #[test]
    fn braces_are_found_with_work_bounded_by_the_texts_length() {
        for piece in ["${", "${a, '", "${a}", "${a, 'b'}", "${a, 'b}", "${${*}", "', '}"] {
            let text = piece.repeat(20_000);
            let mut braces = Braces::of(&text, Dialect::Variables);
            let (mut at, mut found) = (0, 0);
            while at < text.len() {
                let next = braces.at(at);
                found += usize::from(next.is_some());
                at = next.map_or(at + 1, |(_, after)| after);
            }
            let searched = braces.close.searched + braces.comma.searched + braces.quote.searched;
            assert!(searched > 0 || !piece.contains("${"), "{piece}: counts");
            assert!(searched <= 3 * text.len(), "{piece}: {searched} of {}, {found} found", text.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn braces_are_those_that_searching_anew_finds(text in "([ab',} *?]|\\$\\{|, '|'\\}){0,24}") {
            let mut braces = Braces::of(&text, Dialect::Variables);
            let mut at = 0;
            while at < text.len() {
                let found = braces.at(at).map(|(token, after)| (name(&token), after));
                let anew = read_anew(&text[at..]).map(|(name, after)| (name, at + after));
                proptest::prop_assert_eq!(&found, &anew, "{} at {}", text, at);
                at = found.map_or(at + 1, |(_, after)| after);
            }
        }
    }

    #[test]
    fn pol_08_values_are_literal() {
        let pattern = Pattern::wild("p/${wild}", Dialect::Variables);
        assert!(pattern.matches("p/a*${aws:username}?", &context()));
        for text in ["p/ab${aws:username}c", "p/a*Ann?", "p/a*Annx", "p/aXXXX"] {
            assert!(!pattern.matches(text, &context()), "{text}");
        }
        let literal = Pattern::literal("${wild}", Dialect::Variables);
        assert!(literal.matches("a*${aws:username}?", &context()));
    }
}
