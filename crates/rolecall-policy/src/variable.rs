//! Policy variables: `${key}`, defaults, and the escapes `${*}` `${?}` `${$}` (IAM User Guide,
//! Variables and tags).

use std::borrow::Cow;

use crate::context::{Context, Value};
use crate::pattern::Pattern;

/// How `${…}` is read; follows from the document's `Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// 2008-10-17 or no version: `${…}` is text like any other.
    Plain,
    /// 2012-10-17: variables and escapes.
    Variables,
}

/// A text that may hold variables and, if it was compiled so, wildcards.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    /// The pattern, if no variable stands in the way of knowing it beforehand.
    fixed: Option<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    One,
    Run,
    Variable { key: String, default: Option<String> },
}

impl Template {
    /// Compiles text whose `*` and `?` are wildcards.
    pub(crate) fn wild(text: &str, dialect: Dialect) -> Self {
        let pieces = pieces(text, dialect, true);
        let fixed = assemble(&pieces, &|_, _| None);
        Self { pieces, fixed }
    }

    /// Compiles text whose `*` and `?` stand for themselves.
    pub(crate) fn literal(text: &str, dialect: Dialect) -> Self {
        Self { pieces: pieces(text, dialect, false), fixed: None }
    }

    /// True when the text fits; false when a variable does not resolve.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        match &self.fixed {
            Some(pattern) => pattern.matches(text),
            None => assemble(&self.pieces, &|key, default| value(key, default, context))
                .is_some_and(|pattern| pattern.matches(text)),
        }
    }

    /// The text with its variables replaced; `None` when one does not resolve. For literal templates.
    pub(crate) fn text<'a>(&'a self, context: &'a Context) -> Option<Cow<'a, str>> {
        let mut whole = Cow::Borrowed("");
        for piece in &self.pieces {
            let next = match piece {
                Piece::Text(text) => text,
                Piece::One => "?",
                Piece::Run => "*",
                Piece::Variable { key, default } => value(key, default.as_deref(), context)?,
            };
            whole += next;
        }
        Some(whole)
    }

    /// True for `*` alone.
    pub(crate) fn is_everything(&self) -> bool {
        self.fixed.as_ref().is_some_and(Pattern::is_everything)
    }

    /// The context keys named.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }
}

type Lookup<'a, 'c> = dyn Fn(&'a str, Option<&'a str>) -> Option<&'c str> + 'a;

/// Values go in as literal text: what they hold is neither wildcard nor variable.
fn assemble<'a: 'c, 'c>(pieces: &'a [Piece], lookup: &Lookup<'a, 'c>) -> Option<Pattern> {
    let mut pattern = Pattern::empty();
    for piece in pieces {
        match piece {
            Piece::Text(text) => pattern.push_text(text),
            Piece::One => pattern.push_one(),
            Piece::Run => pattern.push_run(),
            Piece::Variable { key, default } => pattern.push_text(lookup(key, default.as_deref())?),
        }
    }
    Some(pattern)
}

/// Multivalued keys never resolve; the default is for keys that are absent.
fn value<'a>(key: &str, default: Option<&'a str>, context: &'a Context) -> Option<&'a str> {
    match context.lookup(key) {
        Some(Value::One(value)) => Some(value),
        Some(Value::Many(_)) => None,
        None => default,
    }
}

fn pieces(text: &str, dialect: Dialect, wild: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((piece, after)) = braced(rest, dialect) {
            pieces.push(piece);
            rest = after;
            continue;
        }
        pieces.push(match c {
            '*' if wild => Piece::Run,
            '?' if wild => Piece::One,
            _ => Piece::Text(c.to_string()),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    joined(pieces)
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), &piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(text),
            _ => out.push(piece),
        }
    }
    out
}

/// The variable or escape a text starts with, and what follows it. Without a closing brace it is
/// text.
fn braced(text: &str, dialect: Dialect) -> Option<(Piece, &str)> {
    let inner = text.strip_prefix("${").filter(|_| dialect == Dialect::Variables)?;
    if let Some((key, quoted)) = inner.split_once(", '").filter(|(key, _)| !key.contains('}')) {
        let (default, after) = quoted.split_once("'}")?;
        return Some((variable(key, Some(default)), after));
    }
    let (name, after) = inner.split_once('}')?;
    let piece = match name {
        "*" | "?" | "$" => Piece::Text(name.to_owned()),
        _ => variable(name, None),
    };
    Some((piece, after))
}

fn variable(key: &str, default: Option<&str>) -> Piece {
    Piece::Variable { key: key.to_owned(), default: default.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        let mut context = Context::new();
        context.set("aws:username", "Ann");
        context.set("wild", "a*${aws:username}?");
        context.set_many("many", vec!["x".into()]);
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
        ] {
            assert_eq!(
                Template::wild(template, Dialect::Variables).matches(text, &context()),
                expected,
                "{template}"
            );
        }
        assert!(Template::wild("${x}", Dialect::Plain).matches("${x}", &context()));
    }

    #[test]
    fn pol_08_values_are_literal() {
        let template = Template::wild("p/${wild}", Dialect::Variables);
        assert!(template.matches("p/a*${aws:username}?", &context()));
        for text in ["p/ab${aws:username}c", "p/a*Ann?", "p/a*Annx", "p/aXXXX"] {
            assert!(!template.matches(text, &context()), "{text}");
        }
        let literal = Template::literal("${wild}", Dialect::Variables);
        assert_eq!(literal.text(&context()).as_deref(), Some("a*${aws:username}?"));
    }
}
