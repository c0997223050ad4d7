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

    /// Multivalued keys never resolve; the default is for keys that are absent.
    pub(crate) fn value<'t>(&'t self, context: &'t Context<'_>) -> Option<&'t str> {
        match context.lookup(&self.key) {
            Some(Value::One(value)) => Some(value),
            Some(Value::Many(_)) => None,
            None => self.default.as_deref(),
        }
    }
}

/// The variable or escape a text starts with, and what follows it. Without a closing brace it is
/// text.
pub(crate) fn braced(text: &str, dialect: Dialect) -> Option<(Token, &str)> {
    let inner = text.strip_prefix("${").filter(|_| dialect == Dialect::Variables)?;
    if let Some((key, quoted)) = inner.split_once(", '").filter(|(key, _)| !key.contains('}')) {
        let (default, after) = quoted.split_once("'}")?;
        return Some((variable(key, Some(default)), after));
    }
    let (name, after) = inner.split_once('}')?;
    let token = match name {
        "*" | "?" | "$" => Token::Text(name.into()),
        _ => variable(name, None),
    };
    Some((token, after))
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
