//! Which resources two policies tell apart: for every combination of their resource patterns that some
//! ARN meets, the shortest ARN that meets it. Found by running all patterns at once over texts that grow
//! letter by letter (the product of their automata).

use std::collections::{BTreeMap, HashSet, VecDeque};

use crate::document::Policy;

/// The resources to ask about.
pub(super) struct Resources {
    /// One for each combination of patterns, one that no pattern fits, and `*`.
    pub witnesses: Vec<String>,
    /// Condition keys that stand in patterns as variables, with the value that the witnesses have there.
    pub variables: Vec<(String, String)>,
    /// Whether every combination was found.
    pub complete: bool,
}

/// The resources that tell policies apart. Looks at so many states of the automata.
pub(super) fn of<'a>(policies: impl Iterator<Item = &'a Policy>, states: usize) -> Resources {
    let mut variables = Vec::new();
    let mut patterns: Vec<Vec<Token>> = Vec::new();
    for (text, _) in policies.flat_map(|policy| policy.resources()) {
        let tokens = tokens(text, &mut variables);
        if text != "*" && !patterns.contains(&tokens) {
            patterns.push(tokens);
        }
    }
    let (found, complete) = explore(&patterns, states);
    let mut witnesses = vec!["*".to_owned()];
    // Where nothing tells resources apart, one stands for all.
    witnesses.extend((!patterns.is_empty()).then(|| "arn:aws:other:::none".to_owned()));
    witnesses.extend(found);
    Resources { witnesses, variables, complete }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// One letter; not a colon before the last part.
    One {
        last: bool,
    },
    /// Any run of them.
    Run {
        last: bool,
    },
}

/// The tokens of a pattern; missing parts of an ARN are anything.
fn tokens(text: &str, variables: &mut Vec<(String, String)>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut colons, mut rest) = (0, text);
    while let Some(c) = rest.chars().next() {
        let last = colons >= 5;
        if let Some((inner, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
            tokens.extend(value(inner, variables).chars().map(Token::Letter));
            rest = after;
            continue;
        }
        tokens.push(match c {
            '*' => Token::Run { last },
            '?' => Token::One { last },
            c => Token::Letter(c),
        });
        colons += usize::from(c == ':');
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    for _ in colons..5 {
        tokens.extend([Token::Letter(':'), Token::Run { last: true }]);
    }
    tokens
}

/// What stands for a variable, or the character that an escape means.
fn value(inner: &str, variables: &mut Vec<(String, String)>) -> String {
    if matches!(inner, "*" | "?" | "$") {
        return inner.to_owned();
    }
    let key = inner.split(',').next().unwrap_or(inner).trim();
    if let Some((_, value)) = variables.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
        return value.clone();
    }
    let value = format!("value{}", variables.len() + 1);
    variables.push((key.to_owned(), value.clone()));
    value
}

/// Where each pattern can be after a text.
type State = Vec<Vec<usize>>;

fn explore(patterns: &[Vec<Token>], most: usize) -> (Vec<String>, bool) {
    let alphabet = alphabet(patterns);
    let start: State = patterns.iter().map(|pattern| closed(pattern, vec![0])).collect();
    let (mut seen, mut open) = (HashSet::from([start.clone()]), VecDeque::from([(start, String::new())]));
    let mut found: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    while let Some((state, text)) = open.pop_front() {
        let met: Vec<bool> = patterns.iter().zip(&state).map(|(p, at)| at.contains(&p.len())).collect();
        if met.contains(&true) {
            found.entry(met).or_insert_with(|| text.clone());
        }
        for letter in &alphabet {
            let next: State = patterns.iter().zip(&state).map(|(p, at)| step(p, at, *letter)).collect();
            if next.iter().any(|at| !at.is_empty()) && seen.insert(next.clone()) {
                open.push_back((next, format!("{text}{letter}")));
            }
        }
        if seen.len() > most {
            return (found.into_values().collect(), false);
        }
    }
    (found.into_values().collect(), true)
}

/// The letters of the patterns, and one that none has.
fn alphabet(patterns: &[Vec<Token>]) -> Vec<char> {
    let mut letters: Vec<char> = Vec::new();
    for token in patterns.iter().flatten() {
        match token {
            Token::Letter(c) if !letters.contains(c) => letters.push(*c),
            _ => {}
        }
    }
    let other = ('a'..='z').chain('0'..='9').find(|c| !letters.contains(c)).unwrap_or('~');
    letters.insert(0, other);
    letters
}

fn step(pattern: &[Token], at: &[usize], letter: char) -> Vec<usize> {
    let mut next = Vec::new();
    for place in at {
        let fits = |last: bool| last || letter != ':';
        match pattern.get(*place) {
            Some(Token::Letter(c)) if *c == letter => next.push(place + 1),
            Some(Token::One { last }) if fits(*last) => next.push(place + 1),
            Some(Token::Run { last }) if fits(*last) => next.push(*place),
            _ => {}
        }
    }
    closed(pattern, next)
}

/// A run may end at any time.
fn closed(pattern: &[Token], mut at: Vec<usize>) -> Vec<usize> {
    let mut index = 0;
    while let Some(place) = at.get(index).copied() {
        let is_run = matches!(pattern.get(place), Some(Token::Run { .. }));
        if is_run && !at.contains(&(place + 1)) {
            at.push(place + 1);
        }
        index += 1;
    }
    at.sort_unstable();
    at.dedup();
    at
}
