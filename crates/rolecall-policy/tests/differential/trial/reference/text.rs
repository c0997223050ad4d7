//! Texts of policies: wildcards and variables, by their definition.

/// Condition keys and their values; a list for multivalued keys.
pub(crate) type Facts = Vec<(String, Fact)>;

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    One(String),
    Many(Vec<String>),
}

/// The value of a key, whatever the case of its name.
pub(crate) fn fact<'a>(facts: &'a Facts, key: &str) -> Option<&'a Fact> {
    facts.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, fact)| fact)
}

/// One place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Run,
}

/// A text as a pattern: wildcards if `wild`, variables if `variables`. `None` when a variable does not
/// resolve. Values are literal.
pub(crate) fn expand(text: &str, wild: bool, variables: bool, facts: &Facts) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, default, after)) = variable(rest).filter(|_| variables) {
            rest = after;
            match (name, fact(facts, name)) {
                ("*" | "?" | "$", _) if default.is_none() => tokens.extend(name.chars().map(Token::Char)),
                (_, Some(Fact::One(value))) => tokens.extend(value.chars().map(Token::Char)),
                (_, Some(Fact::Many(_))) => return None,
                (_, None) => tokens.extend(default?.chars().map(Token::Char)),
            }
            continue;
        }
        tokens.push(match c {
            '*' if wild => Token::Run,
            '?' if wild => Token::One,
            _ => Token::Char(c),
        });
        rest = &rest[c.len_utf8()..];
    }
    Some(tokens)
}

/// The `${name}` or `${name, 'default'}` that a text starts with: name, default, what follows.
pub(crate) fn variable(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let inner = text.strip_prefix("${")?;
    let brace = inner.find('}')?;
    match inner.find(", '") {
        Some(comma) if comma < brace => {
            let (default, after) = inner[comma + 3..].split_once("'}")?;
            Some((&inner[..comma], Some(default), after))
        }
        _ => Some((&inner[..brace], None, &inner[brace + 1..])),
    }
}

/// The definition of wildcards, with a memory of what was already tried in vain.
pub(crate) fn fits(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut failed = vec![false; (pattern.len() + 1) * (text.len() + 1)];
    from(pattern, &text, 0, 0, &mut failed)
}

fn from(pattern: &[Token], text: &[char], p: usize, t: usize, failed: &mut [bool]) -> bool {
    let cell = p * (text.len() + 1) + t;
    if failed[cell] {
        return false;
    }
    let more = t < text.len();
    let fits = match pattern.get(p) {
        None => !more,
        Some(Token::Run) => {
            from(pattern, text, p + 1, t, failed) || (more && from(pattern, text, p, t + 1, failed))
        }
        Some(Token::One) => more && from(pattern, text, p + 1, t + 1, failed),
        Some(Token::Char(c)) => more && text[t] == *c && from(pattern, text, p + 1, t + 1, failed),
    };
    failed[cell] = !fits;
    fits
}

/// Cuts at colons into at most six parts; a colon inside a variable is not one.
pub(crate) fn segments(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        if let Some((_, _, after)) = variable(&text[at..]).filter(|_| variables) {
            at = text.len() - after.len();
            continue;
        }
        if c == ':' && parts.len() < 5 {
            parts.push(&text[begin..at]);
            begin = at + 1;
        }
        at += c.len_utf8();
    }
    parts.push(&text[begin..]);
    parts
}
