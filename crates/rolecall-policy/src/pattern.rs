//! Glob patterns, cut into tokens once and matched without backtracking.
//!
//! `*` is any run of characters (also none), `?` exactly one. A pattern is kept as the parts between
//! its stars; each part but the last is placed at its leftmost fit and never moved again, which
//! is always as good as any other place. For parts without `?` the work is bounded by the text's length
//! alone; for the others by that times a 64th of the part's length (Shift-And, Baeza-Yates and Gonnet
//! 1992).

use std::collections::BTreeMap;

use memchr::memmem::Finder;

/// A compiled pattern. Compares case-sensitively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// What stands between the stars; one more than there are stars.
    parts: Vec<Vec<Token>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    /// That many characters, whatever they are.
    Skip(usize),
}

impl Pattern {
    /// The pattern of the empty text; more is pushed.
    pub(crate) fn empty() -> Self {
        Self { parts: vec![Vec::new()] }
    }

    /// Compiles a text in which every `*` and `?` is a wildcard.
    pub(crate) fn compile(text: &str) -> Self {
        let mut pattern = Self::empty();
        for c in text.chars() {
            match c {
                '*' => pattern.push_run(),
                '?' => pattern.push_one(),
                _ => pattern.push_text(c.encode_utf8(&mut [0; 4])),
            }
        }
        pattern
    }

    /// Appends literal text.
    pub(crate) fn push_text(&mut self, text: &str) {
        let Some(part) = self.parts.last_mut() else { return };
        match part.last_mut() {
            _ if text.is_empty() => {}
            Some(Token::Text(before)) => before.push_str(text),
            _ => part.push(Token::Text(text.to_owned())),
        }
    }

    /// Appends `?`.
    pub(crate) fn push_one(&mut self) {
        let Some(part) = self.parts.last_mut() else { return };
        match part.last_mut() {
            Some(Token::Skip(count)) => *count += 1,
            _ => part.push(Token::Skip(1)),
        }
    }

    /// Appends `*`.
    pub(crate) fn push_run(&mut self) {
        let after_star = self.parts.len() > 1 && self.parts.last().is_some_and(Vec::is_empty);
        if !after_star {
            self.parts.push(Vec::new());
        }
    }

    /// True for `*`.
    pub(crate) fn is_everything(&self) -> bool {
        self.parts.len() == 2 && self.parts.iter().all(Vec::is_empty)
    }

    /// True when the whole text fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((first, more)) = self.parts.split_first() else { return false };
        let Some(mut rest) = strip(first, text) else { return false };
        let Some((last, middle)) = more.split_last() else { return rest.is_empty() };
        for part in middle {
            match find(part, rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        ends_with(last, rest)
    }
}

/// What follows the part when the text starts with it.
fn strip<'t>(part: &[Token], text: &'t str) -> Option<&'t str> {
    part.iter().try_fold(text, |rest, token| match token {
        Token::Text(literal) => rest.strip_prefix(literal.as_str()),
        Token::Skip(count) => skip(*count, rest),
    })
}

fn skip(count: usize, text: &str) -> Option<&str> {
    let mut chars = text.chars();
    for _ in 0..count {
        chars.next()?;
    }
    Some(chars.as_str())
}

/// What follows the part at its leftmost place in the text.
fn find<'t>(part: &[Token], text: &'t str) -> Option<&'t str> {
    match part.split_first() {
        None => Some(text),
        Some((Token::Skip(count), more)) => find(more, skip(*count, text)?),
        Some((Token::Text(literal), [])) => find_from(literal, &[], text),
        Some((Token::Text(literal), more)) => match part.iter().map(length).sum() {
            short if short <= SHORT => find_from(literal, more, text),
            long => scan(part, long, text),
        },
    }
}

fn find_from<'t>(literal: &str, more: &[Token], text: &'t str) -> Option<&'t str> {
    let finder = Finder::new(literal);
    let mut rest = text;
    loop {
        let found = finder.find(rest.as_bytes())?;
        let (_, here) = rest.split_at_checked(found)?;
        if let Some(after) = here.strip_prefix(literal).and_then(|t| strip(more, t)) {
            return Some(after);
        }
        rest = skip(1, here)?;
    }
}

