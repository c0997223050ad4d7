//! Patterns: text with wildcards and variables, cut into tokens once and matched without backtracking and
//! without allocating.
//!
//! `*` is any run of characters (also none), `?` exactly one. Each part between two stars is placed at its
//! leftmost fit and never moved again, which is always as good as any other place. Places are found by
//! searching for the part's first text; should that find too many false ones, the rest is searched with
//! Shift-And (Baeza-Yates and Gonnet 1992), so that the work is bounded by the text's length alone for
//! parts without `?`, and by that times a 64th of the part's length for the others.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use crate::context::Context;
use crate::variable::{Braces, Dialect, Variable};

/// A compiled pattern. Compares case-sensitively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    tokens: Box<[Token]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Itself.
    Text(Box<str>),
    /// That many characters, whatever they are.
    Skip(usize),
    /// Any characters.
    Run,
    /// The value of a context key, which is literal text: what it holds is neither wildcard nor variable.
    Variable(Box<Variable>),
}

impl Pattern {
    /// Compiles a text in which `*` and `?` are wildcards.
    pub(crate) fn wild(text: &str, dialect: Dialect) -> Self {
        Self::compile(text, dialect, true)
    }

    /// Compiles a text in which `*` and `?` are wildcards and nothing is a variable.
    pub(crate) fn glob(text: &str) -> Self {
        Self::wild(text, Dialect::Plain)
    }

    /// Compiles a text in which `*` and `?` stand for themselves.
    pub(crate) fn literal(text: &str, dialect: Dialect) -> Self {
        Self::compile(text, dialect, false)
    }

    fn compile(text: &str, dialect: Dialect, wild: bool) -> Self {
        let mut draft = Draft::default();
        let (mut braces, mut at) = (Braces::of(text, dialect), 0);
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let braced = braces.at(at);
            at = braced.as_ref().map_or(at + c.len_utf8(), |(_, after)| *after);
            match (braced, c) {
                (Some((Token::Text(text), _)), _) => draft.literal.push_str(&text),
                (Some((token, _)), _) => draft.push(token),
                (None, '*') if wild => draft.push(Token::Run),
                (None, '?') if wild => draft.push(Token::Skip(1)),
                (None, c) => draft.literal.push(c),
            }
        }
        draft.finish()
    }

    /// True for `*`.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(&*self.tokens, [Token::Run])
    }

    /// The text itself, when nothing else matches.
    pub(crate) fn exact(&self) -> Option<&str> {
        match &*self.tokens {
            [] => Some(""),
            [Token::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What every text that matches starts with.
    pub(crate) fn prefix(&self) -> &str {
        match self.tokens.first() {
            Some(Token::Text(text)) => text,
            _ => "",
        }
    }

    /// The variables in it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Variable(variable) => Some(&**variable),
            _ => None,
        })
    }

    /// True when the whole text fits; false when a variable does not resolve.
    pub(crate) fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        match &*self.tokens {
            [Token::Run] => true,
            [Token::Text(literal)] => **literal == *text,
            [Token::Text(literal), Token::Run] => text.starts_with(&**literal),
            tokens => Part { tokens, context }.is_whole(text),
        }
    }

    /// The same for patterns without variables.
    pub(crate) fn fits(&self, text: &str) -> bool {
        static NO_KEYS: Context<'static> = Context::new();
        self.matches(text, &NO_KEYS)
    }

    /// True when the text is this one, character by character, by the measure of `same`. For literal
    /// patterns.
    pub(crate) fn equals(&self, text: &str, context: &Context<'_>, same: fn(char, char) -> bool) -> bool {
        let mut chars = text.chars();
        let mut take = |piece: &str| piece.chars().all(|c| chars.next().is_some_and(|t| same(t, c)));
        let all = self.tokens.iter().all(|token| token.text(context).is_some_and(&mut take));
        all && chars.next().is_none()
    }
}

/// A pattern that is being read.
#[derive(Default)]
struct Draft {
    tokens: Vec<Token>,
    /// The text that comes after them.
    literal: String,
}

