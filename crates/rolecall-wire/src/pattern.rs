//! The model's regular expressions as data: a run of character classes each, matched without
//! backtracking, or a named function for the few that are more.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A regular expression of the model.
#[derive(Debug)]
pub struct Pattern {
    /// As the model writes it, which is what error messages print.
    pub text: &'static str,
    /// What it accepts.
    pub form: Form,
}

/// What a pattern accepts.
#[derive(Debug)]
pub enum Form {
    /// These atoms one after another. Each takes as much as it can, which decides the match because
    /// no atom of variable length is followed by one that shares a character with it.
    Sequence(&'static [Atom]),
    /// What a function accepts.
    Function(fn(&str) -> bool),
}

/// A repeated character class.
#[derive(Debug)]
pub struct Atom {
    ranges: &'static [(char, char)],
    /// Which characters of ASCII belong to it, a bit each.
    ascii: u128,
    unicode: bool,
    min: usize,
    max: usize,
}

impl Pattern {
    /// True when the whole value matches.
    pub fn matches(&self, value: &str) -> bool {
        match self.form {
            Form::Sequence(atoms) => {
                atoms.iter().try_fold(value, |rest, atom| atom.take(rest)).is_some_and(str::is_empty)
            }
            Form::Function(accepts) => accepts(value),
        }
    }
}

impl Atom {
    /// The characters of some ranges, both ends included, `min` to `max` times; `unicode` when every letter,
    /// separator and number of Unicode belongs to it too (`\p{L}\p{Z}\p{N}`).
    pub const fn new(ranges: &'static [(char, char)], unicode: bool, min: usize, max: usize) -> Self {
        let (mut ascii, mut code) = (0, 0_u8);
        while code < 128 {
            let c = code as char;
            let also = unicode && (c.is_ascii_alphanumeric() || c == ' ');
            ascii |= ((also || is_within(c, ranges)) as u128) << code;
            code += 1;
        }
        Self { ranges, ascii, unicode, min, max }
    }

    /// What is left after the characters this atom takes; `None` when they are too few.
    fn take<'a>(&self, value: &'a str) -> Option<&'a str> {
        let taken = value.chars().take(self.max).take_while(|c| self.has(*c));
        let (count, bytes) = taken.fold((0, 0), |(count, bytes), c| (count + 1, bytes + c.len_utf8()));
        (count >= self.min).then(|| value.get(bytes..)).flatten()
    }

    fn has(&self, c: char) -> bool {
        if c.is_ascii() {
            return self.ascii >> u32::from(c) & 1 == 1;
        }
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
            || self.unicode && is_letter_separator_or_number(c)
    }
}

const fn is_within(c: char, mut ranges: &[(char, char)]) -> bool {
    while let [(first, last), rest @ ..] = ranges {
        if *first <= c && c <= *last {
            return true;
        }
        ranges = rest;
    }
    false
}

/// `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
pub fn account_alias(value: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=63).contains(&value.len())
        && value.chars().all(fits)
        && !value.starts_with('-')
        && !value.ends_with('-')
        && !value.contains("--")
}

/// `(/)|(/[\x21-\x7E]+/)`
pub fn path(value: &str) -> bool {
    let inner = value.strip_prefix('/').and_then(|v| v.strip_suffix('/'));
    value == "/" || inner.is_some_and(|v| !v.is_empty() && v.bytes().all(|b| (0x21..=0x7E).contains(&b)))
}

/// `((/[A-Za-z0-9\.,\+@=_-]+)*)/`
pub fn policy_path(value: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b".,+@=_-".contains(&b);
    let name = |n: &str| !n.is_empty() && n.bytes().all(fits);
    let inner = value.strip_prefix('/').and_then(|v| v.strip_suffix('/'));
    value == "/" || inner.is_some_and(|v| v.split('/').all(name))
}

/// `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`
pub fn policy_version(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('v') else { return false };
    let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    number.starts_with(|c: char| ('1'..='9').contains(&c))
        && number.bytes().all(|b| b.is_ascii_digit())
        && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// `/[\t\n\r\x20-\x7E\xA1-\xFF]*/`
pub fn aws_path(value: &str) -> bool {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\x20'..='\x7E' | '\u{A1}'..='\u{FF}');
    value.len() > 1 && value.starts_with('/') && value.ends_with('/') && value.chars().all(fits)
}

/// `^http(s?)://[a-zA-Z0-9._/-]*(\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$`
pub fn http_url(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let all = |text: &str, more: &[u8]| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
    all(place, b"._/-") && all(query, b"._=&-") && all(fragment, b"._/-")
}

/// `^o-[0-9a-z]{10,32}\/r-[0-9a-z]{4,32}[0-9a-z-\/]*`
pub fn organization_path(value: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let Some((organization, root)) = value.strip_prefix("o-").and_then(|v| v.split_once("/r-")) else {
        return false;
    };
    let head = root.bytes().take_while(|b| word(*b)).count();
    (10..=32).contains(&organization.len())
        && organization.bytes().all(word)
        && head >= 4
        && root.bytes().all(|b| word(b) || b"-/".contains(&b))
}

/// `^(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`
pub fn organization_child(value: &str) -> bool {
    account(value) || unit(value)
}

/// `^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`
pub fn organization_parent(value: &str) -> bool {
    root(value) || unit(value)
}

/// `^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`
pub fn organization_target(value: &str) -> bool {
    root(value) || account(value) || unit(value)
}

/// What can be tagged: a target, a policy, a resource policy or a transfer.
pub fn organization_taggable(value: &str) -> bool {
    let other = ["p-", "rp-", "rt-"].iter().find_map(|kind| value.strip_prefix(kind));
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    organization_target(value)
        || other.is_some_and(|id| (4..=128).contains(&id.len()) && id.bytes().all(fits))
}

/// `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`
pub fn tag_text(value: &str) -> bool {
    value.chars().all(|c| "_.:/=+-@".contains(c) || is_letter_separator_or_number(c))
}

/// `[^\s@]+@[^\s@]+\.[^\s@]+`
pub fn email(value: &str) -> bool {
    let Some((name, host)) = value.split_once('@') else { return false };
    let fits = |text: &str| !text.is_empty() && !text.contains(|c: char| c == '@' || c.is_whitespace());
    let dotted = host.char_indices().any(|(at, c)| c == '.' && at > 0 && at + 1 < host.len());
    fits(name) && fits(host) && dotted
}

/// `[\s\S]*`
pub fn anything(_value: &str) -> bool {
    true
}

fn account(value: &str) -> bool {
    value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit())
}

fn root(value: &str) -> bool {
    value.strip_prefix("r-").is_some_and(|id| word(id, 4))
}

fn unit(value: &str) -> bool {
    let parts = value.strip_prefix("ou-").and_then(|id| id.split_once('-'));
    parts.is_some_and(|(root, own)| word(root, 4) && word(own, 8))
}

fn word(text: &str, least: usize) -> bool {
    (least..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_letter_separator_or_number(c: char) -> bool {
    use GeneralCategoryGroup::{Letter, Number, Separator};
    matches!(c.general_category_group(), Letter | Number | Separator)
}

#[cfg(test)]
mod tests;