/// Finds a long part of text and gaps, one bit a character: bit n of the state says that the n + 1
/// characters before this place fit the part's beginning.
fn scan<'t>(part: &[Token], length: usize, text: &'t str) -> Option<&'t str> {
    let (gaps, masks) = masks(part, length.div_ceil(64));
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
fn masks(part: &[Token], words: usize) -> (Vec<u64>, BTreeMap<char, Vec<u64>>) {
    let mut gaps = vec![0; words];
    let mut named = BTreeMap::new();
    let mut place = 0;
    for token in part {
        match token {
            Token::Skip(count) => (place..place + count).for_each(|at| set(&mut gaps, at)),
            Token::Text(text) => {
                let places = text.chars().zip(place..);
                places.for_each(|(c, at)| set(named.entry(c).or_insert_with(|| vec![0; words]), at));
            }
        }
        place += length(token);
    }
    for mask in named.values_mut() {
        mask.iter_mut().zip(&gaps).for_each(|(word, gap)| *word |= gap);
    }
    (gaps, named)
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn ends_with(part: &[Token], text: &str) -> bool {
    if let [Token::Text(literal)] = part {
        return text.ends_with(literal.as_str());
    }
    let Some(back) = part.iter().map(length).sum::<usize>().checked_sub(1) else { return true };
    let tail = text.char_indices().rev().nth(back).and_then(|(at, _)| text.get(at..));
    tail.and_then(|tail| strip(part, tail)).is_some_and(str::is_empty)
}

fn length(token: &Token) -> usize {
    match token {
        Token::Text(text) => text.chars().count(),
        Token::Skip(count) => *count,
    }
}

/// Up to this length trying each place is quicker.
const SHORT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

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
            assert_eq!(Pattern::compile(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn pushed_text_is_literal() {
        let mut pattern = Pattern::empty();
        pattern.push_text("a*");
        assert!(pattern.matches("a*"));
        assert!(!pattern.matches("ab"));
    }

    #[test]
    fn pol_07_no_blow_up() {
        let text = "a".repeat(1 << 20);
        let begun = Instant::now();
        for pattern in ["*a*a*a*a*a*b", "*a*a*a*b", "*aaaa*aaaa*b*", "a*a?a*b"] {
            assert!(!Pattern::compile(pattern).matches(&text), "{pattern}");
        }
        assert!(Pattern::compile("*a*a*a*a*a*a").matches(&text));
        let wild = Pattern::compile(&"*?".repeat(3072));
        assert!(wild.matches(&text));
        assert!(!wild.matches("short"));
        let gaps = Pattern::compile(&format!("*{}b*", "a?".repeat(3000)));
        assert!(!gaps.matches(&"a".repeat(8192)));
        assert!(gaps.matches(&("a".repeat(8192) + "b")));
        let many: Vec<Pattern> = (0..5000).map(|i| Pattern::compile(&format!("*a*{i}*b"))).collect();
        assert!(!many.iter().any(|p| p.matches(&"a".repeat(1024))));
        // Each of these is far below a millisecond when optimised; the bound leaves room for a
        // debug build on a busy machine, and none for anything worse than linear.
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn long_parts_equal_short_ones(part in "[ab?é]{1,12}", text in "[abé]{0,100}") {
            let pattern = Pattern::compile(&format!("*{part}*"));
            let [_, tokens, _] = pattern.parts.as_slice() else { return Ok(()) };
            let length = tokens.iter().map(length).sum();
            let naive = text.char_indices().find_map(|(at, _)| strip(tokens, &text[at..]));
            prop_assert_eq!(scan(tokens, length, &text), naive);
            prop_assert_eq!(find(tokens, &text), naive);
        }

        #[test]
        fn equals_the_definition(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
            let chars = |s: &str| s.chars().collect::<Vec<_>>();
            prop_assert_eq!(Pattern::compile(&pattern).matches(&text), naive(&chars(&pattern), &chars(&text)));
        }
    }
}