impl Draft {
    fn push(&mut self, token: Token) {
        self.flush();
        match (self.tokens.last_mut(), &token) {
            (Some(Token::Skip(before)), Token::Skip(count)) => *before += count,
            (Some(Token::Run), Token::Run) => {}
            _ => self.tokens.push(token),
        }
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.tokens.push(Token::Text(std::mem::take(&mut self.literal).into()));
        }
    }

    fn finish(mut self) -> Pattern {
        self.flush();
        Pattern { tokens: self.tokens.into() }
    }
}

impl Token {
    /// The text it stands for. Wildcards stand for none, nor do variables without value.
    fn text<'t>(&'t self, context: &'t Context<'_>) -> Option<&'t str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(variable) => variable.value(context),
            Self::Skip(_) | Self::Run => None,
        }
    }
}

/// Some tokens of a pattern, with the values of their variables.
#[derive(Clone, Copy)]
struct Part<'p> {
    tokens: &'p [Token],
    context: &'p Context<'p>,
}

impl<'p> Part<'p> {
    fn of(self, tokens: &'p [Token]) -> Self {
        Self { tokens, ..self }
    }

    fn is_whole(self, text: &str) -> bool {
        let mut parts = self.tokens.split(|token| *token == Token::Run).map(|tokens| self.of(tokens));
        let Some(rest) = parts.next().and_then(|first| first.strip(text)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        let Some(rest) = last.strip_end(rest) else { return false };
        parts.try_fold(rest, |rest, part| part.find(rest)).is_some()
    }

    /// What follows the part when the text starts with it.
    fn strip(self, text: &str) -> Option<&str> {
        self.tokens.iter().try_fold(text, |rest, token| match token {
            Token::Skip(count) => skip(*count, rest),
            token => rest.strip_prefix(token.text(self.context)?),
        })
    }

    /// What stands before the part when the text ends with it.
    fn strip_end(self, text: &str) -> Option<&str> {
        self.tokens.iter().try_rfold(text, |rest, token| match token {
            Token::Skip(count) => skip_end(*count, rest),
            token => rest.strip_suffix(token.text(self.context)?),
        })
    }

    /// What follows the part at its leftmost place in the text.
    fn find(self, text: &str) -> Option<&str> {
        let (mut part, mut text) = (self, text);
        while let Some((first, more)) = part.tokens.split_first() {
            match first {
                Token::Skip(count) => text = skip(*count, text)?,
                token => match token.text(self.context)? {
                    "" => {}
                    literal => return part.find_from(literal, part.of(more), text),
                },
            }
            part = part.of(more);
        }
        Some(text)
    }

    /// Tries each place of the part's first text.
    fn find_from<'t>(self, literal: &str, more: Self, text: &'t str) -> Option<&'t str> {
        let finder = Finder::new(literal);
        let mut tries = 16 + TRIES * text.len() / self.length()?;
        let mut rest = text;
        loop {
            let (_, here) = rest.split_at_checked(finder.find(rest.as_bytes())?)?;
            if let Some(after) = here.strip_prefix(literal).and_then(|t| more.strip(t)) {
                return Some(after);
            }
            if tries == 0 {
                return self.scan(here);
            }
            tries -= 1;
            rest = skip(1, here)?;
        }
    }

    /// Finds the part one bit a character: bit n of the state says that the n + 1 characters before this
    /// place fit the part's beginning.
    fn scan(self, text: &str) -> Option<&str> {
        let length = self.length()?;
        let (gaps, masks) = self.masks(length.div_ceil(64))?;
        let mut state = vec![0_u64; gaps.len()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let mut carry = 1;
            for (word, mask) in state.iter_mut().zip(masks.get(&c).unwrap_or(&gaps)) {
                let out = *word >> 63;
                *word = ((*word << 1) | carry) & mask;
                carry = out;
            }
            let complete = 1 << ((length - 1) % 64);
            if state.last().is_some_and(|word| word & complete != 0) {
                return Some(chars.as_str());
            }
        }
        None
    }

    /// For any character, and for each character that the part names: the places where it fits.
    fn masks(self, words: usize) -> Option<Masks> {
        let mut gaps = vec![0; words];
        let mut named = BTreeMap::new();
        let mut place = 0;
        for token in self.tokens {
            let length = self.of(std::slice::from_ref(token)).length()?;
            match token {
                Token::Skip(_) => (place..place + length).for_each(|at| set(&mut gaps, at)),
                token => {
                    let places = token.text(self.context)?.chars().zip(place..);
                    places.for_each(|(c, at)| set(named.entry(c).or_insert_with(|| vec![0; words]), at));
                }
            }
            place += length;
        }
        for mask in named.values_mut() {
            mask.iter_mut().zip(&gaps).for_each(|(word, gap)| *word |= gap);
        }
        Some((gaps, named))
    }

    /// In characters.
    fn length(self) -> Option<usize> {
        self.tokens.iter().try_fold(0, |sum, token| match token {
            Token::Skip(count) => Some(sum + count),
            token => Some(sum + token.text(self.context)?.chars().count()),
        })
    }
}

type Masks = (Vec<u64>, BTreeMap<char, Vec<u64>>);

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn skip(count: usize, text: &str) -> Option<&str> {
    let mut chars = text.chars();
    (0..count).try_for_each(|_| chars.next().map(drop))?;
    Some(chars.as_str())
}

fn skip_end(count: usize, text: &str) -> Option<&str> {
    let mut chars = text.chars();
    (0..count).try_for_each(|_| chars.next_back().map(drop))?;
    Some(chars.as_str())
}

/// How many characters may be compared in vain for each of the text before [`Part::scan`] takes over.
const TRIES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn fits(pattern: &str, text: &str) -> bool {
        Pattern::glob(pattern).fits(text)
    }

    /// The definition, word for word; exponential.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', p)), t) => naive(p, text) || t.is_some_and(|(_, t)| naive(pattern, t)),
            (Some(('?', p)), Some((_, t))) => naive(p, t),
            (Some((p0, p)), Some((t0, t))) => p0 == t0 && naive(p, t),
            _ => false,
        }
    }

    #[test]
    fn matches_whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("?", "", false),
            ("?", "é", true),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a**b", "ab", true),
            ("*?", "", false),
            ("*??b", "éab", true),
            ("*a?c*", "xxabaac", true),
            ("a", "A", false),
            ("*.txt", "a.txt.gz", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn literal_text_has_no_wildcards() {
        let literal = Pattern::literal("a*", Dialect::Plain);
        assert!(literal.matches("a*", &Context::new()));
        assert!(!literal.matches("ab", &Context::new()));
    }

    #[test]
    fn pol_07_no_blow_up() {
        let text = "a".repeat(1 << 20);
        let begun = Instant::now();
        for pattern in ["*a*a*a*a*a*b", "*a*a*a*b", "*aaaa*aaaa*b*", "a*a?a*b"] {
            assert!(!fits(pattern, &text), "{pattern}");
        }
        assert!(fits("*a*a*a*a*a*a", &text));
        let wild = "*?".repeat(3072);
        assert!(fits(&wild, &text));
        assert!(!fits(&wild, "short"));
        let gaps = format!("*{}b*", "a?".repeat(3000));
        assert!(!fits(&gaps, &"a".repeat(8192)));
        assert!(fits(&gaps, &("a".repeat(8192) + "b")));
        let many: Vec<String> = (0..5000).map(|i| format!("*a*{i}*b*")).collect();
        assert!(!many.iter().any(|p| fits(p, &"a".repeat(1024))));
        // Each of these is far below a millisecond when optimised; the bound leaves room for a
        // debug build on a busy machine, and none for anything worse than linear.
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn scanning_equals_trying(part in "[abé][ab?é]{0,12}", text in "[abé]{0,100}") {
            let pattern = Pattern::glob(&part);
            let part = Part { tokens: &pattern.tokens, context: &Context::new() };
            let naive = text.char_indices().find_map(|(at, _)| part.strip(&text[at..]));
            prop_assert_eq!(part.scan(&text), naive);
            prop_assert_eq!(part.find(&text), naive);
        }

        #[test]
        fn equals_the_definition(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
            let chars = |s: &str| s.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &text), naive(&chars(&pattern), &chars(&text)));
        }
    }
}
